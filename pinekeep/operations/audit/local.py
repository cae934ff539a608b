"""The files of a store on this machine: those of a folder as they are, those of a bucket downloaded."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.model.facts.pinecone import AUDIT_TEST_OBJECT
from pinekeep.operations.audit.stores import FolderStore, Store

DOWNLOADS: Final = 8
"""The most files that are downloaded at a time."""


@dataclass(frozen=True)
class LogFile:
    """A file of audit logs on this machine. ``name``: what it is called in messages."""

    path: Path
    name: str


@dataclass
class LogFiles:
    """The files of audit logs. ``test_objects``: how many of Pinecone's test objects were left out."""

    files: list[LogFile] = field(default_factory=list)
    test_objects: int = 0


def local_files(
    store: Store, folder: Path, *, place: str, progress: Callable[[str], object] = lambda _: None
) -> LogFiles:
    """Return the files of a store on this machine, those of a bucket downloaded into an empty private folder.

    ``place``: the store's place, for messages. Raises WrongInputError if it has no files, or one cannot be read;
    AwsRefusedError if AWS refuses a call.
    """
    found = LogFiles()
    names: list[str] = []
    for name in sorted(each.name for each in store.files()):
        if name.rpartition("/")[2] == AUDIT_TEST_OBJECT:
            found.test_objects += 1
        else:
            names.append(name)
    if not names and not found.test_objects:
        raise WrongInputError(
            f"there are no files at {place}",
            hint="check the folder or the prefix; audit logs arrive about every 30 minutes once they are enabled",
        )
    if isinstance(store, FolderStore):
        root = store.path
        for number, name in enumerate(names):
            path = root if root.is_file() else root / name
            at = path.resolve()
            if not _is_utf8(at):
                at = folder.resolve() / f"{number:08}"
                store.copy(name, at)
            found.files.append(LogFile(at, str(path)))
        return found

    def download(number: int, name: str) -> LogFile:
        path = folder / f"{number:08}"
        store.copy(name, path)
        return LogFile(path.resolve(), name)

    with ThreadPoolExecutor(DOWNLOADS) as pool:
        running = [pool.submit(download, number, name) for number, name in enumerate(names)]
        try:
            for number, each in enumerate(running, start=1):
                found.files.append(each.result())
                progress(f"{number:,} of {len(names):,} files")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return found


def _is_utf8(path: Path) -> bool:
    """Return whether DuckDB can take a path. Names of files are bytes, and need not be UTF-8."""
    try:
        return bool(str(path).encode())
    except UnicodeEncodeError:
        return False
