"""Signals that end the command: Ctrl-C, SIGTERM (a cancelled pipeline), SIGHUP (a closed terminal). All end alike."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from pinekeep.account.process import INTERRUPTS, abandon


class AskedToEnd(KeyboardInterrupt):
    """A signal asked this process to end; the same cleanup runs as after Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.signal = signal.Signals(number)


@contextmanager
def asked_to_end() -> Generator[None]:
    """Have each signal end the block with :class:`AskedToEnd`. An ignored signal, as under nohup, stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.getsignal(each) for each in INTERRUPTS}
    taken = [each for each, handler in before.items() if handler is not signal.SIG_IGN]
    for each in taken:
        signal.signal(each, _end)
    try:
        yield
    finally:
        for each in taken:
            signal.signal(each, before[each])


def exit_code(error: BaseException) -> int:
    """Return the exit code after a signal as shells do: 128 plus its number."""
    return 128 + _signal_of(error)


def sentence(error: BaseException) -> str:
    """Return the message about the signal."""
    number = _signal_of(error)
    return "interrupted" if number is signal.SIGINT else f"ended by {number.name}"


def _signal_of(error: BaseException) -> signal.Signals:
    for each in (error, error.__cause__, error.__context__):
        if isinstance(each, AskedToEnd):
            return each.signal
    return signal.SIGINT


def _end(number: int, _: FrameType | None) -> NoReturn:
    abandon()
    raise AskedToEnd(number)
