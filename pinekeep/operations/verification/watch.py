"""Verifying again and again, until all is well or the time is up."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from pinekeep.errors import AwsRefusedError
from pinekeep.operations.verification.checks.finding import Finding

USE_CHECK: Final = "key-activity"
"""The check that tells whether Pinecone has used the key."""

TICK_SECONDS: Final = 1.0
"""How often a display is told how long it is until the next look."""


class Display(Protocol):
    """Shows what is seen while it is waited."""

    def looked(self, findings: Sequence[Finding]) -> None:
        """Show what a look found."""

    def could_not_look(self, error: AwsRefusedError) -> None:
        """Show why AWS could not be asked this time."""

    def waits(self, *, until_next: float, until_end: float) -> None:
        """Show how many seconds it is until the next look, and until the time is up."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When to look.

    Attributes:
        every: seconds between looks.
        deadline: seconds after which it is not waited any more.
        clock: tells seconds that pass.
        sleep: waits for some seconds.
    """

    every: float
    deadline: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def is_well(findings: Sequence[Finding], *, used: bool = False) -> bool:
    """Tell whether every check passes.

    Args:
        findings: what was found.
        used: whether Pinecone must have used every key, too.
    """
    unused = [each for each in findings if each.check == USE_CHECK and each.status != "ok"]
    return all(each.passes for each in findings) and not (used and unused)


def watch(
    look: Callable[[], list[Finding]],
    *,
    schedule: Schedule,
    display: Display,
    well: Callable[[Sequence[Finding]], bool] = is_well,
) -> list[Finding]:
    """Look until all is well or the time is up. Changes nothing.

    Whatever passes by itself (AWS asked too often, a network that is cut) is shown and ends nothing.

    Args:
        look: verifies once.
        schedule: when to look.
        display: shows what is seen.
        well: tells whether it need not be waited any more.

    Returns:
        What the last look found.

    Raises:
        AwsRefusedError: AWS refuses for good, or could not be asked a single time.
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
    """Wait until the next look, a moment at a time."""
    following = min(schedule.clock() + schedule.every, end)
    while (left := following - schedule.clock()) > 0:
        display.waits(until_next=left, until_end=end - schedule.clock())
        schedule.sleep(min(TICK_SECONDS, left))
