"""What goes wrong with the disk. Where the tests run as root, a folder cannot be made read-only; the system's own
answers are given instead."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.command_fixtures import folder, good, pinekeep
from tests.command_support import Run
from tests.faults.fault import Fault

__all__ = ["folder", "good", "pinekeep"]


def refusing(number: int) -> Any:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise OSError(number, os.strerror(number), "somewhere")

    return refuse


@pytest.mark.fault(
    "the disk is full where temporary files go",
    sees="error: the disk is full (somewhere), so not everything could be written",
    safe="Make room, or set TMPDIR to another disk, and run it again.",
)
def test_a_full_disk_is_told(fault: Fault, pinekeep: Run, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pinekeep.operations.synthesis.assembly.synthesize", refusing(errno.ENOSPC))
    result = pinekeep("synth", "--out", "out")
    assert result.code == 1
    fault.require_seen(result.err)


@pytest.mark.process
@pytest.mark.fault(
    "the disk is full where the result is written to",
    sees="error: the disk is full, so not everything could be written",
    safe="The exit code says that the result is not whole.",
)
def test_a_result_that_cannot_be_written_is_told(fault: Fault, good: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pinekeep", "check", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    fault.require_seen(done.stderr)


@pytest.mark.fault(
    "the folder for the templates can only be read",
    sees="error: out cannot be written: Read-only file system",
    safe="Nothing was written; name another folder.",
)
def test_a_read_only_folder_is_told(fault: Fault, pinekeep: Run, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathlib.Path.mkdir", refusing(errno.EROFS))
    result = pinekeep("synth", "--out", "out")
    assert result.code == 2
    fault.require_seen(result.err)
