"""Starting is quick: what a right file needs is imported, and nothing else."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pinekeep.cli.startup import LOADER, VARIABLE
from tests.command_support import GOOD

NEEDLESS = {
    "importlib.metadata",
    "pinekeep.model.output",
    "pinekeep.model.config.sentences",
    "pinekeep.model.config.roster",
    "pinekeep.model.customers.ledger",
    "pinekeep.model.customers.packing",
}


def loaded_by_checking(folder: Path, **environment: str) -> set[str]:
    """Check a right file in a process of its own, and return what of the needless is loaded at its end."""
    (folder / "pinekeep.yaml").write_text(GOOD)
    program = (
        "import atexit, sys; from pinekeep.__main__ import main; sys.argv[1:] = ['check'];"
        f"atexit.register(lambda: print(*sorted({NEEDLESS!r} & set(sys.modules)), file=sys.stderr)); main()"
    )
    kept = {name: value for name, value in os.environ.items() if name != VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("pinekeep.yaml is valid")
    return set(done.stderr.split())


@pytest.mark.process
def test_checking_a_right_file_imports_nothing_needless(tmp_path: Path) -> None:
    assert loaded_by_checking(tmp_path) == set()


@pytest.mark.process
def test_whoever_wants_plugins_of_pydantic_has_them_looked_for(tmp_path: Path) -> None:
    assert loaded_by_checking(tmp_path, **{VARIABLE: "none-of-that-name"}) == {"importlib.metadata"}


@pytest.mark.parametrize("module", [LOADER, "pydantic.plugin._schema_validator"])
def test_pydantic_looks_for_plugins_as_is_thought(module: str) -> None:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).read_text()
    wanted = "def get_plugins()" if module == LOADER else "from ._loader import get_plugins"
    assert wanted in source
