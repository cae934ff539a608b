"""This process: waits that have an end and are reported, interrupts that lose nothing, and scratch folders.

The timeout of a socket begins anew with each byte, so a server that sends a byte now and then is never given up by it.
Here the whole of a request has an end, and whoever listens is told what is waited for.
"""

import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Final, TypeVar

TOLD_AFTER: Final = 5.0
"""Seconds of waiting before it is told, and between two words on it."""

T = TypeVar("T")
Listener = Callable[[str], None]
"""Is told what is waited for, from any thread; an empty text where the waiting is over."""


@dataclass(eq=False)
class _Wait:
    thread: int
    over: threading.Event = field(default_factory=threading.Event)
    abandoned: bool = False
    result: object = None
    error: BaseException | None = None


_WAITS: Final[set[_Wait]] = set()
_LISTENERS: Final[list[Listener]] = []


def bounded(what: str, function: Callable[[], T], *, seconds: float) -> T:
    """Return what a function returns, unless it takes too long.

    It runs in a thread of its own, which goes on by itself where it is given up; so give it only what ends by itself
    or with this process. Ctrl-C reaches the main thread while it waits here.

    Args:
        what: what is waited for, as in "waiting for WHAT".
        function: what to do.
        seconds: how long it may take.

    Raises:
        TimeoutError: it took longer.
        KeyboardInterrupt: the waiting was abandoned: see :func:`abandon`.
    """
    wait = _Wait(threading.get_ident())
    threading.Thread(target=_run, args=(function, wait), name=f"waiting for {what}", daemon=True).start()
    _WAITS.add(wait)
    try:
        _wait(what, wait, seconds)
    finally:
        _WAITS.discard(wait)
    if wait.error is not None:
        raise wait.error
    return wait.result  # type: ignore[return-value]


def abandon() -> None:
    """End all waiting of other threads with a KeyboardInterrupt there. Safe in a signal handler."""
    here = threading.get_ident()
    for wait in tuple(_WAITS):
        if wait.thread != here:
            wait.abandoned = True
            wait.over.set()


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let a listener be told what is waited for, in place of the one before."""
    _LISTENERS.append(listener)
    try:
        yield
    finally:
        _LISTENERS.remove(listener)


def tell(text: str) -> None:
    """Tell the listener what is waited for, if there is one."""
    if _LISTENERS:
        _LISTENERS[-1](text)


def _run(function: Callable[[], object], wait: _Wait) -> None:
    try:
        wait.result = function()
    except BaseException as error:
        wait.error = error
    finally:
        wait.over.set()


def _wait(what: str, wait: _Wait, seconds: float) -> None:
    begin = time.monotonic()
    told = False
    while not wait.over.wait(min(TOLD_AFTER, max(0.0, begin + seconds - time.monotonic()))):
        waited = time.monotonic() - begin
        if waited >= seconds:
            raise TimeoutError(f"{what} took longer than {seconds:.0f} s")
        tell(f"waiting for {what} ({waited:.0f} s)")
        told = True
    if told:
        tell("")
    if wait.abandoned and wait.error is None:
        raise KeyboardInterrupt


class OnceEach:
    """A listener that tells each thing that is waited for once, as a line.

    Args:
        write: takes each line.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._told: set[str] = set()

    def __call__(self, text: str) -> None:
        """Tell it, unless it was told before."""
        what = text.rpartition(" (")[0]
        if text and what not in self._told:
            self._told.add(what)
            self._write(f"{what} …")


class Looks:
    """The pauses between looks at what goes on by itself elsewhere: told when they grow long, and with an end.

    Args:
        what: what is waited for, as in "waiting for WHAT".
        seconds: how long nothing may happen.
        clock: tells seconds that pass.
        sleep: waits for some seconds.
    """

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
        """Note that something happened: the waiting begins anew."""
        self._last = self._clock()

    def pause(self, seconds: float) -> None:
        """Wait until the next look.

        Raises:
            TimeoutError: nothing has happened for too long.
        """
        waited = self._clock() - self._last
        if waited >= self._seconds:
            raise TimeoutError(f"nothing has happened for {self._seconds / 60:.0f} minutes: {self._what}")
        if waited >= TOLD_AFTER:
            tell(f"waiting for {self._what} ({waited:.0f} s)")
        self._sleep(seconds)


PREFIX: Final = "pinekeep-"
_INTERRUPTS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give an empty folder, and delete it with all that is in it, whatever happens."""
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
def interrupts_deferred() -> Iterator[None]:
    """Keep Ctrl-C and a termination from coming between making something and knowing it; they come at the end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {each: signal.signal(each, lambda number, _: came.append(number)) for each in _INTERRUPTS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for number in came:
            signal.raise_signal(number)
