"""What every server that runs in the background does: says who it is, lives as long as its parent, ends at once.

It lives as long as somebody holds the other end of its standard input, so that no crash of the parent, however hard,
leaves a server or its folder behind. The line `detach` sets it free.
"""

import os
import shutil
import signal
import sys
import threading
from pathlib import Path

IDENTITY_PATH = "/_pinekeep/identity"
DETACH_WORD = b"detach"


def end(*, folder: Path) -> None:
    """Delete the folder and leave at once, with every process started here. Does not return."""
    shutil.rmtree(folder, ignore_errors=True)
    if os.getpgrp() == os.getpid():
        # Lambda workers share the group; nobody would end them otherwise.
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(0)


def watch_parent(*, folder: Path) -> None:
    """Wait on standard input; end everything when it closes before the word `detach` came."""
    if sys.stdin.buffer.readline().strip() != DETACH_WORD:
        end(folder=folder)


def begin(*, folder: Path, detached: bool) -> None:
    """Become nobody's child where that is wanted, end on SIGTERM, and begin to watch the parent."""
    if detached:
        if os.fork():
            os._exit(0)  # the child has no parent left that would have to reap it
        os.setsid()
    signal.signal(signal.SIGTERM, lambda *_: end(folder=folder))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=watch_parent, kwargs={"folder": folder}, name="watch-parent", daemon=True).start()
