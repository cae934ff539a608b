"""What a deleted storage stack has left: found by its names, and imported as it is."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment
from pinekeep.operations.recovery.storage import RetainedStorage, find_storage

ACCOUNT = "111122223333"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"
OURS = {"pinekeep:deployment": "search"}
KEPT = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "AuditRole": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "search-audit"}, **KEPT},
        "AuditRolePolicy": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"ManagedPolicyName": "search-audit-s3"},
            **KEPT,
        },
        "AuditKey": {"Type": "AWS::KMS::Key", "Properties": {}, **KEPT},
        "AuditKeyAlias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/audit"}, **KEPT},
        "AuditBucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "search-logs"}, **KEPT},
        "AuditBucketPolicy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": "search-logs"},
            "DependsOn": ["AuditBucket", "Workgroup"],
            **KEPT,
        },
        "Results": {"Type": "AWS::S3::Bucket", "Properties": {}, **KEPT},
        "ResultsPolicy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Results"}}, **KEPT},
        "Workgroup": {"Type": "AWS::Athena::WorkGroup", "Properties": {"Name": "search"}},
    }
}


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Get")


class Aws:
    """Everything that the template names, but for what is ``missing``; with tags."""

    def __init__(self, *missing: str, tags: dict[str, str] | None = None) -> None:
        self._missing = missing
        self._tags = OURS if tags is None else tags

    def client(self, *_: str, **__: Any) -> "Aws":
        return self

    def _there(self, what: str, code: str) -> None:
        if what in self._missing:
            raise refusal(code)

    def get_role(self, RoleName: str) -> Any:  # noqa: N803 - AWS's name
        self._there("role", "NoSuchEntity")
        tags = [{"Key": key, "Value": value} for key, value in OURS.items()]
        return {"Role": {"Arn": f"arn:aws:iam::{ACCOUNT}:role/{RoleName}", "Tags": tags}}

    def get_policy(self, **_: Any) -> Any:
        self._there("policy", "NoSuchEntity")
        return {}

    def describe_key(self, KeyId: str) -> Any:  # noqa: N803
        assert KeyId == "alias/audit"
        self._there("key", "NotFoundException")
        return {"KeyMetadata": {"Arn": KEY, "KeyState": "Enabled"}}

    def list_resource_tags(self, **_: Any) -> Any:
        return {"Tags": [{"TagKey": key, "TagValue": value} for key, value in OURS.items()]}

    def get_bucket_tagging(self, **asked: Any) -> Any:
        assert asked == {"Bucket": "search-logs", "ExpectedBucketOwner": ACCOUNT}
        self._there("bucket", "NoSuchBucket")
        self._there("tags", "NoSuchTagSet")
        return {"TagSet": [{"Key": key, "Value": value} for key, value in self._tags.items()]}

    def get_bucket_policy(self, **_: Any) -> Any:
        self._there("bucket policy", "NoSuchBucketPolicy")
        return {}


def find(*missing: str, **others: Any) -> RetainedStorage:
    deployment = Deployment.model_validate(
        {
            "account": ACCOUNT,
            "region": "us-east-1",
            "audit_logs": {"bucket": {"name": "search-logs", "lock": "none"}},
        }
    )
    clients = Clients(Aws(*missing, **others), "us-east-1")
    return find_storage("search", deployment, template=TEMPLATE, clients=clients)


def test_everything_with_a_name_is_imported_by_it() -> None:
    found = find()
    assert {each["LogicalResourceId"]: each["ResourceIdentifier"] for each in found.resources} == {
        "AuditRole": {"RoleName": "search-audit"},
        "AuditRolePolicy": {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/search-audit-s3"},
        "AuditKey": {"KeyId": KEY.rpartition("/")[2]},
        "AuditKeyAlias": {"AliasName": "alias/audit"},
        "AuditBucket": {"BucketName": "search-logs"},
        "AuditBucketPolicy": {"Bucket": "search-logs"},
    }
    assert set(found.template["Resources"]) == {each["LogicalResourceId"] for each in found.resources}
    assert all(each["DeletionPolicy"] == "Retain" for each in found.template["Resources"].values())
    assert found.template["Resources"]["AuditBucketPolicy"]["DependsOn"] == ["AuditBucket"]
    assert "bucket search-logs" in found.things


def test_a_policy_that_is_gone_is_left_to_the_deployment() -> None:
    found = find("policy", "bucket policy")
    assert "AuditRolePolicy" not in found.template["Resources"]
    assert "AuditBucketPolicy" not in found.template["Resources"]


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("role", "there is no role search-audit to import"),
        ("key", "there is no key under alias/audit to import"),
        ("bucket", "there is no bucket search-logs to import"),
        ("tags", "the bucket search-logs carries no tag"),
    ],
)
def test_what_is_missing_or_has_no_tags_is_not_imported(missing: str, words: str) -> None:
    with pytest.raises(PinekeepError, match=words) as refused:
        find(missing)
    assert refused.value.hint


def test_a_bucket_of_another_deployment_is_not_imported() -> None:
    with pytest.raises(PinekeepError, match="was not created for this deployment"):
        find(tags={"pinekeep:deployment": "other"})
