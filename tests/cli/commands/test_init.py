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


def test_the_name_that_is_given_is_the_deployments(pinekeep: Run, folder: Path) -> None:
    assert pinekeep("init", "--deployment", "billing-eu").code == 0
    text = (folder / "pinekeep.yaml").read_text()
    assert "\n  billing-eu:\n" in text
    assert "search-prod" not in text


def test_a_name_that_cannot_be_one_is_refused_before_anything_is_written(pinekeep: Run, folder: Path) -> None:
    result = pinekeep("init", "-d", "Billing EU")
    assert result.code == 2
    assert "a deployment's name is lower-case letters" in result.err
    assert "hint: write billing-eu" in result.err
    assert list(folder.iterdir()) == []


def test_two_names_are_refused(pinekeep: Run, folder: Path) -> None:
    result = pinekeep("init", "-d", "one", "-d", "two")
    assert result.code == 2
    assert "the file to start from has one deployment" in result.err
    assert list(folder.iterdir()) == []


# --- A CDK project ---


def test_a_project_is_written_with_an_external_id_of_its_own(pinekeep: Run, folder: Path) -> None:
    result = pinekeep("init", "--project", "ours", "--deployment", "billing-eu")
    assert result.code == 0
    assert "wrote ours/app.py\n" in result.out
    assert "ours/README.md has the steps" in result.err
    app = (folder / "ours" / "app.py").read_text()
    assert '"Pinecone-billing-eu"' in app
    assert re.search(r'EXTERNAL_ID = "[0-9a-f-]{36}"', app)
    assert not (folder / "pinekeep.yaml").exists()


def test_a_project_as_json_names_the_file_to_fill_in(pinekeep: Run, folder: Path) -> None:
    assert pinekeep("init", "--project", "ours", "--json").require_schema("init") == {"file": "ours/app.py"}


def test_a_project_in_a_folder_that_is_not_empty_is_refused(pinekeep: Run, folder: Path) -> None:
    (folder / "theirs").write_text("theirs")
    result = pinekeep("init", "--project", ".")
    assert result.code == 2
    assert ". is not empty" in result.err
    assert "hint: name a new or an empty folder" in result.err
    assert [path.name for path in folder.iterdir()] == ["theirs"]


def test_a_project_of_an_invalid_name_is_refused_before_anything_is_written(pinekeep: Run, folder: Path) -> None:
    result = pinekeep("init", "--project", "ours", "-d", "Billing EU")
    assert result.code == 2
    assert "hint: write billing-eu" in result.err
    assert list(folder.iterdir()) == []


def test_a_project_has_no_configuration_file(pinekeep: Run, folder: Path) -> None:
    result = pinekeep("init", "--project", "ours", "--config", "ours.yaml")
    assert result.code == 2
    assert "--project writes a CDK app, which has no configuration file" in result.err
    assert list(folder.iterdir()) == []
