"""The grants to read the audit bucket and the roles of Pinecone's S3 account, for ``verify`` and ``preflight``."""

from typing import Final

from pinekeep.decisions.privileges.grant import EVERYTHING, grant, in_the_regions
from pinekeep.decisions.privileges.scope import Scope, once
from pinekeep.decisions.privileges.storage_scope import storage_roles
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


def _has_trails(scope: Scope) -> bool:
    return scope.many or any(each.monitoring and each.monitoring.trail_log_group for each in scope.deployments.values())


STORAGE: Final = (
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


def _topics(scope: Scope) -> list[str]:
    return once(
        each.monitoring.topic for each in scope.deployments.values() if each.monitoring and each.monitoring.topic
    )


BEFORE: Final = (
    grant(
        "LookAtAuditBucket",
        *(each for each in BUCKET_ACTIONS if each != "s3:GetBucketPolicy"),
        on="the buckets of the audit logs: existing ones, and the names of new ones",
        resources=audit_buckets,
    ),
    grant(
        "LookAtLogGroups",
        "logs:DescribeLogGroups",
        on="the log groups of the Region: the one that a trail writes to",
        resources=lambda scope: EVERYTHING if _has_trails(scope) else [],
        condition=in_the_regions,
        wildcard="DescribeLogGroups lists everything in the Region",
    ),
    grant("LookAtTopics", "sns:GetTopicAttributes", on="existing topics of monitoring", resources=_topics),
    grant(
        "ReadKeyPoliciesOfTopics",
        "kms:GetKeyPolicy",
        on="the keys of the account and Region: an existing topic names its key",
        resources=lambda scope: [
            f"arn:{aws.PARTITION}:kms:{each.region}:{scope.account}:key/*"
            for each in scope.deployments.values()
            if each.monitoring and each.monitoring.topic
        ],
    ),
)
"""For ``preflight``."""

RETENTION: Final = grant(
    "ReadRetentionOfAuditLogs",
    "s3:GetObject",
    "s3:GetObjectRetention",
    on="the files of the audit logs: for `verify --prove-lock`, which reads when the retention of one ends",
    resources=audit_files,
)
