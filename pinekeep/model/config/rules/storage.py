"""Rules about the buckets of audit logs and storage integrations."""

from collections.abc import Iterator
from typing import Final

from pinekeep.model.arns import KeyArn
from pinekeep.model.config.models import Deployment, storage_role_names_of
from pinekeep.model.config.partial import UNKNOWN, UnknownValueError, known
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.config.rules.subject import Subject
from pinekeep.model.config.storage import AdoptedBucket, NewBucket, StorageIntegration
from pinekeep.model.facts import aws
from pinekeep.model.values.storage import NO_LOCK, SOFT_RETENTION_YEARS
from pinekeep.model.words import plain

_BUCKET: Final = ("audit_logs", "bucket")
_LOCK: Final = (*_BUCKET, "lock")
_LIFECYCLE: Final = (*_BUCKET, "lifecycle")


def compliance_is_understood(here: Subject) -> Iterator[Problem]:
    """Compliance mode cannot be undone, and must be accepted in writing."""
    lock = _new_bucket(here).object_lock
    if lock and lock.mode == "compliance" and lock.i_understand is None:
        yield here.problem(
            "lock-compliance",
            "in compliance mode nobody can delete a file or shorten its retention, not even the account root",
            "write i_understand: irreversible beside mode, or mode: governance",
            *_LOCK,
            "mode",
        )


def lock_has_one_retention(here: Subject) -> Iterator[Problem]:
    """A retention is given in days or in years."""
    lock = _new_bucket(here).object_lock
    if lock is None:
        return
    if lock.days is None and lock.years is None:
        message, hint = "a lock needs a retention: days or years", "for example lock: {days: 365}"
        yield here.problem("lock-retention", message, hint, *_LOCK)
    elif lock.days is not None and lock.years is not None:
        message = "days and years are both set, and S3 takes one of them"
        yield here.problem("lock-retention-twice", message, "keep one", *_LOCK, "years")


def long_retention_is_meant(here: Subject) -> Iterator[Problem]:
    """A retention of more than ten years must be accepted in writing."""
    lock = _new_bucket(here).object_lock
    if lock is None or lock.long_retention:
        return
    for setting, given, most in (
        ("days", lock.days, SOFT_RETENTION_YEARS * aws.DAYS_PER_YEAR),
        ("years", lock.years, SOFT_RETENTION_YEARS),
    ):
        if given is not None and given > most:
            message = (
                f"{given:,} {setting} are more than {SOFT_RETENTION_YEARS} years: every file is paid for until then"
            )
            hint = f"write long_retention: true beside {setting} if it is meant, or at most {most}"
            yield here.problem("lock-long-retention", message, hint, *_LOCK, setting)


def files_are_locked(here: Subject) -> Iterator[Problem]:
    """Audit logs without a lock deserve a warning."""
    if _new_bucket(here).lock == NO_LOCK:
        message = "without Object Lock, whoever may delete objects can delete audit logs"
        hint = "write lock: {days: 365}; Pinecone recommends compliance mode"
        yield here.problem("bucket-unlocked", message, hint, *_LOCK, warn=True)


def lifecycle_keeps_what_is_locked(here: Subject) -> Iterator[Problem]:
    """A file does not expire before its retention ends."""
    bucket = _new_bucket(here)
    lock, expire = bucket.object_lock, bucket.lifecycle.expire_days
    if lock is None or expire is None or (lock.days is not None and lock.years is not None):
        return
    if expire < lock.retention_days:
        yield here.problem(
            "expire-before-retention",
            f"files would expire after {expire:,} days and are locked for {lock.retention_days:,}",
            f"write at least {lock.retention_days}, or null",
            *_LIFECYCLE,
            "expire_days",
        )


def transitions_are_in_order(here: Subject) -> Iterator[Problem]:
    """A file moves to S3 Standard-IA, stays there for 30 days, moves to Glacier, and expires last."""
    lifecycle = _new_bucket(here).lifecycle
    first, second, last = lifecycle.infrequent_access_days, lifecycle.glacier_days, lifecycle.expire_days
    stay = aws.STANDARD_IA_DAYS_MIN
    if first is not None and second is not None and second < first + stay:
        yield here.problem(
            "transition-order",
            f"a file that moves to S3 Standard-IA after {first:,} days stays there for at least {stay}; Glacier would "
            f"be after {second:,}",
            f"write at least {first + stay}, or infrequent_access_days: null",
            *_LIFECYCLE,
            "glacier_days",
        )
    for setting, given in (("infrequent_access_days", first), ("glacier_days", second)):
        if given is not None and last is not None and last <= given:
            message = f"files would expire after {last:,} days, and {setting} is {given:,}"
            hint = f"write more than {given}, or {setting}: null"
            yield here.problem("expire-before-transition", message, hint, *_LIFECYCLE, "expire_days")
            return


def bucket_key_is_of_the_deployment(here: Subject) -> Iterator[Problem]:
    """The key of a new bucket is in its account and Region; that of an existing one may be elsewhere."""
    arn = _key(here.audit_logs.bucket.kms_key)
    if arn is None:
        return
    place = (*_BUCKET, "kms_key")
    for what, owner, own in (
        ("account", arn.account, here.deployment.account),
        ("Region", arn.region, here.deployment.region),
    ):
        if owner == known(own) or isinstance(here.audit_logs.bucket, AdoptedBucket):
            continue
        message = f"the key is in {what} {owner}, the new bucket in {own}"
        yield here.problem(f"bucket-key-{what.lower()}", message, f"name a key of the deployment's {what}", *place)


def keys_of_others_name_the_role(here: Subject) -> Iterator[Problem]:
    """A key of another account is used with a policy of that account."""
    for path, bucket, role in _existing_buckets(here):
        arn = _key(bucket.kms_key)
        if arn is not None and arn.account != known(here.deployment.account):
            message = (
                f"the key is in account {arn.account}, and its policy must allow the role {plain(role)} of account "
                f"{here.deployment.account} to use it"
            )
            hint = "have that account add the role to the key's policy; `pinekeep access` shows what the role may do"
            yield here.problem("storage-key-account", message, hint, *path, "kms_key", warn=True)


def keys_are_not_pinecones(here: Subject) -> Iterator[Problem]:
    """Audit logs stay readable when the key that Pinecone uses is disabled."""
    if here.deployment.audit_logs is not None:
        yield from not_a_key_of_pinecone(here, here.audit_logs.bucket.kms_key, (*_BUCKET, "kms_key"), _LOGS)


_LOGS: Final = "its audit logs would be unreadable while it is disabled"


def not_a_key_of_pinecone(here: Subject, key: str | None, path: Path, why: str) -> Iterator[Problem]:
    """Yield a problem where a key is one that a deployment of the file lets Pinecone use. ``why``: what it would do."""
    if key is None:
        return
    arn = known(key)
    for name, other in here.file.deployments.items():
        if other is not UNKNOWN and arn in _keys_of_pinecone(other):
            message = f"this is the key with which Pinecone encrypts for {plain(name)}: {why}"
            yield here.problem("key-of-pinecone", message, "remove kms_key to create a key of its own", *path)
            return


def _keys_of_pinecone(deployment: Deployment) -> list[str]:
    if deployment.cmek is None or deployment.cmek is UNKNOWN:
        return []
    keys = [] if deployment.cmek.key is UNKNOWN else [deployment.cmek.key.adopt]
    customers = deployment.cmek.customer_keys
    for each in customers if isinstance(customers, list) else ():
        if each is not UNKNOWN and isinstance(each.key_arns, list):
            keys += each.key_arns
    return [each for each in keys if isinstance(each, str)]


def access_logs_go_elsewhere(here: Subject) -> Iterator[Problem]:
    """Access logs of a bucket in the bucket itself would never end."""
    bucket = _new_bucket(here)
    if bucket.access_logs_bucket is not None and bucket.access_logs_bucket == known(bucket.name):
        message = "each access log written to this bucket would be logged there again"
        hint = "name another bucket, or remove access_logs_bucket to create one"
        yield here.problem("access-logs-loop", message, hint, *_BUCKET, "access_logs_bucket")


def bucket_names_have_no_dots(here: Subject) -> Iterator[Problem]:
    """An existing bucket with dots in its name deserves a warning."""
    for path, bucket, _role in _existing_buckets(here):
        setting = "adopt" if isinstance(bucket, AdoptedBucket) else "bucket"
        name = known(getattr(bucket, setting))
        if "." in name:
            message = f"the TLS certificates of S3 do not cover the host name of {plain(name)}, which has dots"
            hint = "prefer a bucket without dots in its name; Pinecone may not be able to address this one"
            yield here.problem("bucket-dots", message, hint, *path, setting, warn=True)


def adopted_buckets_are_of_nobody_else(here: Subject) -> Iterator[Problem]:
    """A bucket that a deployment of the file creates lets the role of that deployment alone write."""
    bucket = here.audit_logs.bucket
    if not isinstance(bucket, AdoptedBucket):
        return
    for name, other in here.file.deployments.items():
        logs = None if other is UNKNOWN else other.audit_logs
        if logs is None or logs is UNKNOWN or not isinstance(logs.bucket, NewBucket):
            continue
        if logs.bucket.name is not UNKNOWN and logs.bucket.name == known(bucket.adopt):
            message = f"{plain(name)} creates this bucket, and its policy lets the role of {plain(name)} alone write"
            hint = "create a bucket for each; deployments of one Pinecone organization need audit_logs once"
            yield here.problem("adopt-of-another", message, hint, *_BUCKET, "adopt")


def _new_bucket(here: Subject) -> NewBucket:
    bucket = here.audit_logs.bucket
    if not isinstance(bucket, NewBucket):
        raise UnknownValueError
    return bucket


def _existing_buckets(here: Subject) -> Iterator[tuple[Path, AdoptedBucket | StorageIntegration, str]]:
    """Yield the existing buckets with their paths and the names of their roles."""
    roles = storage_role_names_of(here.name, here.deployment)
    logs = here.deployment.audit_logs
    if logs is not None and logs is not UNKNOWN and isinstance(logs.bucket, AdoptedBucket):
        yield _BUCKET, logs.bucket, roles["audit_logs"]
    for name, each in integrations_of(here):
        yield at(name), each, roles[f"storage_integrations.{name}"]


def _key(arn: str | None) -> KeyArn | None:
    return KeyArn.parse(arn) if isinstance(arn, str) else None


def integrations_of(here: Subject) -> Iterator[tuple[str, StorageIntegration]]:
    """Yield the integrations that can be read, with their names."""
    for name, each in here.deployment.storage_integrations.items():
        if each is not UNKNOWN:
            yield name, each


def at(integration: str) -> tuple[str, str]:
    """Return the path of an integration."""
    return "storage_integrations", integration
