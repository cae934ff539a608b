"""The key policy: who may use the KMS key, and who may administer it.

Sources: facts.aws.KMS_KEY_USERS_PAGE for the key-user statements, facts.pinecone.CMEK_PAGE for the role.
"""

from collections.abc import Sequence
from typing import Final

from pinekeep.model.arns import root_arn
from pinekeep.model.policies.document import Policy, Statement, policy

ROOT_SID: Final = "EnableIamUserPermissions"
ADMINISTRATORS_SID: Final = "AllowAccessForKeyAdministrators"
DENY_USE_SID: Final = "DenyUseByKeyAdministrators"
USE_SID: Final = "AllowUseOfTheKey"
GRANTS_SID: Final = "AllowAttachmentOfPersistentResources"

USE_ACTIONS: Final = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")
"""What the AWS console gives a key user, first statement."""

GRANT_ACTIONS: Final = ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant")
"""What the AWS console gives a key user, second statement: only for AWS services acting for the user."""

ADMINISTRATION_ACTIONS: Final = (
    "kms:CreateAlias",
    "kms:Describe*",
    "kms:Enable*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Revoke*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Delete*",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
    "kms:RotateKeyOnDemand",
)
"""What the AWS console gives a key administrator, less ``kms:CreateGrant`` (it hides in the console's
``kms:Create*``): whoever may create a grant may give themselves the use of the key."""

MULTI_REGION_ACTIONS: Final = ("kms:ReplicateKey", "kms:UpdatePrimaryRegion")
"""What the AWS console gives the administrators of a multi-Region primary key besides. ``kms:Update*`` above covers the
second; it is named as AWS names it."""

DENIED_TO_ADMINISTRATORS: Final = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey*",
    "kms:CreateGrant",
)
"""Denied in so many words, because the root statement lets IAM policies of the account grant them."""


def root_statement(account: str) -> Statement:
    """Return the statement for the account itself: without it, a mistaken policy can lock everyone out for good."""
    return {
        "Sid": ROOT_SID,
        "Effect": "Allow",
        "Principal": {"AWS": root_arn(account)},
        "Action": "kms:*",
        "Resource": "*",
    }


def administrator_statements(administrators: Sequence[str], *, multi_region: bool = False) -> list[Statement]:
    """Return the statements that let IAM roles and users administer the key, without using it.

    Without administrators, there is no statement. They may replicate a multi-Region primary key.
    """
    if not administrators:
        return []
    principal = {"AWS": list(administrators)}
    actions = [*ADMINISTRATION_ACTIONS, *(MULTI_REGION_ACTIONS if multi_region else ())]
    return [
        {"Sid": ADMINISTRATORS_SID, "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*"},
        {
            "Sid": DENY_USE_SID,
            "Effect": "Deny",
            "Principal": principal,
            "Action": list(DENIED_TO_ADMINISTRATORS),
            "Resource": "*",
        },
    ]


def key_user_statements(role: str) -> list[Statement]:
    """Return the AWS console's two statements for a key user. ``role``: its ARN, or a CloudFormation reference."""
    principal = {"AWS": role}
    return [
        {"Sid": USE_SID, "Effect": "Allow", "Principal": principal, "Action": list(USE_ACTIONS), "Resource": "*"},
        {
            "Sid": GRANTS_SID,
            "Effect": "Allow",
            "Principal": principal,
            "Action": list(GRANT_ACTIONS),
            "Resource": "*",
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    ]


def key_policy(*, account: str, administrators: Sequence[str], role: str, multi_region: bool = False) -> Policy:
    """Return the whole policy of a key that Pinecone uses.

    Args:
        account: the account that owns the key; its root administers the key, too.
        administrators: ARNs of further principals that administer the key.
        role: the ARN of the role that Pinecone assumes, or a CloudFormation reference to it.
        multi_region: whether the key is a multi-Region primary key.
    """
    return policy(
        [
            root_statement(account),
            *administrator_statements(administrators, multi_region=multi_region),
            *key_user_statements(role),
        ]
    )
