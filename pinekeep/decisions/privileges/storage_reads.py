"""The grants to read the audit bucket and the roles of Pinecone's S3 account, for ``verify`` and ``preflight``."""

from typing import Final

from pinekeep.decisions.privileges.grant import grant
from pinekeep.decisions.privileges.scope import Scope, once
from pinekeep.model import naming
from pinekeep.model.arns import role_arn
from pinekeep.model.config.derived import has_part
from pinekeep.model.config.models import storage_role_names_of
from pinekeep.model.facts import aws
from pinekeep.model.policies.storage import bucket_arn, objects_arn

BUCKET_ACTIONS: Final = (
    "s3:ListBucket",
    "s3:GetBucketVersioning",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetEncryptionConfiguration",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
)


def audit_buckets(scope: Scope) -> list[str]:
    """Return the ARNs of the deployments' audit buckets."""
    if scope.many:
        return [bucket_arn("*")]
    return once(bucket_arn(each.audit_logs.bucket_name) for each in scope.deployments.values() if each.audit_logs)


def audit_files(scope: Scope) -> list[str]:
    """Return the patterns of the ARNs of the deployments' audit log files."""
    if scope.many:
        return [objects_arn("*", None)]
    logs = [each.audit_logs for each in scope.deployments.values() if each.audit_logs]
    return once(objects_arn(each.bucket_name, each.prefix) for each in logs)


def storage_roles(scope: Scope) -> list[str]:
    """Return the ARNs of the roles of Pinecone's S3 account."""
    if scope.many:
        return [role_arn(account=scope.account, role_name="*")]
    return [
        role_arn(account=scope.account, role_name=role, path=each.iam_path)
        for name, each in scope.deployments.items()
        for role in storage_role_names_of(name, each).values()
    ]


def _stacks(scope: Scope) -> list[str]:
    if scope.many:
        return scope.stacks()
    return [
        f"arn:{aws.PARTITION}:cloudformation:{each.region}:{scope.account}:stack/{naming.storage_stack(name)}/*"
        for name, each in scope.deployments.items()
        if has_part(each, "storage")
    ]


STORAGE: Final = (
    grant(
        "ReadStorageStacks", "cloudformation:DescribeStacks", on="the deployments' storage stacks", resources=_stacks
    ),
    grant(
        "ReadStorageRoles",
        "iam:GetRole",
        "iam:ListRolePolicies",
        "iam:ListAttachedRolePolicies",
        on="the roles that Pinecone's S3 account assumes",
        resources=storage_roles,
    ),
    grant("ReadAuditBucket", *BUCKET_ACTIONS, on="the buckets of the audit logs", resources=audit_buckets),
)
"""For ``verify``. Files are listed, and none is read."""

RETENTION: Final = grant(
    "ReadRetentionOfAuditLogs",
    "s3:GetObject",
    "s3:GetObjectRetention",
    on="the files of the audit logs: for `verify --prove-lock`, which reads when the retention of one ends",
    resources=audit_files,
)
