"""Buckets that keep what is written to them: settings of a template, Object Lock, keys and roles."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws

Deploy = Callable[..., dict[str, Any]]
RETENTION = {"Mode": "COMPLIANCE", "Days": 30}
LOCK = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": RETENTION}}
PINECONE = "713131977538"


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties}}


def locked(retention: dict[str, Any] = RETENTION, **properties: Any) -> dict[str, Any]:
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
    return bucket(ObjectLockEnabled=True, ObjectLockConfiguration=lock, **properties)


NAME = {"Name": {"Ref": "Bucket"}}


def refused(code: str) -> Any:
    return pytest.raises(ClientError, match=code)


def test_the_settings_of_a_template_are_those_of_the_bucket(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    rule = {
        "Id": "tier",
        "Status": "Enabled",
        "Prefix": "logs/",
        "Transitions": [{"TransitionInDays": 90, "StorageClass": "GLACIER_IR"}],
        "ExpiredObjectDeleteMarker": True,
        "NoncurrentVersionExpiration": {"NoncurrentDays": 400},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
    properties = {
        "VersioningConfiguration": {"Status": "Enabled"},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "BlockPublicPolicy": True},
        "LoggingConfiguration": {"DestinationBucketName": "access-logs", "LogFilePrefix": "audit/"},
        "LifecycleConfiguration": {"Rules": [rule]},
    }
    stack = deploy(bucket(**properties), NAME)
    name = stack["Values"]["Name"]
    s3 = embedded_aws.session().client("s3")
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    controls = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert controls == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    logging = s3.get_bucket_logging(Bucket=name)["LoggingEnabled"]
    assert (logging["TargetBucket"], logging["TargetPrefix"]) == ("access-logs", "audit/")
    (found,) = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert found["Transitions"] == [{"Days": 90, "StorageClass": "GLACIER_IR"}]
    assert found["Filter"] == {"Prefix": "logs/"}
    assert found["Expiration"] == {"ExpiredObjectDeleteMarker": True}
    assert found["NoncurrentVersionExpiration"]["NoncurrentDays"] == 400
    assert found["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    deploy(bucket(), NAME, name=stack["StackName"])
    with refused("NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=name)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=name)
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Suspended"


def test_the_versioning_of_a_locked_bucket_stays(embedded_aws: EmbeddedAws, deploy: Deploy) -> None:
    stack = deploy(locked(), NAME)
    name = stack["Values"]["Name"]
    s3 = embedded_aws.session().client("s3")
    with refused("InvalidBucketState"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    suspended = locked(VersioningConfiguration={"Status": "Suspended"})
    assert deploy(suspended, NAME, name=stack["StackName"])["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    deploy(bucket(), NAME, name=stack["StackName"])
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    unlocked = deploy(bucket(ObjectLockConfiguration=LOCK), NAME)
    assert unlocked["StackStatus"] == "ROLLBACK_COMPLETE"


@pytest.mark.parametrize("in_parts", [False, True], ids=["in one piece", "in parts"])
def test_compliance_is_neither_shortened_nor_deleted(embedded_aws: EmbeddedAws, deploy: Deploy, in_parts: bool) -> None:
    name = deploy(locked(), NAME)["Values"]["Name"]
    s3 = embedded_aws.session().client("s3")
    version = _in_parts(s3, name) if in_parts else s3.put_object(Bucket=name, Key="log", Body=b"x")["VersionId"]
    found = s3.get_object_retention(Bucket=name, Key="log", VersionId=version)["Retention"]
    assert found["Mode"] == "COMPLIANCE"
    assert found["RetainUntilDate"] > datetime.now(UTC) + timedelta(days=29)
    with refused("AccessDenied"):
        s3.delete_object(Bucket=name, Key="log", VersionId=version, BypassGovernanceRetention=True)
    sooner = {"Mode": "COMPLIANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(days=1)}
    with refused("AccessDenied"):
        s3.put_object_retention(Bucket=name, Key="log", VersionId=version, Retention=sooner)
    marker = s3.delete_object(Bucket=name, Key="log")
    assert marker["DeleteMarker"]
    assert s3.get_object(Bucket=name, Key="log", VersionId=version)["Body"].read() == b"x"


def _in_parts(s3: Any, name: str) -> str:
    upload = s3.create_multipart_upload(Bucket=name, Key="log")["UploadId"]
    tag = s3.upload_part(Bucket=name, Key="log", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    parts = {"Parts": [{"ETag": tag, "PartNumber": 1}]}
    done = s3.complete_multipart_upload(Bucket=name, Key="log", UploadId=upload, MultipartUpload=parts)
    return str(done["VersionId"])


def role(embedded_aws: EmbeddedAws, name: str, *statements: dict[str, Any], trusted: str = "111122223333") -> Any:
    """A session of a role with these permissions, assumed from an account."""
    iam = embedded_aws.session().client("iam")
    principal = {"AWS": f"arn:aws:iam::{trusted}:root"}
    trust = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=json.dumps({"Statement": list(statements)}))
    caller = embedded_aws.session(trusted).client("sts")
    return embedded_aws.session(credentials=caller.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"])


def may(*actions: str, on: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": [f"s3:{each}" for each in actions], "Resource": on, **more}


def test_governance_gives_way_to_the_permission_and_the_header_alone(
    embedded_aws: EmbeddedAws, deploy: Deploy, unique: Callable[[str], str]
) -> None:
    name = deploy(locked({"Mode": "GOVERNANCE", "Days": 30}), NAME)["Values"]["Name"]
    version = embedded_aws.session().client("s3").put_object(Bucket=name, Key="log", Body=b"x")["VersionId"]
    objects = f"arn:aws:s3:::{name}/*"
    without = role(embedded_aws, unique("role"), may("DeleteObject*", on=objects)).client("s3")
    allowed = may("DeleteObject*", "BypassGovernanceRetention", on=objects)
    bypassing = role(embedded_aws, unique("role"), allowed).client("s3")
    with refused("AccessDenied"):
        without.delete_object(Bucket=name, Key="log", VersionId=version, BypassGovernanceRetention=True)
    with refused("AccessDenied"):
        bypassing.delete_object(Bucket=name, Key="log", VersionId=version)
    bypassing.delete_object(Bucket=name, Key="log", VersionId=version, BypassGovernanceRetention=True)


def test_a_role_that_pinecone_assumes_does_what_its_policy_allows(
    embedded_aws: EmbeddedAws, deploy: Deploy, unique: Callable[[str], str]
) -> None:
    name = deploy(locked(), NAME)["Values"]["Name"]
    arn = f"arn:aws:s3:::{name}"
    prefix = {"StringLike": {"s3:prefix": ["logs", "logs/*"]}}
    statements = (may("ListBucket", on=arn, Condition=prefix), may("PutObject", on=f"{arn}/logs/*"))
    s3 = role(embedded_aws, unique("audit"), *statements, trusted=PINECONE).client("s3")
    version = s3.put_object(Bucket=name, Key="logs/audit-log-access-test", Body=b"")["VersionId"]
    assert s3.list_objects_v2(Bucket=name, Prefix="logs/")["KeyCount"] == 1
    for call in (
        lambda: s3.put_object(Bucket=name, Key="elsewhere", Body=b""),
        lambda: s3.list_objects_v2(Bucket=name),
        lambda: s3.get_object(Bucket=name, Key="logs/audit-log-access-test"),
        lambda: s3.delete_object(Bucket=name, Key="logs/audit-log-access-test"),
        lambda: s3.delete_object(Bucket=name, Key="logs/audit-log-access-test", VersionId=version),
        lambda: s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"}),
    ):
        with refused("AccessDenied"):
            call()


def test_a_bucket_policy_denies_what_the_role_s_own_policy_allows(
    embedded_aws: EmbeddedAws, deploy: Deploy, unique: Callable[[str], str]
) -> None:
    objects = {"Fn::Sub": "${Bucket.Arn}/*"}
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject*", "Resource": objects}
    policy = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Statement": [denied]}}
    resources = {**bucket(), "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": policy}}
    name = deploy(resources, NAME)["Values"]["Name"]
    as_role = role(embedded_aws, unique("role"), may("*", on="*")).client("s3")
    as_root = embedded_aws.session().client("s3")
    for s3 in (as_role, as_root):
        s3.put_object(Bucket=name, Key="log", Body=b"x")
        with refused("AccessDenied"):
            s3.delete_object(Bucket=name, Key="log")
    as_root.delete_bucket_policy(Bucket=name)
    as_root.delete_object(Bucket=name, Key="log")


def test_the_key_of_a_bucket_must_allow_who_writes_and_who_reads(
    embedded_aws: EmbeddedAws, deploy: Deploy, unique: Callable[[str], str]
) -> None:
    session = embedded_aws.session()
    kms, iam = session.client("kms"), session.client("iam")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    default = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    encryption = {"ServerSideEncryptionConfiguration": [default]}
    name = deploy(bucket(BucketEncryption=encryption), NAME)["Values"]["Name"]
    who = unique("writer")
    objects = may("PutObject", "GetObject", on=f"arn:aws:s3:::{name}/*")
    s3 = role(embedded_aws, who, objects).client("s3")
    with refused("AccessDenied"):
        s3.put_object(Bucket=name, Key="log", Body=b"x")
    assert not kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]

    def allow(action: str) -> None:
        via = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
        use = {"Effect": "Allow", "Action": action, "Resource": key, "Condition": via}
        iam.put_role_policy(RoleName=who, PolicyName="key", PolicyDocument=json.dumps({"Statement": [use]}))

    allow("kms:GenerateDataKey")
    s3.put_object(Bucket=name, Key="log", Body=b"x")
    assert kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]["Operation"] == "GenerateDataKey"
    with refused("AccessDenied"):
        s3.get_object(Bucket=name, Key="log")
    allow("kms:Decrypt")
    assert s3.get_object(Bucket=name, Key="log")["Body"].read() == b"x"
    assert kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]["Operation"] == "Decrypt"
    kms.disable_key(KeyId=key)
    with refused(r"KMS\.DisabledException"):
        s3.get_object(Bucket=name, Key="log")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with refused(r"KMS\.KMSInvalidStateException"):
        session.client("s3").put_object(Bucket=name, Key="log", Body=b"x")


def test_conditions_of_a_bucket_policy_see_the_role_itself_and_the_key_of_a_write(
    embedded_aws: EmbeddedAws, deploy: Deploy, unique: Callable[[str], str]
) -> None:
    name, writer = deploy(bucket(), NAME)["Values"]["Name"], unique("writer")
    header = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    key = embedded_aws.session().client("kms").create_key()["KeyMetadata"]["Arn"]
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{name}/*"}
    others = {"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::111122223333:role/{writer}"}}
    policy = {
        "Statement": [
            {**denied, "Condition": others},
            {**denied, "Condition": {"Null": {header: "false"}, "StringNotEquals": {header: "another"}}},
        ]
    }
    root = embedded_aws.session().client("s3")
    root.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    all_of_it = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    s3 = role(embedded_aws, writer, all_of_it).client("s3")
    s3.put_object(Bucket=name, Key="log", Body=b"x")
    with refused("AccessDenied"):
        s3.put_object(Bucket=name, Key="log", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    for other in (role(embedded_aws, unique("other"), all_of_it).client("s3"), root):
        with refused("AccessDenied"):
            other.put_object(Bucket=name, Key="log", Body=b"x")


def test_an_upload_in_parts_needs_to_decrypt_too(
    embedded_aws: EmbeddedAws, deploy: Deploy, unique: Callable[[str], str]
) -> None:
    key = embedded_aws.session().client("kms").create_key()["KeyMetadata"]["Arn"]
    default = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    encryption = {"ServerSideEncryptionConfiguration": [{**default, "BucketKeyEnabled": True}]}
    name = deploy(bucket(BucketEncryption=encryption, VersioningConfiguration={"Status": "Enabled"}), NAME)["Values"][
        "Name"
    ]
    about = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{name}"}}

    def use(*actions: str) -> dict[str, Any]:
        return {"Effect": "Allow", "Action": list(actions), "Resource": key, "Condition": about}

    objects = may("PutObject", on=f"arn:aws:s3:::{name}/*")
    without = role(embedded_aws, unique("role"), objects, use("kms:GenerateDataKey")).client("s3")
    with refused("AccessDenied"):
        _in_parts(without, name)
    assert _in_parts(
        role(embedded_aws, unique("role"), objects, use("kms:GenerateDataKey", "kms:Decrypt")).client("s3"), name
    )
