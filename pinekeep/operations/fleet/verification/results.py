"""The results of a fleet's verification: one for each target, with its findings and what was observed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from pinekeep.operations.verification.checks.finding import Finding

Place = tuple[str, str]
"""An account and a Region."""
Status = Literal["passed", "failed", "unreadable", "missing"]

STATUSES: Final[dict[Status, str]] = {
    "passed": "every check was made and passed",
    "failed": "a check failed",
    "unreadable": "the account, or something that a check needs, cannot be read",
    "missing": "the stack set has no stack in this account and Region",
}
"""The statuses of a target."""
WORST_FIRST: Final[tuple[Status, ...]] = ("failed", "missing", "unreadable", "passed")


@dataclass(frozen=True, kw_only=True)
class TargetResult:
    """The result of verifying one target.

    Attributes:
        reason: why the account cannot be read, or there is no stack; None where checks were made.
        fix: what to do about it.
        observations: facts that were read, by the names of :data:`.observing.OBSERVATIONS`.
        at: the time in UTC, in ISO 8601.
        seconds: how long it took.
    """

    account: str
    region: str
    status: Status
    at: str
    reason: str | None = None
    fix: str | None = None
    findings: tuple[Finding, ...] = ()
    observations: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def place(self) -> Place:
        """The account and the Region."""
        return self.account, self.region

    @property
    def passes(self) -> bool:
        """Whether a verification with this result can pass."""
        return self.status == "passed"


def status_of(findings: Sequence[Finding]) -> Status:
    """Return the status of a target whose checks were made."""
    found = {each.status for each in findings}
    return "failed" if "failed" in found else "unreadable" if "unreadable" in found else "passed"
