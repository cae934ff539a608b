"""The key and its alias.

CloudFormation may not use a key (Encrypt, Decrypt, grants), delete, disable or enable it. Changes to a key require the
deployment's tag on it, which CreateKey sets in the same call.

Sources: "Condition keys for AWS KMS", "Controlling access to tags" (docs.aws.amazon.com); the tags of a new key are
part of CreateKey in the handler of AWS::KMS::Key, which is open (aws-cloudformation-resource-providers-kms).
"""

from typing import Final

from pinekeep.decisions.privileges.grant import (
    EVERYTHING,
    Condition,
    ResourceKind,
    being_tagged,
    both,
    grant,
    in_the_regions,
    left_out,
    tagged,
)
from pinekeep.decisions.privileges.monitoring_scope import topic_key_regions
from pinekeep.decisions.privileges.scope import Scope, once
from pinekeep.decisions.privileges.storage_scope import audit_aliases, audit_key_regions
from pinekeep.model.facts import aws

_ANY_KEY: Final = "the keys of the account and Region"
_OWN_KEYS: Final = f"{_ANY_KEY} that carry the deployment's tag"


def _keys(scope: Scope) -> list[str]:
    """Return the ARNs of every key of the account, in the Regions where a stack makes one."""
    further = (
        f"arn:{aws.PARTITION}:kms:{region}:{scope.account}:key/*"
        for region in (*audit_key_regions(scope), *topic_key_regions(scope))
    )
    return once([*scope.keys(), *further])


def _topic_keys(scope: Scope) -> list[str]:
    return [f"arn:{aws.PARTITION}:kms:{region}:{scope.account}:key/*" for region in topic_key_regions(scope)]


def _alias_names(scope: Scope) -> list[str]:
    return [*scope.alias_names(), *audit_aliases(scope)]


def _aliases(scope: Scope) -> list[str]:
    audit = (
        f"arn:{aws.PARTITION}:kms:{region}:{scope.account}:{alias}"
        for region in audit_key_regions(scope)
        for alias in audit_aliases(scope)
    )
    return once([*scope.aliases(), *audit])


def _only_such_keys(scope: Scope) -> Condition:
    """A new key is of the kind that Pinecone supports, and has the deployment's tag."""
    kind: dict[str, list[str] | str] = {
        "kms:KeySpec": aws.KEY_SPEC,
        "kms:KeyUsage": aws.KEY_USAGE,
        "kms:KeyOrigin": aws.KEY_ORIGIN,
    }
    single: Condition = {} if scope.has_multi_region_keys else {"Bool": {"kms:MultiRegion": "false"}}
    return both({"StringEquals": kind}, in_the_regions(scope), being_tagged(scope), single)


def _with_a_foreign_alias(scope: Scope) -> Condition:
    return {"ForAnyValue:StringNotLike": {"kms:ResourceAliases": _alias_names(scope)}}


KEY: Final = ResourceKind(
    name="AWS::KMS::Key",
    grants=(
        grant(
            "CreateKeys",
            "kms:CreateKey",
            on="symmetric keys for encryption, created with the deployment's tag",
            resources=lambda scope: EVERYTHING if _keys(scope) else [],
            condition=_only_such_keys,
            wildcard="a new key has no ARN; the conditions limit the kind of key",
        ),
        grant(
            "TagNewKeys",
            "kms:TagResource",
            on=f"{_ANY_KEY}, to add the deployment's tag",
            resources=_keys,
            condition=being_tagged,
        ),
        grant(
            "LeaveOtherKeysUntagged",
            "kms:TagResource",
            on=f"{_ANY_KEY} that have another owner's alias",
            resources=_keys,
            condition=_with_a_foreign_alias,
            effect="Deny",
        ),
        grant(
            "ReadKeys",
            "kms:DescribeKey",
            "kms:GetKeyPolicy",
            "kms:GetKeyRotationStatus",
            "kms:ListResourceTags",
            on=_ANY_KEY,
            resources=_keys,
        ),
        grant(
            "ManageOwnKeys",
            "kms:EnableKeyRotation",
            "kms:PutKeyPolicy",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:UpdateKeyDescription",
            on=_OWN_KEYS,
            resources=_keys,
            condition=tagged,
        ),
        grant(
            "DeleteKeysOfTopics",
            "kms:ScheduleKeyDeletion",
            on=f"{_OWN_KEYS}: the key of the notifications goes with its stack",
            resources=_topic_keys,
            condition=tagged,
        ),
        grant(
            "DeleteNoKeyWithAnAlias",
            "kms:ScheduleKeyDeletion",
            on=f"{_ANY_KEY} that have an alias, as the keys of Pinecone and of the audit logs have",
            resources=_topic_keys,
            condition=lambda _: {"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/*"}},
            effect="Deny",
        ),
    ),
    left_out={
        **left_out(
            "disabling and enabling a key is yours: a deployment must not enable what you disabled",
            "kms:DisableKey",
            "kms:EnableKey",
        ),
        **left_out("the templates always rotate", "kms:DisableKeyRotation"),
        **left_out("only for listing resources to import, never for a deployment", "kms:ListKeys"),
    },
)

ALIAS: Final = ResourceKind(
    name="AWS::KMS::Alias",
    grants=(
        grant(
            "ManageAliases",
            "kms:CreateAlias",
            "kms:UpdateAlias",
            "kms:DeleteAlias",
            on="the deployments' aliases",
            resources=_aliases,
        ),
        grant(
            "AliasOwnKeys",
            "kms:CreateAlias",
            "kms:UpdateAlias",
            "kms:DeleteAlias",
            on=_OWN_KEYS,
            resources=_keys,
            condition=tagged,
        ),
        grant(
            "ListAliases",
            "kms:ListAliases",
            on="the aliases of the account and Region",
            resources=lambda scope: EVERYTHING if _aliases(scope) else [],
            condition=in_the_regions,
            wildcard="ListAliases takes no resource",
        ),
    ),
)
