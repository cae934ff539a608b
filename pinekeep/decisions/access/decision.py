"""What comes of a request, and which statement decided."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Effect(StrEnum):
    """What comes of a request."""

    ALLOW = "allow"
    DENY = "deny"
    UNDECIDED = "undecided"


class Way(StrEnum):
    """Which way access changes from one set of policies to another."""

    GAINED = "gained"
    LOST = "lost"
    UNDECIDED = "undecided"


@dataclass(frozen=True, kw_only=True)
class StatementRef:
    """A statement of a policy.

    Attributes:
        policy: what a sentence calls the policy, such as ``the trust policy``.
        sid: the statement's name, where it has one.
        number: its place in the policy, from 1; None stands for the policy as a whole.
        grant: the ID of the grant that it is instead, or None.
    """

    policy: str
    sid: str | None = None
    number: int | None = None
    grant: str | None = None

    @property
    def is_found(self) -> bool:
        """Whether it was found somewhere, as opposed to assumed."""
        return self.number is not None or self.grant is not None

    def __str__(self) -> str:
        return self.policy if self.number is None else f"statement {self.sid or self.number} of {self.policy}"


ASSUMED: Final = StatementRef(policy="the caller's own IAM policies (assumed)")
OF_ROOT: Final = StatementRef(policy="what a root user may do")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What comes of one request of one principal, and why.

    Attributes:
        effect: allow, deny or undecided.
        explicit: whether a statement denies; otherwise a denial is for want of one that allows.
        statements: what decided: the statement that denies, or those that together allow (across accounts the one
            of the trust or key policy, then the one of the caller's permissions); none where none allows.
        reason: the same in words, or what cannot be decided.
        through_iam: the statement by which IAM policies of the owner's account could still allow what is denied.
    """

    effect: Effect
    explicit: bool = False
    statements: tuple[StatementRef, ...] = ()
    reason: str
    through_iam: StatementRef | None = None

    @property
    def statement(self) -> StatementRef | None:
        """The first statement that decided, or None."""
        return self.statements[0] if self.statements else None
