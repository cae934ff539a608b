"""Several processes that verify accounts. Each test starts two."""

import os
import select
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from pinekeep.errors import AwsRefusedError
from pinekeep.operations.fleet.verification.engine import EndedError
from pinekeep.operations.fleet.verification.run import Verified
from pinekeep.operations.fleet.verification.workers import WorkerError, processes_for, side_by_side

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="one process is used"),
]


def test_two_processes_give_the_results_of_one(verified: Callable[..., Verified]) -> None:
    assert [(each.place, each.status) for each in verified(processes=2).results] == [
        (each.place, each.status) for each in verified(processes=1).results
    ]


def test_an_error_of_a_process_is_raised_with_its_hint() -> None:
    def fail(_: Sequence[Any]) -> Iterator[Any]:
        yield from ()
        raise EndedError("the AWS credentials have expired", hint="sign in again")

    with pytest.raises(AwsRefusedError, match="expired") as raised:
        list(side_by_side(fail, [[]], processes=2))
    assert raised.value.hint == "sign in again"


def test_a_killed_process_is_told_and_the_others_end() -> None:
    read, written = os.pipe()

    def work(accounts: Sequence[Any]) -> Iterator[Any]:
        yield from ()
        if accounts:
            os.read(read, 1)  # until the other one runs
            os.kill(os.getpid(), signal.SIGKILL)
        os.write(written, f".{os.getpid()}".encode())
        signal.pause()

    with pytest.raises(WorkerError, match="ended from outside"):
        list(side_by_side(work, [[1]], processes=2))  # pyrefly: ignore[bad-argument-type]
    other = int(os.read(read, 20).lstrip(b"."))
    os.close(read)
    os.close(written)
    with pytest.raises(ProcessLookupError):
        os.kill(other, 0)


def test_what_stops_reading_ends_the_processes() -> None:
    def work(_: Sequence[Any]) -> Iterator[Any]:
        while True:
            yield os.getpid()

    results: Any = side_by_side(work, [[], []], processes=2)
    pid = next(results)
    results.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_process_ends_with_the_one_that_started_it() -> None:
    read, written = os.pipe()
    parent = os.fork()
    if parent == 0:

        def work(_: Sequence[Any]) -> Iterator[Any]:
            os.write(written, f"{os.getpid()}\n".encode())
            yield 1
            signal.pause()

        for _ in side_by_side(work, [[], []], processes=2):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(parent, 0)
    os.close(written)
    said = b""
    while select.select([read], [], [], 20)[0]:
        if not (found := os.read(read, 100)):
            break  # the last process that holds the other end has ended
        said += found
    else:
        for each in said.split():
            os.kill(int(each), signal.SIGKILL)
        pytest.fail(f"still running: {said.decode()}")
    os.close(read)
    assert said


def test_few_accounts_take_one_process() -> None:
    assert processes_for(1) == 1
    assert processes_for(500) == min(2, len(os.sched_getaffinity(0)))
