"""The limits and the results of a run of operations. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pinekeep.errors import AwsRefusedError
from pinekeep.operations.fleet.desired import PLACEHOLDERS, Place


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of a run.

    Attributes:
        concurrent: the accounts that are worked on at the same time, over all operations.
        failed: the accounts that may fail until no further operation is started.
        strict: whether never more accounts are worked on than may still fail, and one more.
    """

    concurrent: int
    failed: int
    strict: bool


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result in one account and Region. ``status``: SUCCEEDED, FAILED, CANCELLED, or NOT_STARTED."""

    status: str
    reason: str | None = None
    operation: str | None = None

    @property
    def is_failure(self) -> bool:
        """Whether it was tried and failed."""
        return self.status == "FAILED"


@dataclass(kw_only=True)
class Execution:
    """What a run did, by account and Region.

    Attributes:
        failed: the accounts in which something failed.
        started: the number of operations that were started.
        refusal: the error after which no further operation could be started.
    """

    outcomes: dict[Place, Outcome] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    started: int = 0
    refusal: AwsRefusedError | None = None

    def record(self, place: Place, outcome: Outcome) -> None:
        """Record an outcome. The failure of an earlier operation in the same place stays."""
        if place in self.outcomes and self.outcomes[place].is_failure:
            return
        self.outcomes[place] = outcome
        if outcome.is_failure:
            self.failed.add(place[0])


def without_secrets(reason: str | None, overrides: Mapping[str, str] | None) -> str | None:
    """Return AWS's reason without the external ID of an instance, which it may repeat."""
    for name, value in (overrides or {}).items():
        if name in PLACEHOLDERS and value and reason:
            reason = reason.replace(value, "…")
    return reason
