"""What Pinecone was given, held against what is live."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pinekeep.checks.verify import CHECKS
from tests.checks.conftest import EXTERNAL_ID, KEY_ARN, RECORD, ROLE_ARN, parameter

if TYPE_CHECKING:
    from tests.checks.conftest import World

OTHER_KEY = KEY_ARN.replace("0f1e2d3c", "11111111")
OTHER_ID = "11111111-2222-4333-8444-555555555555"
CHECK_IDS = ["record", "role", "key", "external-id", "endpoint"]


def recorded(world: "World", **changes: Any) -> "World":
    """The same world where Pinecone was given something else."""
    found: Any = world.live.parameters
    document = {**json.loads(found[RECORD]["Value"]), **changes}
    return world.when(parameters={RECORD: parameter(RECORD, {key: each for key, each in document.items() if each})})


def loud(world: "World") -> dict[str, str]:
    found = [each for each in world.findings() if each.check.startswith("handed-over-") and each.status != "ok"]
    assert all(each.fix for each in found)
    return {each.check.removeprefix("handed-over-"): each.found for each in found}


def test_the_record_is_held_against_what_is_live_before_anything_else() -> None:
    assert [each.id for each in CHECKS[:5]] == [f"handed-over-{name}" for name in CHECK_IDS]


def test_what_is_live_and_was_handed_over_passes_and_tells_who_noted_it(world: "World") -> None:
    assert loud(world) == {}
    assert world.finding("handed-over-record").found == "noted on 2026-11-01T09:00:00+00:00 by somebody"


def test_nothing_noted_is_worth_a_word_and_fails_nothing(world: "World") -> None:
    unnoted = world.when(parameters={})
    (found,) = [each for each in unnoted.findings() if each.check.startswith("handed-over-")]
    assert (found.check, found.status, found.meaning) == ("handed-over-record", "note", None)
    assert found.fix == "once Pinecone has the values: pinekeep handoff --record --deployment prod"
    assert unnoted.all_failures() == set()


@pytest.mark.parametrize(
    ("given", "check", "now"),
    [
        ({"role_arn": f"{ROLE_ARN}-before"}, "role", ROLE_ARN),
        ({"key_arn": OTHER_KEY}, "key", KEY_ARN),
        ({"external_id": OTHER_ID}, "external-id", "3f2b8a54…"),
        ({"external_id": "none"}, "external-id", "3f2b8a54…"),
        ({"endpoint_id": "vpce-before"}, "endpoint", "vpce-0123456789abcdef0"),
    ],
)
def test_each_value_that_is_not_the_one_handed_over_fails(
    world: "World", given: dict[str, Any], check: str, now: str
) -> None:
    wrong = recorded(world, **given)
    assert loud(wrong) == {check: now}
    assert wrong.all_failures() == {f"handed-over-{check}"}
    found = wrong.finding(f"handed-over-{check}")
    assert found.wanted.startswith("what Pinecone was given: ")
    assert found.meaning in {each.meaning for each in CHECKS}


@pytest.mark.parametrize(
    ("missing", "check"),
    [({"role": None}, "role"), ({"key": None}, "key"), ({"endpoint": None}, "endpoint")],
)
def test_what_was_handed_over_and_is_gone_fails(world: "World", missing: dict[str, Any], check: str) -> None:
    assert loud(world.when(**missing))[check] == "there is none any more"


def test_a_deleted_endpoint_is_gone(world: "World") -> None:
    assert loud(world.changed("endpoint", State="Deleted")) == {"endpoint": "there is none any more"}


def test_another_external_id_besides_the_one_handed_over_fails(world: "World") -> None:
    def accept(document: dict[str, Any]) -> None:
        document["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": [EXTERNAL_ID, OTHER_ID]}}

    wider = world.trusting(accept)
    assert loud(wider) == {"external-id": "11111111… and 3f2b8a54…"}
    found = wider.finding("handed-over-external-id")
    assert str(found.meaning).startswith("Pinecone works on with the external ID that it was given")
    assert str(found.fix).startswith("take the other way in out of the trust policy: ")


def test_a_second_statement_for_somebody_else_says_nothing_about_the_external_id(world: "World") -> None:
    stranger = {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole"}
    assert loud(world.trusting(lambda document: document["Statement"].append(stranger))) == {}


def test_a_trust_policy_that_asks_for_no_id_fails_unless_none_was_handed_over(world: "World") -> None:
    def forget(document: dict[str, Any]) -> None:
        del document["Statement"][0]["Condition"]

    forgotten = world.trusting(forget)
    assert loud(forgotten) == {"external-id": "none"}
    assert loud(recorded(forgotten, external_id="none")) == {}


def test_a_part_that_was_handed_over_and_is_no_longer_configured_fails(world: "World") -> None:
    given = world.live.parameters
    without = {key: value for key, value in world.settings.items() if key != "cmek"}
    dropped = replace(world, settings=without).when(parameters=given)
    told = "the configuration has no cmek any more"
    assert loud(dropped) == {"role": told, "key": told, "external-id": told}


def test_what_was_not_handed_over_is_not_held_against_anything(world: "World") -> None:
    partly = recorded(world, key_arn=None, endpoint_id=None)
    assert not [each for each in partly.findings() if each.check in ("handed-over-key", "handed-over-endpoint")]
    assert loud(partly) == {}


@pytest.mark.parametrize("text", ["{", '{"version": 2}', "[]", '{"version": 1, "deployment": "other"}'])
def test_a_record_that_cannot_be_read_fails_and_is_not_guessed_at(world: "World", text: str) -> None:
    broken = world.when(parameters={RECORD: {"Name": RECORD, "Value": text, "Version": 3}})
    assert broken.all_failures() == {"handed-over-record"}
    assert "aws ssm get-parameter-history" in str(broken.finding("handed-over-record").fix)
