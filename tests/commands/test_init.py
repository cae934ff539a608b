"""``pinekeep init``."""

import re
from pathlib import Path

from tests.command_support import Run


def test_it_writes_a_file_whose_placeholders_check_asks_to_be_filled_in(pinekeep: Run, folder: Path) -> None:
    result = pinekeep("init")
    assert result.code == 0
    assert result.out == "wrote pinekeep.yaml\n"
    checked = pinekeep("check")
    assert checked.code == 2
    assert "pinecone_account" in checked.err


def test_each_file_has_an_external_id_of_its_own(pinekeep: Run, folder: Path) -> None:
    pinekeep("init", "--config", "a.yaml")
    pinekeep("init", "--config", "b.yaml")
    ids = [re.findall(r"external_id: ([0-9a-f-]{36})", (folder / name).read_text()) for name in ("a.yaml", "b.yaml")]
    assert len(ids[0]) == len(ids[1]) == 1
    assert ids[0] != ids[1]


def test_it_never_overwrites_a_file(pinekeep: Run, good: Path) -> None:
    before = good.read_text()
    result = pinekeep("init")
    assert result.code == 2
    assert "pinekeep.yaml exists already, and its external ID may be in use" in result.err
    assert good.read_text() == before


def test_a_folder_that_is_not_there_is_told(pinekeep: Run, folder: Path) -> None:
    result = pinekeep("init", "--config", "nowhere/pinekeep.yaml", "--json")
    assert result.code == 2
    assert (
        result.require_schema("error")["error"] == "nowhere/pinekeep.yaml cannot be written: No such file or directory"
    )
