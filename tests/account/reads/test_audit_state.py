"""The newest audit log file by its time, whatever the names; and what S3 says to a deletion."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.audit_state import PAGES_MAX, list_files, try_to_delete
from pinekeep.account.reads.live import AuditFiles, Unreadable

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def entry(key: str, minutes: int) -> dict[str, Any]:
    return {"Key": key, "LastModified": NOW - timedelta(minutes=minutes)}


class Pages:
    """A bucket that lists its files in pages."""

    def __init__(self, pages: Iterator[list[dict[str, Any]]], *, last: int) -> None:
        self._pages, self._last = pages, last
        self.asked: list[dict[str, Any]] = []

    def __call__(self, **arguments: Any) -> Any:
        self.asked.append(arguments)
        number = len(self.asked)
        more = {"IsTruncated": True, "NextContinuationToken": str(number)} if number < self._last else {}
        return {"Contents": next(self._pages), **more}


def test_the_newest_is_found_by_its_time_over_all_pages() -> None:
    first = [entry("p/z", 10), entry("p/", 0), entry("p/audit-log-access-test", 0)]
    pages = Pages(iter([first, [entry("p/a", 5), entry("p/b", 90)]]), last=2)
    found = list_files(pages, prefix="p")
    assert found == AuditFiles(3, complete=True, newest=("p/a", NOW - timedelta(minutes=5)), test_object=True)
    assert pages.asked == [{"Prefix": "p/"}, {"Prefix": "p/", "ContinuationToken": "1"}]


def test_an_empty_bucket_has_no_newest() -> None:
    assert list_files(lambda **_: {}, prefix=None) == AuditFiles(0, complete=True, newest=None, test_object=False)


def test_the_listing_is_bounded_and_says_so() -> None:
    pages = Pages((([entry(f"{each}", 1)]) for each in range(1000)), last=1000)
    found = list_files(pages, prefix=None)
    assert (found.count, found.complete, len(pages.asked)) == (PAGES_MAX, False, PAGES_MAX)


def test_a_listing_that_is_denied_is_passed_on() -> None:
    denied = Unreadable("s3:ListBucket", "allow it")
    assert list_files(lambda **_: denied, prefix=None) is denied


class S3:
    """A bucket with one file; deletions are noted."""

    def __init__(self, head: Any, deletion: Exception | None = None) -> None:
        self._head, self._deletion = head, deletion
        self.deleted: list[dict[str, Any]] = []

    def client(self, service_name: str, **_: Any) -> Any:
        assert service_name == "s3"
        return self

    def head_object(self, **_: Any) -> Any:
        if isinstance(self._head, Exception):
            raise self._head
        return self._head

    def delete_object(self, **arguments: Any) -> Any:
        self.deleted.append(arguments)
        if self._deletion is not None:
            raise self._deletion
        return dict[str, Any]()


def refused(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DeleteObject")


def tried(s3: S3) -> Any:
    return try_to_delete(Clients(s3, "us-east-1"), "b", "k", now=NOW)


KEPT = {"VersionId": "v1", "ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": NOW + timedelta(days=30)}


@pytest.mark.parametrize(
    ("deletion", "outcome"),
    [
        (refused("AccessDenied", "Access Denied because object protected by object lock."), "locked"),
        (refused("AccessDenied", "User x is not authorized to perform: s3:DeleteObjectVersion"), "denied"),
        (None, "deleted"),
    ],
)
def test_a_deletion_names_the_version_never_bypasses_and_is_told_by_what_s3_says(
    deletion: Exception | None, outcome: str
) -> None:
    s3 = S3(KEPT, deletion)
    assert tried(s3).outcome == outcome
    assert s3.deleted == [{"Bucket": "b", "Key": "k", "VersionId": "v1"}]


@pytest.mark.parametrize(
    "head",
    [
        {"VersionId": "v1"},
        {k: v for k, v in KEPT.items() if k != "VersionId"},
        {**KEPT, "VersionId": "null"},
        {k: v for k, v in KEPT.items() if k != "ObjectLockMode"},
        {**KEPT, "ObjectLockRetainUntilDate": NOW - timedelta(days=1)},
        {**KEPT, "ObjectLockRetainUntilDate": NOW + timedelta(hours=23)},
    ],
)
def test_nothing_is_deleted_that_is_not_under_retention(head: dict[str, Any]) -> None:
    s3 = S3(head)
    assert tried(s3).outcome == "not-tried"
    assert s3.deleted == []


def test_a_retention_that_may_not_be_read_is_unreadable_and_other_errors_are_raised() -> None:
    assert isinstance(tried(S3(refused("403"))), Unreadable)
    with pytest.raises(ClientError):
        tried(S3(refused("NoSuchBucket")))
    with pytest.raises(ClientError):
        tried(S3(KEPT, refused("SlowDown")))
