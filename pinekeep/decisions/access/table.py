"""The decision table of a deployment."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby, product
from typing import Final

from pinekeep.decisions.access.columns import requests
from pinekeep.decisions.access.decision import Decision, Effect
from pinekeep.decisions.access.equivalence import AlikeDecider
from pinekeep.decisions.access.evaluation import Decider
from pinekeep.decisions.access.policies import (
    KeyPolicy,
    PolicyError,
    PolicySet,
    Resource,
    RolePolicies,
    statements_of,
)
from pinekeep.decisions.access.principals import Kind, Principal, principals, unlisted
from pinekeep.decisions.access.requests import EXTERNAL_ID, Group, Request
from pinekeep.decisions.access.vocabulary import Part, examine, numbered
from pinekeep.emulator.version import PINNED_VERSION
from pinekeep.model.policies.forms import PRINCIPAL_ARN_KEY

EVALUATOR: Final = f"ministack.core.iam_evaluator {PINNED_VERSION}"

ASSUMPTIONS: Final = (
    "Callers from other accounts (Pinecone's, a stranger's, the customers') are assumed to be allowed everything by "
    "the IAM policies of their own accounts: the worst case.",
    "Key administrators and the plain user are assumed to have no IAM policy of their own. What an IAM policy of the "
    "account could still give them is reported separately: 'through IAM'.",
    "The role has the permissions policies shown here, and no session policy.",
    "A root user is assumed to have every permission that the key policy leaves to its account.",
    "Requests come directly from the caller, over TLS; only grants 'for an AWS service' come through one.",
    "A principal that can change the key policy (kms:PutKeyPolicy) can grant itself everything else, and no policy "
    "prevents that; the change is recorded in CloudTrail.",
    "Creating, moving and deleting an alias needs a permission on the alias besides, which only IAM policies give; "
    "the table decides the key's part.",
    "STS rejects an external ID of fewer than two characters; for an empty one the table shows what the "
    "trust policy would allow.",
)
S3_ASSUMPTIONS: Final = (
    "Callers from other accounts (Pinecone's, a stranger's) are assumed to be allowed everything by the IAM policies "
    "of their own accounts: the worst case.",
    "The plain user is assumed to have no IAM policy of its own. What an IAM policy of the account could still give a "
    "principal is reported separately: 'through IAM'.",
    "The roles have the permissions policies shown here, and no session policy.",
    "Requests come directly from the caller, over TLS, unless the column says otherwise.",
    "A bucket that exists already is assumed to have no bucket policy, and a key that exists already to leave its use "
    "to IAM policies of the account; with --live, both are read.",
    "Object Lock is no policy. In governance mode, deleting a version before its retention ends takes "
    "s3:BypassGovernanceRetention besides; in compliance mode S3 refuses it to everyone.",
)
NEVER_LOOKED_AT: Final = (
    "Retiring a grant: the grant itself names who may.",
    "Service and resource control policies, VPC endpoint policies: they can only deny.",
    "Aliases: a principal that an IAM policy allows to use a key by its alias (kms:ResourceAliases) is reported as "
    "'through IAM'.",
)
S3_NEVER_LOOKED_AT: Final = (
    "Service and resource control policies, VPC endpoint policies, access points: the first three can only deny.",
    "Whether Pinecone lets one of its customers use the role of another: it documents no external ID for S3.",
)
_GRANTS: Final = "Grants that exist on a key: they can give its use to others (aws kms list-grants)."
_GRANTS_OF_CUSTOMERS: Final = "Grants that exist on the keys of customers: only their owners can list them."
_REPLICAS: Final = "Replicas of a multi-Region key: each has a key policy of its own."

REMEMBERED_RESOURCES: Final = 8
"""The tables of hundreds of customers' keys are large, and asked for once."""


def assumptions(policies: PolicySet) -> tuple[str, ...]:
    """Return what the decisions assume, in words."""
    return ASSUMPTIONS if policies.part == "cmek" else S3_ASSUMPTIONS


def not_looked_at(policies: PolicySet) -> tuple[str, ...]:
    """Return what the decisions leave out, in words; for a live account without grants and replicas that were read."""
    unknown = [each for each in policies.keys if each.grants is None]
    found: list[str] = []
    if policies.part == "storage":
        return (*((_GRANTS,) if unknown else ()), *S3_NEVER_LOOKED_AT)
    if any(each.account == policies.account for each in unknown):
        found.append(_GRANTS)
    elif unknown:
        found.append(_GRANTS_OF_CUSTOMERS)
    if policies.origin == "synthesized":
        found.append(_REPLICAS)
    return (*found, *NEVER_LOOKED_AT)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One cell of the table, as a row."""

    principal: Principal
    request: Request
    decision: Decision


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The same :class:`~pinekeep.decisions.access.decision.Decision` on several requests, in words."""

    effect: Effect
    explicit: bool
    reason: str
    through_iam: str | None
    requests: tuple[Request, ...]


@dataclass(frozen=True, kw_only=True)
class Block:
    """The access of several principals to one resource, for one group of requests; allowed outcomes first."""

    principals: tuple[Principal, ...]
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Table:
    """The decision table: its policies, and its rows by request, then by principal."""

    policies: PolicySet
    rows: tuple[Row, ...]

    @cached_property
    def decisions(self) -> dict[tuple[str, str], Row]:
        """The rows by the IDs of principal and request."""
        return {(row.principal.id, row.request.id): row for row in self.rows}

    @cached_property
    def principals(self) -> tuple[Principal, ...]:
        """The principals, each once."""
        return _principals(self.rows)

    @cached_property
    def requests(self) -> tuple[Request, ...]:
        """The requests, each once."""
        return _requests(self.rows)

    @cached_property
    def _by_place(self) -> dict[tuple[str, Group], list[Row]]:
        found: dict[tuple[str, Group], list[Row]] = {}
        for row in self.rows:
            found.setdefault((row.request.on, row.request.group), []).append(row)
        return found

    def places(self) -> Iterator[tuple[Resource, Group]]:
        """Yield each role, key or bucket with each group of requests on it."""
        for on, group in self._by_place:
            resource = self.policies.resource(on)
            if resource is not None:
                yield resource, group

    def of(self, principal_id: str, request_id: str) -> Decision:
        """Return one decision. Raises KeyError if the table has no such row."""
        return self.decisions[principal_id, request_id].decision

    def asked(self, on: str, group: Group) -> tuple[Request, ...]:
        """Return the requests of one group on one role, key or bucket."""
        return _requests(self.place(on, group))

    def place(self, on: str, group: Group) -> list[Row]:
        """Return the rows of one group of requests on one role, key or bucket."""
        return self._by_place.get((on, group), [])

    def can(self, on: str, group: Group, *effects: Effect) -> tuple[Principal, ...]:
        """Return the principals with one of the effects (allow, if none is given) for any request of a group."""
        wanted = effects or (Effect.ALLOW,)
        rows = (row for row in self.place(on, group) if row.decision.effect in wanted)
        return _principals(rows)

    def through_iam(self, on: str, group: Group) -> tuple[Principal, ...]:
        """Return the principals that an IAM policy of the owner's account could still allow a request of a group."""
        rows = (row for row in self.place(on, group) if row.decision.through_iam is not None)
        return _principals(rows)

    def reaching(self, key: KeyPolicy) -> tuple[tuple[Principal, RolePolicies], ...]:
        """Return Pinecone's roles that can encrypt and decrypt with a key, each with the role that it assumes.

        It must be allowed to assume the role as agreed, and the role to use the key.
        """
        roles = [role for role in self.policies.roles if self._uses(role, key)]
        return tuple(
            (row.principal, role)
            for role in roles
            for row in self.place(role.id, Group.ASSUME)
            if row.principal.kind is Kind.PINECONE_REGION
            and row.request.context[EXTERNAL_ID] == self.policies.agreed.external_id
            and row.decision.effect is Effect.ALLOW
        )

    def _uses(self, role: RolePolicies, key: KeyPolicy) -> bool:
        both = [self.decisions.get((role.id, f"{key.id} {action}")) for action in ("kms:Encrypt", "kms:Decrypt")]
        return all(row is not None and row.decision.effect is Effect.ALLOW for row in both)

    def blocks(self, on: str, group: Group) -> tuple[Block, ...]:
        """Return the rows of a place, principals with equal outcomes together, those with most access first."""
        alike: dict[tuple[Outcome, ...], list[Principal]] = {}
        by_principal: dict[str, list[Row]] = {}
        for row in self.place(on, group):
            by_principal.setdefault(row.principal.id, []).append(row)
        for rows in by_principal.values():
            alike.setdefault(_outcomes(rows), []).append(rows[0].principal)
        found = [Block(principals=tuple(who), outcomes=outcomes) for outcomes, who in alike.items()]
        return tuple(sorted(found, key=lambda block: _ORDER[block.outcomes[0].effect]))

    def notes(self) -> list[str]:
        """Return further notes for a reader: names without a row, and statements that AWS ignores."""
        return [*_wide_trust(self.policies), *unlisted(self.policies), *_ineffective(self.policies)]


_ORDER: Final = {Effect.ALLOW: 0, Effect.UNDECIDED: 1, Effect.DENY: 2}


def _principals(rows: Iterable[Row]) -> tuple[Principal, ...]:
    return tuple({row.principal.id: row.principal for row in rows}.values())


def _requests(rows: Iterable[Row]) -> tuple[Request, ...]:
    return tuple({row.request.id: row.request for row in rows}.values())


def _outcomes(rows: Sequence[Row]) -> tuple[Outcome, ...]:
    alike: dict[tuple[Effect, bool, str, str | None], list[Request]] = {}
    for row in rows:
        through = row.decision.through_iam
        made = row.decision
        found = made.effect, made.explicit, _general(row), None if through is None else str(through)
        alike.setdefault(found, []).append(row.request)
    outcomes = [
        Outcome(effect=effect, explicit=explicit, reason=reason, through_iam=through, requests=tuple(asked))
        for (effect, explicit, reason, through), asked in alike.items()
    ]
    return tuple(sorted(outcomes, key=lambda outcome: _ORDER[outcome.effect]))


def _general(row: Row) -> str:
    """Return a decision's reason without the action, so that equal reasons are grouped."""
    return row.decision.reason.replace(row.request.action, "this")


def _wide_trust(policies: PolicySet) -> Iterator[str]:
    """Yield what a trust policy of a role for S3 leaves to Pinecone."""
    if policies.agreed.principal_arns is None:
        return
    account = policies.agreed.pinecone_account
    for role in policies.roles:
        statements = statements_of(role.trust or {"Statement": []})
        keys = {condition.key.lower() for each in statements for condition in each.conditions}
        if PRINCIPAL_ARN_KEY not in keys:
            yield (
                f"{role.name}: every role of Pinecone's account {account} can assume it, as Pinecone documents; other "
                "parts of Pinecone use the account, too. Set principal_arn where Pinecone names the principal"
            )
        if EXTERNAL_ID not in keys:
            yield (
                f"{role.name}: no external ID tells Pinecone's customers apart, because Pinecone documents none for "
                "S3. Keep the role's ARN confidential, and give it a role_name that is hard to guess"
            )


def _ineffective(policies: PolicySet) -> Iterator[str]:
    for key in policies.keys:
        for number, statement in numbered(key.document or {}):
            examined = examine(statement, part=Part.KEY, known=frozenset(), callers=frozenset())
            if examined.ineffective is not None:
                yield f"statement {number} of {policies.title(key)} has no effect: {examined.ineffective}"


def decision_table(
    policies: PolicySet, *, only: Collection[str] | None = None, further: Sequence[Principal] = ()
) -> Table:
    """Decide every request of every principal.

    A customer's principals are included for the roles, the deployment's own keys and the customer's own keys, not for
    other customers' keys: there the stranger stands for them. ``only``: the IDs of the roles and keys to decide about,
    such as ``key/acme``; by default all. ``further``: principals besides the standard ones. Raises PolicyError if there
    is no such role or key; LocalAwsError if the evaluator is missing, or has another version than the pinned one.
    """
    for each in only or ():
        if policies.resource(each) is None:
            known = ", ".join(one.id for one in policies.resources)
            raise PolicyError(f"there is no {each} in this deployment; there are {known}")
    inputs = _Inputs(policies, None if only is None else frozenset(only), tuple(further))
    return (_decided_once if len(policies.resources) <= REMEMBERED_RESOURCES else _decided)(inputs)


class _Inputs:
    """What a table is decided from, compared by its text: policies are dictionaries, which have no hash."""

    def __init__(self, policies: PolicySet, only: frozenset[str] | None, further: tuple[Principal, ...]) -> None:
        self.policies, self.only, self.further = policies, only, further
        self._text = repr((policies, only and sorted(only), further))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Inputs) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


def _decided(inputs: _Inputs) -> Table:
    policies, only, further = inputs.policies, inputs.only, inputs.further
    callers = tuple({each.id: each for each in (*principals(policies), *further)}.values())
    decider = AlikeDecider(Decider(policies, callers=callers))
    rows: list[Row] = []
    for on, asked in groupby(requests(policies), key=lambda request: request.on):
        resource = policies.resource(on)
        if resource is None or (only is not None and on not in only):
            continue
        columns = list(asked)
        owner = resource.account
        everyone = owner == policies.account
        who = [each for each in callers if everyone or each.kind is not Kind.CUSTOMER or each.account == owner]
        decisions = decider.decisions(resource, columns, who)
        rows += [
            Row(principal=principal, request=request, decision=decision)
            for (request, principal), decision in zip(product(columns, who), decisions, strict=True)
        ]
    return Table(policies=policies, rows=tuple(rows))


_decided_once = lru_cache(maxsize=8)(_decided)
"""Several checks of a verification, and a plan before and after, ask for the same table."""
