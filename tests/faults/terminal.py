"""Running a command at a terminal of its own, and typing when it asks."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

_SECONDS = 90.0
# A process whose standard streams are a terminal does not have it as its controlling terminal by that alone.
_AT_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


def at_a_terminal(
    arguments: list[str], *, folder: Path, environment: Mapping[str, str], answers: Mapping[str, str]
) -> tuple[int, str]:
    """Run a command at a terminal until its end; return its exit code and all that the terminal has shown.

    Args:
        arguments: the command.
        folder: where it runs.
        environment: its environment.
        answers: what is typed, by what is shown before it.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _AT_TERMINAL, *arguments],
        cwd=folder,
        env=dict(environment),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, answered, deadline = "", 0, time.monotonic() + _SECONDS
    try:
        while time.monotonic() < deadline:
            if not select.select([ours], [], [], 0.2)[0]:
                if process.poll() is not None:
                    break
                continue
            try:
                read = os.read(ours, 65536)
            except OSError:  # Linux says so when the other side is closed
                break
            if not read:
                break
            shown += read.decode(errors="replace")
            for question, answer in answers.items():
                if question in shown[answered:]:
                    answered = len(shown)
                    os.write(ours, f"{answer}\n".encode())
        assert time.monotonic() < deadline, f"it does not end; it has shown:\n{shown}"
        return process.wait(10), shown
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(ours)
