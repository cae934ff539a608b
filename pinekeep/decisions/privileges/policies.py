"""Policy documents within IAM's quotas."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from pinekeep.decisions.privileges.association import IN_CLIENT_ACCOUNTS, client_accounts_of
from pinekeep.decisions.privileges.grant import grant, statements
from pinekeep.decisions.privileges.scope import (
    Scope,
    forwards,
    once,
    scopes_by_account,
    scopes_by_environment,
    scopes_of_fleets,
)
from pinekeep.decisions.privileges.storage import storage_boundary_statements
from pinekeep.decisions.privileges.types import KINDS, kinds_of
from pinekeep.decisions.privileges.verbs import VERBS
from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.facts import aws
from pinekeep.model.policies.document import Policy, Statement, policy
from pinekeep.model.policies.flow_logs import flow_logs_permissions
from pinekeep.model.policies.key import GRANT_ACTIONS, USE_ACTIONS
from pinekeep.model.policies.permissions import account_keys_arn

Purpose = Literal[
    "preflight",
    "plan",
    "deploy",
    "verify",
    "access",
    "handoff",
    "private-link",
    "private-link-probe",
    "audit",
    "monitoring",
    "fleet",
    "pinecone",
    "recover",
    "destroy",
    "revoke",
    "restore",
    "offboard",
    "execution",
    "boundary",
]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)

READ_BOOTSTRAP_VERSION: Final = grant(
    "ReadBootstrapVersion",
    "ssm:GetParameters",
    on="the bootstrap's version, a parameter of every template",
    resources=Scope.bootstrap_parameters,
)

USE_SID: Final = "AtMostUseKeys"
GRANTS_SID: Final = "AtMostGrantsForAwsServices"
LOGS_SID: Final = "AtMostWriteFlowLogs"
EVENTS_SID: Final = "AtMostForwardEvents"

CUSTOMERS_MAX: Final = 100
"""A boundary is one policy, so more customers than this cannot be named: then it includes keys of any account. A key in
another account also requires its own policy and the role's."""


@dataclass(frozen=True)
class NamedPolicy:
    """One policy document, with a name that is unique among those of the same deployments.

    ``account``: the account to create it in. ``region``: the Region it is for, or None where it covers the whole
    account.
    """

    name: str
    purpose: Purpose
    account: str
    region: str | None
    document: Policy


def policies_for(
    purpose: Purpose, deployments: Mapping[str, Deployment], *, fleets: Mapping[str, Fleet] = {}
) -> list[NamedPolicy]:
    """Return the policies for a purpose: for each account, or for each environment where it is ``execution``.

    ``purpose``: a verb, ``execution`` (of CloudFormation) or ``boundary`` (of the roles in the stacks). ``fleets``: for
    ``fleet`` alone, whose policies are for the accounts that administer the stack sets. Returns the
    policies in the order of the deployments. None for an account in which the purpose needs nothing, such as
    ``destroy`` without an endpoint. Raises PinekeepError if the deployments of one environment need more policies than
    IAM attaches to a role.
    """
    if purpose == "execution":
        return [
            each
            for scope in scopes_by_environment(deployments)
            for each in _packed(purpose, scope, execution_statements(scope), region=scope.regions[0])
        ]
    found: list[NamedPolicy] = []
    scopes = scopes_of_fleets(fleets) if purpose == "fleet" else scopes_by_account(deployments)
    for scope in scopes:
        made = boundary_statements(scope) if purpose == "boundary" else statements(VERBS[purpose], scope)
        found += _packed(purpose, scope, made, region=None)
    if purpose == "private-link":
        found += _for_client_accounts(deployments)
    return found


def _for_client_accounts(deployments: Mapping[str, Deployment]) -> Iterator[NamedPolicy]:
    """Yield the policies to associate client VPCs, for each of their accounts."""
    accounts = {name: client_accounts_of(each) for name, each in deployments.items()}
    for account in once(each for found in accounts.values() for each in found):
        scope = Scope(account, {name: deployments[name] for name, found in accounts.items() if account in found})
        made = statements(IN_CLIENT_ACCOUNTS, scope)
        yield from _packed("private-link", scope, made, region=None, suffix="-client-vpcs")


def execution_statements(scope: Scope) -> list[Statement]:
    """Return CloudFormation's permissions for the stacks of one environment, in place of AdministratorAccess."""
    kinds = {kind for each in scope.deployments.values() for kind in kinds_of(each)}
    grants = [grant for name, kind in KINDS.items() if name in kinds for grant in kind.grants]
    return statements([READ_BOOTSTRAP_VERSION, *grants], scope)


def boundary_statements(scope: Scope) -> list[Statement]:
    """Return the permissions boundary of the roles in the stacks: their maximum permissions, whatever is attached.

    Pinecone's role uses KMS keys, its roles for S3 use buckets, and the flow logs' role writes its log groups. A
    boundary grants nothing by itself. A key policy that names a role's ARN, as ours does, is limited by the role's
    boundary ("Permissions boundaries for IAM entities", docs.aws.amazon.com), so the boundary must include everything
    that the key policy grants.
    """
    made: list[Statement] = []
    own = [account_keys_arn(scope.account)] if scope.keys_to_read() else []
    customers = scope.customer_accounts() if len(scope.customer_accounts()) <= CUSTOMERS_MAX else ["*"]
    if keys := [*own, *(account_keys_arn(account) for account in customers)]:
        made.append({"Sid": USE_SID, "Effect": "Allow", "Action": list(USE_ACTIONS), "Resource": keys})
    if own:
        made.append(
            {
                "Sid": GRANTS_SID,
                "Effect": "Allow",
                "Action": list(GRANT_ACTIONS),
                "Resource": own,
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            }
        )
    if scope.log_groups():
        (written,) = flow_logs_permissions("")["Statement"]
        made.append({**written, "Sid": LOGS_SID, "Resource": scope.log_groups()})
    return [*made, *storage_boundary_statements(scope), *_boundary_of_monitoring(scope)]


def _boundary_of_monitoring(scope: Scope) -> Iterator[Statement]:
    """Yield what the roles that forward events may do at most."""
    buses = once(
        f"arn:{aws.PARTITION}:events:{each.region}:{scope.account}:event-bus/default"
        for each in scope.deployments.values()
        if forwards(each)
    )
    if buses:
        yield {"Sid": EVENTS_SID, "Effect": "Allow", "Action": ["events:PutEvents"], "Resource": buses}


def size(document: Policy) -> int:
    """Return the size of a policy as IAM counts it: its characters without white space."""
    return len("".join(json.dumps(document, separators=(",", ":"), ensure_ascii=False).split()))


def pack(made: Iterable[Statement]) -> list[Policy]:
    """Return policies within IAM's quota for the statements, in order. Raises PinekeepError if one alone exceeds it."""
    packed: list[list[Statement]] = []
    for statement in made:
        if size(policy([statement])) > aws.MANAGED_POLICY_MAX:
            raise PinekeepError(
                f"the statement {statement['Sid']} takes {size(policy([statement])):,} characters; a managed policy "
                f"holds {aws.MANAGED_POLICY_MAX:,}",
                hint="ask for fewer deployments at once with --deployment",
            )
        if packed and size(policy([*packed[-1], statement])) <= aws.MANAGED_POLICY_MAX:
            packed[-1].append(statement)
        else:
            packed.append([statement])
    return [policy(each) for each in packed]


def _packed(
    purpose: Purpose, scope: Scope, made: Sequence[Statement], *, region: str | None, suffix: str = ""
) -> list[NamedPolicy]:
    documents = pack(made)
    allowed = 1 if purpose == "boundary" else aws.MANAGED_POLICIES_PER_ROLE
    if len(documents) > allowed:
        raise PinekeepError(
            f"{len(scope.deployments)} deployments need {len(documents)} policies for {purpose} in account "
            f"{scope.account}; a role takes {allowed}",
            hint="ask for fewer deployments at once with --deployment, and use a role for each part",
        )
    base = f"pinekeep-{purpose}" + (f"-{region}" if region else "") + suffix
    names = [base] if len(documents) == 1 else [f"{base}-{number}" for number in range(1, len(documents) + 1)]
    return [
        NamedPolicy(name=name, purpose=purpose, account=scope.account, region=region, document=document)
        for name, document in zip(names, documents, strict=True)
    ]
