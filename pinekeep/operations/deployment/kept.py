"""What remains in the account when a stack is deleted, and why."""

from collections.abc import Iterator
from typing import Final

from pinekeep.decisions.privileges.scope import makes_vpc
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import alias_of, role_name_of, storage_role_names_of
from pinekeep.model.config.storage import NewBucket, ObjectLock
from pinekeep.model.output.deployment import KeptOutput

KEPT_REASONS: Final = {
    "KMS key": "without the key, all data of the Pinecone project is lost, and Pinecone cannot be given another",
    "alias": "it shows people which key this is",
    "role": "Pinecone knows it by its ARN; without it Pinecone cannot use the key",
    "flow logs": "they are the record of who used the endpoint",
}


def kept(name: str, deployment: Deployment, part: str = "private_link") -> list[KeptOutput]:
    """Return the resources that remain when the stacks of a part are deleted, and why."""
    found = _of_storage(name, deployment) if part == "storage" else _of_key(name, deployment)
    things = list(found)
    if part == "private_link" and makes_vpc(deployment):
        things.append(("the log group of the VPC's flow logs", KEPT_REASONS["flow logs"]))
    return [KeptOutput(deployment=name, what=what, why=why) for what, why in things]


def _of_key(name: str, deployment: Deployment) -> Iterator[tuple[str, str]]:
    if deployment.cmek is None:
        return
    adopted = deployment.cmek.key.adopt
    if deployment.cmek.has_own_key:
        what = f"KMS key {adopted}" if adopted else f"KMS key of stack {naming.cmek_stack(name)}"
        yield what, KEPT_REASONS["KMS key"]
    if alias := alias_of(name, deployment):
        yield alias, KEPT_REASONS["alias"]
    yield f"role {role_name_of(name, deployment)}", KEPT_REASONS["role"]


def _of_storage(name: str, deployment: Deployment) -> Iterator[tuple[str, str]]:
    for role in storage_role_names_of(name, deployment).values():
        yield (
            f"role {role} with its policy {naming.storage_policy(role)}",
            "Pinecone goes on using the bucket with it; delete both once Pinecone's console no longer has it",
        )
    logs = deployment.audit_logs
    if logs is None:
        return
    if not isinstance(logs.bucket, NewBucket):
        yield f"bucket {logs.bucket.adopt}", "it is adopted: the stack never changed it"
    else:
        yield from _of_bucket(logs.bucket)
    if logs.queries is not None:
        yield "the bucket of the results of queries", f"they expire after {logs.queries.result_days} days"


def _of_bucket(bucket: NewBucket) -> Iterator[tuple[str, str]]:
    lock = f"; {_locked(bucket.object_lock)}" if bucket.object_lock else ""
    yield f"bucket {bucket.name}", f"it holds the audit logs; S3 bills it by what it holds{lock}"
    if bucket.kms_key is None:
        yield (
            f"the KMS key of bucket {bucket.name} and its alias",
            "without the key no file in the bucket can be read; KMS bills it every month",
        )
    if bucket.access_logs_bucket is None:
        yield (
            f"bucket {naming.access_logs_bucket(bucket.name)}",
            "it is the record of who read the audit logs; S3 bills it by what it holds",
        )


def _locked(lock: ObjectLock) -> str:
    count, unit = (lock.days, "day") if lock.years is None else (lock.years, "year")
    length = unit if count == 1 else f"{count} {unit}s"
    who = "nobody" if lock.mode == "compliance" else "nobody without s3:BypassGovernanceRetention"
    return f"{who} can delete a file in its first {length}"
