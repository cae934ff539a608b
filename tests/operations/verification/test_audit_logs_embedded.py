"""Audit logs against an AWS that enforces Object Lock: a right bucket passes, and a deletion is refused."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import audit_role_arn_of, audit_role_name_of
from pinekeep.model.naming import storage_policy
from pinekeep.model.policies.storage import audit_bucket_policy, storage_permissions, storage_trust
from pinekeep.operations.verification.checks.finding import Finding
from pinekeep.operations.verification.verify import Extent, verify

pytestmark = pytest.mark.e2e
server = pytest.importorskip("pinekeep.emulator.server")

ACCOUNT, REGION, BUCKET, FILE = "111122223333", "us-east-1", "example-audit-logs", "pinecone/2026-11-30.json"


def deployment(kms_key: str) -> Deployment:
    bucket = {"name": BUCKET, "lock": {"mode": "governance", "days": 365}, "kms_key": kms_key}
    audit_logs = {"bucket": bucket, "prefix": "pinecone"}
    return Deployment.model_validate({"account": ACCOUNT, "region": REGION, "audit_logs": audit_logs})


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    with server.EmbeddedAws() as aws:
        yield aws.session()


@pytest.fixture(scope="module")
def made(session: Any) -> Deployment:
    """The bucket and the role, as the template has them, and a file of Pinecone's."""
    key = session.client("kms").create_key()["KeyMetadata"]["Arn"]
    chosen = deployment(key)
    s3, iam = session.client("s3"), session.client("iam")
    s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    retention = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 365}}
    lock = {"ObjectLockEnabled": "Enabled", "Rule": retention}
    s3.put_object_lock_configuration(Bucket=BUCKET, ObjectLockConfiguration=lock)
    encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    s3.put_bucket_encryption(
        Bucket=BUCKET,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": encryption}]},
    )
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=dict.fromkeys(names, True))
    s3.put_bucket_ownership_controls(
        Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    s3.put_object(Bucket=BUCKET, Key=FILE, Body=b"{}")
    name, role = audit_role_name_of("prod", chosen), audit_role_arn_of("prod", chosen)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(storage_trust()))
    permissions = storage_permissions(
        use="audit", bucket=BUCKET, prefix="pinecone", account=ACCOUNT, region=REGION, kms_key=key
    )
    policy = iam.create_policy(PolicyName=storage_policy(name), PolicyDocument=json.dumps(permissions))
    iam.attach_role_policy(RoleName=name, PolicyArn=policy["Policy"]["Arn"])
    document = audit_bucket_policy(bucket=BUCKET, role=role, kms_key=key)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(document))
    return chosen


def findings(session: Any, chosen: Deployment) -> dict[str, Finding]:
    found = verify(
        {"prod": chosen},
        pinecone_account=None,
        clients_for=lambda each: Clients(session, each.region),
        extent=Extent(prove_lock=True),
    )
    return {each.check: each for each in found if each.check.startswith(("audit-", "storage-role"))}


def test_a_right_bucket_passes_a_deletion_is_refused_and_what_is_weakened_fails(session: Any, made: Deployment) -> None:
    found = findings(session, made)
    statuses = {name: (each.status, each.found) for name, each in found.items() if each.status != "ok"}
    assert statuses.keys() == {"audit-test-object"}, statuses
    assert "object protected by object lock" in found["audit-lock-proof"].found
    s3 = session.client("s3")
    versions = s3.list_object_versions(Bucket=BUCKET)
    assert [each["Key"] for each in versions["Versions"]] == [FILE], "the file is still there"
    assert "DeleteMarkers" not in versions
    s3.put_object_lock_configuration(Bucket=BUCKET, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    s3.delete_bucket_policy(Bucket=BUCKET)
    s3.delete_public_access_block(Bucket=BUCKET)
    session.client("iam").update_assume_role_policy(
        RoleName=audit_role_name_of("prod", made), PolicyDocument=json.dumps(storage_trust(principal_arn="*"))
    )
    failed = {name for name, each in findings(session, made).items() if each.status == "failed"}
    assert failed == {"audit-bucket-lock", "audit-bucket-policy", "audit-bucket-public-access", "storage-role"}


def test_a_bucket_that_does_not_exist_is_reported_as_such(session: Any, made: Deployment) -> None:
    assert made.audit_logs is not None
    gone = {"bucket": {"name": "example-audit-logs-gone", "lock": "none"}, "role_name": "gone"}
    chosen = Deployment.model_validate({"account": ACCOUNT, "region": REGION, "audit_logs": gone})
    found = findings(session, chosen)
    assert found["audit-bucket"].found == "there is no bucket example-audit-logs-gone"
    assert {name for name, each in found.items() if each.status == "failed"} == {"audit-bucket", "storage-role"}
