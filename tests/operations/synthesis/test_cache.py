"""A remembered assembly is the one that would be synthesized, or it is not used."""

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pinekeep.model.config import Configuration, load
from pinekeep.model.customers.packing import Place
from pinekeep.operations.synthesis import cache as assembly_cache
from pinekeep.operations.synthesis.cache import ENTRIES_MAX, assemble, cache_folder
from tests.command_support import GOOD

TEMPLATE = "Pinekeep-search-prod-Cmek.template.json"


class Synths:
    """Counts the synths, each of which writes another template, so that a remembered one can be told."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _: Configuration, __: Mapping[str, Any], *, folder: Path) -> list[str]:
        self.count += 1
        folder.mkdir(parents=True, exist_ok=True)
        (folder / TEMPLATE).write_text(f'{{"Description": "{self.count}"}}')
        return [TEMPLATE]


@pytest.fixture
def synths(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Synths:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(assembly_cache, "synthesize", made := Synths())
    return made


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    return configured(tmp_path, GOOD)


def configured(folder: Path, text: str) -> Configuration:
    file = folder / "pinekeep.yaml"
    file.write_text(text)
    return load(file)


@pytest.fixture
def assembled(tmp_path: Path) -> Callable[[Configuration], str]:
    """Assemble into a new folder; gives what the template says."""

    def run(configuration: Configuration) -> str:
        folder = tmp_path / f"out-{len(list(tmp_path.iterdir()))}"
        assemble(configuration, configuration.deployments, folder=folder)
        return (folder / TEMPLATE).read_text()

    return run


Assembled = Callable[[Configuration], str]


def entry() -> Path:
    folder = cache_folder()
    assert folder is not None
    (only,) = folder.iterdir()
    return only


def test_the_same_inputs_are_synthesized_once(
    synths: Synths, configuration: Configuration, assembled: Assembled
) -> None:
    assert assembled(configuration) == assembled(configuration)
    assert synths.count == 1


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("us-east-1]", "us-west-2]"),
        ("740000000001", "740000000002"),
        ("search-prod", "search-live"),
        ("team: search", "team: other"),
    ],
)
def test_another_setting_is_synthesized_anew(
    synths: Synths, configuration: Configuration, assembled: Assembled, tmp_path: Path, said: str, instead: str
) -> None:
    assert said in GOOD
    first = assembled(configuration)
    assert assembled(configured(tmp_path, GOOD.replace(said, instead))) != first


def test_another_place_of_a_customer_is_synthesized_anew(synths: Synths, assembled: Assembled, tmp_path: Path) -> None:
    customers = "      customer_keys: [{name: one, account: '444455556666'}, {name: two, account: '777788889999'}]\n"
    cmek = GOOD[: GOOD.index("    private_link:")]
    configuration = configured(tmp_path, cmek + customers)
    first = assembled(configuration)
    places: Any = configuration.rosters.packings["search-prod"].places
    places["one"] = Place(role=1, policies=(2,))
    assert assembled(configuration) != first


@pytest.mark.parametrize("variable", ["CDK_CONTEXT_JSON", "NODE_OPTIONS", "JSII_DEBUG"])
def test_another_environment_of_the_synth_is_synthesized_anew(
    synths: Synths, configuration: Configuration, assembled: Assembled, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    first = assembled(configuration)
    monkeypatch.setenv(variable, "something else")
    assert assembled(configuration) != first


def test_a_change_of_the_program_is_synthesized_anew(
    synths: Synths, configuration: Configuration, assembled: Assembled, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    (project / "stacks").mkdir(parents=True)
    (project / "cdk.json").write_text("{}")
    source = project / "stacks" / "cmek.py"
    source.write_text("one")
    monkeypatch.setattr(assembly_cache, "PROJECT", project)
    first = assembled(configuration)
    assert assembled(configuration) == first
    source.write_text("two")
    assert assembled(configuration) != first


def test_another_node_is_synthesized_anew(
    synths: Synths, configuration: Configuration, assembled: Assembled, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    node = tmp_path / "node"
    node.write_text("24")
    monkeypatch.setenv("JSII_NODE", str(node))
    first = assembled(configuration)
    node.write_text("25.0")
    assert assembled(configuration) != first


def test_packages_that_cannot_be_told_apart_are_not_remembered(
    synths: Synths, configuration: Configuration, assembled: Assembled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly_cache, "_REQUIRED_PACKAGE", "somewhere_else")
    assert assembled(configuration) != assembled(configuration)


# --- What cannot be trusted is not used ---


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def alter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(bytes(content))


def swap(path: Path) -> None:
    """Another entry in its place, whole in itself."""
    head, _, packed = path.read_bytes().partition(b"\n")
    path.write_bytes(head.replace(path.stem.encode(), b"0" * 64) + b"\n" + packed)


def open_to_others(path: Path) -> None:
    path.chmod(0o666)


def folder_open_to_others(path: Path) -> None:
    path.parent.chmod(0o777)


def link(path: Path) -> None:
    elsewhere = path.parent.parent / "elsewhere"
    path.replace(elsewhere)
    path.symlink_to(elsewhere)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("spoil", [cut, alter, swap, open_to_others, folder_open_to_others, link, empty])
def test_an_entry_that_does_not_verify_is_not_used(
    synths: Synths, configuration: Configuration, assembled: Assembled, spoil: Callable[[Path], None]
) -> None:
    first = assembled(configuration)
    spoil(entry())
    assert assembled(configuration) != first
    assert synths.count == 2


def test_an_entry_of_another_user_is_not_used(
    synths: Synths, configuration: Configuration, assembled: Assembled, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = assembled(configuration)
    monkeypatch.setattr(os, "geteuid", lambda: 65_534)
    assert assembled(configuration) != first


def test_a_damaged_entry_is_replaced(synths: Synths, configuration: Configuration, assembled: Assembled) -> None:
    assembled(configuration)
    cut(entry())
    second = assembled(configuration)
    assert assembled(configuration) == second


def test_nobody_else_can_read_what_is_remembered(
    synths: Synths, configuration: Configuration, assembled: Assembled
) -> None:
    assembled(configuration)
    assert stat.S_IMODE(entry().stat().st_mode) == 0o600
    assert stat.S_IMODE(entry().parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("place", ["file", "relative"])
def test_a_cache_folder_that_cannot_be_used_is_no_error(
    synths: Synths,
    configuration: Configuration,
    assembled: Assembled,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    place: str,
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file") if place == "file" else "relative")
    assert assembled(configuration) != assembled(configuration)
    assert not Path("relative").exists()


def test_a_disk_that_is_full_leaves_no_part_of_an_entry(
    synths: Synths, configuration: Configuration, assembled: Assembled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assembled(configuration)
    folder = cache_folder()
    assert folder is not None
    assert list(folder.iterdir()) == []


def test_only_the_entries_used_last_are_kept(
    synths: Synths, configuration: Configuration, assembled: Assembled, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = assembled(configuration)
    folder = entry().parent
    for number in range(ENTRIES_MAX + 3):
        old = folder / f"{number:064}.assembly"
        old.write_bytes(b"")
        os.utime(old, (number, number))
    left_by_a_killed_run = folder / "x.writing"
    left_by_a_killed_run.write_bytes(b"")
    os.utime(left_by_a_killed_run, (1, 1))
    monkeypatch.setenv("CDK_CONTEXT_JSON", "{}")
    assembled(configuration)
    assert len(list(folder.iterdir())) == ENTRIES_MAX
    monkeypatch.delenv("CDK_CONTEXT_JSON")
    assert assembled(configuration) == first


def test_an_assembly_with_assets_beside_its_templates_is_not_remembered(
    configuration: Configuration, assembled: Assembled, monkeypatch: pytest.MonkeyPatch, synths: Synths
) -> None:
    def with_assets(*arguments: Any, folder: Path) -> None:
        synths(*arguments, folder=folder)
        (folder / "asset.1").mkdir()

    monkeypatch.setattr(assembly_cache, "synthesize", with_assets)
    assert assembled(configuration) != assembled(configuration)


@pytest.mark.process
def test_a_remembered_assembly_is_the_synthesized_one_to_the_byte(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = []
    for name in ("synthesized", "remembered"):
        folder = tmp_path / name
        assemble(configuration, configuration.deployments, folder=folder)
        made.append({each.name: each.read_bytes() for each in folder.iterdir()})
        monkeypatch.setattr(assembly_cache, "synthesize", None)
    assert made[0] == made[1]
    assert TEMPLATE in made[0]
