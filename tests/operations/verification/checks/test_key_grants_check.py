"""Grants on the key and replicas of it: what no policy shows."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pinekeep.account.reads.live import LiveReplica, Unreadable
from tests.operations.verification.conftest import ACCOUNT, KEY_ARN, ROLE_ARN

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

GRANTS = "key-grants"
REPLICAS = "key-replicas"
DECISIONS = "decisions-as-planned"
OTHER = "999988887777"
STRANGER = f"arn:aws:iam::{OTHER}:role/nightly-export"
COLLEAGUE = f"arn:aws:iam::{ACCOUNT}:role/nightly-export"
ID = "0123456789abcdef" * 4
END = f"aws kms revoke-grant --key-id {KEY_ARN} --grant-id {ID} --region us-east-1"
REPLICA_ARN = KEY_ARN.replace("us-east-1", "eu-west-1")
UNREADABLE = Unreadable("kms:ListGrants", "allow it")


def grant(grantee: str = STRANGER, *operations: str, **more: Any) -> dict[str, Any]:
    return {
        "KeyId": KEY_ARN,
        "GrantId": ID,
        "GranteePrincipal": grantee,
        "Operations": list(operations) or ["Decrypt"],
        "IssuingAccount": f"arn:aws:iam::{ACCOUNT}:root",
        "CreationDate": datetime(2026, 11, 2, tzinfo=UTC),
        **more,
    }


def adopted(world: "World") -> "World":
    return world.configured(cmek={"key": {"adopt": KEY_ARN, "administrators": [], "rotation_days": 365}})


def test_a_key_without_grants_passes(world: "World") -> None:
    assert world.finding(GRANTS).status == "ok"
    assert world.finding(DECISIONS).status == "ok"


@pytest.mark.parametrize("grantee", [STRANGER, COLLEAGUE, f"arn:aws:iam::{OTHER}:root", "AROA1234567890EXAMPLE"])
def test_whoever_holds_a_grant_is_named_with_what_it_allows_since_when_and_how_to_end_it(
    world: "World", grantee: str
) -> None:
    context = {"EncryptionContextSubset": {"team": "search"}}
    found = world.when(grants=[grant(grantee, "Decrypt", "DescribeKey", Constraints=context)]).finding(GRANTS)
    assert found.status == "failed"
    assert "Decrypt, DescribeKey where the encryption context has team=search" in found.found
    assert f"made by account {ACCOUNT} on 2026-11-02" in found.found
    assert found.fix == f"end it: {END}"
    assert "decrypt" in str(found.meaning)


def test_what_a_stranger_can_do_by_a_grant_is_decided_and_the_fix_is_not_a_deployment(world: "World") -> None:
    found = world.when(grants=[grant()]).finding(DECISIONS)
    assert found.status == "failed"
    assert found.found == f"{STRANGER} can now use the key (only Decrypt): grant 01234567…"
    assert found.fix == f"end the grant: {END}"


def test_where_a_policy_was_changed_too_both_ways_back_are_told(world: "World") -> None:
    allow = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "kms:Encrypt",
             "Resource": "*"}  # fmt: skip
    found = world.keyed(lambda statements: statements.append(allow)).when(grants=[grant()]).finding(DECISIONS)
    assert "--revert-drift" in str(found.fix)
    assert END in str(found.fix)


@pytest.mark.parametrize(
    "service",
    ["dynamodb.us-east-1.amazonaws.com", f"arn:aws:sts::{ACCOUNT}:assumed-role/aws:ec2-infrastructure/i-0123"],
)
def test_a_grant_for_an_aws_service_is_a_note(world: "World", service: str) -> None:
    there = world.when(grants=[grant(service)])
    assert there.finding(GRANTS).status == "note"
    assert service in there.finding(GRANTS).found
    assert there.finding(DECISIONS).status == "ok"


def test_a_grant_for_a_service_that_another_account_asked_for_fails(world: "World") -> None:
    found = world.when(grants=[grant("s3.amazonaws.com", IssuingAccount=f"arn:aws:iam::{OTHER}:root")]).finding(GRANTS)
    assert found.status == "failed"
    assert f"made by account {OTHER}" in found.found


def test_a_grant_to_the_role_fails_only_where_it_gives_more_than_the_key_policy(world: "World") -> None:
    assert world.when(grants=[grant(ROLE_ARN, "Decrypt", "ReEncryptFrom")]).finding(GRANTS).status == "note"
    assert world.when(grants=[grant(ROLE_ARN, "Decrypt", "CreateGrant")]).finding(GRANTS).status == "failed"


def test_the_grants_of_an_adopted_key_are_its_owners_but_not_to_a_whole_other_account(world: "World") -> None:
    mine = adopted(world)
    for grantee in (STRANGER, COLLEAGUE, f"arn:aws:iam::{ACCOUNT}:root"):
        assert mine.when(grants=[grant(grantee)]).finding(GRANTS).status == "note"
        assert mine.when(grants=[grant(grantee)]).finding(DECISIONS).status == "ok"
    assert mine.when(grants=[grant(f"arn:aws:iam::{OTHER}:root")]).finding(GRANTS).status == "failed"
    assert mine.when(grants=[grant(ROLE_ARN, "CreateGrant")]).finding(GRANTS).status == "failed"


def test_many_grants_are_counted_and_not_all_listed(world: "World") -> None:
    many = [grant(GrantId=f"{number:064}") for number in range(13)]
    told = [each for each in world.when(grants=many).findings() if each.check == GRANTS]
    assert len(told) == 11
    assert told[-1].found == "3 more grants to others"
    assert f"aws kms list-grants --key-id {KEY_ARN} --region us-east-1" in str(told[-1].fix)


def test_grants_that_may_not_be_listed_have_not_passed(world: "World") -> None:
    there = world.when(grants=UNREADABLE)
    assert {there.finding(each).status for each in (GRANTS, DECISIONS)} == {"unreadable"}


# --- Replicas ---


def replica(world: "World", **changes: Any) -> "World":
    there: dict[str, Any] = {
        "arn": REPLICA_ARN,
        "region": "eu-west-1",
        "key_policy": world.live.key_policy,
        "grants": [],
    }
    return world.when(replicas=[LiveReplica(**{**there, **changes})])


def test_a_replica_with_the_keys_own_policy_passes(world: "World") -> None:
    told = [each for each in replica(world).findings() if each.check == REPLICAS]
    assert {(each.what, each.status) for each in told} == {
        ("Replica of the key in eu-west-1", "ok"),
        ("Grants on the replica in eu-west-1", "ok"),
    }


def test_a_replica_that_lets_in_more_than_the_key_fails_with_the_way_back(world: "World") -> None:
    policy = json.loads(str(world.live.key_policy))
    policy["Statement"].append(
        {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "kms:Decrypt", "Resource": "*"}
    )
    found = replica(world, key_policy=json.dumps(policy)).finding(REPLICAS, what="Replica of")
    assert found.status == "failed"
    assert f"{STRANGER} can now use the key (only Decrypt)" in found.found
    assert f"put-key-policy --key-id {REPLICA_ARN}" in str(found.fix)
    assert "--region eu-west-1" in str(found.fix)


def test_a_replica_that_lets_in_less_is_a_note(world: "World") -> None:
    policy = json.loads(str(world.live.key_policy))
    policy["Statement"] = [each for each in policy["Statement"] if each["Sid"] != "AllowUseOfTheKey"]
    assert replica(world, key_policy=json.dumps(policy)).finding(REPLICAS, what="Replica of").status == "note"


def test_a_grant_on_a_replica_fails_with_the_replicas_region(world: "World") -> None:
    found = replica(world, grants=[grant()]).finding(REPLICAS, what="Grants on")
    assert found.status == "failed"
    assert found.fix == f"end it: aws kms revoke-grant --key-id {REPLICA_ARN} --grant-id {ID} --region eu-west-1"


def test_a_replica_that_may_not_be_read_has_not_passed(world: "World") -> None:
    assert replica(world, grants=UNREADABLE).finding(REPLICAS).status == "unreadable"


def test_the_replica_of_an_adopted_key_is_judged_as_that_key_is(world: "World") -> None:
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    other = {**everyone, "Principal": {"AWS": STRANGER}}
    base = adopted(world)
    for statement, status in ((everyone, "failed"), (other, "ok")):
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        found = replica(base, key_policy=json.dumps(policy)).finding(REPLICAS, what="Replica of")
        assert found.status == status
