"""The audit bucket and the roles of Pinecone's S3 account: free names, or a bucket that fits."""

from collections.abc import Iterator
from typing import Final

from pinekeep.account.reads.answers import outputs_of
from pinekeep.model.config.storage import AdoptedBucket, NewBucket
from pinekeep.model.naming import DEPLOYMENT_TAG, Output
from pinekeep.operations.preflight.check import Subject, registry, tags_of, with_storage
from pinekeep.operations.preflight.inventory import SOMEBODY_ELSES, is_new
from pinekeep.operations.verification.checks.base import mapping
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed

_PUBLIC_ACCESS: Final = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _new_storage(subject: Subject) -> bool:
    """A stack of audit logs and storage integrations that is not there yet."""
    return with_storage(subject) and is_new(subject.seen.storage_stack)


def _new_bucket(subject: Subject) -> bool:
    """An audit bucket that will be created."""
    logs = subject.deployment.audit_logs
    return _new_storage(subject) and logs is not None and isinstance(logs.bucket, NewBucket)


def _adopted_bucket(subject: Subject) -> bool:
    """An audit bucket that the customer has."""
    logs = subject.deployment.audit_logs
    return subject.in_its_account and logs is not None and isinstance(logs.bucket, AdoptedBucket)


def _with_further_keys(subject: Subject) -> bool:
    """A key of yours for the audit bucket or the topic."""
    return bool(_further_keys(subject))


CHECKS: Final = registry(applies=_adopted_bucket)


@CHECKS.add(
    id="audit-bucket-name",
    title="Name of the audit bucket",
    wanted="a name that nobody has",
    meaning="The names of buckets are global: S3 refuses one that is taken, and CloudFormation rolls the stack back.",
    reads=("audit_bucket",),
    applies=_new_bucket,
)
def _name(subject: Subject) -> Verdict:
    name, found = subject.audit_logs.bucket_name, subject.seen.audit_bucket
    if found is None:
        return passed(f"{name}: free")
    if found == SOMEBODY_ELSES:
        return failed(
            f"{name} exists already, in another account",
            fix="choose another name under audit_logs.bucket.name; for a bucket of yours in another account write "
            "bucket: {adopt: NAME}",
        )
    return failed(
        f"{name} exists already, in this account",
        fix=f"if an earlier stack of this deployment kept it: {_recover(subject)}; to use another bucket of yours, "
        f"write audit_logs.bucket: {{adopt: {name}}}, which adds no Object Lock; else choose another name",
    )


@CHECKS.add(
    id="storage-role-names",
    title="Names of the roles of Pinecone's S3 account",
    wanted="no roles of these names",
    meaning="CloudFormation cannot make a role of a name that is taken; somebody else's role is not to be changed.",
    reads=("storage_roles",),
    applies=_new_storage,
)
def _roles(subject: Subject) -> Iterator[Verdict]:
    found = mapping(subject.seen.storage_roles)
    if not found:
        yield passed()
    for name, role in found.items():
        kept = tags_of(role).get(DEPLOYMENT_TAG) == subject.name
        if kept:
            yield failed(
                f"the role {name} exists already; an earlier stack of this deployment kept it",
                fix=f"import it, Pinecone may use it: {_recover(subject)}",
            )
            continue
        yield failed(
            f"the role {name} exists already; it does not belong to this deployment",
            fix=f"if Pinecone uses it, keep it and set another role_name; else: aws iam delete-role --role-name {name} "
            "(detach its policies first)",
        )


def _recover(subject: Subject) -> str:
    return f"pinekeep recover --only storage --deployment {subject.name}"


@CHECKS.add(
    id="storage-keys",
    title="Keys of audit bucket and topic",
    wanted="other keys than the one that Pinecone uses",
    meaning="While the key that Pinecone uses is disabled, audit logs are unreadable and alarms are not delivered.",
    uses=("cmek_stack",),
    applies=_with_further_keys,
)
def _keys(subject: Subject) -> Iterator[Verdict]:
    stack = subject.seen.cmek_stack
    pinecones = outputs_of(stack).get(Output.KEY_ARN) if isinstance(stack, dict) else None
    wrong = {setting: key for setting, key in _further_keys(subject).items() if key == pinecones}
    if not wrong:
        yield passed()
    for setting, key in wrong.items():
        yield failed(
            f"{setting} is {key}, the key that Pinecone uses", fix=f"remove {setting} to create a key of its own"
        )


def _further_keys(subject: Subject) -> dict[str, str]:
    if not subject.in_its_account:
        return {}
    logs, monitoring = subject.deployment.audit_logs, subject.deployment.monitoring
    found = {
        "audit_logs.bucket.kms_key": None if logs is None else logs.bucket.kms_key,
        "monitoring.kms_key": None if monitoring is None else monitoring.kms_key,
    }
    return {setting: key for setting, key in found.items() if key}


@CHECKS.add(
    id="adopted-bucket-exists",
    title="The existing audit bucket",
    wanted="a bucket of this name, in the deployment's Region",
    meaning="Pinecone cannot write audit logs into a bucket that does not exist.",
    reads=("audit_bucket",),
)
def _exists(subject: Subject) -> Verdict:
    name, found = subject.audit_logs.bucket_name, mapping(subject.seen.audit_bucket)
    if subject.seen.audit_bucket is None:
        return failed(f"there is no bucket {name}", fix="`aws s3api list-buckets` prints the buckets of the account")
    region = found.get("BucketRegion", subject.region)
    if region != subject.region:
        return noted(
            f"{name} is in {region}",
            fix="files cross Regions on their way, and the role may use a KMS key in the deployment's Region alone; a "
            f"deployment in {region} is better",
        )
    return passed(f"{name}, in {region}")


@CHECKS.add(
    id="adopted-bucket-lock",
    title="Object Lock of the existing audit bucket",
    wanted="versioning, and a default retention",
    meaning="Whoever may delete objects can delete or overwrite audit logs.",
    reads=("audit_bucket_lock", "audit_bucket_versioning"),
    blocks=False,
)
def _lock(subject: Subject) -> Verdict | None:
    if not isinstance(subject.seen.audit_bucket, dict):
        return None
    rule = mapping(mapping(mapping(subject.seen.audit_bucket_lock).get("Rule")).get("DefaultRetention"))
    versioned = mapping(subject.seen.audit_bucket_versioning).get("Status") == "Enabled"
    problems = [] if versioned else ["versioning is off"]
    problems += [] if rule else ["there is no default retention"]
    if problems:
        return noted(
            "; ".join(problems), fix="the bucket is yours: turn both on in the S3 console, or create a new one"
        )
    return passed()


@CHECKS.add(
    id="adopted-bucket-key",
    title="Encryption of the existing audit bucket",
    wanted="the key of the file, or a key of S3",
    meaning="S3 refuses Pinecone's files where the role may not use the bucket's key.",
    reads=("audit_bucket_encryption",),
)
def _encryption(subject: Subject) -> Verdict | None:
    if not isinstance(subject.seen.audit_bucket, dict):
        return None
    rules = mapping(subject.seen.audit_bucket_encryption).get("Rules") or [{}]
    default = mapping(rules[0].get("ApplyServerSideEncryptionByDefault"))
    used, named = default.get("KMSMasterKeyID"), subject.audit_logs.bucket.kms_key
    if used == named:
        return passed(named)
    if used is None:
        return noted(f"the bucket does not use {named}", fix="remove kms_key, or encrypt the bucket with that key")
    return failed(f"the bucket is encrypted with {used}", fix=f"write kms_key: {used} beside adopt")


@CHECKS.add(
    id="adopted-bucket-public-access",
    title="Public access to the existing audit bucket",
    wanted="all public access blocked, ACLs disabled",
    meaning="A policy or an ACL could open the audit logs to the public.",
    reads=("audit_bucket_public_access", "audit_bucket_ownership"),
    blocks=False,
)
def _public(subject: Subject) -> Verdict | None:
    if not isinstance(subject.seen.audit_bucket, dict):
        return None
    blocked = mapping(subject.seen.audit_bucket_public_access)
    problems = [f"{each} is off" for each in _PUBLIC_ACCESS if not blocked.get(each)]
    rules = mapping(subject.seen.audit_bucket_ownership).get("Rules") or [{}]
    if rules[0].get("ObjectOwnership") != "BucketOwnerEnforced":
        problems.append("ACLs are enabled")
    if not problems:
        return passed()
    name = subject.audit_logs.bucket_name
    return noted(
        "; ".join(problems),
        fix=f"aws s3api put-public-access-block --bucket {name} --region {subject.region} "
        f"--public-access-block-configuration {','.join(f'{each}=true' for each in _PUBLIC_ACCESS)}",
    )
