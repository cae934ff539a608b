"""Grants on the secrets that hold API keys of Pinecone, and on the KMS keys that encrypt them."""

from collections.abc import Iterator
from typing import Final

from pinekeep.decisions.privileges.grant import Condition, grant
from pinekeep.decisions.privileges.scope import Scope, once
from pinekeep.model.config.models import ApiKey
from pinekeep.model.facts import aws


def _api_keys(scope: Scope) -> Iterator[tuple[str, ApiKey]]:
    """Yield each API key of the deployments, with its Region."""
    for each in scope.deployments.values():
        for key in each.pinecone.api_keys if each.pinecone is not None else ():
            yield each.region, key


def _secrets(scope: Scope) -> list[str]:
    return once(arn for region, key in _api_keys(scope) for arn in _secret(scope, region, key.secret))


def _secret(scope: Scope, region: str, name: str) -> list[str]:
    """Return the ARNs of a secret: Secrets Manager adds a hyphen and six characters to the name of one that exists."""
    arn = f"arn:{aws.PARTITION}:secretsmanager:{region}:{scope.account}:secret:"
    folder, slash, _ = name.partition("/")
    return [f"{arn}{folder}/*"] if scope.many and slash else [f"{arn}{name}", f"{arn}{name}-??????"]


def _keys_of_secrets(scope: Scope) -> list[str]:
    return once(key.kms_key for _, key in _api_keys(scope) if key.kms_key is not None)


def _through_secrets_manager(scope: Scope) -> Condition:
    return {"StringEquals": {"kms:ViaService": [f"secretsmanager.{region}.amazonaws.com" for region in scope.regions]}}


READ_SECRETS: Final = grant(
    "ReadSecrets",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    on="the secrets that hold API keys of Pinecone",
    resources=_secrets,
)

WRITE_SECRETS: Final = grant(
    "WriteSecrets",
    "secretsmanager:CreateSecret",
    "secretsmanager:TagResource",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
    on="the same secrets",
    resources=_secrets,
)

USE_KEYS_OF_SECRETS: Final = grant(
    "UseKeysOfSecrets",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    on="the keys that the file names for secrets, through Secrets Manager alone; their key policies must allow it, too",
    resources=_keys_of_secrets,
    condition=_through_secrets_manager,
)
"""Secrets Manager encrypts and decrypts with the caller's permissions."""

KEYS_OF_INDEXES: Final = grant(
    "ReadKey",
    "kms:DescribeKey",
    on="keys of the account and Region, and the alias: compared with an index's cmek_id",
    resources=lambda scope: [*scope.keys_to_read(), *scope.aliases()] if _secrets(scope) else [],
)
