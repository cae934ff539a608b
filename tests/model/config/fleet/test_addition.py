"""New rows in a fleet's CSV file, each with an external ID of its own."""

import os
import stat
import uuid
from pathlib import Path

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.model.config import ConfigurationError
from pinekeep.model.config.fleet.addition import added_accounts, read_accounts, require_accounts
from pinekeep.model.config.fleet.reading import read_targets
from tests.model.config.fleet.files import FLEET, HEADER, ID_A, ID_B, LINK, MANAGEMENT, ROWS, A, B, account, put


def ids(content: bytes) -> list[str]:
    return [line.split(",")[1] for line in content.decode("utf-8-sig").split()[1:]]


def test_rows_are_added_and_everything_else_stays(tmp_path: Path) -> None:
    configuration = put(tmp_path)
    addition = added_accounts(configuration, "search", [account(1), A, account(2), account(1)])
    assert (addition.added, addition.present) == ((account(1), account(2)), (A,))
    assert (tmp_path / "fleet.csv").read_bytes() == ROWS.encode()  # nothing is written yet
    (tmp_path / "fleet.csv").chmod(0o640)
    addition.write()
    content = (tmp_path / "fleet.csv").read_bytes()
    assert content.startswith(ROWS.encode())
    assert stat.S_IMODE((tmp_path / "fleet.csv").stat().st_mode) == 0o640
    new = ids(content)[2:]
    assert len({*new, ID_A, ID_B}) == 4
    assert all(uuid.UUID(each).version == 4 and each == each.lower() for each in new)
    assert {each.account for each in read_targets(configuration, "search").targets} == {A, B, account(1), account(2)}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["fleet.csv", "pinekeep.yaml"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{HEADER}\r\n{A},{ID_A}\r\n", "{account},{id}\r\n"),
        (f"{HEADER}\n{A},{ID_A}", "\n{account},{id}\n"),
        (f"\ufeff{HEADER}\n{A},{ID_A}\n", "{account},{id}\n"),
        (f'"cmek.trust.external_id",region,"account"\n{ID_A},,{A}\n', "{id},,{account}\n"),
        (f"{HEADER}\n{A},{ID_A}\n,\n", "{account},{id}\n"),
    ],
    ids=["crlf", "no end", "mark", "other columns", "empty row"],
)
def test_the_file_keeps_its_bytes_its_line_ends_and_its_columns(before: str, after: str, tmp_path: Path) -> None:
    configuration = put(tmp_path, rows=before)
    added_accounts(configuration, "search", [B]).write()
    content = (tmp_path / "fleet.csv").read_bytes()
    assert content.startswith(before.encode())
    cmek = next(each.deployment.cmek for each in read_targets(configuration, "search").targets if each.account == B)
    assert cmek is not None
    wanted = after.replace("{account}", B).replace("{id}", cmek.trust.external_id)
    assert content[len(before.encode()) :].decode() == wanted


def test_a_file_that_is_not_there_is_created(tmp_path: Path) -> None:
    configuration = put(tmp_path, FLEET.replace("    file:", f'    accounts: ["{A}"]\n    file:'), rows=None)
    with pytest.raises(ConfigurationError):
        read_targets(configuration, "search")
    added_accounts(configuration, "search", [A]).write()
    assert (tmp_path / "fleet.csv").read_text().startswith(f"{HEADER}\n{A},")
    assert len(read_targets(configuration, "search").targets) == 2


def test_nothing_is_added_where_anything_is_wrong(tmp_path: Path) -> None:
    for rows in (f"{HEADER}\n{A},broken\n", f"account\n{A}\n", f"{HEADER},x\n{A},{ID_A},\n", ROWS.replace(B, A)):
        configuration = put(tmp_path, rows=rows)
        with pytest.raises(ConfigurationError) as caught:
            added_accounts(configuration, "search", [account(1)])
        files = {each.file for each in caught.value.problems}
        assert files == {str(tmp_path / "fleet.csv")}
        assert (tmp_path / "fleet.csv").read_text() == rows
    configuration = put(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        added_accounts(configuration, "search", [MANAGEMENT])
    assert [each.code for each in caught.value.problems] == ["fleet-management-account"]


def test_problems_name_the_file_and_not_its_draft(tmp_path: Path) -> None:
    configuration = put(tmp_path, rows=f"{HEADER},pinecone.project\n{A},{ID_A},search\n{B},{ID_B},search\n")
    with pytest.raises(ConfigurationError) as caught:
        added_accounts(configuration, "search", [account(1)])
    assert f"account {A} (fleet.csv:2) already has" in caught.value.problems[0].message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    file: fleet.csv\n", f'    accounts: ["{A}"]\n', "fleet search names no file"),
        ("fleet.csv", "fleet.yaml", "rows are added to CSV files, and fleet.yaml is YAML"),
        ("trust: {", f"trust: {{external_id: {ID_A}, ", "fleet search has one external ID for all its accounts"),
    ],
)
def test_a_fleet_whose_file_takes_no_external_ids_is_left_alone(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongInputError) as caught:
        added_accounts(put(tmp_path, FLEET.replace(old, new)), "search", [A])
    assert caught.value.message.startswith(message)
    assert ID_A not in f"{caught.value.message}{caught.value.hint}"


def test_an_endpoint_needs_no_external_ids(tmp_path: Path) -> None:
    with pytest.raises(WrongInputError) as caught:
        added_accounts(put(tmp_path, LINK), "search", [A])
    assert caught.value.message == "fleet search has no cmek, so its accounts have no external IDs"


def test_a_file_that_changed_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    addition = added_accounts(put(tmp_path), "search", [account(1)])
    (tmp_path / "fleet.csv").write_text(ROWS + f"{account(9)},{ID_A}\n")
    with pytest.raises(WrongInputError) as caught:
        addition.write()
    assert caught.value.message.endswith("fleet.csv has changed meanwhile")
    assert account(9) in (tmp_path / "fleet.csv").read_text()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    configuration = put(tmp_path)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(WrongInputError) as caught:
            added_accounts(configuration, "search", [account(1)])
    finally:
        tmp_path.chmod(0o700)
    assert "cannot be written" in caught.value.message


def test_accounts_come_from_a_file_one_a_line(tmp_path: Path) -> None:
    path = tmp_path / "accounts.txt"
    path.write_text(f"\ufeff{A}\r\n\r\n  {B}\n")
    assert read_accounts(path) == [A, B]
    path.write_text(f"{A}\n4.4E+11\n\n777\n")
    with pytest.raises(ConfigurationError) as caught:
        read_accounts(path)
    assert [(each.code, each.position and each.position.line) for each in caught.value.problems] == [
        ("account-format", 2),
        ("account-length", 4),
    ]


def test_all_wrong_accounts_are_named_at_once() -> None:
    require_accounts([A, B])
    with pytest.raises(WrongInputError) as caught:
        require_accounts([A, "1", "one"])
    assert (
        caught.value.message == "an account number is 12 digits, got 1: '1'; an account number is 12 digits, got 'one'"
    )
