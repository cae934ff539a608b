"""Fingerprints of parameters: never values, and never from a file that others could have written."""

import json
from pathlib import Path

import pytest

from pinekeep.account.reads.stack_sets import Instance
from pinekeep.operations.fleet import fingerprints
from pinekeep.operations.fleet.fingerprints import Fingerprints, fingerprint
from tests.operations.fleet.fleets import FIRST, external_id

ID = external_id(FIRST)
INSTANCE = Instance(account=FIRST, region="us-east-1", stack_id="arn:1", last_operation="operation-1")
WANTED = {"ExternalId": ID, "RotationDays": "365"}
COMMON = {"ExternalId": "placeholder", "RotationDays": "365"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "private" / "set.json"
    kept = Fingerprints(path)
    kept.put(INSTANCE, {"ExternalId": fingerprint(ID)})
    kept.save()
    return path


def matches(file: Path, wanted: dict[str, str] = WANTED, instance: Instance = INSTANCE) -> bool:
    return Fingerprints(file).match(instance, COMMON, wanted)


def test_known_parameters_match_for_the_same_operation_alone(file: Path) -> None:
    assert matches(file)
    assert ID not in file.read_text()
    assert not matches(file, {**WANTED, "ExternalId": external_id("1")})
    assert not matches(file, {**WANTED, "RotationDays": "90"})
    later = Instance(account=FIRST, region="us-east-1", stack_id="arn:1", last_operation="operation-2")
    another = Instance(account=FIRST, region="us-east-1", stack_id="arn:2", last_operation="operation-1")
    for instance in (later, another, Instance(account=FIRST, region="us-east-1")):
        assert not matches(file, instance=instance)


def test_a_file_that_others_could_have_written_is_ignored(file: Path) -> None:
    file.chmod(0o644)
    assert not matches(file)
    file.chmod(0o600)
    file.parent.chmod(0o777)
    assert not matches(file)
    file.parent.chmod(0o700)
    assert matches(file)
    link = file.with_name("link.json")
    link.symlink_to(file)
    assert not matches(link)


@pytest.mark.parametrize("text", ["", "{", "[]", "[2, {}]", '[1, {"arn:1": 5}]', '[1, {"arn:1": ["operation-1", 5]}]'])
def test_a_damaged_file_is_ignored(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o600)
    assert not matches(file)


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = Fingerprints(tmp_path / "file" / "set.json")
    kept.put(INSTANCE, {})
    kept.save()
    Fingerprints.none().save()


def test_a_file_that_grows_too_large_is_not_written(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read_text()
    monkeypatch.setattr(fingerprints, "BYTES_MAX", 10)
    kept = Fingerprints(file)
    kept.put(INSTANCE, {"ExternalId": "x"})
    kept.save()
    assert file.read_text() == before
    assert not matches(file)


def test_each_stack_set_has_a_file_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("one:1", "two:1"):
        kept = Fingerprints.of_stack_set(name)
        kept.put(INSTANCE, {"ExternalId": fingerprint(name)})
        kept.save()
    first, second = sorted((tmp_path / "pinekeep" / "fleets").iterdir())
    assert json.loads(first.read_text()) != json.loads(second.read_text())
