"""Child processes: output line by line, a limit on silence, and an end with this process."""

import io
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from pinekeep.account import process as this_process
from pinekeep.account.process import interrupts_deferred

LIFELINE: Final = Path(__file__).with_name("node_lifeline.cjs")
"""Loaded by Node, so that it ends with this process."""
SECONDS_TO_END: Final = 30.0
"""How long a child may take to end after SIGTERM."""
SECONDS_OF_SILENCE: Final = 600.0
"""How long a child may print nothing. CloudFormation takes minutes for some resources, but reports each."""


class SilentError(Exception):
    """A child printed nothing for so long that it was ended."""


def node_with_lifeline(command: Sequence[str]) -> list[str]:
    """Return a command that starts Node, changed so that Node ends when its standard input does."""
    node, *rest = command
    return [node, "--require", str(LIFELINE), *rest]


def run_child(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    what: str,
    tell: Callable[[str], None],
    silence: float = SECONDS_OF_SILENCE,
) -> int:
    """Run a child process (see :func:`node_with_lifeline`) until it ends, and return its exit code.

    Its standard input is empty and ends with this process; it must end then. ``what``: as in "waiting for WHAT".
    ``tell`` takes each line of output, as it comes. Raises SilentError after ``silence`` seconds without output, once
    the child has ended; OSError if it could not be started.
    """
    process: subprocess.Popen[str] | None = None
    try:
        with interrupts_deferred():
            process = subprocess.Popen(
                list(command),
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        _read(process, what, tell, silence)
        try:
            return process.wait(silence)
        except subprocess.TimeoutExpired:
            raise SilentError(f"{what} said nothing for {silence:.0f} s") from None
    finally:
        # Ctrl-C reached the child too; it is given time to end by itself, so that nothing is left running.
        if process is not None:
            _end(process)


def _read(process: "subprocess.Popen[str]", what: str, tell: Callable[[str], None], silence: float) -> None:
    """Pass on each line of output until there are no more."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        # Closed here, where it is read: a grandchild may hold it open for longer than this process waits.
        with process.stdout or io.StringIO() as said:
            for line in said:
                lines.put(line)
        lines.put(None)

    threading.Thread(target=read, name=f"reading {what}", daemon=True).start()
    last = time.monotonic()
    while True:
        try:
            line = lines.get(timeout=max(0.01, min(this_process.TOLD_AFTER, silence)))
        except queue.Empty:
            quiet = time.monotonic() - last
            if quiet >= silence:
                raise SilentError(f"{what} said nothing for {silence:.0f} s") from None
            this_process.tell(f"waiting for {what} ({quiet:.0f} s)")
            continue
        last = time.monotonic()
        if line is None:
            return
        tell(line.rstrip())


def _end(process: "subprocess.Popen[str]") -> None:
    """End a child that still runs: SIGTERM, then SIGKILL."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdin is not None:
        process.stdin.close()
