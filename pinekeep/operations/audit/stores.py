"""Where the files of audit logs are: a file, a folder, or a bucket with a prefix."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from pinekeep.account.reads.audit_files import BucketStore, StoredFile
from pinekeep.errors import WrongInputError
from pinekeep.model.values import InvalidValueError, require
from pinekeep.model.values.storage import BucketName, Prefix
from pinekeep.model.words import shown

if TYPE_CHECKING:
    from pinekeep.account.client.clients import Clients

_SCHEME: Final = "s3://"
_HINT: Final = "give a file, a folder, or s3://BUCKET/PREFIX"


class Store(Protocol):
    """The files of audit logs at one place."""

    def files(self) -> Iterable[StoredFile]:
        """Return all files, in any order."""

    def copy(self, name: str, to: Path) -> None:
        """Copy a file to a path."""


@dataclass(frozen=True)
class FolderStore:
    """The files of a folder and below, or one file. They have their paths below the folder as names."""

    path: Path

    def files(self) -> Iterator[StoredFile]:
        """Yield all files. Raises WrongInputError if the folder cannot be read."""
        if self.path.is_file():
            yield _stored(self.path, self.path.name)
            return
        try:
            for folder, _, names in os.walk(self.path, onerror=_raise):
                for name in names:
                    path = Path(folder, name)
                    if path.is_file():
                        yield _stored(path, path.relative_to(self.path).as_posix())
        except OSError as error:
            raise WrongInputError(f"{error.filename}: {error.strerror}", hint=_HINT) from None

    def copy(self, name: str, to: Path) -> None:
        """Copy a file to a path. Raises WrongInputError if it cannot be read."""
        source = self.path if self.path.is_file() else self.path / name
        try:
            shutil.copyfile(source, to)
        except OSError as error:
            hint = "give a file or folder that you may read"
            raise WrongInputError(f"{source} cannot be read: {error.strerror or error}", hint=hint) from None


def store_at(place: str, clients: "Callable[[], Clients]") -> Store:
    """Return the files at a place. ``clients``: makes the clients for S3, where they are needed.

    Raises WrongInputError if there is nothing at the place, or it is not written as one.
    """
    if place.startswith(_SCHEME):
        bucket, _, prefix = place.removeprefix(_SCHEME).partition("/")
        prefix = prefix.rstrip("/")
        try:
            require(BucketName, bucket)
            if prefix:
                require(Prefix, prefix)
        except InvalidValueError as error:
            raise WrongInputError(f"--from: {error.message}", hint=error.hint or _HINT) from None
        return BucketStore(clients(), bucket, prefix)
    if not place or "://" in place:
        raise WrongInputError(f"--from: {shown(place)} is no place that can be read", hint=_HINT)
    path = Path(place)
    if not path.exists():
        raise WrongInputError(f"--from: there is no file or folder {shown(place)}", hint=_HINT)
    return FolderStore(path)


def _stored(path: Path, name: str) -> StoredFile:
    return StoredFile(name=name, modified=datetime.fromtimestamp(path.stat().st_mtime, UTC))


def _raise(error: OSError) -> None:
    raise error
