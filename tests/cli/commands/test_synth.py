"""``pinekeep synth``."""

from pathlib import Path

import pytest

from tests.command_support import Run


def test_it_writes_the_templates_where_it_is_told(pinekeep: Run, good: Path, folder: Path) -> None:
    result = pinekeep("synth", "--out", "assembly", "--json")
    assert result.code == 0
    said = result.require_schema("synth")
    assert said == {
        "folder": "assembly",
        "templates": [
            "Pinekeep-search-prod-Cmek.template.json",
            "Pinekeep-search-prod-PrivateLink.template.json",
        ],
    }
    for name in said["templates"]:
        assert (folder / "assembly" / name).is_file()


def test_it_needs_no_credentials_and_no_network(pinekeep: Run, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "AWS_ENDPOINT_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert pinekeep("synth", "--out", "assembly").code == 0


def test_the_security_rules_find_nothing(pinekeep: Run, good: Path) -> None:
    assert pinekeep("synth", "--out", "assembly", "--nag").code == 0


def test_a_file_in_the_place_of_the_folder_is_told(pinekeep: Run, good: Path, folder: Path) -> None:
    (folder / "taken").write_text("mine")
    result = pinekeep("synth", "--out", "taken")
    assert result.code == 2
    assert "taken" in result.err
    assert (folder / "taken").read_text() == "mine"


def test_a_wrong_file_writes_nothing(pinekeep: Run, good: Path, folder: Path) -> None:
    good.write_text(good.read_text().replace("us-east-1\n", "us-east-9\n", 1))
    assert pinekeep("synth", "--out", "assembly").code == 2
    assert not (folder / "assembly").exists()
