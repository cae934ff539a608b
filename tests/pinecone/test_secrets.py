"""Secrets Manager, on the embedded AWS."""

import uuid
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.errors import AwsRefusedError
from pinekeep.pinecone.errors import PineconeStateError
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.secrets import PROBE, PROBE_TEXT, SecretsManager, SecretState, version_of

KMS_KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KEY, OTHER = "2630d543-7364-473c-9c43-21b88d736e65", "071460a4-421a-4f4d-957a-87fd491bd4a9"


@pytest.fixture
def name() -> str:
    return f"pinecone/{uuid.uuid4()}"


@pytest.fixture
def aws(embedded: EmbeddedAws) -> Any:
    return embedded.session().client("secretsmanager")


@pytest.fixture
def secrets(clients: Clients) -> SecretsManager:
    return SecretsManager(clients, deployment="search", tags={"team": "search"})


def test_a_secret_that_is_not_there_is_looked_at_without_a_fault(secrets: SecretsManager, name: str) -> None:
    assert secrets.look(name) == SecretState(name)


def test_room_is_made_with_tags_and_nothing_secret_in_it(secrets: SecretsManager, name: str, aws: Any) -> None:
    secrets.make_room(name, "API key ingest")
    found = aws.describe_secret(SecretId=name)
    assert {each["Key"]: each["Value"] for each in found["Tags"]} == {
        "team": "search",
        "pinekeep:deployment": "search",
    }
    assert found["Description"] == "API key ingest"
    state = secrets.look(name)
    assert (state.exists, state.ours, state.holds(KEY)) == (True, True, False)
    (probe,) = [version for version, labels in state.versions.items() if PROBE in labels]
    assert aws.get_secret_value(SecretId=name, VersionId=probe)["SecretString"] == PROBE_TEXT
    secrets.make_room(name, "API key ingest")


def test_readers_get_a_value_only_when_it_is_promoted(secrets: SecretsManager, name: str, aws: Any) -> None:
    secrets.make_room(name, "")
    secrets.store(name, KEY, Secret("the-first-value"))
    state = secrets.look(name)
    assert (state.holds(KEY), state.gives(KEY)) == (True, False)
    secrets.promote(name, KEY)
    assert secrets.look(name).gives(KEY)
    assert aws.get_secret_value(SecretId=name)["SecretString"] == "the-first-value"
    secrets.store(name, OTHER, Secret("the-second-value"))
    assert aws.get_secret_value(SecretId=name)["SecretString"] == "the-first-value"
    for _ in range(2):
        secrets.promote(name, OTHER)
    assert aws.get_secret_value(SecretId=name)["SecretString"] == "the-second-value"
    assert secrets.look(name).holds(KEY), "the one before can still be read"
    assert secrets.read(name, KEY).reveal() == "the-first-value"


def test_a_value_that_is_not_there_is_told(secrets: SecretsManager, name: str) -> None:
    secrets.make_room(name, "")
    with pytest.raises(AwsRefusedError, match=f"the secret {name} does not hold the key {KEY}"):
        secrets.read(name, KEY)


def test_somebody_elses_secret_is_not_overwritten(secrets: SecretsManager, name: str, aws: Any) -> None:
    aws.create_secret(Name=name, SecretString="a password", Tags=[{"Key": "pinekeep:deployment", "Value": "other"}])
    with pytest.raises(PineconeStateError) as caught:
        secrets.make_room(name, "")
    assert caught.value.message == (
        f"the secret {name} exists already and does not belong to deployment search: it is not overwritten"
    )
    assert aws.get_secret_value(SecretId=name)["SecretString"] == "a password"


def test_a_secret_that_is_about_to_go_is_not_written_to(secrets: SecretsManager, name: str, aws: Any) -> None:
    secrets.make_room(name, "")
    aws.delete_secret(SecretId=name)
    with pytest.raises(PineconeStateError, match="is scheduled for deletion"):
        secrets.make_room(name, "")


def test_a_version_has_the_id_of_its_key_where_aws_takes_it() -> None:
    assert version_of(KEY) == KEY
    assert len(version_of("key-abc123")) == 36
    assert version_of("key-abc123") == version_of("key-abc123") != version_of("key-abc124")


def test_a_secret_is_encrypted_with_the_key_that_the_file_names(
    secrets: SecretsManager, name: str, aws: Any, embedded: EmbeddedAws
) -> None:
    key = embedded.session().client("kms").create_key()["KeyMetadata"]["Arn"]
    secrets.make_room(name, "", kms_key=key)
    assert aws.describe_secret(SecretId=name)["KmsKeyId"] == key
    assert secrets.look(name).is_encrypted_with(key)
    secrets.make_room(name, "", kms_key=key)


def test_a_secret_under_another_key_is_told_before_anything_is_stored(
    secrets: SecretsManager, name: str, aws: Any
) -> None:
    secrets.make_room(name, "")
    before = aws.describe_secret(SecretId=name)["VersionIdsToStages"]
    with pytest.raises(PineconeStateError) as caught:
        secrets.make_room(name, "", kms_key=KMS_KEY)
    assert caught.value.message == (
        f"the secret {name} is encrypted with AWS's own key (aws/secretsmanager), and the file names {KMS_KEY}"
    )
    assert caught.value.hint == (
        f"re-encrypt it: aws secretsmanager update-secret --region us-east-1 --secret-id {name} --kms-key-id {KMS_KEY}"
    )
    assert aws.describe_secret(SecretId=name)["VersionIdsToStages"] == before, "nothing was put into it"


@pytest.mark.parametrize(
    ("told", "same"),
    [
        (KMS_KEY, True),
        (KMS_KEY.rpartition("/")[2], True),
        (KMS_KEY.replace("1234abcd", "5678abcd"), False),
        ("alias/secrets", False),
        (None, False),
    ],
)
def test_aws_tells_the_key_of_a_secret_in_several_ways(told: str | None, same: bool) -> None:
    assert SecretState("search", exists=True, kms_key=told).is_encrypted_with(KMS_KEY) is same
