"""The files of the audit logs. Source: facts.pinecone.AUDIT_LOGS_SETUP_PAGE."""

from datetime import timedelta
from typing import Final

from pinekeep.account.reads.last_usage import length_in_words
from pinekeep.account.reads.live import AuditFiles
from pinekeep.model.facts import pinecone
from pinekeep.operations.verification.checks.check import Subject, registry, with_audit_logs
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed

FRESH: Final = timedelta(minutes=2 * pinecone.AUDIT_INTERVAL_MINUTES)
"""The age of the newest file at which one is late: an interval, and as long again."""
SILENT: Final = timedelta(days=1)
"""The age at which a verification fails. Whether Pinecone writes a file where nothing happened is not documented."""

CHECKS: Final = registry(applies=with_audit_logs)


@CHECKS.add(
    id="audit-files",
    title="Age of the newest audit log file",
    wanted=f"a file about every {pinecone.AUDIT_INTERVAL_MINUTES} minutes",
    meaning="Events that are not written are lost when audit logs are disabled or the integration is removed.",
)
def _newest(subject: Subject, audit_files: AuditFiles) -> Verdict:
    console = f"Pinecone console: {pinecone.AUDIT_LOGS_CONSOLE_PATH}"
    if audit_files.newest is None:
        where = subject.audit_logs.location
        return noted(
            f"there is no file in {where}",
            fix=f"{subject.run('handoff')} prints what to enter there; the first file may take half an hour. {console}",
        )
    key, written = audit_files.newest
    age = max(subject.now - written, timedelta())
    found = f"{length_in_words(age)} ({key})"
    if age <= FRESH:
        return passed(found)
    if not audit_files.complete:
        return noted(
            f"the newest of the first {audit_files.count:,} files is {found}; the listing stops there, since the names "
            "of files have no documented order",
            fix="see the alarm audit_quiet_minutes of monitoring, which counts what S3 reports",
        )
    if age <= SILENT:
        return noted(f"{found}; it may be that nothing happened", fix=f"see that audit logs are active. {console}")
    return failed(
        f"{found}",
        fix=f"see that audit logs are active, and that role and bucket there are those of {subject.run('handoff')}. "
        f"{console}",
    )


@CHECKS.add(
    id="audit-test-object",
    title="The object with which Pinecone tries its access",
    wanted=pinecone.AUDIT_TEST_OBJECT,
    meaning="Nothing follows from its absence.",
)
def _test_object(subject: Subject, audit_files: AuditFiles) -> Verdict:
    if audit_files.test_object:
        return passed(f"{pinecone.AUDIT_TEST_OBJECT} is there: Pinecone could write")
    return noted(
        f"{pinecone.AUDIT_TEST_OBJECT} was not seen, and whether Pinecone leaves it there is not documented",
        fix=f"nothing, if there are files in {subject.audit_logs.location}",
    )
