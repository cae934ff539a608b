"""The stack of the audit bucket and of the roles of Pinecone's S3 account."""

import json
from typing import Any

import pytest
from aws_cdk.assertions import Annotations, Match

from pinekeep.model.policies.storage import access_logs_statement, storage_permissions, storage_trust
from stacks.storage import StorageStack
from tests.stacks.support import ACCOUNT, NAME, REGION, Made, deployment, make, new_scratch_app, private_link

BUCKET = "acme-pinecone-audit"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"
COMPLIANCE = {"mode": "compliance", "years": 7, "i_understand": "irreversible"}
ROLE = {"Fn::GetAtt": ["AuditRole", "Arn"]}


def audit(bucket: dict[str, Any] | None = None, **others: Any) -> dict[str, Any]:
    """Return the settings of audit logs, with what is left out filled in."""
    return {"bucket": {"name": BUCKET, "lock": "none", **(bucket or {})}, **others}


def made_of(settings: dict[str, Any] | None, **others: Any) -> Made:
    chosen = deployment(audit_logs=settings, **others)
    return make({NAME: chosen})[f"Pinekeep-{NAME}-Storage"]


@pytest.fixture(scope="module")
def new() -> Made:
    """A new bucket with a lock and a prefix, and two integrations."""
    return made_of(
        audit({"lock": COMPLIANCE}, prefix="pinecone"),
        iam_path="/search/",
        permissions_boundary=f"arn:aws:iam::{ACCOUNT}:policy/Boundary",
        storage_integrations={
            "nightly": {"use": "import", "bucket": "acme-vectors", "prefix": "in"},
            "backups": {"use": "export", "bucket": "acme-backups", "kms_key": KEY, "role_name": "acme-backups"},
        },
    )


LOGICAL_IDS = {
    "AuditRole": "AWS::IAM::Role",
    "AuditRolePolicy": "AWS::IAM::ManagedPolicy",
    "AuditKey": "AWS::KMS::Key",
    "AuditKeyAlias": "AWS::KMS::Alias",
    "AuditBucket": "AWS::S3::Bucket",
    "AuditBucketPolicy": "AWS::S3::BucketPolicy",
    "AccessLogs": "AWS::S3::Bucket",
    "AccessLogsPolicy": "AWS::S3::BucketPolicy",
    "IntegrationNightly2a3b62Role": "AWS::IAM::Role",
    "IntegrationNightly2a3b62Policy": "AWS::IAM::ManagedPolicy",
    "IntegrationBackups9d488cRole": "AWS::IAM::Role",
    "IntegrationBackups9d488cPolicy": "AWS::IAM::ManagedPolicy",
}


def test_the_logical_ids_never_change(new: Made) -> None:
    assert {name: each["Type"] for name, each in new.resources.items()} == LOGICAL_IDS, (
        "CloudFormation knows resources by these IDs. With another one it makes a second resource, and lets go of the "
        "one that holds the audit logs or that Pinecone knows. Bring the ID back."
    )


def test_all_that_it_makes_is_retained(new: Made) -> None:
    kept = {(each.get("DeletionPolicy"), each.get("UpdateReplacePolicy")) for each in new.resources.values()}
    assert kept == {("RetainExceptOnCreate", "Retain")}


def test_the_stack_is_protected_from_termination() -> None:
    chosen = deployment(audit_logs=audit())
    assert StorageStack(new_scratch_app(), "Storage", name=NAME, deployment=chosen).termination_protection


def test_a_deployment_without_buckets_is_refused() -> None:
    with pytest.raises(ValueError, match=f"deployment {NAME} has no audit_logs and no storage_integrations"):
        StorageStack(new_scratch_app(), "Storage", name=NAME, deployment=deployment(private_link=private_link()))


# --- The roles ---


def test_every_role_has_the_trust_policy_the_path_and_the_boundary(new: Made) -> None:
    roles = new.of_type("AWS::IAM::Role")
    assert len(roles) == 3
    for role in roles.values():
        assert role["Properties"]["AssumeRolePolicyDocument"] == storage_trust()
        assert role["Properties"]["Path"] == "/search/"
        assert role["Properties"]["PermissionsBoundary"] == f"arn:aws:iam::{ACCOUNT}:policy/Boundary"
        assert not {"Policies", "ManagedPolicyArns"} & role["Properties"].keys()


def test_the_roles_and_policies_are_named(new: Made) -> None:
    names = {name: each["Properties"]["RoleName"] for name, each in new.of_type("AWS::IAM::Role").items()}
    assert names == {
        "AuditRole": f"pinekeep-{NAME}-{REGION}-audit",
        "IntegrationNightly2a3b62Role": f"pinekeep-{NAME}-{REGION}-nightly",
        "IntegrationBackups9d488cRole": "acme-backups",
    }
    policies = new.of_type("AWS::IAM::ManagedPolicy")
    for name, role_name in names.items():
        (policy,) = (each["Properties"] for each in policies.values() if each["Properties"]["Roles"] == [{"Ref": name}])
        assert (policy["ManagedPolicyName"], policy["Path"]) == (f"{role_name}-s3", "/search/")


def test_each_role_may_do_what_its_use_needs(new: Made) -> None:
    common: dict[str, Any] = {"account": ACCOUNT, "region": REGION}
    wanted = {
        "AuditRolePolicy": storage_permissions(use="audit", bucket=BUCKET, prefix="pinecone", **common),
        "IntegrationNightly2a3b62Policy": storage_permissions(
            use="import", bucket="acme-vectors", prefix="in", **common
        ),
        "IntegrationBackups9d488cPolicy": storage_permissions(
            use="export", bucket="acme-backups", prefix=None, kms_key=KEY, **common
        ),
    }
    found = {
        name: each["Properties"]["PolicyDocument"] for name, each in new.of_type("AWS::IAM::ManagedPolicy").items()
    }
    assert found == wanted


def test_a_principal_of_pinecones_account_reaches_the_trust_policy() -> None:
    pattern = "arn:aws:iam::713131977538:role/writer"
    made = made_of({"bucket": {"adopt": BUCKET}, "principal_arn": pattern})
    assert made.only("AWS::IAM::Role")["AssumeRolePolicyDocument"] == storage_trust(principal_arn=pattern)


# --- The bucket ---


def test_the_bucket_is_versioned_locked_private_and_encrypted_with_its_own_key(new: Made) -> None:
    bucket = new.resources["AuditBucket"]["Properties"]
    assert bucket["BucketName"] == BUCKET
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["ObjectLockEnabled"] is True
    assert bucket["ObjectLockConfiguration"] == {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 7}},
    }
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert bucket["BucketEncryption"] == {
        "ServerSideEncryptionConfiguration": [
            {
                "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
                "BucketKeyEnabled": True,
                "ServerSideEncryptionByDefault": {
                    "KMSMasterKeyID": {"Fn::GetAtt": ["AuditKey", "Arn"]},
                    "SSEAlgorithm": "aws:kms",
                },
            }
        ]
    }


def test_object_lock_is_enabled_without_a_retention_so_that_one_can_follow() -> None:
    bucket = made_of(audit()).resources["AuditBucket"]["Properties"]
    assert bucket["ObjectLockEnabled"] is True
    assert "ObjectLockConfiguration" not in bucket


def test_the_key_is_used_by_the_role_and_rotates(new: Made) -> None:
    key = new.only("AWS::KMS::Key")
    assert key["EnableKeyRotation"] is True
    principals = [each["Principal"] for each in key["KeyPolicy"]["Statement"]]
    assert principals == [{"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"AWS": ROLE}]
    assert new.only("AWS::KMS::Alias")["AliasName"] == f"alias/pinekeep/{NAME}/audit"


def test_the_buckets_policy_names_the_role_and_the_key(new: Made) -> None:
    made = new.resources["AuditBucketPolicy"]
    conditions = {each["Sid"]: each.get("Condition") for each in made["Properties"]["PolicyDocument"]["Statement"]}
    assert conditions["DenyWritesByOthers"] == {"ArnNotEquals": {"aws:PrincipalArn": ROLE}}
    assert conditions["DenyOtherKeys"]["StringNotEquals"] == {
        "s3:x-amz-server-side-encryption-aws-kms-key-id": {"Fn::GetAtt": ["AuditKey", "Arn"]}
    }
    assert made["DependsOn"] == ["AuditBucket"]


def test_access_logs_go_to_a_bucket_of_their_own_that_exists_before(new: Made) -> None:
    bucket, logs = new.resources["AuditBucket"], new.resources["AccessLogs"]["Properties"]
    assert bucket["Properties"]["LoggingConfiguration"] == {
        "DestinationBucketName": {"Ref": "AccessLogs"},
        "LogFilePrefix": f"{BUCKET}/",
    }
    assert bucket["DependsOn"] == ["AccessLogsPolicy"]
    assert logs["BucketName"] == f"{BUCKET}-access-logs"
    encryption = logs["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    assert "ObjectLockEnabled" not in logs


def rules_of(**bucket: Any) -> dict[str, Any]:
    made = made_of(audit(bucket)).resources["AuditBucket"]["Properties"]
    return {each["Id"]: each for each in made["LifecycleConfiguration"]["Rules"]}


def test_files_that_do_not_expire_are_tiered_and_their_versions_outlive_the_retention() -> None:
    rules = rules_of(lock={"mode": "governance", "years": 3}, lifecycle={"glacier_days": 180})
    assert set(rules) == {"AbortIncompleteUploads", "DeleteNoncurrentVersions", "MoveWithAge"}
    assert rules["DeleteNoncurrentVersions"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 3 * 365}
    assert rules["DeleteNoncurrentVersions"]["ExpiredObjectDeleteMarker"] is True
    assert rules["MoveWithAge"]["Transitions"] == [
        {"StorageClass": "STANDARD_IA", "TransitionInDays": 90},
        {"StorageClass": "GLACIER_IR", "TransitionInDays": 180},
    ]


def test_an_expired_file_is_soon_deleted() -> None:
    lock = {"mode": "governance", "days": 400}
    rules = rules_of(lock=lock, lifecycle={"expire_days": 400, "infrequent_access_days": None})
    assert set(rules) == {"AbortIncompleteUploads", "DeleteNoncurrentVersions", "Expire"}
    assert rules["Expire"]["ExpirationInDays"] == 400
    assert rules["DeleteNoncurrentVersions"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}


# --- What exists already ---


def test_of_an_adopted_bucket_nothing_is_made_but_the_role() -> None:
    made = made_of({"bucket": {"adopt": "acme-logs", "kms_key": KEY}, "prefix": "pinecone"})
    assert set(made.resources) == {"AuditRole", "AuditRolePolicy"}
    permissions = storage_permissions(
        use="audit", bucket="acme-logs", prefix="pinecone", account=ACCOUNT, region=REGION, kms_key=KEY
    )
    assert made.only("AWS::IAM::ManagedPolicy")["PolicyDocument"] == permissions
    assert made.outputs == {
        "AuditRoleArn": ROLE,
        "AuditBucket": "acme-logs",
        "AuditLocation": "acme-logs/pinecone",
        "AuditKeyArn": KEY,
    }


def test_a_key_and_a_bucket_of_access_logs_that_exist_are_used() -> None:
    made = made_of(audit({"kms_key": KEY, "access_logs_bucket": "acme-access"}))
    assert set(made.resources) == {"AuditRole", "AuditRolePolicy", "AuditBucket", "AuditBucketPolicy"}
    bucket = made.only("AWS::S3::Bucket")
    assert bucket["LoggingConfiguration"]["DestinationBucketName"] == "acme-access"
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == KEY
    assert "AllowUseOfTheKeyThroughS3" in str(made.only("AWS::IAM::ManagedPolicy"))


def test_the_statement_that_an_existing_bucket_of_access_logs_needs_is_reported() -> None:
    chosen = deployment(audit_logs=audit({"access_logs_bucket": "acme-access"}))
    stack = StorageStack(new_scratch_app(), "Storage", name=NAME, deployment=chosen)
    (info,) = Annotations.from_stack(stack).find_info("*", Match.any_value())
    sentence, _, statement = str(info.entry.data).partition("\n")
    assert sentence == "The policy of the bucket acme-access is yours to keep. It must have this statement:"
    assert json.loads(statement)["Resource"] == f"arn:aws:s3:::acme-access/{BUCKET}/*"
    assert json.loads(statement).keys() == access_logs_statement(logs_bucket="", bucket="", account="").keys()


def test_the_outputs_are_what_the_pinecone_console_asks_for(new: Made) -> None:
    assert new.outputs == {
        "AuditRoleArn": ROLE,
        "AuditBucket": BUCKET,
        "AuditLocation": f"{BUCKET}/pinecone",
        "AuditKeyArn": {"Fn::GetAtt": ["AuditKey", "Arn"]},
        "IntegrationNightly2a3b62RoleArn": {"Fn::GetAtt": ["IntegrationNightly2a3b62Role", "Arn"]},
        "IntegrationNightly2a3b62Location": "acme-vectors/in",
        "IntegrationBackups9d488cRoleArn": {"Fn::GetAtt": ["IntegrationBackups9d488cRole", "Arn"]},
        "IntegrationBackups9d488cLocation": "acme-backups",
    }


def test_queries_are_over_the_bucket_with_its_prefix_and_its_key() -> None:
    made = made_of(audit({"lock": "none"}, prefix="pinecone", queries={"scan_limit_mib": 20, "result_days": 3}))
    location = made.only("AWS::Glue::Table")["TableInput"]["StorageDescriptor"]["Location"]
    assert location == f"s3://{BUCKET}/pinecone/"
    group = made.only("AWS::Athena::WorkGroup")
    assert group["Name"] == f"pinekeep-{NAME}-audit"
    configuration = group["WorkGroupConfiguration"]
    assert configuration["BytesScannedCutoffPerQuery"] == 20 * 1024 * 1024
    key = configuration["ResultConfiguration"]["EncryptionConfiguration"]["KmsKey"]
    assert key == made.outputs["AuditKeyArn"]
    assert set(made.outputs) >= {"AuditDatabase", "AuditWorkgroup"}


def test_without_queries_there_is_no_athena() -> None:
    made = made_of(audit({"lock": "none"}))
    assert not [kind for kind in made.types if kind.startswith(("AWS::Athena", "AWS::Glue"))]
    assert "AuditWorkgroup" not in made.outputs
