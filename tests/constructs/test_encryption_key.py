from typing import Any

import pytest

from pinekeep.constructs import EncryptionKey
from tests.stacks.support import ACCOUNT, Made, foreign_stack, made_in

ROLE = f"arn:aws:iam::{ACCOUNT}:role/pinecone"
ADMINISTRATORS = [f"arn:aws:iam::{ACCOUNT}:role/keys", f"arn:aws:iam::{ACCOUNT}:user/ada"]

ROOT_STATEMENT = {
    "Sid": "EnableIamUserPermissions",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
USE_STATEMENT = {
    "Sid": "AllowUseOfTheKey",
    "Effect": "Allow",
    "Principal": {"AWS": ROLE},
    "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
    "Resource": "*",
}
GRANTS_STATEMENT = {
    "Sid": "AllowAttachmentOfPersistentResources",
    "Effect": "Allow",
    "Principal": {"AWS": ROLE},
    "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
    "Resource": "*",
    "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
}
ADMINISTRATION_STATEMENT = {
    "Sid": "AllowAccessForKeyAdministrators",
    "Effect": "Allow",
    "Principal": {"AWS": ADMINISTRATORS},
    "Action": [
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
    ],
    "Resource": "*",
}
NO_USE_STATEMENT = {
    "Sid": "DenyUseByKeyAdministrators",
    "Effect": "Deny",
    "Principal": {"AWS": ADMINISTRATORS},
    "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant"],
    "Resource": "*",
}


def key(**settings: Any) -> Made:
    stack = foreign_stack()
    needed: dict[str, Any] = {"key_user": ROLE, "alias": "alias/pinecone/test"}
    EncryptionKey(stack, "Key", **(needed | settings))
    return made_in(stack)


def statements(made: Made) -> list[dict[str, Any]]:
    policy = made.only("AWS::KMS::Key")["KeyPolicy"]
    assert policy["Version"] == "2012-10-17"
    return list(policy["Statement"])


def test_the_policy_has_the_root_and_the_two_key_user_statements_and_nothing_else() -> None:
    assert statements(key()) == [ROOT_STATEMENT, USE_STATEMENT, GRANTS_STATEMENT]


def test_administrators_get_a_statement_to_administer_and_one_that_denies_use() -> None:
    assert statements(key(administrators=ADMINISTRATORS)) == [
        ROOT_STATEMENT,
        ADMINISTRATION_STATEMENT,
        NO_USE_STATEMENT,
        USE_STATEMENT,
        GRANTS_STATEMENT,
    ]


def test_the_key_is_symmetric_made_by_kms_rotated_and_of_one_region() -> None:
    properties = key().only("AWS::KMS::Key")
    del properties["KeyPolicy"]
    assert properties == {
        "Description": "Used by Pinecone to encrypt a project (CMEK)",
        "Enabled": True,
        "EnableKeyRotation": True,
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": False,
        "Origin": "AWS_KMS",
        "PendingWindowInDays": 30,
        "RotationPeriodInDays": 365,
    }


@pytest.mark.parametrize(
    ("setting", "value", "name"),
    [
        ("multi_region", True, "MultiRegion"),
        ("rotation_days", 90, "RotationPeriodInDays"),
        ("deletion_window_days", 7, "PendingWindowInDays"),
        ("description", "Ours", "Description"),
    ],
)
def test_a_setting_reaches_the_key(setting: str, value: Any, name: str) -> None:
    assert key(**{setting: value}).only("AWS::KMS::Key")[name] == value


def test_the_alias_leads_to_the_key() -> None:
    made = key(alias="alias/ours")
    (key_id,) = made.of_type("AWS::KMS::Key")
    assert made.only("AWS::KMS::Alias") == {"AliasName": "alias/ours", "TargetKeyId": {"Fn::GetAtt": [key_id, "KeyId"]}}


@pytest.mark.parametrize("kind", ["AWS::KMS::Key", "AWS::KMS::Alias"])
def test_key_and_alias_are_kept_when_removed_or_replaced_but_not_after_a_failed_first_create(kind: str) -> None:
    (resource,) = key().of_type(kind).values()
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate", f"{kind} would be deleted with its stack"
    assert resource["UpdateReplacePolicy"] == "Retain", f"{kind} would be deleted when it is replaced"


@pytest.mark.parametrize("multi_region", [False, True])
def test_the_policy_lets_administrators_replicate_a_multi_region_key_alone(multi_region: bool) -> None:
    stack = foreign_stack()
    EncryptionKey(
        stack, "Key", key_user=ROLE, alias="alias/a", administrators=ADMINISTRATORS, multi_region=multi_region
    )
    (statement,) = [
        each
        for each in made_in(stack).only("AWS::KMS::Key")["KeyPolicy"]["Statement"]
        if each["Sid"] == "AllowAccessForKeyAdministrators"
    ]
    assert ("kms:ReplicateKey" in statement["Action"]) is multi_region
