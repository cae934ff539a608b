"""The columns of a decision table: requests on roles and keys.

Sources: "Actions, resources, and condition keys for AWS KMS" and the KMS API reference ("Cross-account use" of each
operation), "AssumeRole" of the STS API reference (docs.aws.amazon.com, checked 2026-11-22). A test compares them with
botocore's model of KMS.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from pinekeep.decisions.access.policies import KeyPolicy, RolePolicies, statements_of
from pinekeep.decisions.access.principals import sample
from pinekeep.model.policies import compare

ASSUME: Final = "sts:AssumeRole"
EXTERNAL_ID: Final = "sts:externalid"
FOR_SERVICE: Final = "kms:grantisforawsresource"
WRONG_ID: Final = "00000000-0000-4000-8000-000000000000"
"""An external ID that nobody agreed on."""

AGREED: Final = "the agreed external ID"
EMPTY: Final = "an empty external ID"
NONE: Final = "no external ID"
"""The names of columns that sentences treat separately."""


class Group(StrEnum):
    """The purpose of a request."""

    ASSUME = "assume"
    SESSION = "session"
    USE = "use"
    SERVICE_GRANTS = "grants-for-aws-services"
    GRANTS = "grants-otherwise"
    READ = "read"
    ADMINISTER = "administer"
    DELETE = "delete"
    THROUGH_S3 = "use-through-s3"
    LIST = "list-objects"
    READ_OBJECTS = "read-objects"
    WRITE_OBJECTS = "write-objects"
    DELETE_OBJECTS = "delete-objects"
    RETENTION = "retention"
    BUCKET = "bucket-settings"


KEY_ACTIONS: Final[Mapping[Group, tuple[str, ...]]] = MappingProxyType(
    {
        Group.USE: (
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:GenerateDataKeyPair",
            "kms:GenerateDataKeyPairWithoutPlaintext",
            "kms:DescribeKey",
        ),
        Group.SERVICE_GRANTS: ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"),
        Group.GRANTS: ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"),
        Group.READ: (
            "kms:GetKeyPolicy",
            "kms:ListKeyPolicies",
            "kms:GetKeyRotationStatus",
            "kms:ListKeyRotations",
            "kms:ListResourceTags",
        ),
        Group.ADMINISTER: (
            "kms:PutKeyPolicy",
            "kms:EnableKey",
            "kms:DisableKey",
            "kms:EnableKeyRotation",
            "kms:DisableKeyRotation",
            "kms:RotateKeyOnDemand",
            "kms:UpdateKeyDescription",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:CreateAlias",
            "kms:UpdateAlias",
            "kms:DeleteAlias",
            "kms:ReplicateKey",
            "kms:UpdatePrimaryRegion",
            "kms:GetParametersForImport",
            "kms:ImportKeyMaterial",
        ),
        Group.DELETE: ("kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion", "kms:DeleteImportedKeyMaterial"),
    }
)
"""The actions on one symmetric key, by purpose."""

FROM_OTHER_ACCOUNTS: Final = frozenset(
    {*KEY_ACTIONS[Group.USE], *KEY_ACTIONS[Group.GRANTS], "kms:GetKeyRotationStatus", ASSUME}
    | {"sts:TagSession", "sts:SetSourceIdentity"}
)
"""What AWS accepts from other accounts at all; KMS refuses them the rest, whatever a policy says."""

DIRECT: Final = MappingProxyType(
    {
        "aws:securetransport": "true",
        "aws:viaawsservice": "false",
        "aws:principalisawsservice": "false",
        "aws:sourcearn": None,
        "aws:sourceaccount": None,
        "aws:calledvia": None,
        "kms:viaservice": None,
    }
)
"""The condition keys of every request that the caller makes directly."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request.

    ``name``: the name of the column on that role or key, the same in every table of a deployment. ``context``: its
    known condition keys, in lower case, with their values; None means that the key is absent. Whether any other key is
    present is not known. ``resource``: the ARN that it is made on, where that is an object of a bucket; None for the
    role, key or bucket itself.
    """

    on: str
    name: str
    group: Group
    action: str
    words: str
    context: Mapping[str, str | None] = field(hash=False)
    resource: str | None = None

    @property
    def id(self) -> str:
        """Its ID in the whole table."""
        return f"{self.on} {self.name}"


# --- On a role ---


def role_requests(role: RolePolicies, *, external_id: str | None) -> Iterator[Request]:
    """Yield the requests for a role: each kind of external ID besides the agreed one, session tags and identity."""
    for name, (presented, words) in _external_ids(role, external_id).items():
        yield _on_role(role, name=name, group=Group.ASSUME, action=ASSUME, presented=presented, words=words)
    for action in ("sts:TagSession", "sts:SetSourceIdentity"):
        yield _on_role(role, name=action, group=Group.SESSION, action=action, presented=external_id, words=action)


def _on_role(role: RolePolicies, *, name: str, group: Group, action: str, presented: str | None, words: str) -> Request:
    context = {**DIRECT, EXTERNAL_ID: presented}
    return Request(on=role.id, name=name, group=group, action=action, words=words, context=context)


def _external_ids(role: RolePolicies, agreed: str | None) -> dict[str, tuple[str | None, str]]:
    """Return the external IDs of the requests, by column name, each with its words."""
    ids: dict[str, tuple[str | None, str]] = {}
    if agreed is None:
        ids[NONE] = (None, "no external ID, as agreed")
        ids["another external ID"] = (WRONG_ID, "an external ID")
    else:
        ids[AGREED] = (agreed, AGREED)
        ids["another external ID"] = (WRONG_ID, "another external ID")
        if agreed.swapcase() != agreed:
            ids["the agreed ID in other case"] = (agreed.swapcase(), "the agreed external ID in other case")
        ids["an ID that begins alike"] = (f"{agreed[:-1]}+", "an external ID that begins like the agreed one")
        ids["an ID that ends alike"] = (f"+{agreed[1:]}", "an external ID that ends like the agreed one")
        ids["a longer ID"] = (f"{agreed}+", "an external ID that goes on after the agreed one")
    ids[EMPTY] = ("", EMPTY)
    if agreed is not None:
        ids[NONE] = (None, NONE)
    used = {presented for presented, _ in ids.values()}
    for value in _external_ids_in(role):
        presented = sample(value, filler="0")
        if presented not in used:
            used.add(presented)
            words = f"the external ID {compare.shortened(value)}"
            alike = sum(name.startswith(words) for name in ids)
            ids[f"{words} ({alike + 1})" if alike else words] = (presented, words)
    return ids


def _external_ids_in(role: RolePolicies) -> list[str]:
    if role.trust is None:
        return []
    conditions = (condition for each in statements_of(role.trust) for condition in each.conditions)
    return sorted({value for one in conditions if one.key.lower() == EXTERNAL_ID for value in one.values} - {"*"})


# --- On a key ---


def key_requests(key: KeyPolicy) -> Iterator[Request]:
    """Yield the requests on a key."""
    region = key.arn.split(":")[3]
    for group, actions in KEY_ACTIONS.items():
        for action in actions:
            context: dict[str, str | None] = {**DIRECT, "aws:requestedregion": region, FOR_SERVICE: None}
            name = action
            if group is Group.SERVICE_GRANTS:
                # An AWS service asks on the caller's behalf: which one, and from where, is not known.
                context = {"aws:securetransport": "true", "aws:requestedregion": region, FOR_SERVICE: "true"}
                name = f"{action} for an AWS service"
            elif group is Group.GRANTS:
                context[FOR_SERVICE] = "false"
            yield Request(on=key.id, name=name, group=group, action=action, words=action, context=context)
