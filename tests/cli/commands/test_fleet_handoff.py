"""``pinekeep fleet handoff``, as a user sees it, with a stack set on an embedded AWS."""

import csv
import json
import stat
from pathlib import Path

import pytest

from tests.cli.commands.fleet_fixtures import ABSENT, EXTERNAL_IDS, ROWS
from tests.command_support import GOOD, Run
from tests.emulator.stack_sets_support import FIRST, SECOND

ONE = ("--account", FIRST)


def test_each_deployed_account_has_its_values_and_the_other_a_reason(pinekeep: Run, fleet_file: Path) -> None:
    result = pinekeep("fleet", "handoff", "--json")
    assert result.code == 1, result.err
    said = result.require_schema("fleet handoff")
    assert [(each["account"], each["region"]) for each in said["targets"]] == [
        (FIRST, "us-east-1"),
        (SECOND, "us-east-1"),
    ]
    values = {each["label"]: each["value"] for each in said["targets"][0]["fields"]}
    assert values["Role ARN"] == f"arn:aws:iam::{FIRST}:role/pinekeep-search"
    assert values["Key ARN"].startswith(f"arn:aws:kms:us-east-1:{FIRST}:key/")
    assert values["External ID"] == EXTERNAL_IDS[FIRST]
    (missing,) = said["missing"]
    assert (missing["account"], missing["reason"]) == (ABSENT, "it is not deployed yet")


def test_a_file_is_its_owners_alone_and_the_same_each_time(pinekeep: Run, fleet_file: Path, folder: Path) -> None:
    result = pinekeep("fleet", "handoff", "--out", "handoff.csv")
    assert result.code == 1
    assert result.out == ""
    assert f"no values: {ABSENT}/us-east-1: it is not deployed yet" in result.err
    assert not any(each in result.err for each in EXTERNAL_IDS.values())
    path = folder / "handoff.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    assert [row["target"] for row in csv.DictReader(before.decode().splitlines())] == [
        f"{FIRST}/us-east-1",
        f"{SECOND}/us-east-1",
    ]
    assert pinekeep("fleet", "handoff", "--out", "handoff.csv").code == 1
    assert path.read_bytes() == before
    assert pinekeep("fleet", "handoff", "--format", "csv").out.encode() == before
    assert pinekeep("fleet", "handoff", "--out", "handoff.md", *ONE).code == 0
    assert (folder / "handoff.md").read_text().startswith("# Handoff to Pinecone: search\n")
    both = pinekeep("fleet", "handoff", "--out", "handoff.txt", "--format", "csv", "--json", *ONE)
    assert both.require_schema("fleet handoff")["missing"] == []
    assert (folder / "handoff.txt").read_text().splitlines() == before.decode().splitlines()[:2]


def test_what_is_recorded_guards_what_pinecone_has(pinekeep: Run, fleet_file: Path, folder: Path) -> None:
    record = folder / "pinekeep.fleet-handed-over.json"
    dry = pinekeep("fleet", "handoff", "--record", "--dry-run", *ONE)
    assert (dry.code, record.exists()) == (0, False)
    assert "would record 1 in pinekeep.fleet-handed-over.json" in dry.err
    result = pinekeep("fleet", "handoff", "--record", "--json", *ONE)
    assert (result.code, result.json["recorded"]["changed"]) == (0, True)
    (entry,) = json.loads(record.read_text())["fleets"]["search"].items()
    assert entry[0] == f"{FIRST}/us-east-1"
    assert EXTERNAL_IDS[FIRST] not in record.read_text()
    assert pinekeep("fleet", "handoff", "--record", "--json", *ONE).json["recorded"]["changed"] is False

    record.write_text(record.read_text().replace("/pinekeep-search", "/another"))
    result = pinekeep("fleet", "handoff", *ONE)
    assert result.code == 1
    assert "Pinecone was given another role ARN, by the record" in result.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--account", "444455556665"), "444455556665"),
        (("--fleet", "serach"), "has no fleet 'serach'"),
        (("--json", "--format", "csv"), "--json and --format csv exclude each other"),
        (("--dry-run",), "--dry-run goes with --record"),
        (("--out", "pinekeep.yaml"), "--out: pinekeep.yaml is a file of the configuration"),
        (("--out", "rows.csv"), "--out: rows.csv is a file of the configuration"),
        (("--out", "no/such/folder.csv", *ONE), "cannot be written: No such file or directory"),
        (("--format", "xlsx"), "'xlsx' is not one of"),
    ],
)
def test_wrong_input_is_told(
    arguments: tuple[str, ...], said: str, pinekeep: Run, fleet_file: Path, folder: Path
) -> None:
    result = pinekeep("fleet", "handoff", *arguments)
    assert result.code == 2
    assert said in result.err
    assert (folder / "rows.csv").read_text() == ROWS


def test_a_damaged_record_is_refused(pinekeep: Run, fleet_file: Path, folder: Path) -> None:
    (folder / "pinekeep.fleet-handed-over.json").write_text("{")
    result = pinekeep("fleet", "handoff", *ONE)
    assert result.code == 2
    assert "does not say what was handed over to Pinecone" in result.err


def test_check_tells_what_differs_from_what_pinecone_was_given(pinekeep: Run, fleet_file: Path, folder: Path) -> None:
    assert pinekeep("fleet", "handoff", "--record", *ONE).code == 0
    assert pinekeep("check").err == ""
    rows = folder / "rows.csv"
    rows.write_text(ROWS.replace(EXTERNAL_IDS[FIRST], EXTERNAL_IDS[FIRST].replace("3f2b", "4f2b")))
    result = pinekeep("check", "--json")
    assert result.code == 0
    (warning,) = result.require_schema("check")["warnings"]
    assert warning["code"] == "handed-over-external-id"
    assert f"{FIRST}/us-east-1 (rows.csv:2): it is not the external ID that Pinecone was given" in result.err
    assert "4f2b" not in result.out + result.err
    rows.write_text("".join(line for line in ROWS.splitlines(keepends=True) if not line.startswith(FIRST)))
    result = pinekeep("check")
    assert (result.code, "no longer in the file, but Pinecone was given a role there" in result.err) == (0, True)
    fleet_file.write_text(GOOD)
    result = pinekeep("check")
    assert result.code == 0
    assert f"{FIRST}/us-east-1 of fleet search is no longer in the file" in result.err
