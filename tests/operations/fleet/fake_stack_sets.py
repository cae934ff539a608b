"""A stack set whose operations take time on a clock of its own, and count what they do at the same time."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from pinekeep.account.reads.stack_sets import Operation, OperationResult
from pinekeep.operations.fleet.operations import Action, Batch

SECONDS = 10.0
"""How long an account takes in one Region."""


@dataclass
class Run:
    """One operation of the fake: the accounts of a Region, ``concurrent`` at a time, until too many failed."""

    batch: Batch
    concurrent: int
    failing: int
    begin: float
    stop_at: float | None = None
    ends: dict[tuple[str, str], tuple[float, float, str]] = field(default_factory=dict)


class FakeStackSets:
    """Executes operations as StackSets does: Region after Region, with a tolerance in each."""

    def __init__(self, *, fails: Collection[tuple[str, str] | str] = ()) -> None:
        self.now = 0.0
        self.fails = set(fails)
        self.runs: dict[str, Run] = {}
        self.stopped: list[str] = []
        self.before_start: Callable[[Batch], None] = lambda _: None
        self.before_listing: Callable[[], None] = lambda: None
        self.listings = 0
        self.described: list[str] = []
        self.read: list[str] = []
        self.unlisted_until = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def start(self, batch: Batch, *, concurrent: int, failing: int) -> None:
        self.before_start(batch)
        assert 1 <= concurrent <= len(batch.accounts)
        assert 0 <= failing < len(batch.accounts)
        run = self.runs[batch.id] = Run(batch, concurrent, failing, self.now)
        begin = self.now
        for region in batch.regions:
            failed = 0
            for index in range(0, len(batch.accounts), concurrent):
                together = batch.accounts[index : index + concurrent]
                cancelled = failed > failing
                for account in together:
                    bad = {account, (account, region)} & self.fails
                    status = "CANCELLED" if cancelled else "FAILED" if bad else "SUCCEEDED"
                    run.ends[account, region] = (begin, begin + (0 if cancelled else SECONDS), status)
                    failed += bool(bad)
                begin += 0 if cancelled else SECONDS
            if failed > failing:
                for left in batch.regions[batch.regions.index(region) + 1 :]:
                    run.ends |= {(each, left): (begin, begin, "CANCELLED") for each in batch.accounts}
                break

    def operations(self, wanted: Collection[str]) -> Mapping[str, Operation]:
        self.listings += 1
        self.before_listing()
        return {each: self.operation_now(each) for each in wanted if self.now >= self.unlisted_until}

    def operation(self, operation: str) -> Operation:
        self.described.append(operation)
        return self.operation_now(operation)

    def operation_now(self, operation: str) -> Operation:
        run = self.runs[operation]
        ended = self.now >= max(end for _, end, _ in run.ends.values())
        bad = [each for each in run.ends.values() if each[2] == "FAILED"]
        over = any(each[2] == "CANCELLED" for each in run.ends.values())
        status = (
            "RUNNING"
            if not ended
            else "STOPPED"
            if run.stop_at
            else "FAILED"
            if over or len(bad) > run.failing
            else "SUCCEEDED"
        )
        return Operation(id=operation, action="CREATE", status=status, failed=len(bad) if ended else None)

    def results(self, operation: str) -> list[OperationResult]:
        self.read.append(operation)
        return [
            OperationResult(
                account=account,
                region=region,
                status=status if self.now >= end else "RUNNING" if self.now >= begin else "PENDING",
                reason="it broke" if status == "FAILED" else None,
            )
            for (account, region), (begin, end, status) in self.runs[operation].ends.items()
        ]

    def stop(self, operation: str) -> None:
        self.stopped.append(operation)
        run = self.runs[operation]
        run.stop_at = self.now
        run.ends = {
            place: (begin, min(end, self.now), "CANCELLED") if begin > self.now else (begin, end, status)
            for place, (begin, end, status) in run.ends.items()
        }

    def most_at_once(self) -> int:
        """Return the most accounts that were ever worked on at the same time."""
        spans = [
            (begin, end)
            for run in self.runs.values()
            for begin, end, status in run.ends.values()
            if status != "CANCELLED"
        ]
        return max(sum(begin <= moment < end for begin, end in spans) for moment, _ in spans)

    def failed_accounts(self) -> set[str]:
        """Return the accounts in which something failed."""
        return {place[0] for run in self.runs.values() for place, each in run.ends.items() if each[2] == "FAILED"}


def batch(name: str, *accounts: str, regions: tuple[str, ...] = ("us-east-1",), after: tuple[str, ...] = ()) -> Batch:
    """Return an operation that creates instances."""
    return Batch(
        id=name, action=Action.CREATE, accounts=accounts, regions=regions, after=frozenset(after), overrides={}
    )
