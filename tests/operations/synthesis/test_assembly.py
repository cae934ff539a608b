"""Where the stacks come from: this project, whatever lies in the user's folder."""

import sys
from pathlib import Path

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.model.config import load
from pinekeep.model.resources import IS_INSTALLED, PACKAGE, PROJECT, STACKS
from pinekeep.operations.synthesis import assembly
from pinekeep.operations.synthesis.assembly import stacks_module
from tests.command_support import GOOD


def test_a_checkout_has_its_files_beside_the_package() -> None:
    assert not IS_INSTALLED
    assert PACKAGE.parent == PROJECT
    assert (PROJECT / "cdk.json").is_file()
    assert (STACKS / "build.py").is_file()


@pytest.mark.process
def test_a_package_of_the_same_name_in_the_current_folder_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stacks").mkdir()
    for name in ("__init__", "build"):
        (tmp_path / "stacks" / f"{name}.py").write_text("raise AssertionError('the package of the user')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "stacks" or "pinekeep.stacks" in name]:
        monkeypatch.delitem(sys.modules, name)
    build, cmek = stacks_module("build"), stacks_module("cmek")
    assert Path(str(build.__file__)) == STACKS / "build.py"
    assert Path(str(cmek.__file__)) == STACKS / "cmek.py"
    assert "stacks" not in sys.modules


def test_a_library_that_cannot_be_unpacked_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> None:
        raise RuntimeError(
            "Cannot use the jsii package cache in /home/x/.cache/aws: EROFS: read-only file system, mkdir '/home/x'. "
            "Fix the directory, set JSII_RUNTIME_PACKAGE_CACHE_ROOT to a different directory, or disable it."
        )

    monkeypatch.setattr(assembly, "_imported", fail)
    with pytest.raises(WrongInputError) as caught:
        stacks_module("build")
    assert caught.value.message == (
        "the CDK library cannot be unpacked in /home/x/.cache/aws: EROFS: read-only file system, mkdir '/home/x'"
    )
    assert caught.value.hint == "set JSII_RUNTIME_PACKAGE_CACHE_ROOT to a folder that you can write to"


def test_any_other_failure_of_the_stacks_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> None:
        raise RuntimeError("something else")

    monkeypatch.setattr(assembly, "_imported", fail)
    with pytest.raises(RuntimeError, match="something else"):
        stacks_module("build")


@pytest.mark.process
def test_validation_adds_a_report_and_changes_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "pinekeep.yaml").write_text(GOOD)
    configuration = load(tmp_path / "pinekeep.yaml")
    made: dict[bool, dict[str, bytes]] = {}
    for validate in (True, False):
        folder = tmp_path / str(validate)
        assembly.synthesize(configuration, configuration.deployments, folder=folder, validate=validate)
        made[validate] = {each.name: each.read_bytes() for each in folder.iterdir()}
    assert made[True].keys() - made[False].keys() == {"validation-report.json"}
    assert made[False].items() <= made[True].items()
