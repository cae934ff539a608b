from typing import Any

import pytest

from pinekeep.model.policies.storage import (
    StorageUse,
    access_logs_policy,
    audit_bucket_policy,
    audit_key_policy,
    storage_permissions,
    storage_trust,
)

ACCOUNT = "111122223333"
REGION = "us-east-1"
BUCKET = "acme-pinecone"
ARN = f"arn:aws:s3:::{BUCKET}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/pinecone-audit"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"
OWN = {"aws:ResourceAccount": ACCOUNT}


def permissions(use: StorageUse, prefix: str | None = None, kms_key: str | None = None) -> list[dict[str, Any]]:
    found = storage_permissions(use=use, bucket=BUCKET, prefix=prefix, account=ACCOUNT, region=REGION, kms_key=kms_key)
    return list(found["Statement"])


def by_sid(statements: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["Sid"]: each for each in statements}


# --- Trust ---


def test_the_trust_policy_is_as_pinecone_documents_it() -> None:
    assert storage_trust()["Statement"] == [
        {
            "Sid": "AllowPineconeToAssumeTheRole",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::713131977538:root"},
            "Action": "sts:AssumeRole",
        }
    ]


def test_a_principal_of_pinecones_account_is_a_condition() -> None:
    pattern = "arn:aws:iam::713131977538:role/pinecone-*"
    (statement,) = storage_trust(principal_arn=pattern)["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::713131977538:root"}
    assert statement["Condition"] == {"ArnLike": {"aws:PrincipalArn": pattern}}


# --- Permissions ---

OBJECTS: dict[StorageUse, str] = {"audit": "s3:PutObject", "import": "s3:GetObject", "export": "s3:PutObject"}


@pytest.mark.parametrize(("use", "action"), OBJECTS.items())
def test_each_use_has_the_documented_actions_on_the_bucket_and_no_others(use: StorageUse, action: str) -> None:
    listing, objects = permissions(use)
    assert (listing["Action"], listing["Resource"]) == (["s3:ListBucket"], ARN)
    assert (objects["Action"], objects["Resource"]) == ([action], f"{ARN}/*")
    assert listing["Condition"] == objects["Condition"] == {"StringEquals": OWN}


@pytest.mark.parametrize("use", OBJECTS)
def test_a_prefix_bounds_the_listing_and_the_objects(use: StorageUse) -> None:
    listing, objects = permissions(use, prefix="logs/pinecone")
    assert listing["Condition"] == {
        "StringEquals": OWN,
        "StringLike": {"s3:prefix": ["logs/pinecone/", "logs/pinecone/*"]},
    }
    assert objects["Resource"] == f"{ARN}/logs/pinecone/*"


@pytest.mark.parametrize(
    ("use", "actions"),
    [
        ("audit", ["kms:GenerateDataKey", "kms:Decrypt"]),
        ("import", ["kms:Decrypt"]),
        ("export", ["kms:GenerateDataKey", "kms:Decrypt"]),
    ],
)
def test_a_key_is_used_through_s3_for_these_objects_alone(use: StorageUse, actions: list[str]) -> None:
    _, _, key = permissions(use, prefix="p", kms_key=KEY)
    assert (key["Action"], key["Resource"]) == (actions, KEY)
    assert key["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": [ARN, f"{ARN}/p/*"]},
    }


# --- The audit bucket ---


def test_the_keys_policy_names_the_role_and_the_account() -> None:
    made = audit_key_policy(account=ACCOUNT, role=ROLE, bucket=BUCKET, prefix=None, region=REGION)["Statement"]
    root, role = made
    assert root["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert role["Principal"] == {"AWS": ROLE}
    assert role["Action"] == ["kms:GenerateDataKey", "kms:Decrypt"]
    assert role["Condition"]["StringEquals"] == {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
    assert role["Condition"]["StringLike"] == {"kms:EncryptionContext:aws:s3:arn": [ARN, f"{ARN}/*"]}


def test_the_buckets_policy_only_denies() -> None:
    made = by_sid(audit_bucket_policy(bucket=BUCKET, role=ROLE, kms_key=KEY)["Statement"])
    assert {each["Effect"] for each in made.values()} == {"Deny"}
    assert {sid: each.get("Condition") for sid, each in made.items()} == {
        "DenyWithoutTls": {"Bool": {"aws:SecureTransport": "false"}},
        "DenyOldTls": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        "DenyWritesByOthers": {"ArnNotEquals": {"aws:PrincipalArn": ROLE}},
        "DenyOtherKeys": {
            "Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "false"},
            "StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY},
        },
        "DenyDeleteMarkers": None,
    }


def test_the_buckets_policy_denies_no_change_of_its_settings_so_that_nobody_is_locked_out() -> None:
    made = by_sid(audit_bucket_policy(bucket=BUCKET, role=ROLE, kms_key=KEY)["Statement"])
    unconditional = [each for sid, each in made.items() if sid not in ("DenyWithoutTls", "DenyOldTls")]
    assert {each["Action"] for each in unconditional} == {"s3:PutObject", "s3:DeleteObject"}
    assert {each["Resource"] for each in unconditional} == {f"{ARN}/*"}


def test_access_logs_are_delivered_for_one_bucket_of_the_account() -> None:
    made = by_sid(access_logs_policy(logs_bucket="acme-logs", bucket=BUCKET, account=ACCOUNT)["Statement"])
    delivery = made["AllowDeliveryOfAccessLogs"]
    assert delivery["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert (delivery["Action"], delivery["Resource"]) == ("s3:PutObject", f"arn:aws:s3:::acme-logs/{BUCKET}/*")
    assert delivery["Condition"] == {
        "ArnLike": {"aws:SourceArn": ARN},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }
    assert {"DenyWithoutTls", "DenyOldTls"} < made.keys()
