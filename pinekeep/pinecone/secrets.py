"""AWS Secrets Manager, where the values of API keys go.

A version's ID is the ID of the API key whose value it holds. So which key a secret holds can be told without reading
the value, the two can never disagree, and storing the same value twice makes nothing twice.
Source: facts.aws.SECRETS_PAGE.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from pinekeep.account.client import refusal_codes as codes
from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import as_refusal, refusals_told
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
    """How a secret is, without its value.

    Attributes:
        name: its name.
        exists: whether it is there.
        ours: whether it carries the tag of the deployment that looks.
        deleting: whether it is about to be deleted.
        versions: the staging labels of each version that has one, by the version's ID.
        kms_key: the KMS key that encrypts it, as AWS tells it: an ARN, an ID or an alias. None where it is AWS's own.
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
        """Tell whether a KMS key encrypts it. Of an alias that is not known, so it is not taken for the key."""
        return self.kms_key in (arn, arn.rpartition("/")[2])

    def holds(self, key_id: str) -> bool:
        """Tell whether the value of an API key is in it."""
        return version_of(key_id) in self.versions

    def gives(self, key_id: str) -> bool:
        """Tell whether readers get the value of an API key."""
        return self.current == version_of(key_id)


class Secrets(Protocol):
    """What is done with secrets; tests put something else in its place."""

    def look(self, name: str) -> SecretState:
        """Return how a secret is."""

    def make_room(self, name: str, description: str, *, kms_key: str | None = None) -> None:
        """Make the secret, empty, where it is missing, and show that it can be written to."""

    def store(self, name: str, key_id: str, value: Secret) -> None:
        """Put the value of an API key into it; readers do not get it yet."""

    def promote(self, name: str, key_id: str) -> None:
        """Give the value of an API key to readers from now on."""

    def read(self, name: str, key_id: str) -> Secret:
        """Return the value of an API key."""


class SecretsManager:
    """AWS Secrets Manager in a deployment's account and Region.

    Args:
        clients: the clients of the Region.
        deployment: the deployment's name, which goes into a tag.
        tags: the deployment's tags.

    Every method raises AwsRefusedError, when AWS or the way to it says no.
    """

    def __init__(self, clients: Clients, *, deployment: str, tags: Mapping[str, str]) -> None:
        self._clients = clients
        self._deployment = deployment
        self._tags = {**tags, DEPLOYMENT_TAG: deployment}

    @refusals_told()
    def look(self, name: str) -> SecretState:
        """Return how a secret is. One call; its value is not read."""
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
        """Make the secret, empty, where it is missing, and show that it can be written to.

        Done before an API key is made, so that a missing permission leaves no key behind.

        Args:
            name: its name.
            description: what it is for.
            kms_key: the ARN of the KMS key that is to encrypt it; None leaves that to AWS, or as it is.

        Raises:
            PineconeStateError: the secret is not ours, about to be deleted, or encrypted with another key.
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
        """Put the value of an API key into the secret; readers do not get it yet."""
        self._client.put_secret_value(
            SecretId=name,
            ClientRequestToken=version_of(key_id),
            SecretString=value.reveal(),
            VersionStages=[PENDING],
        )

    def promote(self, name: str, key_id: str) -> None:
        """Give the value of an API key to readers from now on."""
        found = self.look(name)
        if found.gives(key_id):
            return
        before = {} if found.current is None else {"RemoveFromVersionId": found.current}
        with refusals_told():
            self._client.update_secret_version_stage(
                SecretId=name, VersionStage=CURRENT, MoveToVersionId=version_of(key_id), **before
            )

    def read(self, name: str, key_id: str) -> Secret:
        """Return the value of an API key.

        Raises:
            AwsRefusedError: it is not there.
        """
        try:
            found = self._client.get_secret_value(SecretId=name, VersionId=version_of(key_id))
        except Exception as error:
            if codes.code_of(error) == NOT_FOUND:
                raise AwsRefusedError(f"the secret {name} does not hold the key {key_id}") from None
            refusal = as_refusal(error)
            if refusal is None:
                raise
            raise refusal from None
        return Secret(found["SecretString"])

    @property
    def _client(self) -> Any:
        return self._clients.client("secretsmanager")


def version_of(key_id: str) -> str:
    """Return the ID of the version that holds the value of an API key: the key's own ID, where AWS takes it."""
    if aws.VERSION_ID_MIN <= len(key_id) <= aws.VERSION_ID_MAX:
        return key_id
    return str(uuid.uuid5(_OTHER_IDS, key_id))


def require_usable(found: SecretState, deployment: str, *, kms_key: str | None = None) -> None:
    """See that a secret may be written to.

    Args:
        found: how it is.
        deployment: the deployment that is to write to it.
        kms_key: the ARN of the KMS key that the file names for it; None where it names none.

    Raises:
        PineconeStateError: it is not ours, about to be deleted, or encrypted with another key.
    """
    if found.deleting:
        raise PineconeStateError(
            f"the secret {found.name} is about to be deleted",
            hint=f"`aws secretsmanager restore-secret --secret-id {found.name}` keeps it; or name another",
        )
    if found.exists and not found.ours:
        raise PineconeStateError(
            f"the secret {found.name} is there already, and not of deployment {deployment}: it is not overwritten",
            hint=f"name another; or, if nobody needs what it holds, hand it over with `aws secretsmanager tag-resource "
            f"--secret-id {found.name} --tags Key={DEPLOYMENT_TAG},Value={deployment}`",
        )
    if (problem := other_key(found, kms_key)) is not None:
        raise PineconeStateError(problem, hint=f"re-encrypt it: {reencryption(found, str(kms_key))}")


def other_key(found: SecretState, kms_key: str | None) -> str | None:
    """Return that a secret is encrypted with another key than the file names; None where it is not."""
    if kms_key is None or not found.exists or found.is_encrypted_with(kms_key):
        return None
    return f"the secret {found.name} is encrypted with {found.kms_key or _AWS_KEY}, and the file names {kms_key}"


_AWS_KEY: Final = "AWS's own key (aws/secretsmanager)"


def reencryption(found: SecretState, kms_key: str) -> str:
    """Return the command that encrypts a secret with a KMS key."""
    region = kms_key.split(":")[3]
    return f"aws secretsmanager update-secret --region {region} --secret-id {found.name} --kms-key-id {kms_key}"
