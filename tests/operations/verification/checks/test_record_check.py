"""What Pinecone was given, held against what is live."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pinekeep.operations.verification.verify import CHECKS, check
from tests.operations.verification.conftest import EXTERNAL_ID, KEY_ARN, NOW, RECORD, ROLE_ARN, parameter

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

COPY = "/pinekeep-records/prod"
OTHER_KEY = KEY_ARN.replace("0f1e2d3c", "11111111")
OTHER_ID = "11111111-2222-4333-8444-555555555555"
CHECK_IDS = ["record", "file", "role", "key", "external-id", "endpoint", "access"]


def recorded(world: "World", **changes: Any) -> "World":
    """The same world where Pinecone was given something else."""
    found: Any = world.live.parameters
    document = {key: each for key, each in {**json.loads(found[RECORD]["Value"]), **changes}.items() if each}
    names = (RECORD, COPY) if document["version"] > 1 else (RECORD,)
    return world.when(parameters={name: parameter(name, document) for name in names})


def loud(world: "World") -> dict[str, str]:
    found = [each for each in world.findings() if each.check.startswith("handed-over-") and each.status != "ok"]
    assert all(each.fix for each in found)
    return {each.check.removeprefix("handed-over-"): each.found for each in found}


def test_the_record_is_held_against_what_is_live_before_anything_else() -> None:
    assert [each.id for each in CHECKS[: len(CHECK_IDS)]] == [f"handed-over-{name}" for name in CHECK_IDS]


def test_what_is_live_and_was_handed_over_passes_and_tells_who_noted_it(world: "World") -> None:
    assert loud(world) == {}
    assert world.finding("handed-over-record").found == "recorded on 2026-11-01T09:00:00+00:00 by somebody"


def test_nothing_noted_is_worth_a_word_and_fails_nothing(world: "World") -> None:
    unnoted = world.when(parameters={})
    (found,) = [each for each in unnoted.findings() if each.check.startswith("handed-over-")]
    assert (found.check, found.status, found.meaning) == ("handed-over-record", "note", None)
    assert found.fix == "once Pinecone has the values: pinekeep handoff --record --deployment prod"
    assert unnoted.all_failures() == set()


@pytest.mark.parametrize(
    ("given", "check", "now", "beside"),
    [
        ({"role_arn": f"{ROLE_ARN}-before"}, "role", ROLE_ARN, {"file"}),
        ({"key_arn": OTHER_KEY}, "key", KEY_ARN, set()),
        ({"external_id": OTHER_ID}, "external-id", "3f2b8a54…", {"file", "access"}),
        ({"external_id": "none"}, "external-id", "3f2b8a54…", {"file", "access"}),
        ({"endpoint_id": "vpce-before"}, "endpoint", "vpce-0123456789abcdef0", set()),
    ],
)
def test_each_value_that_is_not_the_one_handed_over_fails(
    world: "World", given: dict[str, Any], check: str, now: str, beside: set[str]
) -> None:
    wrong = recorded(world, **given)
    assert loud(wrong)[check] == now
    assert set(loud(wrong)) == {check, *beside}
    assert wrong.all_failures() == {f"handed-over-{each}" for each in (check, *beside)}
    found = wrong.finding(f"handed-over-{check}")
    assert found.wanted.startswith("what Pinecone was given: ")
    assert found.meaning in {each.meaning for each in CHECKS}


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({"external_id": OTHER_ID}, "cmek.trust.external_id (Pinecone was given 11111111…)"),
        ({"role_arn": f"{ROLE_ARN}-before"}, f"cmek.role_name (Pinecone was given {ROLE_ARN}-before)"),
        ({"version": 2, "pinecone_account": "740000000009"}, "pinecone_account (Pinecone was given 740000000009)"),
        ({"version": 2, "regions": ["eu-west-1", "us-east-1"]}, "cmek.trust.regions (Pinecone was given eu-west-1)"),
        ({"version": 2, "regions": "all"}, "cmek.trust.regions (Pinecone was given all)"),
    ],
)
def test_a_file_that_says_otherwise_than_the_record_is_the_one_thing_to_change(
    world: "World", given: dict[str, Any], setting: str
) -> None:
    wrong = recorded(world, **given)
    assert wrong.finding("handed-over-file").status == "failed"
    fixes = {str(each.fix) for each in wrong.findings() if each.status == "failed"}
    assert all(setting in each for each in fixes), fixes
    assert not any("--revert-drift" in each for each in fixes)


def test_whoever_was_let_in_and_is_refused_now_is_told_whatever_the_file_says(world: "World") -> None:
    other = recorded(world, version=2, pinecone_account="740000000009", regions=["us-east-1"])
    told = loud(other)["access"]
    assert "Pinecone's access role of us-east-1 (account 740000000009) cannot assume the role" in told

    def deny(statements: list[dict[str, Any]]) -> None:
        statements.append({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"})

    assert "the role cannot Decrypt with the key" in loud(recorded(world.keyed(deny)))["access"]


def test_one_of_the_two_parameters_gone_fails_loudly(world: "World") -> None:
    found: Any = recorded(world, version=2).live.parameters
    damaged = world.when(parameters={COPY: found[COPY]})
    found = damaged.finding("handed-over-record")
    assert found.status == "failed"
    assert "parameter /pinekeep/prod/handed-over is gone" in found.found
    assert "pinekeep handoff --record --deployment prod" in str(found.fix)


def test_a_key_that_the_file_does_not_have_any_more_is_still_verified(world: "World") -> None:
    found = {
        each.check: each
        for each in check(
            name="prod",
            deployment=world.deployment,
            pinecone_account="444455556666",
            live=world.live,
            by_record=True,
            now=NOW,
        )
    }
    assert found["handed-over-file"].status == "note"
    assert "the file no longer has cmek" in found["handed-over-file"].found
    assert "pinekeep offboard --deployment prod" in str(found["handed-over-file"].fix)
    assert not {"key-rotation", "key-kind", "decisions-as-planned", "key-policy-nothing-wider"} & set(found)
    assert {"key-state", "role-exists", "trust-policy-external-id"} <= set(found)


@pytest.mark.parametrize(
    ("missing", "check"),
    [({"role": None}, "role"), ({"key": None}, "key"), ({"endpoint": None}, "endpoint")],
)
def test_what_was_handed_over_and_is_gone_fails(world: "World", missing: dict[str, Any], check: str) -> None:
    assert loud(world.when(**missing))[check] == "it no longer exists"


def test_a_deleted_endpoint_is_gone(world: "World") -> None:
    assert loud(world.changed("endpoint", State="Deleted")) == {"endpoint": "it no longer exists"}


def test_another_external_id_besides_the_one_handed_over_fails(world: "World") -> None:
    def accept(document: dict[str, Any]) -> None:
        document["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": [EXTERNAL_ID, OTHER_ID]}}

    wider = world.trusting(accept)
    assert loud(wider) == {"external-id": "11111111… and 3f2b8a54…"}
    found = wider.finding("handed-over-external-id")
    assert str(found.meaning).startswith("Pinecone works on with the external ID that it was given")
    assert str(found.fix).startswith("take the other way in out of the trust policy: ")


def test_a_trust_policy_that_lets_in_nobody_of_pinecones_is_brought_back_to_the_template(world: "World") -> None:
    def other(document: dict[str, Any]) -> None:
        document["Statement"][0]["Principal"] = {"AWS": "arn:aws:iam::111122223333:root"}

    wrong = recorded(world).trusting(other)
    assert loud(wrong)["external-id"] == "it no longer exists"
    restore = "revert it to the template: pinekeep deploy --revert-drift --deployment prod"
    assert wrong.finding("handed-over-external-id").fix == restore
    gone = recorded(world).when(role=None).finding("handed-over-external-id")
    assert str(gone.fix).startswith("restore the old one before anything else")


def test_a_second_statement_for_somebody_else_says_nothing_about_the_external_id(world: "World") -> None:
    stranger = {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole"}
    assert loud(world.trusting(lambda document: document["Statement"].append(stranger))) == {}


def test_a_trust_policy_that_asks_for_no_id_fails_unless_none_was_handed_over(world: "World") -> None:
    def forget(document: dict[str, Any]) -> None:
        del document["Statement"][0]["Condition"]

    forgotten = world.trusting(forget)
    assert loud(forgotten) == {"external-id": "none"}
    assert set(loud(recorded(forgotten, external_id="none"))) == {"file"}


def test_a_part_that_was_handed_over_and_is_no_longer_configured_fails(world: "World") -> None:
    given = world.live.parameters
    without = {key: value for key, value in world.settings.items() if key != "cmek"}
    dropped = replace(world, settings=without).when(parameters=given)
    told = "the configuration no longer has cmek"
    assert loud(dropped) == {"role": told, "key": told, "external-id": told}


def test_what_was_not_handed_over_is_not_held_against_anything(world: "World") -> None:
    partly = recorded(world, key_arn=None, endpoint_id=None).when(endpoint=None)
    assert not [each for each in partly.findings() if each.check in ("handed-over-key", "handed-over-endpoint")]
    assert loud(partly) == {}


@pytest.mark.parametrize("text", ["{", '{"version": 3}', "[]", '{"version": 1, "deployment": "other"}'])
def test_a_record_that_cannot_be_read_fails_and_is_not_guessed_at(world: "World", text: str) -> None:
    broken = world.when(parameters={RECORD: {"Name": RECORD, "Value": text, "Version": 3}})
    assert broken.all_failures() == {"handed-over-record"}
    assert "aws ssm get-parameter-history" in str(broken.finding("handed-over-record").fix)
