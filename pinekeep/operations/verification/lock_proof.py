"""Proof that Object Lock keeps an audit log file: S3 is asked to delete it, and refuses."""

from datetime import datetime
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.audit_state import try_to_delete
from pinekeep.account.reads.live import AuditFiles, Live, Unreadable
from pinekeep.model.config import Deployment
from pinekeep.operations.verification.checks.base import Description
from pinekeep.operations.verification.checks.finding import Finding, Verdict, failed, noted, passed, unreadable

PROOF: Final = Description(
    id="audit-lock-proof",
    title="A deletion of a locked audit log file",
    wanted="refused by Object Lock",
    meaning="Audit logs can be deleted before their retention ends.",
)


def prove_lock(*, name: str, deployment: Deployment, live: Live, clients: Clients, now: datetime) -> list[Finding]:
    """Ask S3 to delete a version of the newest file whose retention has not ended, without a bypass of governance mode.

    Nothing is asked where no such version is found. Returns no finding for a deployment without audit logs.
    """
    if deployment.audit_logs is None:
        return []
    return [PROOF.finding(name, _verdict(deployment.audit_logs.bucket_name, live.audit_files, clients, now))]


def _verdict(bucket: str, files: AuditFiles | Unreadable | None, clients: Clients, now: datetime) -> Verdict:
    if isinstance(files, Unreadable):
        return unreadable(files)
    if files is None or files.newest is None:
        return noted("there is no file to try it on", fix="repeat it when Pinecone has written one")
    key, _written = files.newest
    tried = try_to_delete(clients, bucket, key, now=now)
    if isinstance(tried, Unreadable):
        return unreadable(tried)
    match tried.outcome:
        case "locked":
            return passed(f"{key} is kept until {tried.until:%Y-%m-%d %H:%M} UTC; S3 said: {tried.said}")
        case "denied":
            return noted(
                f"refused, but S3 does not say by Object Lock: {tried.said}",
                fix="repeat it with credentials that have s3:DeleteObjectVersion, so that the lock alone refuses",
            )
        case "not-tried":
            return noted(
                f"not tried: {key} is not under a retention of a day or more",
                fix="see the check audit-bucket-lock; a retention holds for files written after it was set",
            )
        case "deleted":
            return failed(
                f"S3 deleted {key}, whose retention was to end at {tried.until:%Y-%m-%d %H:%M} UTC",
                fix="report it to AWS Support with the time of this call: Object Lock must refuse it",
            )
