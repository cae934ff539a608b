from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import get_session

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

COMPLETE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}


@pytest.mark.parametrize("which", ["cmek_stack", "private_link_stack"])
def test_every_state_that_cloudformation_knows_is_complete_or_comes_with_something_to_do(
    world: "World", which: str
) -> None:
    shape: Any = get_session().get_service_model("cloudformation").shape_for("StackStatus")
    known = shape.enum
    check = which.replace("_", "-") + "-state"
    fixes = {}
    for status in known:
        found = world.changed(which, StackStatus=status).finding(check)
        assert (found.status == "ok") is (status in COMPLETE), status
        fixes[status] = found.fix
    assert all(fixes[status] for status in set(known) - COMPLETE)


def test_each_kind_of_state_has_its_own_advice(world: "World") -> None:
    def fix(status: str) -> str:
        return str(world.changed("cmek_stack", StackStatus=status).finding("cmek-stack-state").fix)

    assert "wait" in fix("UPDATE_IN_PROGRESS")
    assert "nothing is deployed yet" in fix("REVIEW_IN_PROGRESS")
    assert "delete the stack" in fix("ROLLBACK_COMPLETE")
    assert "last deployment was rolled back" in fix("UPDATE_ROLLBACK_COMPLETE")
    assert "continue-update-rollback" in fix("UPDATE_ROLLBACK_FAILED")
    assert "could not be deleted" in fix("DELETE_FAILED")


def test_a_missing_stack_is_told_by_its_name(world: "World") -> None:
    found = world.when(cmek_stack=None).finding("cmek-stack-state")
    assert (found.status, found.what) == ("failed", "stack Pinekeep-prod-Cmek")
    assert found.found == "there is no such stack"


def test_lost_termination_protection_fails(world: "World") -> None:
    wrong = world.changed("cmek_stack", EnableTerminationProtection=False)
    assert wrong.failure("cmek-stack-protection") == "termination protection is off"
    assert wrong.failures() == {"cmek-stack-protection"}


def test_a_configuration_that_was_changed_since_differs_from_the_outputs(world: "World") -> None:
    outputs = [{"OutputKey": "RoleArn", "OutputValue": "arn:aws:iam::111122223333:role/other"}]
    told = world.changed("cmek_stack", Outputs=outputs).failure("cmek-stack-outputs")
    assert told == "RoleArn differs from the configuration; ExternalId is missing"


def test_an_adopted_key_other_than_the_one_put_out_is_told(world: "World") -> None:
    adopted = world.configured(cmek={"key": None}).configured(
        cmek={"key": {"adopt": "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555"}}
    )
    assert adopted.failures() == set()
    live: Any = adopted.live
    outputs = live.cmek_stack["Outputs"]
    other = [{**each, "OutputValue": "other"} if each["OutputKey"] == "KeyArn" else each for each in outputs]
    assert adopted.changed("cmek_stack", Outputs=other).failure("cmek-stack-outputs").startswith("KeyArn differs")


def test_a_stack_of_another_region_has_another_zone(world: "World") -> None:
    outputs = [{"OutputKey": "PrivateDnsZone", "OutputValue": "private.apw5-4e34-81fa.pinecone.io"}]
    told = world.changed("private_link_stack", Outputs=outputs).failure("private-link-stack-outputs")
    assert told == "PrivateDnsZone differs from the configuration"
