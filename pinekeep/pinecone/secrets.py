"""The values of API keys in AWS Secrets Manager.

The ID of a secret's version is the ID of the API key whose value it has. So the stored key is known without reading the
value, the two cannot disagree, and storing a value twice adds nothing.
Source: facts.aws.SECRETS_PAGE.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from pinekeep.account.client import refusal_codes as codes
from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.errors import AwsRefusedError
from pinekeep.model.facts import aws
from pinekeep.model.naming import DEPLOYMENT_TAG
from pinekeep.pinecone.errors import PineconeStateError
from pinekeep.pinecone.redaction import Secret

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"
PROBE: Final = "pinekeep-probe"
"""The staging label of a version that holds nothing: it shows that the secret can be written to."""
PROBE_TEXT: Final = "no API key has been stored here yet"
NOT_FOUND: Final = "ResourceNotFoundException"
_OTHER_IDS: Final = uuid.UUID("6f0b1c4e-3d67-4a55-9a3c-0f1f6f1f7a11")


@dataclass(frozen=True)
class SecretState:
    """The state of a secret, without its value.

    Attributes:
        ours: whether it has the tag of the deployment.
        deleting: whether it is scheduled for deletion.
        versions: the staging labels by version ID.
        kms_key: the ARN, ID or alias of its KMS key as AWS returns it; None for AWS's own.
    """

    name: str
    exists: bool = False
    ours: bool = False
    deleting: bool = False
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kms_key: str | None = None

    @property
    def current(self) -> str | None:
        """The ID of the version that readers get; None where there is none."""
        return next((version for version, labels in self.versions.items() if CURRENT in labels), None)

    def is_encrypted_with(self, arn: str) -> bool:
        """Tell whether a KMS key encrypts it. An alias is never taken for the key, as its target is unknown here."""
        return self.kms_key in (arn, arn.rpartition("/")[2])

    def holds(self, key_id: str) -> bool:
        """Tell whether it has the value of an API key."""
        return version_of(key_id) in self.versions

    def gives(self, key_id: str) -> bool:
        """Tell whether readers get the value of an API key."""
        return self.current == version_of(key_id)


class Secrets(Protocol):
    """The operations on secrets; tests use another implementation."""

    def look(self, name: str) -> SecretState:
        """Return the state of a secret."""

    def make_room(self, name: str, description: str, *, kms_key: str | None = None) -> None:
        """Create the secret, empty, if it is missing, and verify that it is writable."""

    def store(self, name: str, key_id: str, value: Secret) -> None:
        """Store the value of an API key; readers do not get it yet."""

    def promote(self, name: str, key_id: str) -> None:
        """Give the value of an API key to readers."""

    def read(self, name: str, key_id: str) -> Secret:
        """Return the value of an API key."""


class SecretsManager:
    """Secrets Manager in a deployment's account and Region. Every method raises AwsRefusedError if AWS refuses."""

    def __init__(self, clients: Clients, *, deployment: str, tags: Mapping[str, str]) -> None:
        self._clients = clients
        self._deployment = deployment
        self._tags = {**tags, DEPLOYMENT_TAG: deployment}

    @refusals_told()
    def look(self, name: str) -> SecretState:
        """Return the state of a secret. One call, which does not read the value."""
        try:
            found = self._client.describe_secret(SecretId=name)
        except Exception as error:
            if codes.code_of(error) == NOT_FOUND:
                return SecretState(name)
            raise
        tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}
        return SecretState(
            name=name,
            exists=True,
            ours=tags.get(DEPLOYMENT_TAG) == self._deployment,
            deleting=found.get("DeletedDate") is not None,
            versions={version: tuple(labels) for version, labels in found.get("VersionIdsToStages", {}).items()},
            kms_key=found.get("KmsKeyId"),
        )

    def make_room(self, name: str, description: str, *, kms_key: str | None = None) -> None:
        """Create the secret, empty, if it is missing, and verify that it is writable.

        Called before an API key is created, so that a missing permission leaves no key behind. ``kms_key``: the ARN of
        the KMS key for it; None keeps AWS's choice. Raises PineconeStateError if the secret belongs to another owner,
        is scheduled for deletion, or has another key.
        """
        found = self.look(name)
        require_usable(found, self._deployment, kms_key=kms_key)
        with refusals_told():
            if not found.exists:
                tags = [{"Key": key, "Value": value} for key, value in self._tags.items()]
                with_key = {"KmsKeyId": kms_key} if kms_key else {}
                self._client.create_secret(Name=name, Description=description, Tags=tags, **with_key)
            self._client.put_secret_value(SecretId=name, SecretString=PROBE_TEXT, VersionStages=[PROBE])

    @refusals_told()
    def store(self, name: str, key_id: str, value: Secret) -> None:
        """Store the value of an API key; readers do not get it yet."""
        self._client.put_secret_value(
            SecretId=name, ClientRequestToken=version_of(key_id), SecretString=value.reveal(), VersionStages=[PENDING]
        )

    def promote(self, name: str, key_id: str) -> None:
        """Give the value of an API key to readers."""
        found = self.look(name)
        if found.gives(key_id):
            return
        before = {} if found.current is None else {"RemoveFromVersionId": found.current}
        with refusals_told():
            self._client.update_secret_version_stage(
                SecretId=name, VersionStage=CURRENT, MoveToVersionId=version_of(key_id), **before
            )

    @refusals_told()
    def read(self, name: str, key_id: str) -> Secret:
        """Return the value of an API key. Raises AwsRefusedError, if it is not stored."""
        try:
            found = self._client.get_secret_value(SecretId=name, VersionId=version_of(key_id))
        except Exception as error:
            if codes.code_of(error) == NOT_FOUND:
                raise AwsRefusedError(f"the secret {name} does not hold the key {key_id}") from None
            raise
        return Secret(found["SecretString"])

    @property
    def _client(self) -> Any:
        return self._clients.client("secretsmanager")


def version_of(key_id: str) -> str:
    """Return the ID of the version for an API key's value: the key's own ID, if AWS accepts it."""
    if aws.VERSION_ID_MIN <= len(key_id) <= aws.VERSION_ID_MAX:
        return key_id
    return str(uuid.uuid5(_OTHER_IDS, key_id))


def require_usable(found: SecretState, deployment: str, *, kms_key: str | None = None) -> None:
    """Verify that a deployment may write to a secret. ``kms_key``: the ARN of the declared KMS key, if any.

    Raises PineconeStateError if it belongs to another owner, is scheduled for deletion, or has another key.
    """
    if found.deleting:
        raise PineconeStateError(
            f"the secret {found.name} is scheduled for deletion",
            hint=f"`aws secretsmanager restore-secret --secret-id {found.name}` keeps it; or name another",
        )
    if found.exists and not found.ours:
        raise PineconeStateError(
            f"the secret {found.name} exists already and does not belong to deployment {deployment}: "
            "it is not overwritten",
            hint=f"name another; or, if its value is not needed, hand it over with `aws secretsmanager tag-resource "
            f"--secret-id {found.name} --tags Key={DEPLOYMENT_TAG},Value={deployment}`",
        )
    if (problem := other_key(found, kms_key)) is not None:
        raise PineconeStateError(problem, hint=f"re-encrypt it: {reencryption(found, str(kms_key))}")


def other_key(found: SecretState, kms_key: str | None) -> str | None:
    """Return that a secret has another KMS key than declared; None where it has not."""
    if kms_key is None or not found.exists or found.is_encrypted_with(kms_key):
        return None
    return f"the secret {found.name} is encrypted with {found.kms_key or _AWS_KEY}, and the file names {kms_key}"


_AWS_KEY: Final = "AWS's own key (aws/secretsmanager)"


def reencryption(found: SecretState, kms_key: str) -> str:
    """Return the command that encrypts a secret with a KMS key."""
    region = kms_key.split(":")[3]
    return f"aws secretsmanager update-secret --region {region} --secret-id {found.name} --kms-key-id {kms_key}"
