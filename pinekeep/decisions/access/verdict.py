"""The verdict on a request, in terms of statement positions: equal for all keys whose policies are equivalent."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from pinekeep.decisions.access.decision import OF_ACCOUNT, Decision, Effect, StatementRef
from pinekeep.decisions.access.evaluator import ALLOW, DENY, EVERYTHING, Asked, Question
from pinekeep.decisions.access.principals import Identity, Principal
from pinekeep.decisions.access.vocabulary import Document, Examined

Where = Literal["resource", "identity", "boundary"]


@dataclass(frozen=True)
class Side:
    """The statements of one of the policies that apply to a request."""

    statements: tuple[tuple[StatementRef, Examined], ...] = ()

    def best(self) -> list[Document]:
        """Return the statements in the best case for the caller."""
        return [each.best for _, each in self.statements if each.best is not None]

    def worst(self) -> list[Document]:
        """Return the statements in the worst case for the caller."""
        return [each.worst for _, each in self.statements if each.worst is not None]

    def doubtful(self) -> Iterator[tuple[int, Examined]]:
        """Yield the uncertain statements, each with its index."""
        return ((index, each) for index, (_, each) in enumerate(self.statements) if each.doubts)


@dataclass(frozen=True)
class Sides:
    """The policies that apply to a request: of the caller, and ``resource``, the trust policy or key policy."""

    identity: Side
    boundary: Side | None
    resource: Side

    def best(self) -> Asked:
        """Return all statements in the best case for the caller."""
        return self._asked(Side.best)

    def worst(self) -> Asked:
        """Return all statements in the worst case for the caller."""
        return self._asked(Side.worst)

    def _asked(self, case: Callable[[Side], list[Document]]) -> Asked:
        boundary = None if self.boundary is None else case(self.boundary)
        return Asked(identity=case(self.identity), boundary=boundary, resource=case(self.resource))

    def at(self, at: "At") -> tuple[StatementRef, Examined]:
        """Return the statement at a position."""
        side: Side = getattr(self, at.where)
        return side.statements[at.index]


class Lack(StrEnum):
    """Why nothing allows a request."""

    RESOURCE = "no statement of {title} allows it"
    BOUNDARY = "the role's permissions boundary does not allow it"
    IAM = "{title} leaves it to IAM policies of the account, of which none allows it"
    NEITHER = "no permissions policy of the caller and no statement of {title} allows it"
    PERMISSIONS = "{title} allows it, but no permissions policy of the caller does"


@dataclass(frozen=True)
class At:
    """The position of a statement: its policy, and its index from 0."""

    where: Where
    index: int


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The verdict on a request.

    Attributes:
        deciding: the statements that allow, or the one that denies; the uncertain ones where it is undecided.
        lack: why nothing allows it, where no statement denies it.
        through_iam: the statement by which IAM policies of the owner's account could still allow it.
        through_account: whether they could without a statement of the resource's policy, as for a bucket.
    """

    effect: Effect
    deciding: tuple[At, ...] = ()
    lack: Lack | None = None
    through_iam: At | None = None
    through_account: bool = False

    def worded(self, sides: Sides, title: str) -> Decision:
        """Return the verdict as a decision about statements of policies. ``title`` names the trust or key policy."""
        found = [sides.at(each) for each in self.deciding]
        refs = tuple(ref for ref, _ in found)
        if self.effect is Effect.UNDECIDED:
            doubts = [f"{ref}: {doubt}" for ref, each in found for doubt in each.doubts]
            return Decision(effect=Effect.UNDECIDED, reason="; ".join(doubts))
        if self.effect is Effect.ALLOW:
            told = [each for each in refs if each.is_found] or refs
            reason = f"{' with '.join(map(str, told))} {'allows' if len(told) == 1 else 'allow'} it"
            return Decision(effect=Effect.ALLOW, statements=refs, reason=reason)
        if self.lack is None:
            return Decision(effect=Effect.DENY, explicit=True, statements=refs, reason=f"{refs[0]} denies it")
        through = OF_ACCOUNT if self.through_account else None
        if self.through_iam is not None:
            through = sides.at(self.through_iam)[0]
        return Decision(effect=Effect.DENY, reason=self.lack.value.format(title=title), through_iam=through)


class Deciding:
    """One request of one principal with the statements that apply to it."""

    def __init__(
        self, question: Question, sides: Sides, principal: Principal, *, within: bool, required: bool = True
    ) -> None:
        """``within``: whether the caller is of the owner's account. ``required``: as in :class:`Question`."""
        self.question = question
        self.sides = sides
        self.principal = principal
        self.within = within
        self.required = required

    def verdict(self) -> Verdict:
        """Return the verdict."""
        best, worst = self.sides.best(), self.sides.worst()
        at_best = self.question.answer(best)
        at_worst = at_best if best == worst else self.question.answer(worst)
        if (at_best == ALLOW) != (at_worst == ALLOW):
            return Verdict(effect=Effect.UNDECIDED, deciding=tuple(self._in_doubt()))
        if at_worst == ALLOW:
            return Verdict(effect=Effect.ALLOW, deciding=tuple(self._allowing(worst)))
        if at_best == DENY:
            return Verdict(effect=Effect.DENY, deciding=(self._denying(),))
        lack = self._lacking(best)
        if not self.required:
            return Verdict(effect=Effect.DENY, lack=lack, through_account=self._could_be_granted(best))
        return Verdict(effect=Effect.DENY, lack=lack, through_iam=self._through_iam(best))

    def _in_doubt(self) -> Iterator[At]:
        for where, side, ask in self._with_ask():
            for index, each in side.doubtful():
                asked = [one for one in (each.best, each.worst) if one is not None]
                if any(ask([one]) != "ImplicitDeny" for one in asked):
                    yield At(where, index)

    def _with_ask(self) -> Iterator[tuple[Where, Side, Callable[[Sequence[Document]], str]]]:
        yield "resource", self.sides.resource, self.question.of_resource
        yield "identity", self.sides.identity, self.question.of_identity
        if self.sides.boundary is not None:
            yield "boundary", self.sides.boundary, self.question.of_identity

    def _denying(self) -> At:
        """Return the statement that denies: the one that does so when it is evaluated alone."""
        return next(
            At(where, index)
            for where, side, ask in self._with_ask()
            for index, (_, each) in enumerate(side.statements)
            if each.best is not None and ask([each.best]) == DENY
        )

    def _allowing(self, asked: Asked) -> Iterator[At]:
        """Yield the statement of the trust or key policy that allows, then the one of the caller's permissions.

        For a bucket, one of the two is enough within the account; its own policy often only denies.
        """
        if not self.required:
            allows = self.question.of_identity(asked.identity) == ALLOW
            if not (self.within and allows):
                yield from self._by_itself("resource")
            if allows:
                yield from self._by_itself("identity")
            return
        direct = replace(asked, identity=())
        alone = direct if self.within and self.question.answer(direct) == ALLOW else asked
        yield from self._alone(alone, "resource", worst=True)
        if alone is asked:
            yield from self._alone(asked, "identity", worst=True)

    def _by_itself(self, where: Where) -> Iterator[At]:
        """Yield the first statement of a policy that allows, without the other policies."""
        ask = self.question.of_resource if where == "resource" else self.question.of_identity
        side: Side = getattr(self.sides, where)
        for index, (_, each) in enumerate(side.statements):
            if each.worst is not None and ask([each.worst]) == ALLOW:
                yield At(where, index)
                return

    def _alone(self, asked: Asked, where: Where, *, worst: bool) -> Iterator[At]:
        """Yield the first statement that allows alone, with the other policies unchanged."""
        side: Side = getattr(self.sides, where)
        for index, (_, each) in enumerate(side.statements):
            document = each.worst if worst else each.best
            if document is not None and self.question.answer(replace(asked, **{where: [document]})) == ALLOW:
                yield At(where, index)
                return

    def _lacking(self, asked: Asked) -> Lack:
        """Return why nothing allows the request."""
        if not self.required and self.within:
            identity = self.question.of_identity(asked.identity)
            return Lack.BOUNDARY if identity == ALLOW and asked.boundary is not None else Lack.NEITHER
        if self.principal.identity is Identity.EVERYTHING or self.question.of_resource(asked.resource) != ALLOW:
            return Lack.RESOURCE
        if asked.boundary is not None and self.question.of_identity(asked.boundary) != ALLOW:
            return Lack.BOUNDARY
        return Lack.IAM if self.within else Lack.PERMISSIONS

    def _could_be_granted(self, asked: Asked) -> bool:
        """Return whether an IAM policy of the account could allow it."""
        if not self.within or self.principal.identity is Identity.EVERYTHING:
            return False
        return self.question.answer(replace(asked, identity=EVERYTHING)) == ALLOW

    def _through_iam(self, asked: Asked) -> At | None:
        """Return the statement by which an IAM policy of the account could allow it, or None."""
        if not self.within or self.principal.identity is Identity.EVERYTHING:
            return None
        granted = replace(asked, identity=EVERYTHING)
        if self.question.answer(granted) != ALLOW:
            return None
        return next(self._alone(granted, "resource", worst=False), None)
