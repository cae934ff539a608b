"""The files of audit logs in S3. Their names say nothing that is documented, so all of them are listed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.process import bounded

PAGE: Final = 1000
"""The files that one request lists."""
_CHUNK: Final = 1 << 20
_COPY_SECONDS: Final = 600.0


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file of audit logs. ``name``: its key or path. ``modified``: when it was written."""

    name: str
    modified: datetime


@dataclass(frozen=True)
class BucketStore:
    """The files of a bucket under a prefix, which has no slash at its ends; empty: the whole bucket."""

    clients: Clients
    bucket: str
    prefix: str

    def files(self) -> Iterator[StoredFile]:
        """Yield all files. One call for each thousand. Raises AwsRefusedError if AWS refuses."""
        with refusals_told():
            pages = self.clients.client("s3").get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=f"{self.prefix}/" if self.prefix else ""):
                for each in page.get("Contents", ()):
                    if not each["Key"].endswith("/"):
                        yield StoredFile(name=each["Key"], modified=each["LastModified"])

    def copy(self, name: str, to: Path) -> None:
        """Copy a file to a path. One call. Raises AwsRefusedError if AWS refuses."""
        with refusals_told():
            body = self.clients.client("s3").get_object(Bucket=self.bucket, Key=name)["Body"]

            def write() -> None:
                with to.open("wb") as file:
                    for chunk in body.iter_chunks(_CHUNK):
                        file.write(chunk)

            bounded(f"the file {name}", write, seconds=_COPY_SECONDS)
