"""The pre-commit hook: its entry as pre-commit runs it, in the folder of the repository."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import yaml

from tests.command_support import GOOD

ROOT: Final = Path(__file__).resolve().parents[2]
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


pytestmark = pytest.mark.process


@pytest.mark.parametrize(("text", "code"), [(GOOD, 0), (GOOD.replace("us-east-1", "us-moon-1"), 2)])
def test_the_hook_passes_a_valid_file_and_refuses_an_invalid_one(tmp_path: Path, text: str, code: int) -> None:
    (tmp_path / "pinekeep.yaml").write_text(text)
    command, *arguments = shlex.split(HOOK["entry"])
    assert command == "pinekeep"
    done = subprocess.run(
        [sys.executable, "-m", "pinekeep", *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr


def test_the_hook_runs_for_the_default_file() -> None:
    assert re.search(HOOK["files"], "pinekeep.yaml")
    assert not re.search(HOOK["files"], "docs/pinekeep_yaml")
    assert HOOK["pass_filenames"] is False
    assert HOOK["language"] == "python"
