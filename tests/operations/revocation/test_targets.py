"""Which key and which roles are Pinecone's."""

import json

import pytest

from pinekeep.account.record.handover import HandedOver, Value
from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment, load
from pinekeep.operations.revocation.targets import KeyState, Targets, read_key, read_targets, role_arns
from tests.operations.revocation.conftest import ACCOUNT, REGION, MakeWorld, World

OTHER = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"


def read(world: World) -> Targets:
    return read_targets(world.name, load(world.file).deployments[world.name], clients=world.clients, customers=None)


def record(world: World, key_arn: str) -> None:
    text = {"version": 1, "deployment": world.name, "key_arn": key_arn, "recorded_at": "then", "recorded_by": "me"}
    world.client("ssm").put_parameter(Name=f"/pinekeep/{world.name}/handed-over", Value=json.dumps(text), Type="String")


def test_the_key_of_the_alias_is_taken_where_nothing_better_is_known(world: World) -> None:
    assert read(world).key == KeyState(world.key_arn, "Enabled")


def test_the_key_that_pinecone_was_given_is_taken_whatever_the_alias_points_at(world: World) -> None:
    other = world.client("kms").create_key()["KeyMetadata"]["Arn"]
    world.client("kms").update_alias(AliasName=f"alias/pinecone/{world.name}", TargetKeyId=other)
    record(world, world.key_arn)
    assert read(world).key == KeyState(world.key_arn, "Enabled")


def test_a_file_that_adopts_another_key_than_pinecone_was_given_is_refused(make_world: MakeWorld) -> None:
    world = make_world(adopt=True)
    record(world, OTHER)
    with pytest.raises(PinekeepError, match=r"the file adopts .* but Pinecone was given"):
        read(world)


def test_where_no_key_is_known_none_is_guessed(world: World) -> None:
    world.client("kms").delete_alias(AliasName=f"alias/pinecone/{world.name}")
    with pytest.raises(PinekeepError, match="it is unknown which key Pinecone uses"):
        read(world)


def test_a_key_of_another_account_is_refused(world: World) -> None:
    record(world, OTHER.replace(ACCOUNT, "444455556666"))
    with pytest.raises(PinekeepError, match="is no key of account 111122223333"):
        read(world)


def test_a_key_that_is_no_more_is_told(world: World) -> None:
    assert read_key(world.clients, OTHER) == KeyState(OTHER, None)


def test_replicas_of_a_multi_region_key_are_seen_because_disabling_it_leaves_them_on(world: World) -> None:
    kms = world.client("kms")
    arn = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    kms.replicate_key(KeyId=arn, ReplicaRegion="us-west-2")
    found = read_key(world.clients, arn)
    assert found.replicas == (arn.replace("us-east-1", "us-west-2"),)


def test_roles_under_a_path_keep_it_and_the_one_that_was_handed_over_comes_first() -> None:
    under = f"arn:aws:iam::{ACCOUNT}:role/delegated/dev/pinekeep-search-{REGION}"
    deployment = Deployment.model_validate(
        {
            "account": ACCOUNT,
            "region": REGION,
            "iam_path": "/delegated/dev/",
            "cmek": {"trust": {"regions": [REGION], "external_id": "none"}},
        }
    )
    assert role_arns("search", deployment, handed=None, customers=None) == [under]
    other = under.replace("dev", "prod")
    handed = HandedOver({Value.ROLE_ARN: other})
    assert role_arns("search", deployment, handed=handed, customers=None) == [other], "there is one of a name"
    elsewhere = HandedOver({Value.ROLE_ARN: f"{other}-old"})
    assert role_arns("search", deployment, handed=elsewhere, customers=None) == [under, f"{other}-old"]
