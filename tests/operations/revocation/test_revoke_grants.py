"""Grants and replicas when Pinecone is cut off: told, counted by the proof, ended on request, never made again."""

import json
from typing import Any

import pytest

from pinekeep.operations.demonstration.actors import require_refusal
from pinekeep.operations.revocation import revoke as module
from tests.command_support import Run
from tests.faults.fault import Fault
from tests.operations.revocation.conftest import ACCOUNT, MakeWorld, World
from tests.operations.revocation.support import failing

OTHER = "999988887777"
STRANGER = f"arn:aws:iam::{OTHER}:role/nightly-export"
COLLEAGUE = f"arn:aws:iam::{ACCOUNT}:role/nightly-export"
ELSEWHERE = "eu-west-1"


@pytest.fixture(autouse=True)
def look_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKS", 1)


def granted(world: World, grantee: str = STRANGER, *, region: str = "us-east-1", **more: Any) -> str:
    kms = world.clients.in_region(region).client("kms")
    arn = world.key_arn.replace("us-east-1", region)
    asked = {"GranteePrincipal": grantee, "Operations": ["Decrypt"], **more}
    return str(kms.create_grant(KeyId=arn, **asked)["GrantId"])


def grants(world: World, region: str = "us-east-1") -> list[str]:
    kms = world.clients.in_region(region).client("kms")
    arn = world.key_arn.replace("us-east-1", region)
    return [each["GrantId"] for each in kms.list_grants(KeyId=arn)["Grants"]]


def revoked(result: Any) -> Any:
    (one,) = result.require_schema("revoke")["deployments"]
    return one


@pytest.mark.fault(
    "a grant lets somebody use the key after the role was cut off",
    sees="NOT all are cut off",
    safe="The grant is told with the command that ends it; `pinekeep revoke --end-grants` ends it, too.",
)
def test_with_the_role_alone_a_strangers_grant_means_that_not_all_are_cut_off(
    fault: Fault, world: World, pinekeep: Run
) -> None:
    grant = granted(world)
    result = pinekeep("revoke", "--how", "role", "--yes")
    assert result.code == 1
    fault.require_seen(result.out)
    assert "Pinecone's role is, but others can still use the key" in result.out
    assert f"{STRANGER}: kms:Decrypt (grant {grant[:8]}… allows it)" in result.out
    assert (
        f"it keeps working; --end-grants ends it, or aws kms revoke-grant --key-id {world.key_arn} --grant-id {grant} "
        "--region us-east-1" in result.out
    )
    assert grants(world) == [grant]
    said = revoked(pinekeep("revoke", "--how", "role", "--yes", "--json"))
    assert (said["cut_off"], said["sessions_cut_off"]) == (False, True)


def test_a_grant_that_lets_in_nobody_outside_the_account_is_told_and_fails_nothing(world: World, pinekeep: Run) -> None:
    granted(world, COLLEAGUE)
    granted(world, "dynamodb.us-east-1.amazonaws.com")
    result = pinekeep("revoke", "--how", "role", "--yes")
    assert result.code == 0
    assert f"lets {COLLEAGUE} Decrypt on the key" in result.out
    assert "lets dynamodb.us-east-1.amazonaws.com Decrypt on the key" in result.out


def test_a_disabled_key_stops_grants_which_work_again_after_a_restoration(world: World, pinekeep: Run) -> None:
    grant = granted(world)
    result = pinekeep("revoke", "--yes")
    assert result.code == 0, result.out
    assert "it stops while the key is not enabled, and works again after `pinekeep restore`" in result.out
    assert grants(world) == [grant]


def test_grants_are_ended_on_request_and_a_restoration_says_that_it_makes_none(world: World, pinekeep: Run) -> None:
    granted(world)
    granted(world, "dynamodb.us-east-1.amazonaws.com")
    result = pinekeep("revoke", "--how", "role", "--end-grants", "--yes", "--json")
    assert result.code == 0, result.out
    said = revoked(result)
    assert said["cut_off"] is True
    assert [step["status"] for step in said["steps"]] == ["done"] * 3
    assert not any("keeps working" in each for each in said["goes_on"])
    assert grants(world) == []
    noted = {f"{STRANGER}: Decrypt", "dynamodb.us-east-1.amazonaws.com: Decrypt"}
    assert set(world.parameter()["ended_grants"]) == noted
    back = pinekeep("restore", "--yes")
    assert back.code == 0, back.out
    assert f"not restored: the grant that `pinekeep revoke` ended ({STRANGER}: Decrypt)" in back.out
    assert grants(world) == []
    assert "ended_grants" not in world.parameter()


def test_a_dry_run_shows_which_grants_would_be_ended_and_ends_none(world: World, pinekeep: Run) -> None:
    grant = granted(world)
    result = pinekeep("revoke", "--how", "role", "--end-grants", "--dry-run")
    assert f"grant {grant[:8]}… lets {STRANGER} Decrypt on the key: to be ended (for good" in result.out
    assert grants(world) == [grant]
    without = pinekeep("revoke", "--how", "role", "--dry-run")
    assert "it keeps working; --end-grants ends it" in without.out


def test_the_grants_of_the_owner_of_an_adopted_key_are_left_unless_he_is_meant_too(
    make_world: MakeWorld, pinekeep: Run
) -> None:
    world = make_world(adopt=True)
    mine = granted(world, COLLEAGUE)
    granted(world, f"arn:aws:iam::{OTHER}:root")
    result = pinekeep("revoke", "--how", "role", "--end-grants", "--yes")
    assert result.code == 0, result.out
    assert "not ended (the key is adopted, and its owner may need this" in result.out
    assert grants(world) == [mine]
    assert pinekeep("revoke", "--how", "role", "--end-grants", "--adopted-key", "--yes").code == 0
    assert grants(world) == []


# --- Replicas ---


@pytest.fixture
def replicated(make_world: MakeWorld) -> World:
    """A key with a replica that has the key's own policy."""
    world = make_world(multi_region=True)
    kms = world.client("kms")
    policy = kms.get_key_policy(KeyId=world.key_arn, PolicyName="default")["Policy"]
    kms.replicate_key(KeyId=world.key_arn, ReplicaRegion=ELSEWHERE, Policy=policy)
    return world


def test_a_replica_that_the_role_can_use_is_not_cut_off_by_disabling_the_key(replicated: World, pinekeep: Run) -> None:
    result = pinekeep("revoke", "--how", "key", "--yes")
    assert result.code == 1
    assert "requests for the replica in eu-west-1 by Pinecone's sessions" in result.out
    assert "Pinecone is NOT cut off" in result.out
    assert pinekeep("revoke", "--how", "role", "--yes").code == 0


def test_a_grant_on_a_replica_counts_and_is_ended_in_its_region(replicated: World, pinekeep: Run) -> None:
    grant = granted(replicated, region=ELSEWHERE)
    result = pinekeep("revoke", "--yes")
    assert result.code == 1
    assert f"--grant-id {grant} --region eu-west-1" in result.out
    assert pinekeep("revoke", "--end-grants", "--yes").code == 0
    assert grants(replicated, ELSEWHERE) == []


def test_a_replica_whose_policy_lets_in_a_stranger_counts(replicated: World, pinekeep: Run) -> None:
    there = replicated.clients.in_region(ELSEWHERE).client("kms")
    arn = replicated.key_arn.replace("us-east-1", ELSEWHERE)
    policy = json.loads(there.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])
    policy["Statement"].append(
        {"Sid": "S", "Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "kms:Decrypt", "Resource": "*"}
    )
    there.put_key_policy(KeyId=arn, PolicyName="default", Policy=json.dumps(policy))
    result = pinekeep("revoke", "--yes")
    assert result.code == 1
    assert "statement S of the key policy of the replica in eu-west-1 allows it" in result.out


# --- What fails ---


@pytest.mark.fault(
    "the grants on the key may not be listed when Pinecone is cut off",
    sees="is not known",
    safe="Pinecone is cut off all the same; nobody is told that all are, as long as that cannot be seen.",
)
def test_grants_that_may_not_be_listed_keep_nothing_from_being_cut_off(
    fault: Fault, world: World, pinekeep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "ListGrants")
    result = pinekeep("revoke", "--how", "role", "--yes")
    assert result.code == 1
    assert world.is_cut_off_by_role
    fault.require_seen(result.out)
    assert pinekeep("revoke", "--yes").code == 0, "a disabled key stops whoever holds a grant"


def test_a_grant_that_cannot_be_ended_is_told_and_the_rest_is_done(
    world: World, pinekeep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted(world)
    failing(monkeypatch, "RevokeGrant")
    result = pinekeep("revoke", "--end-grants", "--yes")
    assert result.code == 3
    assert "NOT ended" in result.out
    assert world.key_state == "Disabled"


def test_whoever_held_an_ended_grant_is_refused(world: World, pinekeep: Run) -> None:
    """The grant that is told is the one that lets in: tried, not decided."""
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    trust = {"Statement": [{"Effect": "Allow", "Principal": root, "Action": "sts:AssumeRole"}]}
    iam, sts = world.client("iam"), world.client("sts")
    name = f"holder-{world.name}"
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    granted(world, arn)
    found = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    import boto3  # noqa: PLC0415 - here alone

    kms = boto3.Session(
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    ).client("kms", region_name="us-east-1", endpoint_url=world.client("kms").meta.endpoint_url)
    blob = world.client("kms").encrypt(KeyId=world.key_arn, Plaintext=b"x")["CiphertextBlob"]
    pinekeep("revoke", "--how", "role", "--yes")
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    pinekeep("revoke", "--how", "role", "--end-grants", "--yes")
    require_refusal(lambda: kms.decrypt(CiphertextBlob=blob), "AccessDeniedException")


# --- When each key was last used ---


def test_the_last_use_of_the_key_and_of_each_replica_is_told_by_itself(make_world: MakeWorld, pinekeep: Run) -> None:
    world = make_world(multi_region=True)
    kms = world.client("kms")
    kms.replicate_key(KeyId=world.key_arn, ReplicaRegion=ELSEWHERE)
    kms.encrypt(KeyId=world.key_arn, Plaintext=b"x")
    proof = revoked(pinekeep("revoke", "--how", "both", "--yes", "--json"))["proof"]
    (own,) = [each for each in proof if each.startswith("KMS reports for the key: ")]
    assert "the last successful use of the key was Encrypt at " in own
    assert "by whom KMS does not tell" in own
    assert f"KMS reports for the replica in {ELSEWHERE}: the key has not been used since it was made" in proof


def test_a_last_use_that_may_not_be_read_hinders_no_revocation(
    world: World, pinekeep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "GetKeyLastUsage")
    result = pinekeep("revoke", "--how", "both", "--yes", "--json")
    assert result.code == 0
    assert not [each for each in revoked(result)["proof"] if "KMS tells" in each]
