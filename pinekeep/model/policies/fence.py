"""The service control policy (SCP) that keeps a deployment's key and roles from everyone but named administrators.

A new key's ARN is unknown before the deployment, so the key is recognized by its alias; an adopted key by its ARN. The
alias decides what the policy protects: nobody may delete or redirect it, the administrators included.

CloudFormation's execution role is not exempt unless it is named: whoever may start a deployment acts through it.

Sources: "Service control policies", "SCP syntax" of the AWS Organizations User Guide; Service Authorization Reference:
AWS KMS, IAM, Account Management, Organizations; "kms:ResourceAliases" (docs.aws.amazon.com, checked 2026-11-30).
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pinekeep.model.arns import KeyArn
from pinekeep.model.facts import aws
from pinekeep.model.policies.document import VERSION, Policy, Statement, policy

KEY_ACTIONS: Final = (
    "kms:DeleteImportedKeyMaterial",
    "kms:DisableKey",
    "kms:ImportKeyMaterial",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:UpdatePrimaryRegion",
)
"""What ends the use of a key. Imported material may be set to expire, so its import is among them."""
GRANT_ACTION: Final = "kms:RevokeGrant"
"""Pinecone's roles may revoke grants for AWS services, and keep that. ``RetireGrant`` is left out: the grant itself
decides who retires it."""
ALIAS_ACTIONS: Final = ("kms:DeleteAlias", "kms:UpdateAlias")
ROLE_ACTIONS: Final = (
    "iam:AttachRolePolicy",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
)
POLICY_ACTIONS: Final = (
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:SetDefaultPolicyVersion",
)
ROLE_TAKEOVER_ACTIONS: Final = ("iam:CreateRole", "iam:DeleteRole", "iam:UpdateAssumeRolePolicy")
USER_TAKEOVER_ACTIONS: Final = (
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateUser",
    "iam:UpdateAccessKey",
    "iam:UpdateLoginProfile",
    "iam:UpdateUser",
)
"""What lets somebody else act as an administrator: a role or a user of that name, another trust policy, credentials."""
ACCOUNT_ACTIONS: Final = ("account:CloseAccount", "organizations:LeaveOrganization")
"""What ends the SCP, or everything, in a member account."""

K = TypeVar("K")
_WINDOW: Final = "kms:ScheduleKeyDeletionPendingWindowInDays"
_ALIASES: Final = "kms:ResourceAliases"
_CALLER: Final = "aws:PrincipalArn"


@dataclass(frozen=True, kw_only=True)
class Fenced:
    """What is protected of one deployment.

    Attributes:
        name: the deployment's name.
        stack: the name of the stack of key and role.
        alias: the new key's alias, with ``alias/``; None where there is none.
        multi_region: whether that key may have replicas in other Regions.
        adopted: the ARN of the adopted key; None where there is none.
        roles: the ARNs of the roles that Pinecone assumes.
        policies: the ARNs of the managed policies of those roles.
        administrators: ARNs of the exempt roles and users, with wildcards in the name.
        waiting_days: the shortest waiting period of a deletion, for everyone.
    """

    name: str
    account: str
    region: str
    stack: str
    alias: str | None
    adopted: str | None
    roles: tuple[str, ...]
    waiting_days: int
    policies: tuple[str, ...] = ()
    administrators: tuple[str, ...] = ()
    multi_region: bool = False

    @property
    def keys_arn(self) -> str:
        """The pattern of the keys among which the alias tells the one."""
        region = "*" if self.multi_region else self.region
        return f"arn:{aws.PARTITION}:kms:{region}:{self.account}:key/*"

    @property
    def alias_arn(self) -> str | None:
        """The alias's ARN, in every Region where the key has replicas."""
        region = "*" if self.multi_region else self.region
        return self.alias and f"arn:{aws.PARTITION}:kms:{region}:{self.account}:{self.alias}"

    @property
    def adopted_arn(self) -> str | None:
        """The adopted key's ARN; of a multi-Region key with its replicas, which have the same ID."""
        key = KeyArn.parse(self.adopted) if self.adopted else None
        if key is None or not key.key_id.startswith("mrk-"):
            return self.adopted
        return str(KeyArn(partition=key.partition, region="*", account=key.account, key_id=key.key_id))


@dataclass
class _Statements:
    """Statements with an ID each, numbered where there are several of a kind."""

    found: list[Statement] = field(default_factory=list)

    def deny(
        self, sid: str, actions: Sequence[str], resources: Iterable[str | None], condition: dict[str, Any]
    ) -> None:
        """Add a denial. Without resources there is nothing to deny."""
        given = list(dict.fromkeys(filter(None, resources)))
        if not given:
            return
        number = sum(each["Sid"].rstrip("0123456789") == sid for each in self.found) + 1
        statement: Statement = {
            "Sid": sid if number == 1 else f"{sid}{number}",
            "Effect": "Deny",
            "Action": list(actions) if len(actions) > 1 else actions[0],
            "Resource": given if len(given) > 1 else given[0],
        }
        if condition:
            statement["Condition"] = condition
        self.found.append(statement)


def fence_policy(fenced: Sequence[Fenced]) -> Policy:
    """Return the SCP for deployments of one account. Raises ValueError if they are of several, or there is none."""
    if len({each.account for each in fenced}) != 1:
        raise ValueError("an SCP is made for the deployments of one account")
    statements = _Statements()
    for administrators, group in _grouped(fenced, lambda each: each.administrators).items():
        _deny_changes(statements, group, administrators)
    for days, group in _grouped(fenced, lambda each: each.waiting_days).items():
        short = {"NumericLessThan": {_WINDOW: str(days)}}
        _deny_on_keys(statements, "WaitingPeriod", ("kms:ScheduleKeyDeletion",), group, short)
    statements.deny("Alias", ALIAS_ACTIONS, [each.alias_arn for each in fenced], {})
    everybody = tuple(dict.fromkeys(arn for each in fenced for arn in each.administrators))
    statements.deny("Account", ACCOUNT_ACTIONS, ["*"], _unless(everybody))
    return policy(statements.found)


def _deny_changes(statements: _Statements, group: Sequence[Fenced], administrators: tuple[str, ...]) -> None:
    """Add what everyone but the administrators is denied."""
    unnamed = _unless(administrators)
    _deny_on_keys(statements, "Key", KEY_ACTIONS, group, unnamed)
    roles = [arn for each in group for arn in each.roles]
    _deny_on_keys(statements, "Grants", (GRANT_ACTION,), group, _unless((*administrators, *roles)))
    statements.deny("Role", ROLE_ACTIONS, roles, unnamed)
    statements.deny("RolePolicies", POLICY_ACTIONS, [arn for each in group for arn in each.policies], unnamed)
    named_roles = [arn for arn in administrators if ":role/" in arn]
    named_users = [arn for arn in administrators if ":user/" in arn]
    statements.deny("NamedRoles", ROLE_TAKEOVER_ACTIONS, named_roles, unnamed)
    statements.deny("NamedUsers", USER_TAKEOVER_ACTIONS, named_users, unnamed)
    to_others = {"StringNotEquals": {"iam:PassedToService": aws.CLOUDFORMATION}, **unnamed}
    statements.deny("PassNamedRoles", ("iam:PassRole",), named_roles, to_others)


def _deny_on_keys(
    statements: _Statements, sid: str, actions: Sequence[str], group: Sequence[Fenced], condition: dict[str, Any]
) -> None:
    created = [each for each in group if each.alias]
    aliases = {"ForAnyValue:StringEquals": {_ALIASES: [each.alias for each in created]}}
    statements.deny(sid, actions, [each.keys_arn for each in created], {**aliases, **condition})
    statements.deny(f"{sid}Adopted", actions, [each.adopted_arn for each in group], condition)


def _unless(arns: tuple[str, ...]) -> dict[str, Any]:
    """Return the condition that the caller is none of these principals. A session is known by its role."""
    return {"ArnNotLike": {_CALLER: list(arns)}} if arns else {}


def _grouped(fenced: Sequence[Fenced], key: Callable[[Fenced], K]) -> dict[K, list[Fenced]]:
    groups: dict[K, list[Fenced]] = {}
    for each in fenced:
        groups.setdefault(key(each), []).append(each)
    return groups


def policy_text(document: Policy) -> str:
    """Return an SCP as it is written to a file: a statement a line. Organizations counts every character of it."""
    statements = ",\n".join(json.dumps(each, separators=(",", ":")) for each in document["Statement"])
    return f'{{"Version":"{VERSION}","Statement":[\n{statements}\n]}}\n'


def fits(fenced: Sequence[Fenced]) -> bool:
    """Return whether the SCP of these deployments is within the quota."""
    return len(policy_text(fence_policy(fenced))) <= aws.SCP_MAX


def packed(fenced: Sequence[Fenced]) -> list[list[Fenced]]:
    """Return the deployments of an account in groups whose SCPs are within the quota, in their order.

    Raises ValueError, with the deployment's name, if one of them is too large by itself.
    """
    groups: list[list[Fenced]] = []
    for each in fenced:
        if not fits([each]):
            raise ValueError(each.name)
        if groups and fits([*groups[-1], each]):
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups
