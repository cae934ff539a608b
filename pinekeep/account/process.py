"""Bounded waits with progress reports, safe interrupts, and scratch folders.

A socket's timeout starts again with each byte that a slow server sends; here the whole request has a time limit.
"""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from tempfile import mkdtemp
from typing import Any, Final, TypeVar

TOLD_AFTER: Final = 5.0
"""Seconds until a wait is reported, and between reports."""

T = TypeVar("T")
Listener = Callable[[str], None]
"""Receives what is waited for, from any thread; an empty text when the wait is over."""


@dataclass(eq=False)
class _Wait:
    thread: int
    over: threading.Event = field(default_factory=threading.Event)
    abandoned: bool = False
    result: Any = None
    error: BaseException | None = None


_Job = tuple[Callable[[], object], _Wait]
_WAITS: Final[set[_Wait]] = set()
_IDLE: Final[list["SimpleQueue[_Job]"]] = []
"""The threads that wait for a function, by where they take it from. A list's methods are atomic."""
_LISTENERS: Final[list[Listener]] = []


def bounded(what: str, function: Callable[[], T], *, seconds: float) -> T:
    """Call a function with a time limit in seconds, and return its result. ``what``: as in "waiting for WHAT".

    The function runs in another thread, which keeps running after a timeout: pass only a function that ends by
    itself or with this process. Ctrl-C reaches the main thread while it waits here. Raises TimeoutError after the
    limit, KeyboardInterrupt if the wait was abandoned (:func:`abandon`).
    """
    wait = _Wait(threading.get_ident())
    _WAITS.add(wait)
    _in_a_thread(function, wait)
    try:
        _wait(what, wait, seconds)
    finally:
        _WAITS.discard(wait)
    if wait.error is not None:
        raise wait.error
    return wait.result


def abandon() -> None:
    """End the waits of all other threads with a KeyboardInterrupt. Safe in a signal handler."""
    here = threading.get_ident()
    for wait in tuple(_WAITS):
        if wait.thread != here:
            wait.abandoned = True
            wait.over.set()


@contextmanager
def listening(listener: Listener) -> Generator[None]:
    """Report waits to a listener, in place of the previous one."""
    _LISTENERS.append(listener)
    try:
        yield
    finally:
        _LISTENERS.remove(listener)


def tell(text: str) -> None:
    """Report what is waited for to the listener, if there is one."""
    if _LISTENERS:
        _LISTENERS[-1](text)


def _in_a_thread(function: Callable[[], object], wait: _Wait) -> None:
    """Run a function in an idle thread, or in a new one: starting one for each request takes longer than signing it."""
    try:
        jobs = _IDLE.pop()
    except IndexError:
        jobs = SimpleQueue()
        threading.Thread(target=_work, args=(jobs,), name="bounded", daemon=True).start()
    jobs.put((function, wait))


def _forget_threads() -> None:
    """Forget the threads in a child process, which has none of them."""
    _IDLE.clear()
    _WAITS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)


def _work(jobs: "SimpleQueue[_Job]") -> None:
    while True:
        function, wait = jobs.get()
        try:
            wait.result = function()
        except BaseException as error:
            wait.error = error
        del function  # it may hold what was read
        _IDLE.append(jobs)
        wait.over.set()
        del wait


def _wait(what: str, wait: _Wait, seconds: float) -> None:
    begin = time.monotonic()
    reported = False
    while not wait.over.wait(min(TOLD_AFTER, max(0.0, begin + seconds - time.monotonic()))):
        waited = time.monotonic() - begin
        if waited >= seconds:
            raise TimeoutError(f"{what} took longer than {seconds:.0f} s")
        tell(f"waiting for {what} ({waited:.0f} s)")
        reported = True
    if reported:
        tell("")
    if wait.abandoned and wait.error is None:
        raise KeyboardInterrupt


class OnceEach:
    """A listener that writes one line for each thing that is waited for, and nothing about what makes progress."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._told: set[str] = set()

    def __call__(self, text: str) -> None:
        """Write the line, unless it was written before or names no time."""
        what = text.rpartition(" (")[0]
        if what and what not in self._told:
            self._told.add(what)
            self._write(f"{what} …")


class Looks:
    """The pauses of a poll for ``what``, reported when they grow long, and limited to ``seconds`` without progress."""

    def __init__(
        self,
        what: str,
        *,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._what = what
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep or time.sleep
        self._last = clock()

    def happened(self) -> None:
        """Record progress: the time limit starts again."""
        self._last = self._clock()

    def pause(self, seconds: float) -> None:
        """Wait until the next poll. Raises TimeoutError if there was no progress within the limit."""
        waited = self._clock() - self._last
        if waited >= self._seconds:
            raise TimeoutError(f"there was no progress for {self._seconds / 60:.0f} minutes: {self._what}")
        if waited >= TOLD_AFTER:
            tell(f"waiting for {self._what} ({waited:.0f} s)")
        self._sleep(seconds)


PREFIX: Final = "pinekeep-"
INTERRUPTS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def scratch_folder() -> Generator[Path]:
    """Yield an empty folder, and always delete it with its contents."""
    folder: Path | None = None
    try:
        with interrupts_deferred():
            folder = Path(mkdtemp(prefix=PREFIX))
        yield folder
    finally:
        with interrupts_deferred():
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def interrupts_deferred() -> Generator[None]:
    """Defer Ctrl-C and termination signals to the end of the block, so that nothing created goes untracked."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {each: signal.signal(each, lambda number, _: came.append(number)) for each in INTERRUPTS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for number in came:
            signal.raise_signal(number)
