from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import get_session

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"


def keyed(world: "World", **changes: Any) -> "World":
    """The same world with another key, behind its alias too."""
    return world.changed("key", **changes).changed("alias_key", **changes)


def test_a_missing_key_fails_once(world: "World") -> None:
    missing = world.when(key=None, alias_key=None, key_policy=None, rotation=None)
    assert missing.failures() == {"key-exists"}
    assert "support" in str(missing.finding("key-exists").fix)


def test_every_state_that_kms_knows_but_enabled_fails_with_words_of_its_own(world: "World") -> None:
    shape: Any = get_session().get_service_model("kms").shape_for("KeyState")
    known = set(shape.enum) - {"Enabled"}
    told = {state: keyed(world, KeyState=state).failure("key-state") for state in known}
    assert len(set(told.values())) == len(known)
    assert not [words for words in told.values() if "unknown state" in words]
    meanings = [keyed(world, KeyState=state).finding("key-state").meaning for state in known]
    assert all(str(each).endswith(".") and "{" not in str(each) for each in meanings)


def test_a_key_that_waits_for_deletion_names_the_day_and_the_way_back(world: "World") -> None:
    wrong = keyed(world, KeyState="PendingDeletion", DeletionDate=datetime(2027, 1, 9, tzinfo=UTC))
    assert "will be deleted on 2027-01-09" in wrong.failure("key-state")
    found = wrong.finding("key-state")
    assert f"cancel-key-deletion --key-id {KEY_ARN} --region us-east-1; aws kms enable-key" in str(found.fix)
    assert str(found.meaning).startswith("Pinecone cannot decrypt: the key is pending deletion until 2027-01-09")


def test_a_state_that_nobody_foresaw_fails(world: "World") -> None:
    assert "unknown state" in keyed(world, KeyState="Frozen").failure("key-state")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"KeyManager": "AWS"}, "it belongs to AWS"),
        ({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}, "its spec is RSA_2048"),
        ({"KeyUsage": "GENERATE_VERIFY_MAC"}, "its usage is GENERATE_VERIFY_MAC"),
        ({"Origin": "EXTERNAL"}, "its material comes from EXTERNAL"),
        ({"MultiRegion": True}, "it is a multi-Region key"),
    ],
)
def test_another_kind_of_key_is_told_in_words(world: "World", changes: dict[str, Any], words: str) -> None:
    wrong = keyed(world, **changes)
    assert words in wrong.failure("key-kind")
    assert wrong.failures() == {"key-kind"}


def test_a_replica_is_not_the_primary(world: "World") -> None:
    many = world.configured(cmek={"key": {"multi_region": True}})
    assert many.failures() == set()
    assert "it is not a multi-Region key" in keyed(many, MultiRegion=False).failure("key-kind")
    replica = keyed(many, MultiRegionConfiguration={"MultiRegionKeyType": "REPLICA"})
    assert "replica" in replica.failure("key-kind")


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:kms:us-west-2:111122223333:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9",
        "arn:aws:kms:us-east-1:999988887777:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9",
        "no ARN",
    ],
)
def test_a_key_of_another_account_or_region_fails(world: "World", arn: str) -> None:
    assert keyed(world, Arn=arn).failures() == {"key-place"}


def test_rotation_that_is_off_fails(world: "World") -> None:
    wrong = world.when(rotation={"KeyRotationEnabled": False})
    assert wrong.failure("key-rotation") == "rotation is off"
    assert "--rotation-period-in-days 180" in str(wrong.finding("key-rotation").fix)


def test_rotation_that_is_off_because_of_a_deletion_says_so(world: "World") -> None:
    going = keyed(world, KeyState="PendingDeletion", DeletionDate=datetime(2027, 1, 9, tzinfo=UTC))
    found = going.when(rotation={"KeyRotationEnabled": False}).finding("key-rotation")
    assert found.status == "note", "KMS refuses to turn rotation on for such a key"
    assert "waits for deletion" in found.found


def test_another_period_fails(world: "World") -> None:
    wrong = world.changed("rotation", RotationPeriodInDays=365)
    assert wrong.failure("key-rotation") == "every 365 days"
    assert wrong.finding("key-rotation").wanted == "every 180 days"


def test_a_kind_that_cannot_rotate_fails(world: "World") -> None:
    assert world.when(rotation=None).failure("key-rotation") == "this kind of key cannot rotate"


ADOPTED = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555"


@pytest.fixture
def adopted(world: "World") -> "World":
    return world.configured(cmek={"key": None}).configured(cmek={"key": {"adopt": ADOPTED}})


def test_an_adopted_key_needs_neither_alias_nor_rotation(adopted: "World") -> None:
    ids = {each.check for each in adopted.findings()}
    assert not ids & {"key-alias", "key-rotation", "key-policy-users", "key-policy-administrators"}
    assert {"key-state", "key-kind", "adopted-key-policy-users"} <= ids
    assert adopted.failures() == set()


@pytest.mark.parametrize("multi_region", [True, False])
def test_an_adopted_key_may_be_multi_region_or_not(adopted: "World", multi_region: bool) -> None:
    assert adopted.changed("key", MultiRegion=multi_region).failures() == set()


@pytest.mark.parametrize("origin", ["EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"])
def test_an_adopted_key_of_another_origin_fails_with_a_sentence(adopted: "World", origin: str) -> None:
    wrong = adopted.changed("key", Origin=origin)
    assert wrong.failure("key-kind") == f"its material comes from {origin}, not from KMS (AWS_KMS)"
    assert "adopt another one" in str(wrong.finding("key-kind").fix)
