"""The grants of ``recover`` to find what a deleted storage stack retained."""

from typing import Final

from pinekeep.decisions.privileges.grant import grant
from pinekeep.decisions.privileges.storage_scope import audit_keys, audit_keys_by_alias, named_buckets, storage_roles

FIND_RETAINED_STORAGE: Final = (
    grant(
        "FindBuckets",
        "s3:GetBucketTagging",
        "s3:GetBucketPolicy",
        on="the audit buckets and those of their access logs",
        resources=named_buckets,
    ),
    grant("FindStorageRoles", "iam:GetRole", on="the roles of Pinecone's S3 account", resources=storage_roles),
    grant(
        "FindKeysOfAuditLogs",
        "kms:DescribeKey",
        on="the keys of the account and Region, by alias",
        resources=audit_keys_by_alias,
    ),
    grant(
        "ReadTagsOfKeysOfAuditLogs",
        "kms:ListResourceTags",
        on="the keys of the account and Region",
        resources=audit_keys,
    ),
)
