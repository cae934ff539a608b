"""DuckDB over files of audit logs: the connection, and the relation with every event.

Columns and types are named, and nothing is ignored: DuckDB then raises an error for everything that it cannot read,
whereas with guessed types or ``ignore_errors`` it puts NULL in its place. Files in which it finds an error are written
anew by the reader in Python, which tells what was wrong and where; DuckDB's line numbers are not reliable.
"""

import json
import os
from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb

from pinekeep.errors import PinekeepError
from pinekeep.model.audit.events import COLUMN, KNOWN, REQUIRED, SPELLINGS, duckdb_columns
from pinekeep.model.audit.query import expression
from pinekeep.operations.audit.local import LogFile
from pinekeep.operations.audit_files.broken import Broken
from pinekeep.operations.audit_files.framing import Format, Framing, events_of, framing_of

MEMORY: Final = "320MB"
THREADS: Final = 4
EVENT_MAX: Final = 16 << 20
"""The size of a line, in bytes, up to which DuckDB reads it in every case: its ``maximum_object_size``."""
MISSPELT, SPELT, INCOMPLETE, UNKNOWN, BARE = (1 << each for each in range(5))
"""The bits of a row's flags. ``BARE``: none of the fields that make an event, as of ``null`` and ``{}``."""

_RIGHT, _WRONG = SPELLINGS["event.resource_id"]
_PAIRS: Final = ", ".join(f"'{action} {resource}'" for action, resource in sorted(KNOWN))
_LACKING: Final = " OR ".join(f"{expression(each, 'duckdb')} IS NULL" for each in REQUIRED)
FLAGS: Final = (
    f"(CASE WHEN event.{_WRONG} IS NULL THEN 0 ELSE {MISSPELT} END"
    f" + CASE WHEN event.{_RIGHT} IS NULL THEN 0 ELSE {SPELT} END"
    f" + CASE WHEN {_LACKING} THEN {INCOMPLETE} ELSE 0 END"
    f" + CASE WHEN concat(event.action, ' ', event.resource_type) IN ({_PAIRS}) THEN 0 ELSE {UNKNOWN} END"
    f" + CASE WHEN id IS NULL AND actor IS NULL AND event IS NULL THEN {BARE} ELSE 0 END)::UTINYINT"
)


_COUNTED: Final = (*REQUIRED, "resource_id")
"""The columns that the flags are computed from."""


@contextmanager
def connected(folder: Path, files: Sequence[LogFile]) -> Generator[duckdb.DuckDBPyConnection]:
    """Yield DuckDB, which can reach these files, those of one folder, and nothing else, with bounded memory."""
    settings: dict[str, Any] = {
        "memory_limit": MEMORY,
        "threads": min(os.cpu_count() or 1, THREADS),
        "temp_directory": str(folder / "spilled"),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(config=settings) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        # DuckDB looks at where a link leads.
        paths = ", ".join(_quoted(str(each.path)) for each in files)
        connection.execute(f"SET allowed_paths = [{paths}]")
        connection.execute(f"SET allowed_directories = [{_quoted(f'{folder}/')}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection


@dataclass
class Scan:
    """Files of audit logs as one relation.

    Attributes:
        folder: a private folder, in which every file gets a link with a name without special characters.
        reads: the columns of the flat relation that are used beside the flags. Only their fields are read.
    """

    files: Sequence[LogFile]
    folder: Path
    connection: duckdb.DuckDBPyConnection
    reads: Sequence[str] = tuple(COLUMN)
    broken: Broken = field(default_factory=Broken)
    empty: int = 0

    def __post_init__(self) -> None:
        self._columns = duckdb_columns({*self.reads, *_COUNTED})
        self._links: dict[Path, tuple[LogFile, Framing]] = {}
        self._cleaned = False
        unclear = []
        for number, each in enumerate(self.files):
            framing = framing_of(each.path)
            if framing.empty:
                self.empty += 1
                continue
            link = self.folder / f"file-{number:08}"
            link.symlink_to(each.path)
            self._links[link] = each, framing
            if framing.format is Format.UNCLEAR:
                unclear.append(link)
        self._clean(unclear)

    def relation(self) -> str:
        """Return the SELECT of every event, with the fields of the files and ``flags``."""
        groups: dict[Framing, list[Path]] = defaultdict(list)
        for link, (_, framing) in self._links.items():
            groups[framing].append(link)
        raw = " UNION ALL ".join(f"FROM {self._read(links, framing)}" for framing, links in groups.items())
        return raw or f"SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in self._columns.items())} LIMIT 0"

    def run(self, statement: str) -> None:
        """Make the table ``picked`` of a SELECT over :meth:`relation`, which it calls ``$RELATION``.

        Where DuckDB refuses a file, the files that it refuses are written anew, and it runs again. ``picked`` has a
        column ``flags``.

        Raises:
            PinekeepError: DuckDB fails at files that the reader in Python has cleaned, or the disk is full.
        """
        for _ in range(2):
            try:
                filled = statement.replace("$RELATION", f"({self.relation()})")
                self.connection.execute(f"CREATE OR REPLACE TEMP TABLE picked AS {filled}")
                if self._cleaned or not self._bare():
                    return
            except duckdb.Error as error:
                if self._cleaned or isinstance(error, duckdb.OutOfMemoryException):
                    raise PinekeepError(
                        f"DuckDB cannot read the audit logs: {str(error).splitlines()[0]}",
                        hint="name fewer files with --from, or set TMPDIR to a disk with more room",
                    ) from None
            self._clean(list(self._refused()))
            self._cleaned = True

    def _bare(self) -> bool:
        found = self.connection.execute(f"SELECT 1 FROM picked WHERE flags & {BARE} > 0 LIMIT 1").fetchone()  # noqa: S608
        return found is not None

    def _refused(self) -> Iterable[Path]:
        """Yield the files that DuckDB does not read to the end, or that hold something bare."""
        for link, (_, framing) in self._links.items():
            read = ", ".join(f"count({each})" for each in self._columns)
            statement = f"SELECT count_if({FLAGS} & {BARE} > 0), {read} FROM {self._read([link], framing)}"  # noqa: S608
            try:
                bare = self.connection.execute(statement).fetchone()
            except duckdb.Error:
                yield link
                continue
            if bare is not None and bare[0]:
                yield link

    def _clean(self, links: Sequence[Path]) -> None:
        """Write files anew, without what is broken in them."""
        for link in links:
            source, _ = self._links.pop(link)
            cleaned = link.with_name(f"{link.name}-cleaned")
            with cleaned.open("xb") as file:
                for place, event in events_of(source.path, self.broken, name=source.name):
                    file.write(_line(event, place, self.broken))
            self._links[cleaned] = source, Framing(Format.LINES)

    def _read(self, links: Sequence[Path], framing: Framing) -> str:
        paths = ", ".join(_quoted(str(each)) for each in links)
        columns = ", ".join(f"{name}: {_quoted(kind)}" for name, kind in self._columns.items())
        compression = "gzip" if framing.compressed else "none"
        return (
            f"read_json([{paths}], format = '{framing.format}', compression = '{compression}', "
            f"columns = {{{columns}}}, hive_partitioning = false)"
        )


def _line(event: dict[str, Any], place: str, broken: Broken) -> bytes:
    """Return an event as a line that DuckDB reads. What does not fit is left out and counted."""
    for path in ("client", "actor", "event", "event.outcome"):
        *above, name = path.split(".")
        holder = event
        for each in above:
            holder = holder.get(each) or {}
        value = holder.get(name)
        if value is not None and not isinstance(value, dict):
            broken.reject(place, f"{path} is not an object; the rest of the event is read")
            del holder[name]
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    try:
        line = text.encode() + b"\n"
    except UnicodeEncodeError:
        broken.reject(place, "a character is half a surrogate pair; a question mark stands for it")
        line = text.encode("utf-8", "replace") + b"\n"
    if len(line) <= EVENT_MAX:
        return line
    broken.reject(place, f"the event is larger than {EVENT_MAX:,} bytes")
    return b""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
