"""The decision on a request, and the statements behind it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Effect(StrEnum):
    """The decision on a request."""

    ALLOW = "allow"
    DENY = "deny"
    UNDECIDED = "undecided"


class Way(StrEnum):
    """How access changes from one set of policies to another."""

    GAINED = "gained"
    LOST = "lost"
    UNDECIDED = "undecided"


@dataclass(frozen=True, kw_only=True)
class StatementRef:
    """A statement of a policy, or a grant.

    ``policy``: the policy's name in a sentence, such as ``the trust policy``. ``number``: its position in the policy,
    from 1; None stands for the whole policy.
    """

    policy: str
    sid: str | None = None
    number: int | None = None
    grant: str | None = None

    @property
    def is_found(self) -> bool:
        """Whether it was found in a policy or grant, as opposed to assumed."""
        return self.number is not None or self.grant is not None

    def __str__(self) -> str:
        return self.policy if self.number is None else f"statement {self.sid or self.number} of {self.policy}"


ASSUMED: Final = StatementRef(policy="the caller's own IAM policies (assumed)")
OF_ACCOUNT: Final = StatementRef(policy="any IAM policy of the bucket's account")
OF_ROOT: Final = StatementRef(policy="what a root user may do")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The decision on one request of one principal.

    Attributes:
        explicit: whether a statement denies; otherwise a denial means that no statement allows.
        statements: the one that denies, or those that together allow: of the trust or key policy, then of the caller.
        reason: the same in words, or what cannot be decided.
        through_iam: the statement by which IAM policies of the owner's account could still allow what is denied.
    """

    effect: Effect
    explicit: bool = False
    statements: tuple[StatementRef, ...] = ()
    reason: str
    through_iam: StatementRef | None = None
