"""Folders and children that no interrupt can make us lose."""

import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

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
