"""What the policies of a deployment mean before and after, as decisions. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pinekeep.access.decision import Effect
from pinekeep.access.differences import differences
from pinekeep.access.policies import KeyPolicy, PolicyError, PolicySet, RolePolicies
from pinekeep.access.principals import Kind
from pinekeep.access.requests import EXTERNAL_ID, Group
from pinekeep.access.table import Table, decision_table
from pinekeep.access.template import template_policies
from pinekeep.arns import role_arn
from pinekeep.config import Deployment
from pinekeep.config.types import NO_EXTERNAL_ID
from pinekeep.errors import PinekeepError
from pinekeep.plan.changes import Action, Change
from pinekeep.plan.state import KEY_TYPE, ROLE_TYPE, State, Template, resources
from pinekeep.plan.subject import Meaning
from pinekeep.policies.document import Policy, policy
from pinekeep.policies.key import key_policy, root_statement
from pinekeep.record.handed import Value


@dataclass(frozen=True, kw_only=True)
class LiveAccess:
    """The policies that are live.

    Attributes:
        trust: the trust policies by the role's name; None for a role that is gone.
        key_policy: the policy of the key; None where it is not known.
        key_state: the key's state; None where it is not known.
        unreadable: what could not be read, and why; in its place stands what was deployed last.
    """

    trust: Mapping[str, Policy | None] = field(default_factory=dict)
    key_policy: Policy | None = None
    key_state: str | None = None
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Templates:
    """The templates of the stack of role and key.

    Attributes:
        last: the one that was deployed last; None where there is no such stack.
        planned: the one that is to be deployed.
    """

    last: Template | None
    planned: Template


def meaning(
    name: str,
    deployment: Deployment,
    *,
    pinecone_account: str,
    templates: Templates,
    live: LiveAccess,
    before: State | None,
    changes: Iterable[Change],
    reverts_drift: bool = False,
) -> Meaning:
    """Return what a deployment's policies mean before and after.

    A deployment changes what its change set names; a policy that somebody changed behind the stack's back stays as it
    is unless the change set touches it.

    Args:
        name: the deployment's name.
        deployment: its settings; with ``cmek``.
        pinecone_account: Pinecone's own AWS account.
        templates: the templates of its stack.
        live: the policies that are live.
        before: what is deployed; None where nothing is.
        changes: what the change set does.
        reverts_drift: whether what was changed behind the stack's back is undone.
    """
    reader = _Reader(name, deployment, pinecone_account)
    unknown = list(live.unreadable)
    try:
        planned = reader.policies(deployment, templates.planned)
        if templates.last is None or before is None:
            first = differences(decision_table(_nothing(planned)), decision_table(planned))
            return Meaning(first=tuple(first), unknown=tuple(unknown))
        last = reader.policies(as_deployed(deployment, before, templates.last), templates.last)
    except PinekeepError as error:
        return Meaning(unknown=(*unknown, f"who gains or loses access could not be decided: {error.message}"))
    now = _with_live(last, live)
    after = planned if reverts_drift else _after(planned, now, _touched(templates.planned, changes))
    table_last, table_now, table_after = decision_table(last), decision_table(now), decision_table(after)
    stays = set(differences(table_last, table_after))
    return Meaning(
        access=tuple(differences(table_now, table_after)),
        drift=tuple(each for each in differences(table_last, table_now) if each in stays),
        dropped=tuple(words for arn, words in _assuming(table_now).items() if arn not in _assuming(table_after)),
        forgotten=tuple(sorted((_using(table_now) - _using(table_after)) & {each.name for each in after.roles})),
        unknown=tuple(unknown),
    )


def as_deployed(deployment: Deployment, before: State, template: Template) -> Deployment:
    """Return the settings that a stack was deployed with, as far as they make a decision table.

    Args:
        deployment: the settings now; with ``cmek``.
        before: what is deployed.
        template: the stack's own template.
    """
    cmek = deployment.cmek
    if cmek is None:
        return deployment
    makes_key = bool(resources(template, KEY_TYPE))
    trust = cmek.trust.model_copy(
        update={
            "regions": before.regions if isinstance(before.regions, str) else list(before.regions),
            "external_id": before.values.get(Value.EXTERNAL_ID, NO_EXTERNAL_ID),
        }
    )
    key = cmek.key.model_copy(
        update={
            "administrators": list(before.administrators),
            "adopt": None if makes_key else before.values.get(Value.KEY_ARN),
        }
    )
    return deployment.model_copy(update={"cmek": cmek.model_copy(update={"trust": trust, "key": key})})


class _Reader:
    def __init__(self, name: str, deployment: Deployment, pinecone_account: str) -> None:
        self._name = name
        self._account = str(deployment.account)
        self._pinecone = pinecone_account

    def policies(self, deployment: Deployment, template: Template) -> PolicySet:
        """Return the policies of a template. Of an adopted key it says nothing, so the right policy is taken."""
        roles = [
            role_arn(account=self._account, role_name=str(each.get("RoleName")), path=str(each.get("Path", "/")))
            for each in resources(template, ROLE_TYPE).values()
        ]
        if not roles:
            raise PolicyError("the template has no role")
        adopted = key_policy(account=self._account, administrators=[], role=roles[0])
        return template_policies(
            template,
            name=self._name,
            deployment=deployment,
            pinecone_account=self._pinecone,
            adopted_policy=adopted,
        )


def _nothing(policies: PolicySet) -> PolicySet:
    """Return the same as if nobody had been let in: a key has the statement that its account always keeps."""
    roles = tuple(replace(each, trust=policy([])) for each in policies.roles)
    keys = tuple(replace(each, document=policy([root_statement(each.account)])) for each in policies.keys)
    return replace(policies, roles=roles, keys=keys)


def _with_live(last: PolicySet, live: LiveAccess) -> PolicySet:
    roles = [
        replace(each, trust=live.trust.get(each.name, each.trust))
        for each in last.roles
        if live.trust.get(each.name, each.trust) is not None
    ]
    keys = [replace(each, document=live.key_policy) if live.key_policy else each for each in last.keys]
    return replace(last, origin="live", roles=tuple(roles), keys=tuple(keys))


def _touched(template: Template, changes: Iterable[Change]) -> frozenset[str]:
    """Return the names of the roles, and the type of the key, whose policy a change set writes anew."""
    found: set[str] = set()
    for each in changes:
        written = {detail.name for detail in each.details}
        anew = each.action is Action.ADD or each.replacement.value != "False"
        if each.type == ROLE_TYPE and (anew or "AssumeRolePolicyDocument" in written):
            found.add(str(resources(template, ROLE_TYPE).get(each.logical_id, {}).get("RoleName")))
        if each.type == KEY_TYPE and (anew or "KeyPolicy" in written):
            found.add(KEY_TYPE)
    return frozenset(found)


def _after(planned: PolicySet, now: PolicySet, touched: frozenset[str]) -> PolicySet:
    live_roles = {each.name: each for each in now.roles}
    live_keys = {each.arn: each for each in now.keys}
    roles: list[RolePolicies] = []
    for role in planned.roles:
        if role.name in touched:
            roles.append(role)
        elif role.name in live_roles:  # else it is gone, and a deployment that does not touch it does not know
            roles.append(replace(role, trust=live_roles[role.name].trust))
    keys: list[KeyPolicy] = []
    for key in planned.keys:
        only = next(iter(now.keys), None) if len(now.keys) == 1 else None
        found = live_keys.get(key.arn, only)
        keys.append(key if KEY_TYPE in touched or found is None else replace(key, document=found.document))
    return replace(planned, roles=tuple(roles), keys=tuple(keys))


def _assuming(table: Table) -> dict[str, str]:
    """Return Pinecone's access roles that may assume a role as agreed: their ARNs, with what a sentence calls them."""
    agreed: Any = table.policies.agreed.external_id
    return {
        row.principal.arn: row.principal.words
        for row in table.rows
        if row.principal.kind is Kind.PINECONE_REGION
        and row.request.group is Group.ASSUME
        and row.request.context.get(EXTERNAL_ID) == agreed
        and row.decision.effect is Effect.ALLOW
    }


def _using(table: Table) -> set[str]:
    """Return the names of the roles that may encrypt and decrypt with the deployment's key."""
    return {
        role.name
        for role in table.policies.roles
        if all(
            (row := table.decisions.get((role.id, f"key {action}"))) is not None and row.decision.effect is Effect.ALLOW
            for action in ("kms:Encrypt", "kms:Decrypt")
        )
    }
