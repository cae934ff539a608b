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
from pinekeep.model.words import shown, visible

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
        """Yield all files. Raises WrongInputError if something in the folder cannot be read.

        A link to a folder is not followed: within this folder it would count files twice.
        """
        if self.path.is_file():
            yield _stored(self.path, self.path.name)
            return
        try:
            for folder, folders, names in os.walk(self.path, onerror=_raise):
                for name in folders:
                    self._require_known(Path(folder, name))
                for name in names:
                    path = Path(folder, name)
                    if not path.is_file():
                        raise _left_out(path, "it is no file")
                    yield _stored(path, path.relative_to(self.path).as_posix())
        except OSError as error:
            raise WrongInputError(f"{error.filename}: {error.strerror}", hint=_HINT) from None

    def _require_known(self, folder: Path) -> None:
        if folder.is_symlink() and not folder.resolve().is_relative_to(self.path.resolve()):
            raise _left_out(folder, "it is a link to another folder")

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


def _left_out(path: Path, why: str) -> WrongInputError:
    """Return the refusal of what would be left out in silence."""
    hint = "move it elsewhere; another folder is read with --from"
    return WrongInputError(f"{visible(str(path))} cannot be read: {why}", hint=hint)


def _raise(error: OSError) -> None:
    raise error
