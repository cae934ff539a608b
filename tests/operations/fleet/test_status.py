"""The state of a fleet: what needs attention is named, with what to do."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pinekeep.account.reads.stack_sets import Operation
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.output.fleet_status import FleetStatusOutput
from pinekeep.operations.fleet.desired import Place, new_operation_id
from pinekeep.operations.fleet.observed import Observed
from pinekeep.operations.fleet.status import last_detection, needs_attention, status_output, status_text
from tests.operations.fleet.support import EAST, EU, FLEET, TEMPLATE, A, B, C, instance, observed

SETTINGS = Fleet.model_validate(
    {
        "administrator": {"account": "111122223333", "region": EAST},
        "permissions": "self-managed",
        "regions": [EAST],
        "settings": {},
    }
)
OURS = TEMPLATE.replace("{", '{"Metadata":{"Pinekeep":{"Version":"0.1.0","Shape":"cmek-own-key"}},', 1)


def status(now: Observed, *targets: Place, **drifted: tuple[str, ...]) -> FleetStatusOutput:
    return status_output(FLEET, SETTINGS, now, targets=targets, drifted={(A, EAST): drifted.get("a", ())})


def text(output: FleetStatusOutput, *, full: bool = False) -> str:
    lines: list[str] = []
    status_text(output, lines.append, full=full)
    return "\n".join(lines)


def test_all_well_is_one_line_of_counts() -> None:
    output = status(observed(instance(A, EAST), template=OURS), (A, EAST))
    assert not needs_attention(output)
    assert output.counts == {"CURRENT": 1}
    assert text(output) == (
        "Pinekeep-search-Cmek in account 111122223333, us-east-1: self-managed, template cmek-own-key of Pinekeep "
        "0.1.0\ninstances: 1 CURRENT"
    )
    assert f"{A} us-east-1: CURRENT" in text(output, full=True)


def test_no_stack_set_and_its_targets() -> None:
    output = status(Observed(), (A, EAST), (B, EAST))
    assert needs_attention(output)
    assert output.counts == {"MISSING": 2}
    assert "pinekeep fleet deploy --fleet search" in text(output)


def test_each_instance_that_needs_attention_is_named_with_its_reason() -> None:
    reason = f"Account {A} should have 'X' role with trust relationship to Role 'Y'."
    now = observed(
        instance(A, EAST, status="OUTDATED", detailed_status="FAILED", reason=reason),
        instance(B, EAST, status="INOPERABLE"),
        instance(C, EU),
        template=OURS,
    )
    output = status(now, (A, EAST), (B, EAST), (C, EAST))
    assert needs_attention(output)
    assert output.counts == {"CURRENT": 1, "INOPERABLE": 1, "MISSING": 1, "OUTDATED": 1}
    assert output.not_in_file == 1
    said = text(output)
    assert f"{A} us-east-1: OUTDATED (FAILED)\n  Account {A} should have" in said
    assert "fleet-execution-role" in said
    assert f"pinekeep fleet remove --account {B} --region us-east-1" in said
    assert f"{C} us-east-1: MISSING" in said
    assert f"{C} eu-west-1: CURRENT, not in the file" in said


def test_a_suspended_account_needs_attention() -> None:
    now = observed(instance(A, EAST, detailed_status="SKIPPED_SUSPENDED_ACCOUNT"), template=OURS)
    output = status(now, (A, EAST))
    assert needs_attention(output)
    assert "reopened" in text(output)


def test_drift_is_named_by_resource() -> None:
    now = observed(instance(A, EAST, drift="DRIFTED"), template=OURS)
    output = status(now, (A, EAST), a=("Key (AWS::KMS::Key) differs in KeyPolicy",))
    assert needs_attention(output)
    assert f"{A} us-east-1: CURRENT, drifted\n  Key (AWS::KMS::Key) differs in KeyPolicy" in text(output)


@pytest.mark.parametrize("changed", [{"tags": {}}, {"auto_deployment": True}])
def test_a_set_that_is_not_as_ours_needs_attention(changed: dict[str, object]) -> None:
    now = observed(instance(A, EAST), template=OURS)
    assert now.stack_set is not None
    other = replace(now, stack_set=replace(now.stack_set, **changed))  # pyrefly: ignore[bad-argument-type] # fields are of any name
    output = status(other, (A, EAST))
    assert needs_attention(output)
    assert "lacks the tag" in text(output) or "automatic deployment is on" in text(output)


def test_operations_under_way_are_shown_with_who_started_them() -> None:
    begun = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    ours = new_operation_id("0" * 12)
    now = replace(
        observed(instance(A, EAST), template=OURS),
        operations=(
            Operation(id="console", action="UPDATE", status="RUNNING", created=begun),
            Operation(id=ours, action="DETECT_DRIFT", status="SUCCEEDED", created=begun, ended=begun),
        ),
    )
    assert last_detection(now) == ours
    said = text(status(now, (A, EAST)))
    assert "operation console: UPDATE RUNNING since 2026-11-30 12:00 UTC, not by pinekeep" in said
    assert ours not in said
