"""The file of results as a file: whose it is, who can read it, and what is wrong with one that cannot be used."""

import os
import sqlite3
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.operations.fleet.verification.schema import APPLICATION_ID, VERSION

SUFFIX: Final = ".fleet.sqlite"
BUSY_SECONDS: Final = 60.0
"""How long a write waits for another one."""
_OTHERS: Final = 0o077


class StoreError(PinekeepError):
    """The file cannot be used. It was not changed."""


def store_beside(configuration: Path) -> Path:
    """Return the file of results of a configuration file: beside it, as what else is kept of it."""
    return configuration.with_name(f"{configuration.stem}{SUFFIX}")


def require_usable(path: Path) -> None:
    """Require a file of the user's that nobody else can read. Raises StoreError otherwise."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise StoreError(f"{path} is no file", hint="give another file with --store")
    if found.st_uid != os.geteuid() or found.st_mode & _OTHERS:
        raise StoreError(
            f"{path} can be read or written by others; it says which keys are not protected as they should be",
            hint=f"chmod 600 {path}",
        )


def require_ours(path: Path, connection: sqlite3.Connection) -> None:
    """Require a file of this program and of a version that it knows. Raises StoreError otherwise."""
    with told(path):
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise StoreError(f"{path} is a file of another program", hint="give another file with --store")
    if version > VERSION:
        raise StoreError(
            f"{path} was written by a later version of Pinekeep (its format is {version}, this one knows {VERSION})",
            hint="update Pinekeep, or give another file with --store",
        )


@contextmanager
def told(path: Path) -> Generator[None]:
    """Turn what SQLite and the system say of the file into a StoreError or a WrongInputError."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise cannot(path, error) from None


def cannot(path: Path, error: Exception) -> PinekeepError:
    """Return the error for a file that cannot be used. Nothing in it was changed."""
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return StoreError(
            f"{path} is being written by another process for more than {BUSY_SECONDS:.0f} s", hint="try again later"
        )
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        return StoreError(
            f"{path} is damaged, or no file of results: {error}",
            hint="it was not changed: restore it from a backup, or move it away and verify again",
        )
    if isinstance(error, OSError):
        return WrongInputError(
            f"{path} cannot be used: {error.strerror or error}", hint="give a file in a folder that you can write to"
        )
    return StoreError(
        f"{path} cannot be used: {error}", hint="check the folder and the disk; nothing in it was changed"
    )
