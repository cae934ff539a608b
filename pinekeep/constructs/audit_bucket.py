"""The S3 bucket of Pinecone's audit logs, with its key and its access logs."""

from typing import Final, Literal

from aws_cdk import CfnResource, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from pinekeep.constructs.acknowledgments import acknowledge
from pinekeep.constructs.props import Props, is_token
from pinekeep.constructs.storage_role import StorageRole
from pinekeep.model.facts import aws
from pinekeep.model.naming import access_logs_bucket
from pinekeep.model.policies.document import Policy
from pinekeep.model.policies.storage import (
    access_logs_policy,
    audit_bucket_policy,
    audit_key_policy,
)
from pinekeep.model.values.keys import KeyArnText
from pinekeep.model.values.roles import AssumedRoleArn
from pinekeep.model.values.storage import (
    BucketName,
    ExpireDays,
    GlacierDays,
    InfrequentAccessDays,
    LockDays,
    LockYears,
    NewBucketName,
    Prefix,
)

LockMode = Literal["compliance", "governance"]

ABORT_UPLOADS_DAYS: Final = 7
NONCURRENT_DAYS_EXPIRING: Final = 30
NONCURRENT_DAYS_KEPT: Final = 365
ACCESS_LOGS_DAYS: Final = 365
ACCESS_LOGS_NONCURRENT_DAYS: Final = 30
_PUBLIC_ACCESS: Final = {
    "block_public_acls": True,
    "block_public_policy": True,
    "ignore_public_acls": True,
    "restrict_public_buckets": True,
}


class AuditBucket(Construct):
    """A bucket whose files nobody alters: versioned, locked, encrypted with a KMS key of its own, not public.

    Object Lock is enabled in any case, so that a retention can be added later. Bucket, bucket policies, key and alias
    are retained when they are removed from their stack.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        name: the bucket's name. A bucket with another name is another bucket.
        writer: the role with which Pinecone writes: a :class:`~pinekeep.constructs.StorageRole` of the use ``audit``
            for this bucket, any role, or an ARN.
        prefix: the prefix of the files, without slashes at its ends, where ``writer`` is no StorageRole.
        lock_mode: ``compliance`` (nobody can delete a file or shorten its retention), ``governance`` (principals with
            ``s3:BypassGovernanceRetention`` can), or None for no retention. A change holds for files written
            afterwards.
        retention_days: the retention in days; with a lock, either this or ``retention_years``.
        retention_years: the retention in years.
        accept_irreversible: required for ``compliance``: the files are kept, and paid for, until their retention ends.
        infrequent_access_days: after how many days a file moves to S3 Standard-IA; None for never. S3 moves no file
            under 128 KB.
        glacier_days: after how many days it moves to S3 Glacier Instant Retrieval; None for never.
        expire_days: after how many days it expires; None for never.
        kms_key: the ARN of the bucket's key; None makes one. Never the key that Pinecone uses for a project.
        alias: the alias of a new key, with ``alias/``; None for none.
        events: whether S3 sends the bucket's events to EventBridge, such as for :class:`~pinekeep.constructs.Alarms`.
        access_logs_bucket: the name of an existing bucket for access logs, of the same account and Region, without
            Object Lock; None makes one.

    Attributes:
        resource: the bucket. Its ``ref`` is its name.
        key_arn: the ARN of the bucket's key; of a new one, as a reference.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        writer: StorageRole | iam.IRole | str,
        prefix: str | None = None,
        lock_mode: LockMode | None = None,
        retention_days: int | None = None,
        retention_years: int | None = None,
        accept_irreversible: bool = False,
        infrequent_access_days: int | None = 90,
        glacier_days: int | None = None,
        expire_days: int | None = None,
        kms_key: str | None = None,
        alias: str | None = None,
        events: bool = False,
        access_logs_bucket: str | None = None,
    ) -> None:
        props = Props(scope, construct_id)
        props.require_given(name=name, writer=writer)
        props.require(
            name=(NewBucketName, name),
            prefix=(Prefix, prefix),
            retention_days=(LockDays, retention_days),
            retention_years=(LockYears, retention_years),
            infrequent_access_days=(InfrequentAccessDays, infrequent_access_days),
            glacier_days=(GlacierDays, glacier_days),
            expire_days=(ExpireDays, expire_days),
            kms_key=(KeyArnText, kms_key),
            access_logs_bucket=(BucketName, access_logs_bucket),
        )
        if isinstance(writer, str) and not is_token(writer):
            props.require(writer=(AssumedRoleArn, writer))
        if isinstance(writer, StorageRole):
            _require_writer(props, writer, name=name, prefix=prefix)
            prefix = writer.prefix
        role = writer if isinstance(writer, str) else writer.role_arn
        _require_lock(props, lock_mode, retention_days, retention_years, accept_irreversible=accept_irreversible)
        kept_days = (retention_days or 0) + (retention_years or 0) * aws.DAYS_PER_YEAR
        if expire_days is not None and expire_days < kept_days:
            message = f"expire_days: files would expire after {expire_days} days and are locked for {kept_days}"
            props.refuse(message, f"give at least {kept_days}, or None")
        props.claim("name", name, why="a bucket's name is unique in AWS", hint="give this one another name")
        super().__init__(scope, construct_id)
        stack = props.stack
        self.key: kms.CfnKey | None = None
        self.alias: kms.CfnAlias | None = None
        if kms_key is None:
            policy = audit_key_policy(
                account=stack.account,
                role=role,
                bucket=name,
                prefix=prefix,
                region=stack.region,
            )
            self.key = self._add_key(policy)
            if alias is not None:
                self.alias = kms.CfnAlias(self, "Alias", alias_name=alias, target_key_id=self.key.attr_key_id)
        self.key_arn = str(kms_key) if self.key is None else self.key.attr_arn
        self.access_logs: s3.CfnBucket | None = None
        self.access_logs_policy: s3.CfnBucketPolicy | None = None
        if access_logs_bucket is None:
            self._add_access_logs(name, account=stack.account)
        self.resource = s3.CfnBucket(
            self,
            "Resource",
            bucket_name=name,
            bucket_encryption=s3.CfnBucket.BucketEncryptionProperty(
                server_side_encryption_configuration=[
                    s3.CfnBucket.ServerSideEncryptionRuleProperty(
                        bucket_key_enabled=True,
                        server_side_encryption_by_default=s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                            sse_algorithm="aws:kms", kms_master_key_id=self.key_arn
                        ),
                        # A file under a key that the writer keeps could not be read.
                        blocked_encryption_types=s3.CfnBucket.BlockedEncryptionTypesProperty(encryption_type=["SSE-C"]),
                    )
                ]
            ),
            lifecycle_configuration=s3.CfnBucket.LifecycleConfigurationProperty(
                rules=_lifecycle(
                    infrequent_access_days=infrequent_access_days,
                    glacier_days=glacier_days,
                    expire_days=expire_days,
                    noncurrent_days=_noncurrent_days(expire_days, kept_days),
                )
            ),
            logging_configuration=s3.CfnBucket.LoggingConfigurationProperty(
                destination_bucket_name=access_logs_bucket if self.access_logs is None else self.access_logs.ref,
                log_file_prefix=f"{name}/",
            ),
            notification_configuration=_to_eventbridge() if events else None,
            object_lock_enabled=True,
            object_lock_configuration=_lock(lock_mode, retention_days, retention_years),
            ownership_controls=_owner_enforced(),
            public_access_block_configuration=s3.CfnBucket.PublicAccessBlockConfigurationProperty(**_PUBLIC_ACCESS),
            versioning_configuration=s3.CfnBucket.VersioningConfigurationProperty(status="Enabled"),
        )
        if self.access_logs_policy is not None:
            self.resource.add_resource_dependency(self.access_logs_policy)
        self.policy = s3.CfnBucketPolicy(
            self,
            "Policy",
            # By name, as the statements have it; cdk-nag compares the two.
            bucket=name,
            policy_document=audit_bucket_policy(bucket=name, role=role, kms_key=self.key_arn),
        )
        self.policy.add_resource_dependency(self.resource)
        _retain(self.key, self.alias, self.access_logs, self.access_logs_policy, self.resource, self.policy)
        self._imported: s3.IBucket | None = None
        acknowledge(self)

    @property
    def bucket(self) -> s3.IBucket:
        """The bucket, to give to other constructs. A grant to a principal of the account goes into its IAM policy."""
        if self._imported is None:
            key = kms.Key.from_key_arn(self, "ImportedKey", self.key_arn)
            self._imported = s3.Bucket.from_bucket_attributes(
                self, "Imported", bucket_name=self.resource.ref, encryption_key=key
            )
        return self._imported

    def _add_key(self, policy: Policy) -> kms.CfnKey:
        return kms.CfnKey(
            self,
            "Key",
            description="Encrypts the bucket of Pinecone's audit logs",
            key_policy=policy,
            enable_key_rotation=True,
            rotation_period_in_days=aws.ROTATION_DAYS_DEFAULT,
            pending_window_in_days=aws.DELETION_WINDOW_DAYS_MAX,
        )

    def _add_access_logs(self, bucket: str, *, account: str) -> None:
        name = access_logs_bucket(bucket)
        self.access_logs = s3.CfnBucket(
            self,
            "AccessLogs",
            bucket_name=name,
            # S3 delivers access logs only to a bucket with this encryption.
            bucket_encryption=s3.CfnBucket.BucketEncryptionProperty(
                server_side_encryption_configuration=[
                    s3.CfnBucket.ServerSideEncryptionRuleProperty(
                        server_side_encryption_by_default=s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                            sse_algorithm="AES256"
                        )
                    )
                ]
            ),
            lifecycle_configuration=s3.CfnBucket.LifecycleConfigurationProperty(
                rules=_lifecycle(expire_days=ACCESS_LOGS_DAYS, noncurrent_days=ACCESS_LOGS_NONCURRENT_DAYS)
            ),
            ownership_controls=_owner_enforced(),
            public_access_block_configuration=s3.CfnBucket.PublicAccessBlockConfigurationProperty(**_PUBLIC_ACCESS),
            versioning_configuration=s3.CfnBucket.VersioningConfigurationProperty(status="Enabled"),
        )
        self.access_logs_policy = s3.CfnBucketPolicy(
            self,
            "AccessLogsPolicy",
            bucket=name,
            policy_document=access_logs_policy(logs_bucket=name, bucket=bucket, account=account),
        )
        self.access_logs_policy.add_resource_dependency(self.access_logs)


def _require_writer(props: Props, writer: StorageRole, *, name: str, prefix: str | None) -> None:
    if writer.use != "audit":
        props.refuse(f"writer: the role is for {writer.use}, not for audit logs", 'give it use="audit"')
    if writer.bucket != name:
        props.refuse(f"writer: the role is for the bucket {writer.bucket}, not for {name}", f'give it bucket="{name}"')
    if prefix not in (None, writer.prefix):
        props.refuse("prefix: the role given as writer has another prefix", "give the prefix to the StorageRole alone")


def _to_eventbridge() -> s3.CfnBucket.NotificationConfigurationProperty:
    return s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )


def _require_lock(
    props: Props, mode: LockMode | None, days: int | None, years: int | None, *, accept_irreversible: bool
) -> None:
    if mode is None:
        if days is not None or years is not None:
            props.refuse("lock_mode: a retention needs a mode", 'give lock_mode="governance"')
        return
    if (days is None) == (years is None):
        props.refuse("retention_days: a lock has a retention in days or in years", "give one of the two")
    if mode == "compliance" and not accept_irreversible:
        props.refuse(
            "lock_mode: in compliance mode nobody can delete a file or shorten its retention, not even the account's "
            "root user",
            "give accept_irreversible=True if that is intended",
        )


def _retain(*resources: CfnResource | None) -> None:
    for resource in resources:
        if resource is not None:
            resource.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)


def _owner_enforced() -> s3.CfnBucket.OwnershipControlsProperty:
    rule = s3.CfnBucket.OwnershipControlsRuleProperty(object_ownership="BucketOwnerEnforced")
    return s3.CfnBucket.OwnershipControlsProperty(rules=[rule])


def _lock(
    mode: LockMode | None, days: int | None, years: int | None
) -> s3.CfnBucket.ObjectLockConfigurationProperty | None:
    if mode is None:
        return None
    retention = s3.CfnBucket.DefaultRetentionProperty(mode=mode.upper(), days=days, years=years)
    rule = s3.CfnBucket.ObjectLockRuleProperty(default_retention=retention)
    return s3.CfnBucket.ObjectLockConfigurationProperty(object_lock_enabled="Enabled", rule=rule)


def _noncurrent_days(expire_days: int | None, retention_days: int) -> int:
    """Return how long a version is kept once it is noncurrent, in days.

    S3 deletes no version before its retention ends, whatever this says. An expired file was kept as long as wanted;
    where files do not expire, a version is noncurrent because somebody replaced or hid it.
    """
    return NONCURRENT_DAYS_EXPIRING if expire_days is not None else max(NONCURRENT_DAYS_KEPT, retention_days)


def _lifecycle(
    *,
    noncurrent_days: int,
    infrequent_access_days: int | None = None,
    glacier_days: int | None = None,
    expire_days: int | None = None,
) -> list[s3.CfnBucket.RuleProperty]:
    transitions = [
        s3.CfnBucket.TransitionProperty(storage_class=storage_class, transition_in_days=days)
        for storage_class, days in (("STANDARD_IA", infrequent_access_days), ("GLACIER_IR", glacier_days))
        if days is not None
    ]
    rules = [
        s3.CfnBucket.RuleProperty(
            id="AbortIncompleteUploads",
            status="Enabled",
            abort_incomplete_multipart_upload=s3.CfnBucket.AbortIncompleteMultipartUploadProperty(
                days_after_initiation=ABORT_UPLOADS_DAYS
            ),
        ),
        s3.CfnBucket.RuleProperty(
            id="DeleteNoncurrentVersions",
            status="Enabled",
            noncurrent_version_expiration=s3.CfnBucket.NoncurrentVersionExpirationProperty(
                noncurrent_days=noncurrent_days
            ),
            # Of objects without a version left. S3 takes this and an expiry in two rules only.
            expired_object_delete_marker=True,
        ),
    ]
    if transitions:
        rules.append(s3.CfnBucket.RuleProperty(id="MoveWithAge", status="Enabled", transitions=transitions))
    if expire_days is not None:
        rules.append(s3.CfnBucket.RuleProperty(id="Expire", status="Enabled", expiration_in_days=expire_days))
    return rules
