"""``pinekeep fleet targets``, ``pinekeep check`` of a file with fleets, and other commands with such a file."""

import re
from pathlib import Path

import pytest

from pinekeep.account.reads.organization import Account
from pinekeep.operations.fleet import administration, targets
from tests.command_support import GOOD, Run
from tests.model.config.fleet.files import FLEET, HEADER, ID_A, MANAGEMENT, ROWS, A, B, account, put

LISTED = f"""\
search: 4 targets in 2 accounts
  {A}  us-east-1       role  fleet.csv:2
  {A}  eu-west-1             fleet.csv:2
  {B}  us-east-1       role  fleet.csv:3
  {B}  eu-west-1             fleet.csv:3
"""
UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def test_targets_are_listed_without_external_ids(pinekeep: Run, folder: Path) -> None:
    put(folder)
    result = pinekeep("fleet", "targets")
    assert (result.code, result.out, result.err) == (0, LISTED, "")
    output = pinekeep("fleet", "targets", "--json")
    assert output.require_schema("fleet targets")["targets"][1] == {
        "account": A,
        "region": "eu-west-1",
        "role_region": "us-east-1",
        "place": "fleet.csv:2",
    }
    assert not UUID.search(result.out + output.out)


def test_a_file_without_rows_has_no_targets(pinekeep: Run, folder: Path) -> None:
    put(folder, rows=f"{HEADER}\n")
    assert pinekeep("fleet", "targets").out == "search: no targets\n"


def test_units_are_not_read_without_being_asked_for(pinekeep: Run, folder: Path) -> None:
    put(folder, FLEET.replace("    file:", "    units: [ou-ab12-11111111]\n    file:"))
    result = pinekeep("fleet", "targets")
    assert result.out == LISTED
    assert result.err == "the accounts of ou-ab12-11111111 are not listed; add --units to read them from AWS\n"
    assert pinekeep("fleet", "targets", "--json").json["units_read"] is False


def test_accounts_are_added_and_their_external_ids_not_shown(pinekeep: Run, folder: Path) -> None:
    put(folder)
    (folder / "accounts.txt").write_text(f"{account(2)}\n{B}\n")
    command = ("fleet", "targets", "--add", account(1), "--add-file", "accounts.txt")
    dry = pinekeep(*command, "--dry-run")
    assert (dry.code, dry.out) == (0, "")
    assert f"would add 2 rows with a new external ID each to fleet.csv: {account(1)}, {account(2)}" in dry.err
    assert (folder / "fleet.csv").read_text() == ROWS
    result = pinekeep(*command)
    assert result.code == 0
    assert result.out.startswith("search: 8 targets in 4 accounts\n")
    assert f"{B}: already in fleet.csv, unchanged" in result.err
    assert "added 2 rows" in result.err
    content = (folder / "fleet.csv").read_text()
    assert content.startswith(ROWS)
    assert len(set(UUID.findall(content))) == 4
    again = pinekeep(*command, "--json")
    assert (again.require_schema("fleet targets")["added"], again.json["present"]) == ([], [account(1), account(2), B])
    assert "nothing to add" in again.err
    assert (folder / "fleet.csv").read_text() == content
    assert not UUID.search(dry.err + result.out + result.err + again.out + again.err)


@pytest.fixture
def units(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the organization: the unit has accounts with and without a row, and the management account."""
    found = {each: Account(id=each) for each in (A, account(5), account(6), MANAGEMENT)}
    found[account(7)] = Account(id=account(7), status="SUSPENDED")
    monkeypatch.setattr(targets, "accounts_of_units", lambda _, units: dict.fromkeys(units, found))
    monkeypatch.setattr(administration, "administrator_clients", lambda *_: None)


UNITS = FLEET.replace("    file:", "    units: [ou-ab12-11111111]\n    file:")


def test_accounts_of_units_are_listed_with_what_they_lack(pinekeep: Run, folder: Path, units: None) -> None:
    put(folder, UNITS)
    result = pinekeep("fleet", "targets", "--units")
    assert result.code == 0
    assert result.out == LISTED + (
        f"  {account(5)}  no target: it has no cmek.trust.external_id\n"
        f"  {account(6)}  no target: it has no cmek.trust.external_id\n"
        f"  {MANAGEMENT}  no target: it is the management account, to which service-managed permissions do not deploy\n"
    )


def test_accounts_of_units_are_added_except_the_management_account(pinekeep: Run, folder: Path, units: None) -> None:
    put(folder, UNITS)
    result = pinekeep("fleet", "targets", "--add-units", "--json")
    output = result.require_schema("fleet targets")
    assert output["added"] == [account(5), account(6)]
    assert [each["account"] for each in output["incomplete"]] == [MANAGEMENT]
    assert len(output["targets"]) == 8
    assert (folder / "fleet.csv").read_text().startswith(ROWS)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--add", "1"), "an account number is 12 digits, got 1"),
        (("--add-file", "none.txt"), "none.txt: error: the file does not exist"),
        (("--dry-run",), "--dry-run goes with --add, --add-file or --add-units"),
        (("--fleet", "serch"), "did you mean search?"),
    ],
)
def test_wrong_use_is_refused(arguments: tuple[str, ...], told: str, pinekeep: Run, folder: Path) -> None:
    put(folder)
    result = pinekeep("fleet", "targets", *arguments)
    assert result.code == 2
    assert told in result.err
    assert (folder / "fleet.csv").read_text() == ROWS


def test_check_counts_the_targets_of_every_fleet(pinekeep: Run, folder: Path) -> None:
    other = FLEET[FLEET.index("  search:") :].replace("  search:", "  other:").replace("fleet.csv", "other.csv")
    units = other.replace("    file: other.csv\n", "    units: [ou-ab12-11111111]\n")
    put(folder, FLEET + units)
    result = pinekeep("check")
    assert result.code == 0
    assert result.out.splitlines() == [
        "pinekeep.yaml is valid",
        "  fleet search: 4 targets in 2 accounts",
        "    Pinekeep-search-Cmek",
        "  fleet other: the accounts of ou-ab12-11111111",
        "    Pinekeep-other-Cmek",
    ]
    assert pinekeep("check", "--json").require_schema("check")["fleets"] == [
        {"name": "search", "stack_set": "Pinekeep-search-Cmek", "accounts": 2, "targets": 4},
        {"name": "other", "stack_set": "Pinekeep-other-Cmek", "accounts": 0, "targets": 0},
    ]


def test_check_reports_all_problems_of_all_rows_with_their_places(pinekeep: Run, folder: Path) -> None:
    put(folder, rows=f"{HEADER}\n{A},1\n{B},2\n")
    result = pinekeep("check")
    assert (result.code, result.out) == (2, "")
    assert "fleet.csv:2:14: error: cmek.trust.external_id: an external ID is a UUID v4" in result.err
    assert "fleet.csv:3:14: error: cmek.trust.external_id: an external ID is a UUID v4" in result.err
    assert "error: fleet.csv has 2 errors" in result.err
    problems = pinekeep("check", "--json").require_schema("error")["problems"]
    assert [(each["file"], each["line"], each["column"], each["code"]) for each in problems] == [
        ("fleet.csv", 2, 14, "external-id-format"),
        ("fleet.csv", 3, 14, "external-id-format"),
    ]


def test_check_reports_warnings_about_rows(pinekeep: Run, folder: Path) -> None:
    put(folder, rows=f"{HEADER}\n{A},{ID_A}\n{B},{ID_A}\n")
    result = pinekeep("check")
    assert result.code == 0
    assert result.err.count("warning: cmek.trust.external_id") == 1
    (warning,) = pinekeep("check", "--json").require_schema("check")["warnings"]
    assert (warning["file"], warning["line"], warning["code"]) == ("fleet.csv", 3, "external-id-shared")


def test_other_commands_ignore_fleets_and_say_so_without_deployments(pinekeep: Run, folder: Path) -> None:
    put(folder, rows=f"{HEADER}\n{A},broken\n")
    for command in (("synth",), ("verify",), ("plan",), ("deploy",), ("access",), ("handoff",), ("preflight",)):
        result = pinekeep(*command)
        assert result.code == 2, command
        assert "pinekeep.yaml has no deployments" in result.err
        assert "`pinekeep fleet` works on its fleets" in result.err
    put(folder, GOOD + FLEET[FLEET.index("fleet:") :])
    (folder / "fleet.csv").write_text(f"{HEADER}\n{A},broken\n")
    assert pinekeep("access").code == 0
    assert pinekeep("check", "--deployment", "search-prod").code == 0
    result = pinekeep("access", "--deployment", "search")
    assert "search is a fleet, not a deployment" in result.err
