"""A folder to stand in, and a way to run the command in this process."""

from pathlib import Path

import pytest

from pinekeep.cli.root import run
from tests.command_support import GOOD, Result, Run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def good(folder: Path) -> Path:
    """A right pinekeep.yaml in the current folder."""
    path = folder / "pinekeep.yaml"
    path.write_text(GOOD)
    return path


@pytest.fixture
def pinekeep(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process; nothing may escape it."""

    def run_(*arguments: str) -> Result:
        capfd.readouterr()
        code = run(arguments)
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return Result(code, out, err)

    return run_
