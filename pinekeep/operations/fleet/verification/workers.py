"""Verifying accounts in several processes: signing and parsing thousands of answers takes more than one core has.

The processes are forked, where the system does so safely. They end with this process: each waits for the end of a pipe
that this process alone holds open.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from pinekeep.account.process import INTERRUPTS, interrupts_deferred
from pinekeep.errors import PinekeepError
from pinekeep.model.config.fleet.targets import Target
from pinekeep.operations.fleet.verification.results import TargetResult

FEW: Final = 60
"""Up to so many accounts, one process is faster than several are started."""
PROCESSES_MAX: Final = 2
"""More would wait for AWS as long, and each takes memory of its own."""

Verify = Callable[[Sequence[Sequence[Target]]], Iterator[TargetResult]]


class WorkerError(PinekeepError):
    """A process ended before it was done."""


def processes_for(accounts: int) -> int:
    """Return how many processes verify a number of accounts."""
    if accounts <= FEW or not sys.platform.startswith("linux"):
        return 1
    return max(1, min(PROCESSES_MAX, len(os.sched_getaffinity(0)), accounts // FEW + 1))


def side_by_side(verify: Verify, accounts: Sequence[Sequence[Target]], *, processes: int) -> Iterator[TargetResult]:
    """Yield what ``verify`` yields for the accounts, from several processes, as it comes.

    Raises what it raises; WorkerError if a process is killed. All processes have ended afterwards.
    """
    if processes <= 1:
        yield from verify(accounts)
        return
    context: Any = multiprocessing.get_context("fork")
    started: list[Any] = []
    results: list[Connection] = []
    lifeline, held = os.pipe()
    try:
        with interrupts_deferred():
            for number in range(processes):
                ours, theirs = context.Pipe(duplex=False)
                arguments = (verify, accounts[number::processes], theirs, lifeline, (held, *results, ours))
                process = context.Process(target=_work, args=arguments, daemon=True)
                process.start()
                theirs.close()
                started.append(process)
                results.append(ours)
        yield from _received(results)
    finally:
        os.close(held)
        os.close(lifeline)
        for process in started:
            process.terminate()
        for process in started:
            process.join()
        for each in results:
            each.close()


def _received(results: Sequence[Connection]) -> Iterator[TargetResult]:
    waiting = list(results)
    while waiting:
        for each in wait(waiting):
            try:
                found = each.recv()  # pyrefly: ignore[missing-attribute] # only connections are waited for
            except EOFError:
                raise WorkerError(
                    "a process that verifies accounts was ended from outside", hint="run it again with --resume"
                ) from None
            if found is None:
                waiting.remove(each)  # pyrefly: ignore[bad-argument-type]
            elif isinstance(found, Exception):
                raise found
            else:
                yield found


def _work(
    verify: Verify, accounts: Sequence[Sequence[Target]], results: Connection, lifeline: int, others: Sequence[Any]
) -> None:
    """Verify accounts in this process, and send the results."""
    for number in INTERRUPTS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one, which ends it
    for each in others:
        os.close(each) if isinstance(each, int) else each.close()
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    with suppress(BrokenPipeError):
        try:
            for result in verify(accounts):
                results.send(result)
            results.send(None)
        except PinekeepError as error:
            results.send(error)
    results.close()
    # Threads that wait for an answer must not keep this process; there is nothing to flush.
    os._exit(0)


def _end_with(lifeline: int) -> None:
    os.read(lifeline, 1)
    os._exit(1)
