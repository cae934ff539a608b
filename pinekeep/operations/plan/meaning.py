"""The effect of a deployment on access, as decisions on the policies before and after. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pinekeep.account.record.handover import HandedOver, Terms, Value
from pinekeep.decisions.access.decision import Effect
from pinekeep.decisions.access.differences import differences
from pinekeep.decisions.access.evaluation import Decider
from pinekeep.decisions.access.policies import OWN_KEY, Agreement, KeyPolicy, PolicyError, PolicySet, RolePolicies
from pinekeep.decisions.access.principals import Kind, principals
from pinekeep.decisions.access.requests import role_requests
from pinekeep.decisions.access.table import Table, decision_table
from pinekeep.decisions.access.template import template_policies
from pinekeep.errors import PinekeepError
from pinekeep.model.arns import role_arn
from pinekeep.model.config import Deployment
from pinekeep.model.policies.document import Policy, policy
from pinekeep.model.policies.grant_holders import Holders
from pinekeep.model.policies.grants import Grant
from pinekeep.model.policies.key import key_policy, root_statement
from pinekeep.model.values.trust import NO_EXTERNAL_ID
from pinekeep.operations.plan.changes import Action, Change
from pinekeep.operations.plan.state import KEY_TYPE, ROLE_TYPE, State, Template, resources
from pinekeep.operations.plan.subject import Meaning


@dataclass(frozen=True, kw_only=True)
class LiveAccess:
    """The live policies: trust policies by role name (None: the role is gone), boundaries by ARN as far as readable.

    ``key_state`` is set if the key is not enabled. ``unreadable`` is what could not be read, and why; the policy that
    was deployed last is used instead.
    """

    trust: Mapping[str, Policy | None] = field(default_factory=dict)
    key_policy: Policy | None = None
    key_state: str | None = None
    grants: tuple[Grant, ...] = ()
    boundaries: Mapping[str, Policy] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Templates:
    """The templates of the stack of role and key: the one deployed last, if any, and the planned one."""

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
    handed_over: HandedOver | None = None,
    reverts_drift: bool = False,
) -> Meaning:
    """Return the decisions on a deployment's policies before and after; ``before`` is None where nothing is deployed.

    A deployment changes what its change set names; a policy that was changed outside of CloudFormation stays unless the
    change set writes it, or ``reverts_drift``. Grants on the key always stay.
    """
    reader = _Reader(name, deployment, pinecone_account, live.boundaries)
    unknown = list(live.unreadable)
    try:
        planned = reader.policies(deployment, templates.planned)
        if templates.last is None or before is None:
            first = differences(decision_table(_nothing(planned)), decision_table(planned))
            return Meaning(first=tuple(first), unknown=tuple(unknown))
        last = reader.policies(as_deployed(deployment, before, templates.last), templates.last)
    except PinekeepError as error:
        return Meaning(unknown=(*unknown, f"changes of access could not be decided: {error.message}"))
    now = _with_live(last, live)
    after = planned if reverts_drift else _after(planned, now, _touched(templates.planned, changes))
    table_last, table_now, table_after = decision_table(last), decision_table(now), decision_table(after)
    stays = set(differences(table_last, table_after))
    granted: tuple[str, ...] = ()
    access = differences(table_now, table_after)
    if grants := _strangers(deployment, last, live):
        granted_now, granted_after = (decision_table(_granted(each, grants)) for each in (now, after))
        granted = _with_commands(differences(table_after, granted_after), grants)
        access = differences(granted_now, granted_after)
    used = {name for name, effects in _uses(table_now).items() if effects == {Effect.ALLOW}}
    refused = {name for name, effects in _uses(table_after).items() if Effect.DENY in effects}
    given = agreement_given(deployment, pinecone_account=pinecone_account, before=before, handed_over=handed_over)
    return Meaning(
        access=tuple(access),
        grants=granted,
        drift=tuple(each for each in differences(table_last, table_now) if each in stays),
        dropped=tuple(_dropped(now, after, given, pinecone_account)),
        forgotten=tuple(sorted(used & refused)),
        unknown=tuple(unknown),
    )


def agreement_given(
    deployment: Deployment, *, pinecone_account: str, before: State, handed_over: HandedOver | None
) -> Agreement:
    """Return what Pinecone was given: according to the record, else to what is deployed, not to the file."""
    terms = (handed_over.terms if handed_over else Terms()).with_those_of(Terms(regions=before.trust.regions or None))
    agreed = Agreement.of(deployment, pinecone_account=pinecone_account)
    recorded = handed_over.get(Value.EXTERNAL_ID) if handed_over else None
    external_id = recorded or before.values.get(Value.EXTERNAL_ID, NO_EXTERNAL_ID)
    return replace(
        agreed,
        pinecone_account=terms.pinecone_account or before.trust.pinecone_account or pinecone_account,
        regions=terms.regions or agreed.regions,
        external_id=None if external_id == NO_EXTERNAL_ID else external_id,
    )


def as_deployed(deployment: Deployment, before: State, template: Template) -> Deployment:
    """Return the settings with which a stack was deployed, as far as a decision table needs them."""
    cmek = deployment.cmek
    if cmek is None:
        return deployment
    makes_key = bool(resources(template, KEY_TYPE))
    trust = cmek.trust.model_copy(
        update={
            "regions": before.trust.regions if before.trust.regions == "all" else list(before.trust.regions),
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
    def __init__(
        self, name: str, deployment: Deployment, pinecone_account: str, boundaries: Mapping[str, Policy]
    ) -> None:
        self._boundaries = boundaries
        self._name = name
        self._account = deployment.account
        self._pinecone = pinecone_account

    def policies(self, deployment: Deployment, template: Template) -> PolicySet:
        """Return the policies of a template. An adopted key is assumed to have the right policy."""
        roles = [
            role_arn(account=self._account, role_name=str(each.get("RoleName")), path=str(each.get("Path", "/")))
            for each in resources(template, ROLE_TYPE).values()
        ]
        if not roles:
            raise PolicyError("the template has no role")
        adopted = key_policy(account=self._account, administrators=[], role=roles[0])
        found = template_policies(
            template, name=self._name, deployment=deployment, pinecone_account=self._pinecone, adopted_policy=adopted
        )
        return replace(found, roles=tuple(map(self._with_boundary, found.roles)))

    def _with_boundary(self, role: RolePolicies) -> RolePolicies:
        """Return a role with its boundary's document; a template has only the ARN."""
        if role.boundary is None or role.boundary.document is not None:
            return role
        return replace(role, boundary=replace(role.boundary, document=self._boundaries.get(role.boundary.name)))


def _nothing(policies: PolicySet) -> PolicySet:
    """Return the same policies without any access but that of the key's own account."""
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


def _strangers(deployment: Deployment, last: PolicySet, live: LiveAccess) -> tuple[Grant, ...]:
    """Return the grants that are neither for AWS services nor by the owner of an adopted key."""
    adopted = deployment.cmek is not None and deployment.cmek.key.adopt is not None
    roles = tuple(each.arn for each in last.roles)
    return Holders(account=deployment.account, role_arns=roles, adopted=adopted).strangers(live.grants)


def _granted(policies: PolicySet, grants: tuple[Grant, ...]) -> PolicySet:
    """Return the same with grants on the deployment's own key."""
    keys = tuple(replace(each, grants=grants) if each.name == OWN_KEY else each for each in policies.keys)
    return replace(policies, keys=keys)


def _with_commands(sentences: Iterable[str], grants: tuple[Grant, ...]) -> tuple[str, ...]:
    """Return sentences about grants, each with the commands that end the grants it names."""
    found = []
    for each in sentences:
        commands = " && ".join(grant.revoke_command for grant in grants if grant.title in each)
        found.append(f"{each}; to end it: {commands}" if commands else each)
    return tuple(found)


def _touched(template: Template, changes: Iterable[Change]) -> frozenset[str]:
    """Return the names of the roles, and the type of the key, whose policy a change set writes."""
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
        elif role.name in live_roles:  # else it is gone, and the deployment does not recreate it
            roles.append(replace(role, trust=live_roles[role.name].trust))
    keys: list[KeyPolicy] = []
    for key in planned.keys:
        only = next(iter(now.keys), None) if len(now.keys) == 1 else None
        found = live_keys.get(key.arn, only)
        keys.append(key if KEY_TYPE in touched or found is None else replace(key, document=found.document))
    return replace(planned, roles=tuple(roles), keys=tuple(keys))


def _dropped(now: PolicySet, after: PolicySet, given: Agreement, pinecone_account: str) -> Iterator[str]:
    """Yield in words each Pinecone access role that could no longer assume a role with what Pinecone was given."""
    kept = _assuming(after, given, Effect.ALLOW, Effect.UNDECIDED)
    elsewhere = f" (account {given.pinecone_account})" if given.pinecone_account != pinecone_account else ""
    roles = {each.name for each in after.roles}
    lost = {
        words
        for (role, arn), words in _assuming(now, given, Effect.ALLOW).items()
        if role in roles and (role, arn) not in kept
    }
    yield from (f"{words}{elsewhere}" for words in sorted(lost))


def _assuming(policies: PolicySet, given: Agreement, *effects: Effect) -> dict[tuple[str, str], str]:
    """Return the Pinecone access roles, in words, whose assumption of a role has one of the effects.

    By the name of the role and the ARN of the access role.
    """
    asked = replace(policies, agreed=given)
    decider = Decider(asked)
    return {
        (role.name, who.arn): who.words
        for role in asked.roles
        for who in principals(asked)
        if who.kind is Kind.PINECONE_REGION
        and decider.decide(who, next(role_requests(role, external_id=given.external_id))).effect in effects
    }


def _uses(table: Table) -> dict[str, set[Effect]]:
    """Return by the name of each role what is decided on encrypting and decrypting with the deployment's key."""
    found: dict[str, set[Effect]] = {}
    for role in table.policies.roles:
        rows = (table.decisions.get((role.id, f"key {action}")) for action in ("kms:Encrypt", "kms:Decrypt"))
        found[role.name] = {Effect.DENY if row is None else row.decision.effect for row in rows}
    return found
