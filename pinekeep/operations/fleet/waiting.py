"""Waiting for the operations of a stack set that were started before, and for single ones."""

import time
from collections.abc import Callable
from typing import Final

from pinekeep.account.process import Looks, tell
from pinekeep.account.reads.stack_sets import Operation
from pinekeep.errors import AwsRefusedError
from pinekeep.operations.fleet.operations import StackSets

SECONDS_WITHOUT_PROGRESS: Final = 3600.0
SHORTEST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
_COUNTED_EVERY: Final = 60.0
"""Seconds after which the results of a long operation are counted, to see whether it makes progress."""


def wait_for_operation(
    operation: str,
    *,
    stack_sets: StackSets,
    what: str,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Operation:
    """Return an operation when it has ended. ``what``: as in "waiting for WHAT".

    Raises AwsRefusedError if it makes no progress for an hour, or AWS refuses.
    """
    looks = Looks(what, seconds=SECONDS_WITHOUT_PROGRESS, clock=clock, sleep=sleep)
    pause, counted, ended, status = SHORTEST_PAUSE, clock(), 0, ""
    while True:
        try:
            found = stack_sets.operation(operation)
            if not found.is_under_way:
                return found
            if found.status != status:
                status = found.status
                looks.happened()
            if clock() - counted >= _COUNTED_EVERY:
                counted = clock()
                now = sum(each.status not in {"PENDING", "RUNNING"} for each in stack_sets.results(operation))
                if now != ended:
                    ended = now
                    looks.happened()
        except AwsRefusedError as error:
            if not error.transient:
                raise
            tell(f"waiting for AWS: {error.message}")
        try:
            looks.pause(pause)
        except TimeoutError as error:
            raise AwsRefusedError(
                str(error), hint=f"operation {operation} goes on in AWS; run it again later"
            ) from None
        pause = min(pause * 1.5, LONGEST_PAUSE)
