"""The bucket of the audit logs: its lock, encryption, access, and policy.

Sources: facts.aws.S3_OBJECT_LOCK_PAGE, facts.aws.S3_KMS_PAGE.
"""

from collections.abc import Iterator
from typing import Any, Final

from pinekeep.account.reads.answers import output_of
from pinekeep.account.reads.live import Document
from pinekeep.model.config.models import audit_role_arn_of
from pinekeep.model.config.storage import ObjectLock
from pinekeep.model.naming import Output
from pinekeep.model.policies.compare import differences, pair, parse
from pinekeep.model.policies.storage import audit_bucket_policy
from pinekeep.operations.verification.checks.base import mapping
from pinekeep.operations.verification.checks.check import (
    Subject,
    registry,
    with_audit_bucket,
    with_audit_logs,
)
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged, noted, passed

_PUBLIC_ACCESS: Final = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_ENFORCED: Final = "BucketOwnerEnforced"

CHECKS: Final = registry(applies=with_audit_logs)


@CHECKS.add(
    id="audit-bucket",
    title="The bucket of the audit logs",
    wanted="the bucket, in the deployment's Region",
    meaning="Pinecone cannot write audit logs; what it does not write is lost.",
    sees_absence=True,
)
def _exists(subject: Subject, audit_bucket: Document | None) -> Verdict:
    logs = subject.audit_logs
    if audit_bucket is None:
        if with_audit_bucket(subject.deployment):
            return failed(f"there is no bucket {logs.bucket_name}", fix=subject.make(subject.live.storage_stack))
        fix = "create it, or name another one under audit_logs.bucket.adopt; then enter it in the Pinecone console"
        return failed(f"there is no bucket {logs.bucket_name}", fix=fix)
    region = audit_bucket.get("BucketRegion") or subject.region
    if region == subject.region:
        return passed(f"{logs.bucket_name} in {region}")
    return noted(f"{logs.bucket_name} is in {region}", fix="files cross Regions on their way; this is allowed")


@CHECKS.add(
    id="audit-bucket-lock",
    title="Object Lock of the audit logs",
    wanted="versioning, and the default retention of the file",
    meaning="Whoever may delete objects can delete or overwrite audit logs.",
    reads=("audit_bucket", "audit_versioning", "audit_lock"),
    sees_absence=True,
)
def _lock(
    subject: Subject, bucket: Document | None, versioning: Document | None, lock: Document | None
) -> Verdict | None:
    if bucket is None:
        return None
    status = mapping(versioning).get("Status") or "off"
    rule = mapping(mapping(mapping(lock).get("Rule")).get("DefaultRetention"))
    found = f"versioning {status}, {_in_words(rule)}"
    settings = subject.audit_logs.bucket
    if not with_audit_bucket(subject.deployment):
        if status == "Enabled" and rule:
            return passed(found)
        return noted(found, fix="the bucket is yours: Object Lock can be enabled for it in the S3 console")
    wanted: ObjectLock | None = getattr(settings, "object_lock", None)
    problems = [] if status == "Enabled" else [f"versioning is {status}"]
    if wanted is None:
        if rule:
            problems.append(f"there is a default retention that the file does not have: {_in_words(rule)}")
        elif not problems:
            return noted("no retention: the file says lock: none", fix="write lock: {days: 365} in audit_logs.bucket")
    elif rule != _rule(wanted):
        problems.append(f"the default retention is {_in_words(rule)}, not {_in_words(_rule(wanted))}")
    return judged(problems, right=found, fix=subject.restore)


def _rule(lock: ObjectLock) -> dict[str, Any]:
    length = {"Days": lock.days} if lock.years is None else {"Years": lock.years}
    return {"Mode": lock.mode.upper(), **length}


def _in_words(rule: dict[str, Any]) -> str:
    if not rule:
        return "no default retention"
    length = f"{rule['Years']} years" if "Years" in rule else f"{rule.get('Days')} days"
    return f"{str(rule.get('Mode')).lower()} for {length}"


@CHECKS.add(
    id="audit-bucket-encryption",
    title="Encryption of the audit logs",
    wanted="the KMS key of the bucket, which is not the one that Pinecone uses",
    meaning="Audit logs are unreadable, or cannot be written, when their key is not the one that is meant for them.",
    reads=("audit_bucket", "audit_encryption", "audit_key", "cmek_stack"),
    sees_absence=True,
)
def _encryption(
    subject: Subject, bucket: Document | None, encryption: Document | None, key: str | None, cmek: Document | None
) -> Verdict | None:
    if bucket is None:
        return None
    rules = mapping(encryption).get("Rules") or [{}]
    default = mapping(rules[0].get("ApplyServerSideEncryptionByDefault"))
    used = default.get("KMSMasterKeyID")
    found = f"{default.get('SSEAlgorithm') or 'none'}{f' with {used}' if used else ''}"
    adopted = subject.deployment.cmek.key.adopt if subject.deployment.cmek else None
    pinecones = adopted or output_of(cmek, Output.KEY_ARN)
    if used is not None and used == pinecones:
        fix = "encrypt the bucket with another key; files that are written already keep the key they were written with"
        return failed(f"{found}, the key that Pinecone uses: when it is disabled, audit logs are unreadable", fix=fix)
    if with_audit_bucket(subject.deployment):
        problems = [] if key is None or used == key else [f"{found}, not the key {key}"]
        return judged(problems, right=found, fix=subject.restore)
    if used is not None and used != key:
        fix = f"write kms_key: {used} under audit_logs.bucket, and let the key's policy allow the role"
        return failed(f"{found}, which the role is not allowed to use: the file does not name it", fix=fix)
    return passed(found)


@CHECKS.add(
    id="audit-bucket-public-access",
    title="Public access to the audit logs",
    wanted="all public access blocked, ACLs disabled",
    meaning="A policy or an ACL could open the audit logs to the public.",
    reads=("audit_bucket", "audit_public_access", "audit_ownership"),
    sees_absence=True,
)
def _public(
    subject: Subject, bucket: Document | None, blocked: Document | None, ownership: Document | None
) -> Verdict | None:
    if bucket is None:
        return None
    problems = [f"{each} is off" for each in _PUBLIC_ACCESS if not mapping(blocked).get(each)]
    rules = mapping(ownership).get("Rules") or [{}]
    if rules[0].get("ObjectOwnership") != _ENFORCED:
        problems.append("ACLs are enabled")
    if with_audit_bucket(subject.deployment):
        return judged(problems, fix=subject.restore)
    name = subject.audit_logs.bucket_name
    return noted("; ".join(problems), fix=_block(name, subject.region)) if problems else passed()


def _block(bucket: str, region: str) -> str:
    settings = ",".join(f"{each}=true" for each in _PUBLIC_ACCESS)
    return (
        f"aws s3api put-public-access-block --bucket {bucket} --region {region} "
        f"--public-access-block-configuration {settings}"
    )


@CHECKS.add(
    id="audit-bucket-policy",
    title="Policy of the bucket of the audit logs",
    wanted="the statements of the template, and no others",
    meaning="Others could write audit logs, or Pinecone could not.",
    applies=with_audit_bucket,
    reads=("audit_bucket", "audit_policy", "audit_key"),
    sees_absence=True,
)
def _policy(subject: Subject, bucket: Document | None, policy: str | None, key: str | None) -> Iterator[Verdict]:
    if bucket is None or key is None:
        return
    if policy is None:
        yield failed("the bucket has no policy", fix=subject.restore)
        return
    role = audit_role_arn_of(subject.name, subject.deployment)
    wanted = audit_bucket_policy(bucket=subject.audit_logs.bucket_name, role=role, kms_key=key)
    pairing = pair(found=parse(policy), wanted=parse(wanted))
    problems = [f"there is no {want}" for want, found in pairing.pairs if found is None]
    problems += [
        f"{want.sid}: {each}" for want, found in pairing.pairs if found is not None for each in differences(found, want)
    ]
    problems += [f"{each} is there too" for each in pairing.others]
    yield judged(problems, fix=subject.restore)
