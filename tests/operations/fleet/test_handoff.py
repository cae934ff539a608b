"""The handoff of a fleet: whole rows from what is deployed, or the reason, and files that open safely."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pinekeep.account.reads.stack_sets import Instance
from pinekeep.errors import WrongInputError
from pinekeep.model.config.fleet.handover import fleet_handover_path, read_fleet_handovers
from pinekeep.model.config.fleet.targets import Target
from pinekeep.model.output.fleet_handoff import FleetHandoffOutput
from pinekeep.operations.fleet.handoff import handoff_output, handover_of, read_deployed
from pinekeep.operations.fleet.handoff_formats import as_csv, as_markdown, as_table, missing_lines
from pinekeep.operations.fleet.handoff_record import record_handoff, require_recordable
from pinekeep.operations.fleet.reading import narrowed
from tests.operations.fleet.handoff_support import (
    LINK,
    Accounts,
    account,
    deployed,
    external_id,
    fleet,
    instance,
    key_arn,
    place,
    target,
)

FIRST, SECOND = target(11122223333), target(444455556666)
"""The first account begins with a zero."""
AT = datetime(2026, 11, 30, 12, tzinfo=UTC)


def handed(
    *targets: Target, accounts: Accounts | None = None, instances: list[Instance] | None = None
) -> FleetHandoffOutput:
    of_fleet = fleet(*targets)
    known = [instance(each) for each in targets] if instances is None else instances
    found, missing = read_deployed(of_fleet, known, (accounts or deployed(*targets)).clients_for)
    return handoff_output(of_fleet, found, missing)


def values(output: FleetHandoffOutput) -> list[dict[str, str]]:
    return [{each.label: each.value for each in one.fields} for one in output.targets]


def test_each_target_has_the_consoles_fields_with_what_is_deployed() -> None:
    output = handed(FIRST, SECOND)
    assert (output.missing, output.path) == ([], "Manage > CMEK > Add CMEK")
    assert [(each.account, each.region, each.title) for each in output.targets] == [
        (each.account, each.region, "Add the key to the project") for each in (FIRST, SECOND)
    ]
    assert values(output)[0] == {
        "Key name": "search-011122223333-us-east-1",
        "Role ARN": "arn:aws:iam::011122223333:role/pinekeep-search",
        "Key ARN": key_arn(place(FIRST)),
        "External ID": external_id(11122223333),
    }
    assert any("One key per project" in each for each in output.warnings)


def test_endpoints_and_customers_keys_have_pages_of_their_own() -> None:
    output = handed(target(444455556666, private_link=LINK))
    assert values(output) == [{"VPC endpoint ID": f"vpce-{444455556666:017x}", "Region": "us-east-1"}]
    customers = [{"name": "Acme", "account": "777788889999"}, {"name": "Beta", "account": "777788889998"}]
    output = handed(target(444455556666, cmek={"customer_keys": customers}))
    assert [each["Key name"] for each in values(output)] == ["acme", "beta"]
    assert {each["Role ARN"] for each in values(output)} == {"arn:aws:iam::444455556666:role/pinekeep-search"}


def changed(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda stack: stack.update(changes)


def with_output(name: str, value: str | None) -> Callable[[dict[str, Any]], None]:
    def change(stack: dict[str, Any]) -> None:
        kept = [each for each in stack["Outputs"] if each["OutputKey"] != name]
        stack["Outputs"] = kept if value is None else [*kept, {"OutputKey": name, "OutputValue": value}]

    return change


def with_parameter(name: str, value: str) -> Callable[[dict[str, Any]], None]:
    def change(stack: dict[str, Any]) -> None:
        for each in stack["Parameters"]:
            if each["ParameterKey"] == name:
                each["ParameterValue"] = value

    return change


@pytest.mark.parametrize(
    ("change", "reason", "fix"),
    [
        (changed(StackStatus="DELETE_COMPLETE"), "its stack is gone", "fleet status --fleet search"),
        (changed(StackStatus="ROLLBACK_COMPLETE"), "its stack is in the state ROLLBACK_COMPLETE", "delete the stack"),
        (with_output("KeyArn", None), "its stack has no output KeyArn", "fleet plan --fleet search"),
        (
            with_output("RoleArn", "arn:aws:iam::011122223333:role/other"),
            "it is deployed with another role than the file has",
            "fleet plan --fleet search",
        ),
        (with_output("ExternalId", external_id(1)), "it is deployed with another external ID than", "fleet plan"),
        (with_parameter("TrustUsEast1", "false"), "another value of TrustUsEast1 than", "fleet plan"),
        (with_parameter("PineconeAccount", "740000000002"), "another value of PineconeAccount than", "fleet plan"),
    ],
)
def test_what_is_not_as_the_file_has_it_gives_no_row(
    change: Callable[[dict[str, Any]], None], reason: str, fix: str
) -> None:
    accounts = deployed(FIRST, SECOND)
    change(accounts.stacks[place(FIRST)])
    output = handed(FIRST, SECOND, accounts=accounts)
    assert [each.account for each in output.targets] == [SECOND.account]
    (missing,) = output.missing
    assert (missing.account, missing.region) == place(FIRST)
    assert reason in missing.reason
    assert fix in str(missing.fix)
    said = missing.reason + str(missing.fix)
    assert external_id(1) not in said
    assert external_id(11122223333) not in said


def test_a_hidden_parameter_is_no_difference() -> None:
    accounts = deployed(FIRST)
    with_parameter("ExternalId", "****")(accounts.stacks[place(FIRST)])
    assert len(handed(FIRST, accounts=accounts).targets) == 1


@pytest.mark.parametrize(
    ("instances", "reason"),
    [
        ([], "it is not deployed yet"),
        ([instance(FIRST, stack_id=None, status="OUTDATED")], "its stack was not created"),
        (
            [instance(FIRST, stack_id=None, status="OUTDATED", reason="Account is\nsuspended")],
            "its stack was not created: Account is suspended",
        ),
        ([instance(FIRST, status="INOPERABLE")], "StackSets can no longer operate its stack"),
    ],
)
def test_what_has_no_stack_is_listed_without_a_call(instances: list[Instance], reason: str) -> None:
    accounts = deployed(FIRST)
    (missing,) = handed(FIRST, accounts=accounts, instances=instances).missing
    assert missing.reason == reason
    assert missing.fix
    assert accounts.calls == []


def test_an_account_that_cannot_be_read_stops_no_other() -> None:
    accounts = replace(deployed(FIRST, SECOND), refused=[FIRST.account])
    output = handed(FIRST, SECOND, accounts=accounts)
    assert [each.account for each in output.targets] == [SECOND.account]
    (missing,) = output.missing
    assert missing.reason == "its stack cannot be read: the role cannot be assumed"
    assert missing.fix == "create the role"
    assert accounts.calls == ["describe_stacks", "list_grants"]


def test_grants_that_let_others_use_the_key_are_told() -> None:
    accounts = deployed(FIRST)
    accounts.grants = {
        key_arn(place(FIRST)): [
            {
                "GrantId": "a" * 64,
                "GranteePrincipal": "arn:aws:iam::999999999999:role/stranger",
                "Operations": ["Decrypt"],
                "KeyId": key_arn(place(FIRST)),
            }
        ]
    }
    (one,) = handed(FIRST, accounts=accounts).targets
    assert "Others can use the key" in one.warnings[0]
    assert "! 011122223333/us-east-1: Others can use the key" in as_table(handed(FIRST, accounts=accounts))


def test_accounts_of_units_without_a_row_are_listed_too() -> None:
    of_fleet = replace(fleet(FIRST), incomplete=(("777788889999", "cmek.trust.external_id is missing"),))
    found, missing = read_deployed(of_fleet, [instance(FIRST)], deployed(FIRST).clients_for)
    output = handoff_output(of_fleet, found, missing)
    assert [(each.account, each.region) for each in output.missing] == [("777788889999", None)]
    assert missing_lines(output) == ["no values: 777788889999: cmek.trust.external_id is missing"]
    assert narrowed(of_fleet, accounts=[FIRST.account]).incomplete == ()


def test_a_fleet_is_narrowed_to_accounts_and_regions_that_it_has() -> None:
    west = target(444455556666, "eu-west-1")
    of_fleet = fleet(FIRST, SECOND, west)
    assert narrowed(of_fleet).targets == (FIRST, SECOND, west)
    assert narrowed(of_fleet, accounts=[SECOND.account]).targets == (SECOND, west)
    assert narrowed(of_fleet, accounts=[SECOND.account], regions=["eu-west-1"]).targets == (west,)
    with pytest.raises(WrongInputError, match="has no target in account 444455556665") as caught:
        narrowed(of_fleet, accounts=["444455556665"])
    assert caught.value.hint == "did you mean 444455556666?"
    with pytest.raises(WrongInputError, match="has no target in Region us-west-2"):
        narrowed(of_fleet, regions=["us-west-2"])


# --- Formats ---


def test_csv_is_complete_rows_in_a_stable_order() -> None:
    output = handed(FIRST, SECOND, instances=[instance(SECOND)])
    text = as_csv(output)
    assert text == as_csv(output)
    header, *rows = csv.reader(io.StringIO(text))
    assert header == ["target", "key_name", "role_arn", "key_arn", "external_id"]
    assert rows == [
        [
            "444455556666/us-east-1",
            "search-444455556666-us-east-1",
            "arn:aws:iam::444455556666:role/pinekeep-search",
            key_arn(place(SECOND)),
            external_id(444455556666),
        ]
    ]


@pytest.mark.parametrize(
    ("project", "cell"),
    [
        ("search", "search"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-x", "'-x"),
        ("@x", "'@x"),
        ("007", "'007"),
        ("1e5", "'1e5"),
        ("1/2", "'1/2"),
        ("TRUE", "'TRUE"),
        ('a "b", c', 'a "b", c'),
    ],
)
def test_a_spreadsheet_takes_no_value_for_a_formula_or_a_number(project: str, cell: str) -> None:
    one = target(444455556666, pinecone={"project": project})
    header, row = csv.reader(io.StringIO(as_csv(handed(one))))
    assert dict(zip(header, row, strict=True))["project"] == cell


def test_every_account_is_text_in_a_spreadsheet() -> None:
    _, row = csv.reader(io.StringIO(as_csv(handed(target(42)))))
    assert row[0] == "000000000042/us-east-1"


def test_markdown_is_escaped_and_lists_what_is_missing() -> None:
    one = target(444455556666, pinecone={"project": "a|b`c <script>"})
    broken = instance(FIRST, stack_id=None, status="OUTDATED", reason="no | *room*\n<b>")
    text = as_markdown(handed(FIRST, one, instances=[instance(one), broken]))
    assert "| Target | Project | Key name |" in text
    assert r"| a\|b\`c \<script\> |" in text
    assert r"- `011122223333/us-east-1`: its stack was not created: no \| \*room\* \<b\>" in text
    piped = as_markdown(handed(target(444455556666, pinecone={"project": "a|b"})))
    assert "| `a\\|b` |" in piped
    rows = [line for line in (text + piped).splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {7}


def test_the_table_has_the_values_and_then_what_is_missing() -> None:
    text = as_table(handed(FIRST, SECOND, instances=[instance(SECOND)]))
    assert "444455556666/us-east-1  search-444455556666-us-east-1  arn:aws:iam::444455556666:role/" in text
    assert text.splitlines()[-3:] == [
        "Without values: 1",
        "  011122223333/us-east-1: it is not deployed yet",
        "    `pinekeep fleet deploy --fleet search --account 011122223333` deploys it",
    ]
    assert "Without values" not in as_table(handed(FIRST))


def test_without_an_external_id_the_field_is_left_blank() -> None:
    one = target(444455556666, cmek={"trust": {"regions": ["us-east-1"], "external_id": "none"}})
    output = handed(one)
    assert values(output)[0]["External ID"] == ""
    assert as_csv(output).splitlines()[1].endswith(",")
    assert "leave blank" in as_table(output)
    assert "*leave blank*" in as_markdown(output)


# --- The record ---


def test_what_was_handed_over_is_recorded_once_and_guards(tmp_path: Path) -> None:
    of_fleet, configuration = fleet(FIRST, SECOND), tmp_path / "pinekeep.yaml"
    accounts = deployed(FIRST, SECOND)
    found, _ = read_deployed(of_fleet, [instance(FIRST), instance(SECOND)], accounts.clients_for)
    dry = record_handoff(configuration, of_fleet, found, dry_run=True, clock=lambda: AT)
    path = fleet_handover_path(configuration)
    assert (dry.changed, dry.targets, path.exists()) == (True, 2, False)
    assert record_handoff(configuration, of_fleet, found, clock=lambda: AT).changed
    before = path.read_bytes()
    again = record_handoff(configuration, of_fleet, found, clock=lambda: AT.replace(year=2027))
    assert (again.changed, again.targets, path.read_bytes()) == (False, 2, before)
    assert external_id(11122223333) not in before.decode()
    recorded = read_fleet_handovers(path)
    assert recorded["search"][place(FIRST)] == handover_of(of_fleet, found[0], recorded_at="2026-11-30T12:00:00+00:00")

    with_output("KeyArn", key_arn(("999999999999", "us-east-1")))(accounts.stacks[place(FIRST)])
    found, missing = read_deployed(
        of_fleet, [instance(FIRST), instance(SECOND)], accounts.clients_for, handovers=recorded["search"]
    )
    assert [each.target.account for each in found] == [SECOND.account]
    assert missing[0].reason == "Pinecone was given another key ARN, by the record beside the configuration file"


def test_targets_of_other_fleets_stay_in_the_record(tmp_path: Path) -> None:
    configuration = tmp_path / "pinekeep.yaml"
    for of_fleet in (replace(fleet(FIRST), name="other"), fleet(SECOND)):
        (each,) = of_fleet.targets
        found, _ = read_deployed(replace(of_fleet, name="search"), [instance(each)], deployed(each).clients_for)
        record_handoff(configuration, of_fleet, found, clock=lambda: AT)
    recorded = json.loads(fleet_handover_path(configuration).read_text())["fleets"]
    assert {name: list(each) for name, each in recorded.items()} == {
        "other": ["011122223333/us-east-1"],
        "search": ["444455556666/us-east-1"],
    }


def test_endpoints_are_not_recorded() -> None:
    require_recordable(fleet(FIRST))
    with pytest.raises(WrongInputError, match="has no cmek"):
        require_recordable(fleet(target(444455556666, private_link=LINK)))


def test_five_hundred_targets_take_two_calls_each() -> None:
    many = [target(100000000000 + number) for number in range(500)]
    accounts = deployed(*many)
    output = handed(*many, accounts=accounts)
    assert len(accounts.calls) == 2 * len(many)
    assert [each.account for each in output.targets] == [account(100000000000 + number) for number in range(500)]
