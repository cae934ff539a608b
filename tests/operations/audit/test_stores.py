"""The places of audit logs: files, folders, buckets."""

import io
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.audit_files import BucketStore, StoredFile
from pinekeep.errors import AwsRefusedError, WrongInputError
from pinekeep.operations.audit.stores import FolderStore, store_at

WHEN = datetime(2026, 11, 30, tzinfo=UTC)


class OneClient:
    """Clients of S3 alone."""

    def __init__(self) -> None:
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
        self.s3 = session.client("s3")

    def client(self, service: str) -> Any:
        assert service == "s3"
        return self.s3


def nobody() -> Clients:
    raise AssertionError("nobody may ask for clients here")


def test_a_bucket_is_listed_page_by_page_below_its_prefix() -> None:
    made = OneClient()
    object_ = {"LastModified": WHEN, "Size": 1, "ETag": "x"}
    with Stubber(made.s3) as stub:
        wanted = {"Bucket": "acme", "Prefix": "logs/"}
        page = {"IsTruncated": True, "NextContinuationToken": "t", "Contents": [{"Key": "logs/", **object_}]}
        stub.add_response("list_objects_v2", page, wanted)
        last = {"IsTruncated": False, "Contents": [{"Key": "logs/b", **object_}]}
        stub.add_response("list_objects_v2", last, {**wanted, "ContinuationToken": "t"})
        found = list(BucketStore(cast(Clients, made), "acme", "logs").files())
    assert found == [StoredFile(name="logs/b", modified=WHEN)]


def test_an_empty_bucket_has_no_files() -> None:
    made = OneClient()
    with Stubber(made.s3) as stub:
        stub.add_response("list_objects_v2", {"IsTruncated": False}, {"Bucket": "acme", "Prefix": ""})
        assert list(BucketStore(cast(Clients, made), "acme", "").files()) == []


def test_a_file_is_copied_whole(tmp_path: Path) -> None:
    made, content = OneClient(), b"x" * 3_000_000
    with Stubber(made.s3) as stub:
        body = StreamingBody(io.BytesIO(content), len(content))
        stub.add_response("get_object", {"Body": body}, {"Bucket": "acme", "Key": "logs/b"})
        BucketStore(cast(Clients, made), "acme", "logs").copy("logs/b", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == content


def test_a_refusal_says_what_is_missing(tmp_path: Path) -> None:
    made = OneClient()
    with Stubber(made.s3) as stub:
        stub.add_client_error("get_object", "AccessDenied", "no", 403)
        with pytest.raises(AwsRefusedError):
            BucketStore(cast(Clients, made), "acme", "").copy("b", tmp_path / "b")


def test_a_folder_has_its_files_and_those_below(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "a b.json").write_text("x")
    (tmp_path / "c").write_text("y")
    store = store_at(str(tmp_path), nobody)
    assert sorted(each.name for each in store.files()) == ["2026/a b.json", "c"]
    store.copy("2026/a b.json", tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "x"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.symlink_to("nowhere"), "no file"),
        (lambda path: path.symlink_to(path), "no file"),
        (os.mkfifo, "no file"),
        (lambda path: path.symlink_to("/"), "a link to another folder"),
    ],
    ids=["a link to nothing", "a link to itself", "a pipe", "a link out of the folder"],
)
def test_what_would_be_left_out_in_silence_is_refused(make: Callable[[Path], object], why: str, tmp_path: Path) -> None:
    make(tmp_path / "odd")
    (tmp_path / "fine").write_text("x")
    with pytest.raises(WrongInputError, match=f"odd cannot be read: it is {why}") as refused:
        list(FolderStore(tmp_path).files())
    assert refused.value.hint


def test_a_link_within_the_folder_counts_no_file_twice(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "a").write_text("x")
    (tmp_path / "latest").symlink_to("2026")
    (tmp_path / "2026" / "loop").symlink_to(tmp_path)
    assert [each.name for each in FolderStore(tmp_path).files()] == ["2026/a"]


def test_a_file_is_a_place_of_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("x")
    store = FolderStore(path)
    assert [each.name for each in store.files()] == ["a.json"]
    store.copy("a.json", tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "x"


@pytest.mark.parametrize(
    "place",
    ["nowhere", "s3://", "s3://Acme", "s3://acme//logs", "s3://acme/*", "gs://acme/logs", "https://acme.example", ""],
)
def test_a_place_that_is_none_is_refused_with_a_hint(place: str) -> None:
    with pytest.raises(WrongInputError) as refused:
        store_at(place, nobody)
    assert refused.value.hint


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongInputError, match="cannot be read"):
        FolderStore(tmp_path).copy("gone", tmp_path / "copy")
