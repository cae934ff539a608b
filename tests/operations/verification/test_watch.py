"""Looking again and again, on a clock that passes only while somebody sleeps."""

from collections.abc import Iterator, Sequence
from typing import Literal

import pytest

from pinekeep.errors import AwsRefusedError
from pinekeep.operations.verification.checks.finding import Finding
from pinekeep.operations.verification.watch import Schedule, is_well, watch

BUSY = AwsRefusedError("AWS is asked too often", transient=True)


def finding(status: Literal["ok", "note", "failed", "unreadable"], check: str = "endpoint-state") -> Finding:
    return Finding(check=check, deployment="prod", what="w", status=status, found=status, wanted="w")


class Watched:
    """A watch over looks that are given, and all that its display was told."""

    def __init__(self, *looks: list[Finding] | Exception, every: float = 10, deadline: float = 60) -> None:
        self.now = 0.0
        self.shown: list[str] = []
        self.looks_at: list[float] = []
        self._looks: Iterator[list[Finding] | Exception] = iter(looks)
        self._last = looks[-1]
        self.schedule = Schedule(every=every, deadline=deadline, clock=lambda: self.now, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def look(self) -> list[Finding]:
        self.looks_at.append(self.now)
        found = next(self._looks, self._last)
        if isinstance(found, Exception):
            raise found
        return found

    def looked(self, findings: Sequence[Finding]) -> None:
        self.shown.append(" ".join(each.status for each in findings))

    def could_not_look(self, error: AwsRefusedError) -> None:
        self.shown.append(error.message)

    def waits(self, *, until_next: float, until_end: float) -> None:
        assert 0 < until_next <= until_end

    def run(self) -> list[Finding]:
        return watch(self.look, schedule=self.schedule, display=self)


WELL, WRONG = [finding("ok"), finding("note")], [finding("failed"), finding("ok")]


def test_what_is_well_at_once_is_looked_at_once() -> None:
    watched = Watched(WELL)
    assert watched.run() == WELL
    assert watched.looks_at == [0]


def test_it_is_looked_every_so_often_until_all_is_well() -> None:
    watched = Watched(WRONG, WRONG, WELL)
    assert watched.run() == WELL
    assert watched.looks_at == [0, 10, 20]
    assert watched.shown == ["failed ok", "failed ok", "ok note"]


def test_when_the_time_is_up_the_last_look_is_the_result() -> None:
    watched = Watched(WRONG, every=25)
    assert watched.run() == WRONG
    assert watched.looks_at == [0, 25, 50, 60]


@pytest.mark.parametrize("status", ["failed", "unreadable"])
def test_whatever_has_not_passed_is_waited_for(status: Literal["failed", "unreadable"]) -> None:
    assert not is_well([finding("ok"), finding(status)])
    assert is_well([finding("ok"), finding("note")])


def test_a_key_that_pinecone_has_not_used_is_waited_for_where_that_is_asked() -> None:
    unused = [finding("ok"), finding("note", "key-activity")]
    assert is_well(unused)
    assert not is_well(unused, used=True)
    assert is_well([finding("note"), finding("ok", "key-activity")], used=True)


def test_what_passes_by_itself_is_shown_and_ends_nothing() -> None:
    watched = Watched(BUSY, WRONG, BUSY, WELL)
    assert watched.run() == WELL
    assert watched.shown == ["AWS is asked too often", "failed ok", "AWS is asked too often", "ok note"]


def test_what_does_not_pass_by_itself_ends_the_watch() -> None:
    with pytest.raises(AwsRefusedError, match="have expired"):
        Watched(WRONG, AwsRefusedError("the AWS credentials have expired")).run()


def test_without_a_single_look_the_refusal_is_the_result() -> None:
    with pytest.raises(AwsRefusedError, match="too often"):
        Watched(BUSY).run()


def test_a_last_look_that_was_refused_gives_what_was_found_before() -> None:
    assert Watched(WRONG, BUSY).run() == WRONG


def test_an_interrupt_while_waiting_is_not_held_up() -> None:
    watched = Watched(WRONG)

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    schedule = Schedule(every=3600, deadline=7200, clock=lambda: watched.now, sleep=interrupted)
    with pytest.raises(KeyboardInterrupt):
        watch(watched.look, schedule=schedule, display=watched)
