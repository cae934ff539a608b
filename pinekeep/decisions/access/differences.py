"""The differences between two decision tables, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pinekeep.decisions.access import wording as words
from pinekeep.decisions.access.decision import Decision, Effect, Way
from pinekeep.decisions.access.evaluation import Decider
from pinekeep.decisions.access.policies import KeyPolicy, NamedPolicy, PolicySet, Resource, RolePolicies
from pinekeep.decisions.access.principals import Kind, Principal
from pinekeep.decisions.access.requests import AGREED, EXTERNAL_ID, Group, Request
from pinekeep.decisions.access.table import Table, decision_table
from pinekeep.model.policies.compare import shortened
from pinekeep.model.policies.document import Policy

_OUTSIDERS: Final = (Kind.PINECONE_REGION, Kind.PINECONE_OTHER, Kind.PINECONE_ROOT, Kind.STRANGER, Kind.CUSTOMER)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One difference between two tables.

    Attributes:
        words: a sentence without a full stop.
        way: whether access was gained or lost, or neither can be decided.
        principals: whose access; none where a whole role or key differs.
        through_iam: whether it concerns what IAM policies of the account could allow, and do not yet.
    """

    words: str
    way: Way
    principals: tuple[Principal, ...] = ()
    through_iam: bool = False


@dataclass(frozen=True, kw_only=True)
class _Change:
    """One change for one request of one principal, in words; equal changes are reported together."""

    before: str
    after: str
    way: Way
    through_iam: bool = False


def differences(wanted: Table, live: Table) -> list[str]:
    """Return the result of :func:`compared` in words."""
    return [each.words for each in compared(wanted, live)]


def compared(wanted: Table, live: Table) -> list[Difference]:
    """Return the access that the live policies allow and the wanted ones do not, and the other way round.

    Only effects are compared: policies written differently that decide the same do not differ. A principal or an
    external ID that only one table names is decided by the other's policies too.

    A permissions boundary whose document is unknown leaves its role's permissions undecided. It hides no loss: where
    both tables have the same one, they are compared as if it denied nothing; and the wanted state is that the role has
    the permissions of its policies. Raises LocalAwsError if the evaluator is missing, or has another version than the
    pinned one.
    """
    told: list[Difference] = []
    wanted, live = _within_known_boundaries(wanted, live)
    here = {each.id: each for each in live.policies.resources}
    there = {each.id: each for each in wanted.policies.resources}
    asked_about = {request.on for table in (wanted, live) for request in table.requests}
    gone = [each for id_, each in there.items() if id_ in asked_about - set(here)]
    further = [each for id_, each in here.items() if id_ in asked_about - set(there)]
    told += [Difference(words=f"{_kind(each)} no longer exists", way=Way.LOST) for each in gone]
    told += [Difference(words=f"{_kind(each)} is new", way=Way.GAINED) for each in further]
    both = _Both(wanted, live)
    for on in (each for each in there if each in here and each in asked_about):
        if _document(here[on]) is None and _document(there[on]) is not None:
            unknown = f"{live.policies.title(here[on])} is unknown, so it was not compared"
            told.append(Difference(words=unknown, way=Way.UNDECIDED))
            continue
        for group in Group:
            told += both.place(here[on], group)
    return told


def _within_known_boundaries(wanted: Table, live: Table) -> tuple[Table, Table]:
    """Return both tables without what is undecided only because of an unknown boundary, where that can be compared."""
    found = {each.arn: each.boundary for each in live.policies.roles}
    asked = {each.arn: each.boundary for each in wanted.policies.roles}
    same = {arn for arn, each in asked.items() if each and (one := found.get(arn)) and one.name == each.name}
    known = {
        arn: next((each for each in (asked[arn], found[arn]) if each and each.document is not None), None)
        for arn in same
    }
    unknown = {arn: None for arn, each in asked.items() if each and each.document is None}
    return _with_boundaries(wanted, unknown | known), _with_boundaries(live, known)


def _with_boundaries(table: Table, boundaries: Mapping[str, NamedPolicy | None]) -> Table:
    roles = tuple(replace(each, boundary=boundaries.get(each.arn, each.boundary)) for each in table.policies.roles)
    if roles == table.policies.roles:
        return table
    policies: PolicySet = replace(table.policies, roles=roles)
    on = {each.on for each in table.requests}
    return decision_table(policies, only=on, further=table.principals)


def _document(resource: Resource) -> Policy | None:
    return resource.trust if isinstance(resource, RolePolicies) else resource.document


def _kind(resource: Resource) -> str:
    if isinstance(resource, KeyPolicy):
        return f"key {resource.name or resource.arn}"
    return f"{'role' if isinstance(resource, RolePolicies) else 'bucket'} {resource.name}"


class _Both:
    """Two tables, each completed with the rows that only the other has."""

    def __init__(self, wanted: Table, live: Table) -> None:
        self.wanted = wanted
        self.live = live
        rows = {each.id: each for each in (*wanted.principals, *live.principals)}
        gone = {each.id for each in wanted.policies.roles} ^ {each.id for each in live.policies.roles}
        self.principals = [each for each in rows.values() if each.id not in gone]
        self.deciders = {id(table): Decider(table.policies, callers=self.principals) for table in (wanted, live)}

    def place(self, resource: Resource, group: Group) -> Iterator[Difference]:
        """Yield the differences of one group of requests on one role or key, equal ones in one sentence."""
        asked = self._asked(resource, group)
        by_principal: dict[str, dict[_Change, list[Request]]] = {}
        for principal in self.principals:
            for request in asked.values():
                before, after = (
                    self._decision(self.wanted, principal, request),
                    self._decision(self.live, principal, request),
                )
                for change in () if before is None or after is None else _changes(principal, before, after):
                    by_principal.setdefault(principal.id, {}).setdefault(change, []).append(request)
        together: dict[tuple[_Change, str], list[Principal]] = {}
        for principal in self.principals:
            for change, requests in by_principal.get(principal.id, {}).items():
                extent = words.extent(requests, of=list(asked.values()))
                together.setdefault((change, extent), []).append(principal)
        for (change, extent), who in together.items():
            what = " ".join(filter(None, (words.doing(group, resource), extent)))
            told = f"{change.before.format(who=words.names(who), what=what)}{change.after}"
            yield Difference(words=told, way=change.way, principals=tuple(who), through_iam=change.through_iam)

    def _asked(self, resource: Resource, group: Group) -> dict[str, Request]:
        """Return the requests of both tables, with the previous and the present agreed external ID apart."""
        before, after = (
            {row.request.id: row.request for row in table.place(resource.id, group)}
            for table in (self.wanted, self.live)
        )
        asked = {**before, **after}
        if self.wanted.policies.agreed.external_id != self.live.policies.agreed.external_id:
            agreed = f"{resource.id} {AGREED}"
            asked.pop(agreed, None)
            for found, when in ((before, "before"), (after, "now")):
                if agreed in found:
                    request = _called_by_its_id(found[agreed], when)
                    asked[request.id] = request
        return asked

    def _decision(self, table: Table, principal: Principal, request: Request) -> Decision | None:
        found = table.decisions.get((principal.id, request.id))
        if found is not None and (found.principal, found.request) == (principal, request):
            return found.decision
        if found is None and principal.kind is Kind.CUSTOMER and self._is_left_out(table, principal, request):
            return None
        return self.deciders[id(table)].decide(principal, request)

    def _is_left_out(self, table: Table, principal: Principal, request: Request) -> bool:
        resource = table.policies.resource(request.on)
        return resource is None or resource.account not in (table.policies.account, principal.account)


def _called_by_its_id(request: Request, when: str) -> Request:
    """Return a request with the agreed external ID, named by that ID: the other table's agreed one differs."""
    name = f"the external ID {shortened(str(request.context[EXTERNAL_ID]))} (agreed on {when})"
    return replace(request, name=name, words=name)


def _changes(principal: Principal, before: Decision, after: Decision) -> Iterator[_Change]:
    if before.effect is Effect.UNDECIDED:
        # The wanted access is unknown, as with an adopted key's policy. Outsiders with access are reported anyway.
        if principal.kind in _OUTSIDERS and after.effect is Effect.ALLOW:
            yield _Change(
                before="{who} can {what}",
                after=f": {_by(after)}; the wanted access could not be decided",
                way=Way.GAINED,
            )
        elif after.effect is Effect.UNDECIDED and after.reason != before.reason:
            yield _undecided(after)
        return
    if after.effect is Effect.UNDECIDED:
        yield _undecided(after)
    elif after.effect is Effect.ALLOW and before.effect is Effect.DENY:
        yield _Change(before="{who} can now {what}", after=f": {_by(after)}", way=Way.GAINED)
    elif after.effect is Effect.DENY and before.effect is Effect.ALLOW:
        yield _Change(before="{who} can no longer {what}", after=f": {after.reason}", way=Way.LOST)
    if Effect.ALLOW in (before.effect, after.effect) or after.effect is Effect.UNDECIDED:
        return
    if after.through_iam is not None and before.through_iam is None:
        now = "IAM policies of the account can now let {who} {what}"
        yield _Change(before=now, after=f": {after.through_iam}", way=Way.GAINED, through_iam=True)
    elif after.through_iam is None and before.through_iam is not None:
        no_longer = "IAM policies of the account can no longer let {who} {what}"
        yield _Change(before=no_longer, after=f": {after.reason}", way=Way.LOST, through_iam=True)


def _undecided(after: Decision) -> _Change:
    return _Change(before="whether {who} can {what} cannot be decided", after=f": {after.reason}", way=Way.UNDECIDED)


def _by(decision: Decision) -> str:
    """Return the statements that allow, without the assumed ones: they did not change."""
    return " with ".join(str(each) for each in decision.statements if each.is_found)
