"""Running the operations of a stack set: several side by side, within the fleet's limits, until all have ended.

StackSets counts failures in one operation and Region; here they are counted over all operations of a run.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pinekeep.account.process import TOLD_AFTER
from pinekeep.account.process import tell as tell_of_wait
from pinekeep.account.reads.stack_sets import Operation
from pinekeep.errors import AwsRefusedError
from pinekeep.operations.fleet.operations import (
    Batch,
    BusyError,
    QuotaError,
    RejectedError,
    StackSets,
)
from pinekeep.operations.fleet.outcomes import Execution, Limits, Outcome, without_secrets

SHORTEST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
"""Seconds between two listings of the operations."""
UNLISTED_SECONDS: Final = 30.0
"""How long a new operation may be missing from the listing, which is eventually consistent, until it is read itself."""
SILENT_SECONDS: Final = 600.0
"""How long the listing may show nothing new until the results of the running operations are read."""
SECONDS_WITHOUT_PROGRESS: Final = 3600.0
"""How long nothing may happen. No resource of these templates takes nearly as long."""


@dataclass(kw_only=True)
class _Running:
    batch: Batch
    concurrent: int
    reserved: int
    since: float
    status: str = "RUNNING"
    results: int = 0


def execute(
    batches: Iterable[Batch],
    *,
    stack_sets: StackSets,
    limits: Limits,
    tell: Callable[[str], None],
    go_on: str,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Execution:
    """Run operations until all have ended, or no more may be started and those that run have ended.

    Operations with more accounts are started first; else the order stays. ``go_on``: the command that continues after
    an interruption. An interrupted run says which operations AWS continues, and starts no more. Raises AwsRefusedError
    if AWS cannot be asked any more, or nothing happens for too long; what it refuses before is in the result.
    """
    run = _Run(batches, stack_sets=stack_sets, limits=limits, tell=tell, clock=clock, sleep=sleep)
    try:
        run.complete()
    except BaseException as error:
        if not isinstance(error, (AwsRefusedError, KeyboardInterrupt)):
            raise
        run.tell_what_goes_on(go_on)
        raise
    return run.execution


class _Run:
    def __init__(
        self,
        batches: Iterable[Batch],
        *,
        stack_sets: StackSets,
        limits: Limits,
        tell: Callable[[str], None],
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self.execution = Execution()
        self._waiting = {each.id: each for each in sorted(batches, key=lambda each: -len(each.accounts))}
        self._followed = frozenset().union(*(each.after for each in self._waiting.values()))
        self._running: dict[str, _Running] = {}
        self._ended: set[str] = set()
        self._stack_sets = stack_sets
        self._limits = limits
        self._tell = tell
        self._clock = clock
        self._sleep = sleep
        self._last = clock()
        self._probed = self._last
        self._pause = SHORTEST_PAUSE
        self._all = len(self._waiting)
        self._stopped = False

    def complete(self) -> None:
        """Run until the end."""
        while self._waiting or self._running:
            self._start()
            if self._running:
                self._look()
            elif self._waiting and self._may_start():
                self._wait()
            self._leave_out()
            if self._running:
                self._wait()

    # --- Starting ---

    def _may_start(self) -> bool:
        return self.execution.refusal is None and len(self.execution.failed) <= self._limits.failed

    def _start(self) -> None:
        """Start what the limits allow now."""
        while self._may_start() and self._free() > 0:
            ready = (each for each in self._waiting.values() if each.after <= self._ended)
            found = next(((batch, room) for batch in ready if (room := self._room(batch)) is not None), None)
            if found is None or not self._start_one(*found):
                return

    def _free(self) -> int:
        """Return how many accounts more may be worked on."""
        return self._limits.concurrent - sum(each.concurrent for each in self._running.values())

    def _room(self, batch: Batch) -> tuple[int, int] | None:
        """Return how many accounts an operation may work on, and how many it reserves to fail; None if it must wait."""
        count = max(1, len(batch.accounts))  # an update of a set without instances has none
        free = self._free()
        may_fail = self._limits.failed - len(self.execution.failed) + 1
        if not self._limits.strict:
            wanted = min(count, self._limits.concurrent)
            return (wanted, min(may_fail, count)) if free >= wanted else None
        left = may_fail - sum(each.reserved for each in self._running.values())
        wanted = min(count, self._limits.concurrent, may_fail)
        return (wanted, min(left, count)) if min(free, left) >= wanted else None

    def _start_one(self, batch: Batch, room: tuple[int, int]) -> bool:
        """Start an operation; return whether the next one can be tried at once."""
        concurrent, reserved = room
        # Before the call: an interrupted one may have reached AWS.
        self._running[batch.id] = _Running(batch=batch, concurrent=concurrent, reserved=reserved, since=self._clock())
        try:
            self._stack_sets.start(batch, concurrent=concurrent, failing=reserved - 1)
        except BusyError as error:
            del self._running[batch.id]
            if isinstance(error, QuotaError) and not self._running:
                self._reject(batch, str(error))
                return True
            tell_of_wait(f"waiting for StackSets to take the next operation: {error}")
            return False
        except RejectedError as error:
            del self._running[batch.id]
            self._reject(batch, str(error))
            return True
        except AwsRefusedError as error:
            del self._running[batch.id]
            if error.transient:
                tell_of_wait(f"waiting for AWS: {error.message}")
            else:
                self.execution.refusal = error
            return False
        del self._waiting[batch.id]
        self._happened()
        self.execution.started += 1
        return True

    def _reject(self, batch: Batch, reason: str) -> None:
        """Record that AWS rejects an operation."""
        del self._waiting[batch.id]
        self._record(batch, "FAILED", reason)
        if batch.content is not None:
            self._without_content(batch.id)
        self._over(batch.id)
        self._tell(f"{batch}: rejected: {without_secrets(reason, batch.overrides)}")

    def _without_content(self, identifier: str) -> None:
        """Leave out all that was to follow an update of the stack set: it would deploy what the set had before."""
        for batch in [each for each in self._waiting.values() if identifier in each.after]:
            self._record(batch, "NOT_STARTED", "the stack set was not updated")
            del self._waiting[batch.id]

    def _over(self, identifier: str) -> None:
        """Note that an operation is over; take the accounts in which it did not succeed out of those that follow it."""
        self._ended.add(identifier)
        if identifier not in self._followed:
            return
        outcomes = self.execution.outcomes.items()
        bad = {place[0] for place, each in outcomes if each.operation == identifier and each.status != "SUCCEEDED"}
        for batch in [each for each in self._waiting.values() if identifier in each.after]:
            left_out = replace(batch, accounts=tuple(each for each in batch.accounts if each in bad))
            self._record(left_out, "NOT_STARTED", "an operation before it failed")
            accounts = tuple(each for each in batch.accounts if each not in bad)
            if accounts:
                self._waiting[batch.id] = replace(batch, accounts=accounts)
            else:
                del self._waiting[batch.id]
                self._over(batch.id)

    def _leave_out(self) -> None:
        """Record what is not started because too much failed, and stop what has accounts left to begin."""
        if self._may_start():
            return
        why = "too many accounts failed before it" if self.execution.refusal is None else "AWS refused before it"
        for batch in self._waiting.values():
            self._record(batch, "NOT_STARTED", why)
        self._waiting.clear()
        if not self._stopped and self.execution.refusal is None:
            self._stopped = True
            for each in self._running.values():
                if len(each.batch.places) > 1:
                    self._stop(each.batch.id)

    def _stop(self, operation: str) -> None:
        try:
            self._stack_sets.stop(operation)
        except AwsRefusedError as error:
            self._tell(f"operation {operation} goes on, it could not be stopped: {error.message}")

    # --- Looking ---

    def _look(self) -> None:
        try:
            for identifier, operation in self._listed().items():
                running = self._running[identifier]
                if operation.status != running.status:
                    running.status = operation.status
                    self._happened()
                if not operation.is_under_way:
                    self._end(running, operation)
            if self._running and self._clock() - max(self._last, self._probed) >= SILENT_SECONDS:
                self._probe()
        except AwsRefusedError as error:
            if not error.transient:
                raise
            tell_of_wait(f"waiting for AWS: {error.message}")

    def _listed(self) -> Mapping[str, Operation]:
        found = dict(self._stack_sets.operations(tuple(self._running)))
        for identifier, running in self._running.items():
            if identifier not in found and self._clock() - running.since >= UNLISTED_SECONDS:
                found[identifier] = self._stack_sets.operation(identifier)
        return found

    def _probe(self) -> None:
        """Count the results of the running operations: an operation over many accounts looks the same for hours."""
        self._probed = self._clock()
        for running in self._running.values():
            ended = sum(
                each.status not in {"PENDING", "RUNNING"} for each in self._stack_sets.results(running.batch.id)
            )
            if ended != running.results:
                running.results = ended
                self._happened()

    def _end(self, running: _Running, operation: Operation) -> None:
        batch = running.batch
        succeeded = operation.status == "SUCCEEDED" and operation.failed == 0
        results = () if succeeded else self._stack_sets.results(batch.id)
        del self._running[batch.id]
        if succeeded:
            self._record(batch, "SUCCEEDED", None)
            self._over(batch.id)
            self._tell(f"{batch}: done")
            return
        found = {(each.account, each.region): each for each in results}
        for place in batch.places:
            result = found.get(place)
            status = result.status if result is not None else "CANCELLED"
            reason = result.reason if result is not None else operation.reason
            self.execution.record(
                place, Outcome(status=status, reason=without_secrets(reason, batch.overrides), operation=batch.id)
            )
        self._over(batch.id)
        failed = sum(self.execution.outcomes[place].is_failure for place in batch.places)
        self._tell(f"{batch}: {operation.status}, {failed} of {len(batch.places)} failed ({batch.id})")

    def _record(self, batch: Batch, status: str, reason: str | None) -> None:
        started = None if status == "NOT_STARTED" else batch.id
        outcome = Outcome(status=status, reason=without_secrets(reason, batch.overrides), operation=started)
        for place in batch.places:
            self.execution.record(place, outcome)

    # --- Waiting ---

    def _happened(self) -> None:
        self._last = self._clock()
        self._pause = SHORTEST_PAUSE

    def _wait(self) -> None:
        waited = self._clock() - self._last
        if waited >= SECONDS_WITHOUT_PROGRESS:
            raise AwsRefusedError(f"nothing happened for {waited / 60:.0f} minutes: {self._state()}")
        if waited >= TOLD_AFTER:
            tell_of_wait(f"waiting for StackSets: {self._state()} ({waited:.0f} s)")
        self._sleep(self._pause)
        self._pause = min(self._pause * 1.5, LONGEST_PAUSE)

    def _state(self) -> str:
        ended = self._all - len(self._waiting) - len(self._running)
        failed = len(self.execution.failed)
        return f"{len(self._running)} of {self._all} operations running, {ended} ended, {failed} accounts failed"

    def tell_what_goes_on(self, go_on: str) -> None:
        """Say which operations AWS continues."""
        if self._running:
            self._tell(f"AWS continues {_counted(len(self._running), 'operation')}: {', '.join(self._running)}")
        if left := len(self._waiting.keys() - self._running.keys()):
            self._tell(f"{_counted(left, 'operation')} not started")
        self._tell(f"continue with: {go_on}")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
