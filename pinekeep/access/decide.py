"""Deciding one request of one principal, as AWS combines trust, key and permissions policies.

Sources: "Policy evaluation logic" and "Cross-account policy evaluation logic" of the IAM User Guide, "Troubleshooting
key access" and "Allowing users in other accounts to use a KMS key" of the KMS Developer Guide, AssumeRole of the STS
API reference (docs.aws.amazon.com, checked 2026-11-22).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pinekeep.access.decision import ASSUMED, OF_ROOT, Decision, Effect, StatementRef
from pinekeep.access.evaluator import ALLOW, DENY, EVERYTHING, Asked, Question, known_keys
from pinekeep.access.policies import KeyPolicy, NamedPolicy, PolicyError, PolicySet, RolePolicies
from pinekeep.access.principals import Identity, Principal, principals
from pinekeep.access.requests import FROM_OTHER_ACCOUNTS, Group, Request
from pinekeep.access.vocabulary import Document, Examined, Part, examine, unknown
from pinekeep.policies.document import Policy


@dataclass(frozen=True)
class _Side:
    """The statements of one of the policies that meet, each as the evaluator may be asked about it."""

    statements: tuple[tuple[StatementRef, Examined], ...] = ()

    def best(self) -> list[Document]:
        return [each.best for _, each in self.statements if each.best is not None]

    def worst(self) -> list[Document]:
        return [each.worst for _, each in self.statements if each.worst is not None]

    def doubtful(self) -> Iterator[tuple[StatementRef, Examined]]:
        return ((ref, each) for ref, each in self.statements if each.doubts)


@dataclass(frozen=True)
class _Sides:
    identity: _Side
    boundary: _Side | None
    resource: _Side

    def best(self) -> Asked:
        return Asked(
            identity=self.identity.best(),
            boundary=None if self.boundary is None else self.boundary.best(),
            resource=self.resource.best(),
        )

    def worst(self) -> Asked:
        return Asked(
            identity=self.identity.worst(),
            boundary=None if self.boundary is None else self.boundary.worst(),
            resource=self.resource.worst(),
        )


_ALL: Final = Examined(best=dict(EVERYTHING[0]), worst=dict(EVERYTHING[0]))
_IDENTITIES: Final = {Identity.EVERYTHING: _Side(((ASSUMED, _ALL),)), Identity.NOTHING: _Side()}


class Decider:
    """Decides requests from one set of policies.

    Args:
        policies: the policies.
        callers: all who ask; by default the rows of the table.
    """

    def __init__(self, policies: PolicySet, *, callers: Sequence[Principal] | None = None) -> None:
        self.policies = policies
        self._callers = frozenset(each.arn for each in callers or principals(policies))
        self._read: dict[tuple[str, str, frozenset[str]], _Side] = {}

    def decide(self, principal: Principal, request: Request) -> Decision:
        """Return what comes of a request.

        Raises:
            PolicyError: the policies have no such role or key.
            LocalAwsError: the evaluator is missing, or of another version than the pinned one.
        """
        resource = self.policies.resource(request.on)
        if resource is None:
            raise PolicyError(f"the policies of {self.policies.name} have no {request.on}")
        ruled = _ruled(principal, request, resource)
        if ruled is not None:
            return Decision(effect=Effect.DENY, reason=ruled)
        question = Question(principal=principal, request=request, resource_arn=resource.arn, owner=resource.account)
        known = known_keys(request)
        identity, boundary = self._caller(principal, known)
        sides = _Sides(identity, boundary, self._resource(resource, known))
        return _Deciding(question, sides, principal, resource, self.policies.title(resource)).decision()

    # --- Reading ---

    def _caller(self, principal: Principal, known: frozenset[str]) -> tuple[_Side, _Side | None]:
        if principal.is_root:
            return _Side(((OF_ROOT, _ALL),)), None
        if principal.identity is not Identity.OWN:
            return _IDENTITIES[principal.identity], None
        role = next((each for each in self.policies.roles if each.id == principal.id), None)
        if role is None:
            return _Side(), None
        parts = [self._permissions(role, each, known, "the permissions policy") for each in role.permissions]
        identity = _Side(tuple(each for part in parts for each in part.statements))
        if role.boundary is None:
            return identity, None
        return identity, self._permissions(role, role.boundary, known, "the permissions boundary")

    def _permissions(self, role: RolePolicies, policy: NamedPolicy, known: frozenset[str], kind: str) -> _Side:
        return self._side(
            f"{role.id} {kind} {policy.name}", f"{kind} {policy.name}", policy.document, Part.PERMISSIONS, known
        )

    def _resource(self, resource: RolePolicies | KeyPolicy, known: frozenset[str]) -> _Side:
        title = self.policies.title(resource)
        if isinstance(resource, RolePolicies):
            return self._side(resource.id, title, resource.trust, Part.TRUST, known)
        return self._side(resource.id, title, resource.document, Part.KEY, known)

    def _side(self, name: str, title: str, policy: Policy | None, part: Part, known: frozenset[str]) -> _Side:
        index = (name, title, known)
        if index not in self._read:
            self._read[index] = _Side(tuple(_examined(title, policy, part, known, self._callers)))
        return self._read[index]


def _examined(
    title: str, policy: Policy | None, part: Part, known: frozenset[str], callers: frozenset[str]
) -> Iterator[tuple[StatementRef, Examined]]:
    if policy is None:
        yield StatementRef(policy=title), unknown("what it says is not known")
        return
    found = policy.get("Statement")
    for number, statement in enumerate(found if isinstance(found, list) else [found], start=1):
        sid = statement.get("Sid") if isinstance(statement, dict) else None
        ref = StatementRef(policy=title, sid=str(sid) if sid else None, number=number)
        yield ref, examine(statement, part=part, known=known, callers=callers)


def _ruled(principal: Principal, request: Request, resource: RolePolicies | KeyPolicy) -> str | None:
    """Return why AWS refuses such a request whatever the policies say, or None."""
    if request.group in (Group.ASSUME, Group.SESSION) and principal.is_root:
        return "AWS lets no root user assume a role, whatever a policy says"
    if principal.account != resource.account and request.action not in FROM_OTHER_ACCOUNTS:
        return f"KMS takes {request.action} only from the key's own account, whatever a policy says"
    return None


class _Deciding:
    """One request of one principal with the statements that bear on it."""

    def __init__(
        self,
        question: Question,
        sides: _Sides,
        principal: Principal,
        resource: RolePolicies | KeyPolicy,
        title: str,
    ) -> None:
        self.question = question
        self.sides = sides
        self.principal = principal
        self.within = principal.account == resource.account
        self.title = title

    def decision(self) -> Decision:
        best, worst = self.sides.best(), self.sides.worst()
        at_best = self.question.answer(best)
        at_worst = at_best if best == worst else self.question.answer(worst)
        if (at_best == ALLOW) != (at_worst == ALLOW):
            return Decision(effect=Effect.UNDECIDED, reason="; ".join(self._doubts()))
        if at_worst == ALLOW:
            return self._allowed(worst)
        if at_best == DENY:
            ref = self._denying()
            return Decision(effect=Effect.DENY, explicit=True, statements=(ref,), reason=f"{ref} denies it")
        return Decision(effect=Effect.DENY, reason=self._lacking(best), through_iam=self._through_iam(best))

    def _doubts(self) -> Iterator[str]:
        for side, ask in self._with_ask():
            for ref, each in side.doubtful():
                asked = [one for one in (each.best, each.worst) if one is not None]
                if any(ask([one]) != "ImplicitDeny" for one in asked):
                    yield from (f"{ref}: {doubt}" for doubt in each.doubts)

    def _with_ask(self) -> Iterator[tuple[_Side, Callable[[Sequence[Document]], str]]]:
        yield self.sides.resource, self.question.of_resource
        yield self.sides.identity, self.question.of_identity
        if self.sides.boundary is not None:
            yield self.sides.boundary, self.question.of_identity

    def _denying(self) -> StatementRef:
        """Return the statement that denies: the one that does so when it is asked about alone."""
        return next(
            ref
            for side, ask in self._with_ask()
            for ref, each in side.statements
            if each.best is not None and ask([each.best]) == DENY
        )

    def _allowed(self, asked: Asked) -> Decision:
        refs = tuple(self._allowing(asked))
        told = [each for each in refs if each.number is not None] or refs
        shown = " with ".join(map(str, told))
        return Decision(
            effect=Effect.ALLOW, statements=refs, reason=f"{shown} {'allows' if len(told) == 1 else 'allow'} it"
        )

    def _allowing(self, asked: Asked) -> Iterator[StatementRef]:
        """Yield the statements that allow: those with which alone, the other policies as they are, it is allowed."""
        direct = Asked(identity=(), boundary=asked.boundary, resource=asked.resource)
        alone = direct if self.within and self.question.answer(direct) == ALLOW else asked
        yield self._resource_allowing(alone)
        if alone is asked:
            for ref, each in self.sides.identity.statements:
                if each.worst is not None and self._allows(asked, identity=[each.worst]):
                    yield ref
                    return

    def _resource_allowing(self, asked: Asked) -> StatementRef:
        return next(
            ref
            for ref, each in self.sides.resource.statements
            if each.worst is not None and self._allows(asked, resource=[each.worst])
        )

    def _allows(
        self, asked: Asked, *, identity: Sequence[Document] | None = None, resource: Sequence[Document] | None = None
    ) -> bool:
        one = Asked(
            identity=asked.identity if identity is None else identity,
            boundary=asked.boundary,
            resource=asked.resource if resource is None else resource,
        )
        return self.question.answer(one) == ALLOW

    def _lacking(self, asked: Asked) -> str:
        """Return what is missing for it to be allowed."""
        if self.principal.identity is Identity.EVERYTHING or self.question.of_resource(asked.resource) != ALLOW:
            return f"no statement of {self.title} allows it"
        if asked.boundary is not None and self.question.of_identity(asked.boundary) != ALLOW:
            return "the role's permissions boundary does not allow it"
        if self.within:
            return f"{self.title} leaves it to IAM policies of the account, of which none allows it"
        return f"{self.title} allows it, but no permissions policy of the caller does"

    def _through_iam(self, asked: Asked) -> StatementRef | None:
        """Return the statement by which an IAM policy of the account could allow it, or None."""
        if not self.within or self.principal.identity is Identity.EVERYTHING:
            return None
        granted = Asked(identity=EVERYTHING, boundary=asked.boundary, resource=asked.resource)
        if self.question.answer(granted) != ALLOW:
            return None
        return next(
            ref
            for ref, each in self.sides.resource.statements
            if each.best is not None and self._allows(granted, resource=[each.best])
        )


def decide(policies: PolicySet, principal: Principal, request: Request) -> Decision:
    """Return what comes of one request of one principal; see :class:`Decider`."""
    return Decider(policies).decide(principal, request)
