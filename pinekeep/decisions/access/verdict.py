"""What comes of a request, told by the places of statements: the same for all keys whose policies are alike."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pinekeep.decisions.access.decision import Decision, Effect, StatementRef
from pinekeep.decisions.access.statements import Side, Sides

Where = Literal["resource", "identity", "boundary"]


class Lack(StrEnum):
    """Why nothing allows a request."""

    RESOURCE = "no statement of {title} allows it"
    BOUNDARY = "the role's permissions boundary does not allow it"
    IAM = "{title} leaves it to IAM policies of the account, of which none allows it"
    PERMISSIONS = "{title} allows it, but no permissions policy of the caller does"


@dataclass(frozen=True)
class At:
    """The place of a statement.

    Attributes:
        where: on which side.
        index: the how-manieth of that side, from 0.
    """

    where: Where
    index: int


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What comes of a request.

    Attributes:
        effect: allow, deny or undecided.
        deciding: the statements that allow, or the one that denies; those in doubt where it is undecided.
        lack: why nothing allows it, where no statement denies it.
        through_iam: the statement by which IAM policies of the owner's account could still allow it.
    """

    effect: Effect
    deciding: tuple[At, ...] = ()
    lack: Lack | None = None
    through_iam: At | None = None

    def worded(self, sides: Sides, title: str) -> Decision:
        """Return the verdict about the statements of some policies.

        Args:
            sides: the policies.
            title: what the trust policy or key policy is called.
        """
        refs = tuple(_statement(sides, each) for each in self.deciding)
        if self.effect is Effect.UNDECIDED:
            doubts = [f"{_statement(sides, at)}: {doubt}" for at in self.deciding for doubt in _doubts(sides, at)]
            return Decision(effect=Effect.UNDECIDED, reason="; ".join(doubts))
        if self.effect is Effect.ALLOW:
            told = [each for each in refs if each.is_found] or refs
            reason = f"{' with '.join(map(str, told))} {'allows' if len(told) == 1 else 'allow'} it"
            return Decision(effect=Effect.ALLOW, statements=refs, reason=reason)
        if self.lack is None:
            return Decision(effect=Effect.DENY, explicit=True, statements=refs, reason=f"{refs[0]} denies it")
        through = None if self.through_iam is None else _statement(sides, self.through_iam)
        return Decision(effect=Effect.DENY, reason=self.lack.value.format(title=title), through_iam=through)


def _statement(sides: Sides, at: At) -> StatementRef:
    return _side(sides, at).statements[at.index][0]


def _doubts(sides: Sides, at: At) -> tuple[str, ...]:
    return _side(sides, at).statements[at.index][1].doubts


def _side(sides: Sides, at: At) -> Side:
    sides_by_name = {"resource": sides.resource, "identity": sides.identity, "boundary": sides.boundary}
    return sides_by_name[at.where] or Side()
