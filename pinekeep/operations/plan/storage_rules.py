"""The rules about the audit bucket and the roles of Pinecone's S3 account. Tried before the general ones."""

from functools import partial
from typing import Final

from pinekeep.model.facts import pinecone
from pinekeep.operations.plan import protection
from pinekeep.operations.plan.changes import Action
from pinekeep.operations.plan.rules import ANY_CHANGE, Comparison, Kind, ResourceRule, changes, removed_or_replaced
from pinekeep.operations.plan.state import KEY_TYPE, ROLE_TYPE

BUCKET_TYPE: Final = "AWS::S3::Bucket"
BUCKET_POLICY_TYPE: Final = "AWS::S3::BucketPolicy"
BUCKET_LOGICAL_ID: Final = "AuditBucket"
ROLE_LOGICAL_IDS: Final = ("AuditRole", "Integration*Role")

_SAFE, _ATTENTION, _WEAKENS, _BREAKS, _DESTROYS = Kind
_LEAVE: Final = (
    "to write to another bucket, take the present one out of the stack first, which changes nothing in it: pinekeep "
    "destroy --only storage --deployment {name}; it can be adopted later (audit_logs.bucket.adopt) or imported again "
    "(pinekeep recover --only storage)"
)
_LOST_BUCKET: Final = "Pinecone goes on writing to the bucket that its console names, and no stack protects its files"
_LOST_KEY: Final = "no file that was encrypted with the key can be read without it"
_CONSOLE: Final = (
    f"Pinecone cannot use the bucket until its console has the new role ARN ({pinecone.AUDIT_LOGS_CONSOLE_PATH}, or "
    "the storage integration); the former role stays in the account"
)
_of_storage = partial(changes, part="storage")
_of_bucket = partial(_of_storage, logical_ids=(BUCKET_LOGICAL_ID,))

# A table: two or three lines a rule.
# fmt: off
STORAGE_RULES: Final[tuple[ResourceRule, ...]] = (
    *removed_or_replaced(_DESTROYS, "audit-bucket", "the bucket of the audit logs", _LOST_BUCKET, (BUCKET_TYPE,),
        part="storage", logical_ids=(BUCKET_LOGICAL_ID,), remedy=_LEAVE),
    *removed_or_replaced(_DESTROYS, "audit-key", "the key of the audit logs", _LOST_KEY, (KEY_TYPE,),
        part="storage", remedy=_LEAVE),
    _of_storage("audit-key-switched-off", _BREAKS, "the key of the audit logs is disabled, or may be",
        "while it is disabled, Pinecone can write no audit logs and nobody can read any", KEY_TYPE, "Enabled",
        changeable=True),
    _of_storage("audit-key-policy", _ATTENTION, "the policy of the key of the audit logs changes",
        "it defines who may write and read the audit logs", KEY_TYPE, "KeyPolicy"),
    ResourceRule("storage-role-removed", _BREAKS, "a role of Pinecone's S3 account is removed from its stack",
        "Pinecone can no longer write audit logs, import or export with it once it is deleted",
        types=(ROLE_TYPE,), part="storage", actions=(Action.REMOVE,), changeable=True),
    ResourceRule("storage-role-replaced", _ATTENTION, "a role of Pinecone's S3 account is replaced", _CONSOLE,
        types=(ROLE_TYPE,), part="storage", replaced=True),
    _of_storage("storage-trust-policy", _ATTENTION, "the trust policy of a role of Pinecone's S3 account changes",
        "Pinecone cannot use the bucket with a role that no longer trusts the principal that it uses",
        ROLE_TYPE, "AssumeRolePolicyDocument"),
    ResourceRule("storage-permissions", _ATTENTION, "what Pinecone may do with a bucket changes",
        "without s3:ListBucket and the action on objects of its use, Pinecone is refused",
        types=("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy"),
        actions=ANY_CHANGE, part="storage", existing_stack=True),
    *removed_or_replaced(_WEAKENS, "bucket-policy", "the policy of a bucket",
        "it refuses requests without TLS, writes by others and delete markers", (BUCKET_POLICY_TYPE,), part="storage"),
    _of_storage("bucket-policy-changed", _ATTENTION, "the policy of a bucket changes",
        "it refuses requests without TLS, writes by others and delete markers", BUCKET_POLICY_TYPE, "PolicyDocument"),
    _of_bucket("bucket-encryption", _ATTENTION, "the encryption of the audit logs changes",
        "files that were written before stay encrypted with the former key: keep it as long as them",
        BUCKET_TYPE, "BucketEncryption"),
    _of_bucket("bucket-protection", _ATTENTION, "a protection of the audit logs changes",
        "Object Lock, versions and the block of public access keep files as they were written",
        BUCKET_TYPE, "ObjectLockConfiguration", "ObjectLockEnabled", "VersioningConfiguration",
        "PublicAccessBlockConfiguration", "OwnershipControls"),
    _of_storage("bucket-lifecycle", _ATTENTION, "what happens to files with age changes",
        "files that are due expire within days, but not before their retention ends",
        BUCKET_TYPE, "LifecycleConfiguration"),
    _of_storage("bucket-logging", _ATTENTION, "the access logs of the audit bucket change",
        "they are the record of who read the audit logs", BUCKET_TYPE, "LoggingConfiguration"),
    ResourceRule("audit-queries", _SAFE, "the table, the workgroup or the saved queries of the audit logs change",
        "they hold no audit logs", types=("AWS::Glue::*", "AWS::Athena::*"), actions=ANY_CHANGE, part="storage"),
)
"""In the order in which they are tried."""

STORAGE_COMPARISONS: Final = (
    Comparison("retention-weakened", _WEAKENS, "the retention of the audit logs is weakened",
        "files that are written from then on can be deleted earlier; those written before keep theirs",
        find=protection.retention_weakened),
    Comparison("bucket-weakened", _WEAKENS, "a protection of the audit bucket is removed",
        "files can be altered, hidden or read by others", find=protection.bucket_weakened),
    Comparison("bucket-policy-loosened", _WEAKENS, "the policy of the audit bucket allows more",
        "it refuses requests without TLS, writes by others and delete markers", find=protection.policy_loosened),
    Comparison("audit-destination", _ATTENTION, "Pinecone's console needs other values for the audit logs",
        f"Pinecone writes to what its console names ({pinecone.AUDIT_LOGS_CONSOLE_PATH}); what it does not write for "
        "want of access is lost", find=protection.destination),
)
"""In the order in which they are reported."""
