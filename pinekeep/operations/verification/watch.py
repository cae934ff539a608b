"""Repeat a verification until every check passes or the deadline is over."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from pinekeep.errors import AwsRefusedError
from pinekeep.operations.verification.checks.finding import Finding

USE_CHECK: Final = "key-activity"
"""The check that reports whether Pinecone has used the key."""

TICK_SECONDS: Final = 1.0
"""The interval at which the display is updated."""


class Display(Protocol):
    """Shows the progress of a watch."""

    def looked(self, findings: Sequence[Finding]) -> None:
        """Show the findings of one verification."""

    def could_not_look(self, error: AwsRefusedError) -> None:
        """Show why AWS could not be reached this time."""

    def waits(self, *, until_next: float, until_end: float) -> None:
        """Show the seconds until the next verification, and until the deadline."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When to verify, and when to end the watch, in seconds."""

    every: float
    deadline: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def is_well(findings: Sequence[Finding], *, used: bool = False) -> bool:
    """Tell whether every check passes, and with ``used`` whether Pinecone has used every key, too."""
    unused = [each for each in findings if each.check == USE_CHECK and each.status != "ok"]
    return all(each.passes for each in findings) and not (used and unused)


def watch(
    look: Callable[[], list[Finding]],
    *,
    schedule: Schedule,
    display: Display,
    well: Callable[[Sequence[Finding]], bool] = is_well,
) -> list[Finding]:
    """Verify until every check passes or the deadline is over, and return the last findings. Changes nothing.

    Transient errors (throttling, a lost network) are shown and do not end the watch.

    Raises:
        AwsRefusedError: AWS refuses for good, or could not be reached once.
    """
    end = schedule.clock() + schedule.deadline
    found: list[Finding] | None = None
    while True:
        refused: AwsRefusedError | None = None
        try:
            found = look()
        except AwsRefusedError as error:
            if not error.transient:
                raise
            refused = error
            display.could_not_look(error)
        else:
            display.looked(found)
            if well(found):
                return found
        if schedule.clock() >= end:
            if found is None and refused is not None:
                raise refused
            return found or []
        _wait(schedule, end, display)


def _wait(schedule: Schedule, end: float, display: Display) -> None:
    """Wait until the next verification, updating the display."""
    following = min(schedule.clock() + schedule.every, end)
    while (left := following - schedule.clock()) > 0:
        display.waits(until_next=left, until_end=end - schedule.clock())
        schedule.sleep(min(TICK_SECONDS, left))
