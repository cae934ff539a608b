"""The newest of Pinecone's audit log files, and whether one is really locked.

How Pinecone names the files is not documented, so the newest one is found by its time, in a listing that is bounded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import DENIED, cleaned, code_of, message_of
from pinekeep.account.reads.live import AuditFiles, Unreadable
from pinekeep.model.facts import pinecone

PAGES_MAX: Final = 25
"""S3 lists 1,000 files a page; a file every half an hour makes 17,520 a year."""
_OBJECT_LOCK: Final = "object lock"
"""What S3's message contains where Object Lock refuses a deletion."""


def list_files(ask: Callable[..., Any], *, prefix: str | None) -> Any:
    """Return the files, or what ``ask`` returns in place of an answer. ``ask``: lists a page of the bucket."""
    start = f"{prefix}/" if prefix else ""
    count, newest, test_object, more = 0, None, False, dict[str, str]()
    for _ in range(PAGES_MAX):
        page = ask(Prefix=start, **more)
        if not isinstance(page, dict):
            return page
        for each in page.get("Contents") or ():
            name = str(each["Key"]).removeprefix(start)
            if name == pinecone.AUDIT_TEST_OBJECT:
                test_object = True
            elif name and not name.endswith("/"):  # consoles create objects that stand for folders
                count += 1
                if newest is None or each["LastModified"] > newest[1]:
                    newest = (str(each["Key"]), each["LastModified"])
        if not page.get("IsTruncated"):
            return AuditFiles(count, complete=True, newest=newest, test_object=test_object)
        more = {"ContinuationToken": page["NextContinuationToken"]}
    return AuditFiles(count, complete=False, newest=newest, test_object=test_object)


@dataclass(frozen=True)
class Deletion:
    """An attempt to delete a locked version of a file, without a bypass of governance mode.

    Attributes:
        outcome: ``locked``: Object Lock refused it. ``denied``: it was refused, and S3 does not say by Object Lock.
            ``deleted``: it was deleted. ``not-tried``: no version of the newest file is under retention.
        key: the file's key; None where there is no file.
        until: when the retention of the version ends.
        said: S3's message.
    """

    outcome: Literal["locked", "denied", "deleted", "not-tried"]
    key: str | None = None
    until: datetime | None = None
    said: str = ""


def try_to_delete(clients: Clients, bucket: str, key: str, *, now: datetime) -> Deletion | Unreadable:
    """Ask S3 to delete a version of a file whose retention has not ended, and return what it says.

    Nothing is asked for a version without retention, or whose retention ends within a day. Raises ClientError for
    refusals other than denied access.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to import

    s3 = clients.client("s3")
    try:
        head = s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if code_of(error) in DENIED:
            return Unreadable("s3:GetObject", "reading an object's retention needs s3:GetObject")
        raise
    version, until = head.get("VersionId"), head.get("ObjectLockRetainUntilDate")
    if not version or version == "null" or not head.get("ObjectLockMode") or until is None:
        return Deletion("not-tried", key)
    if (until - now).total_seconds() < _DAY_SECONDS:
        return Deletion("not-tried", key, until)
    try:
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
    except ClientError as error:
        if code_of(error) not in DENIED:
            raise
        said = message_of(error)
        return Deletion("locked" if _OBJECT_LOCK in said.lower() else "denied", key, until, cleaned(said))
    return Deletion("deleted", key, until)


_DAY_SECONDS: Final = 86_400
