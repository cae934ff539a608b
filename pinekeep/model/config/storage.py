"""The models of ``audit_logs`` and ``storage_integrations``: what Pinecone may do with S3 buckets of yours."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from pinekeep.model.config.base import Model
from pinekeep.model.facts import aws
from pinekeep.model.values import for_pydantic
from pinekeep.model.values.keys import KeyArnText
from pinekeep.model.values.roles import RoleName
from pinekeep.model.values.storage import (
    NO_LOCK,
    BucketName,
    ExpireDays,
    GlacierDays,
    InfrequentAccessDays,
    LockDays,
    LockYears,
    NewBucketName,
    Prefix,
    ResultDays,
    ScanLimit,
    StoragePrincipal,
    lock_or_none,
)


def location(bucket: str, prefix: str | None) -> str:
    """Return a bucket with its prefix as the Pinecone console takes it."""
    return f"{bucket}/{prefix}" if prefix else bucket


class ObjectLock(Model):
    """S3 Object Lock with a default retention: each file is kept for this long, and cannot be changed."""

    mode: Literal["compliance", "governance"] = "governance"
    """`compliance`: nobody can shorten the retention or delete a file, not even the account root.
    `governance`: principals with `s3:BypassGovernanceRetention` can."""
    days: LockDays | None = None
    """The retention in days. Either `days` or `years`."""
    years: LockYears | None = None
    """The retention in years. Either `days` or `years`."""
    i_understand: Literal["irreversible"] | None = None
    """Required for `compliance`: the word `irreversible`. Every file is then kept, and paid for, until its retention
    ends."""
    long_retention: bool = False
    """Set to `true` for a retention of more than ten years."""

    @property
    def retention_days(self) -> int:
        """The retention in days."""
        return self.days or aws.DAYS_PER_YEAR * (self.years or 0)


class Lifecycle(Model):
    """What happens to the files with age, in days."""

    infrequent_access_days: InfrequentAccessDays | None = 90
    """After how many days a file moves to S3 Standard-IA. Files smaller than 128 KB stay where they are. `null`:
    never."""
    glacier_days: GlacierDays | None = None
    """After how many days a file moves to S3 Glacier Instant Retrieval; at least 30 days later than to S3 Standard-IA.
    `null`: never."""
    expire_days: ExpireDays | None = None
    """After how many days a file expires; not before its retention ends. `null`: never."""


def _lock_kind(value: Any) -> str:
    return "none" if isinstance(value, str) else "lock"


class NewBucket(Model):
    """A new bucket: versioned, encrypted with a KMS key of its own, locked, not public, TLS only."""

    name: NewBucketName
    """The bucket's name. Names are global to all of AWS."""
    lock: Annotated[
        Annotated[Literal["none"], Tag("none")] | Annotated[ObjectLock, Tag("lock")],
        Discriminator(_lock_kind),
        BeforeValidator(for_pydantic(lock_or_none)),
    ]
    """Object Lock, or the word `none` for files that can be changed and deleted. It is chosen when the bucket is
    created."""
    lifecycle: Lifecycle = Field(default_factory=Lifecycle.model_construct)
    """Storage classes and expiry by age."""
    kms_key: KeyArnText | None = None
    """The ARN of the KMS key that encrypts the files, of the same account and Region. Default: a new key. The key that
    Pinecone uses for a project is refused: files must stay readable when it is disabled."""
    access_logs_bucket: BucketName | None = None
    """An existing bucket for the access logs, of the same account and Region. Default: a new one."""

    @property
    def object_lock(self) -> ObjectLock | None:
        """The lock, or None where the file says `none`."""
        return None if self.lock == NO_LOCK else self.lock


class AdoptedBucket(Model):
    """An existing bucket. The stack never changes it."""

    adopt: BucketName
    """The bucket's name."""
    kms_key: KeyArnText | None = None
    """The ARN of the KMS key that encrypts its files, if it is a customer managed one: the role needs its use."""


def _bucket_kind(value: Any) -> str | None:
    match value:
        case AdoptedBucket():
            return "adopted"
        case Mapping() if "adopt" in value:
            return "adopted"
        case _:
            return "new"


class AuditQueries(Model):
    """A Glue table and an Athena workgroup with saved queries over the audit logs."""

    scan_limit_mib: ScanLimit = 1024
    """The most data that one query may scan, in MiB. Athena cancels a query beyond it."""
    result_days: ResultDays = 30
    """After how many days the results of queries expire."""


class AuditLogs(Model):
    """Pinecone's audit logs, written to an S3 bucket of yours."""

    bucket: Annotated[
        Annotated[NewBucket, Tag("new")] | Annotated[AdoptedBucket, Tag("adopted")], Discriminator(_bucket_kind)
    ]
    """The bucket: a new one (`name`), or an existing one (`adopt`)."""
    prefix: Prefix | None = None
    """The prefix of the files, without slashes at its ends. Default: none."""
    role_name: RoleName | None = None
    """The name of the role that Pinecone assumes. Default: `pinekeep-<deployment>-<region>-audit`."""
    principal_arn: StoragePrincipal | None = None
    """A pattern for `aws:PrincipalArn`: which principal of Pinecone's account may assume the role. Default: every
    principal that the account itself lets assume it, as Pinecone documents."""
    queries: AuditQueries | None = None
    """A Glue table and an Athena workgroup with saved queries. Default: none; `pinekeep audit query` needs neither."""

    @property
    def bucket_name(self) -> str:
        """The bucket's name."""
        return self.bucket.adopt if isinstance(self.bucket, AdoptedBucket) else self.bucket.name

    @property
    def location(self) -> str:
        """What the Pinecone console takes as the bucket: its name, and the prefix after a slash."""
        return location(self.bucket_name, self.prefix)


class StorageIntegration(Model):
    """A role with which Pinecone imports from, or exports backups to, an existing bucket."""

    use: Literal["import", "export"]
    """`import`: read objects. `export`: write backups; projects with CMEK have no backups."""
    bucket: BucketName
    """The bucket's name."""
    prefix: Prefix | None = None
    """The prefix of the objects, without slashes at its ends. Default: none."""
    kms_key: KeyArnText | None = None
    """The ARN of the KMS key that encrypts the objects, if it is a customer managed one."""
    role_name: RoleName | None = None
    """The name of the role that Pinecone assumes. Default: `pinekeep-<deployment>-<region>-<integration>`."""
    principal_arn: StoragePrincipal | None = None
    """A pattern for `aws:PrincipalArn`, as for `audit_logs`."""

    @property
    def location(self) -> str:
        """The bucket with its prefix."""
        return location(self.bucket, self.prefix)
