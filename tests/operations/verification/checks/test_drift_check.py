"""Drift of the stacks, as CloudFormation reports it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pinekeep.account.reads.drift import Drift
from pinekeep.account.reads.live import Unreadable

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

CMEK, LINK = "cmek-stack-drift", "private-link-stack-drift"
AT = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(("stack", "check"), [("cmek_stack", CMEK), ("private_link_stack", LINK)])
@pytest.mark.parametrize(
    ("told", "status", "found"),
    [
        (
            {"StackDriftStatus": "IN_SYNC", "LastCheckTimestamp": AT},
            "ok",
            "nothing, when CloudFormation last looked on 2026-11-25 at 11:30 UTC",
        ),
        (
            {"StackDriftStatus": "DRIFTED", "LastCheckTimestamp": AT},
            "note",
            "CloudFormation found changes when it last looked on 2026-11-25 at 11:30 UTC; they may be undone since",
        ),
        ({"StackDriftStatus": "NOT_CHECKED"}, "note", "CloudFormation has not looked yet"),
        (None, "note", "CloudFormation has not looked yet"),
    ],
)
def test_what_cloudformation_last_found_is_told_with_when(
    world: "World", stack: str, check: str, told: Any, status: str, found: str
) -> None:
    seen = world.changed(stack, DriftInformation=told)
    assert (seen.finding(check).status, seen.finding(check).found) == (status, found)
    look = "have it look now: pinekeep verify --drift --deployment prod"
    assert seen.finding(check).fix == (look if status == "note" else None)


def test_what_differs_now_fails_and_names_each_resource(world: "World") -> None:
    changes = ("PineconeRole (AWS::IAM::Role) differs in Policies", "EncryptionKey (AWS::KMS::Key) was deleted")
    drifted = world.when(cmek_drift=Drift("DRIFTED", AT, changes))
    assert drifted.failures() == {CMEK}
    assert drifted.failure(CMEK) == "; ".join(changes)
    assert "--revert-drift" in str(drifted.finding(CMEK).fix)


def test_nothing_that_differs_now_passes_whatever_was_found_before(world: "World") -> None:
    before = world.changed("private_link_stack", DriftInformation={"StackDriftStatus": "DRIFTED"})
    assert before.when(private_link_drift=Drift("IN_SYNC", AT)).finding(LINK).status == "ok"


def test_a_look_that_came_to_no_end_is_a_note_with_the_reason(world: "World") -> None:
    found = world.when(cmek_drift=Drift(None, reason="Failed to detect drift on resource [X]")).finding(CMEK)
    assert found.status == "note"
    assert found.found.endswith("could not look at everything: Failed to detect drift on resource [X]")
    assert world.when(cmek_drift=Drift("UNKNOWN", AT)).finding(CMEK).status == "note"


def test_a_look_that_is_not_allowed_has_not_passed(world: "World") -> None:
    closed = world.when(cmek_drift=Unreadable("cloudformation:DetectStackDrift", "ask for it")).finding(CMEK)
    assert (closed.status, closed.fix) == ("unreadable", "ask for it")
