"""Running a saved query over files of audit logs, and counting what is in them on the way.

The files are read once, and of them the fields alone that the query and the counts need. Every event becomes a row of a
table, with flags and, if the query keeps it, what the query needs of it; the query then runs over the table. So the
counts cover every event, and an event that occurs more than once, which has the same ID, counts once.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from pinekeep.model.audit.events import COLUMN, SPELLINGS
from pinekeep.model.audit.query import Query, Value
from pinekeep.operations.audit.local import LogFiles
from pinekeep.operations.audit.scan import (
    FLAGS,
    INCOMPLETE,
    MISSPELT,
    SPELT,
    UNKNOWN,
    Scan,
    connected,
)

Row = tuple[Any, ...]
_NAME: Final = re.compile(r"[a-z_]+")


@dataclass
class Counts:
    """What is in the files.

    Attributes:
        events: all of them, duplicates included.
        incomplete: those that lack a field that every event has.
        unknown: those of a kind that Pinecone does not document.
        duplicates: those that the query left out because it had read an event with the same ID.
        spellings: how many events spell ``resource_id`` in which way.
    """

    events: int = 0
    incomplete: int = 0
    unknown: int = 0
    duplicates: int = 0
    spellings: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """The result of a query. ``more``: whether the limit has cut off rows."""

    query: Query
    values: Mapping[str, Value]
    rows: Sequence[Row]
    more: bool
    counts: Counts
    scan: Scan


def run_query(
    query: Query,
    files: LogFiles,
    folder: Path,
    *,
    values: Mapping[str, Value],
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
) -> Result:
    """Run a query over files.

    Args:
        folder: an empty private folder for links, cleaned files and what does not fit into memory.
        values: the value of each of the query's parameters.
        limit: the most rows; None: all.
    """
    kept = " AND ".join(query.conditions("duckdb", values=values, since=since, until=until))
    most = query.rows if limit is None else limit
    used = {*query.reads, "id", *(each for each in _NAME.findall(kept) if each in COLUMN)}
    with connected(folder, files.files) as connection:
        scan = Scan(files.files, folder, connection, reads=sorted(used))
        if "id" in query.reads:
            key = "id"
            scan.run(_picked(query, kept=kept, used=used))
            duplicates = _duplicates(connection, key)
        else:
            # A hash takes less room than an ID. Different ones show that there are no duplicates.
            key = "event_key"
            scan.run(_picked(query, f"CASE WHEN id IS NOT NULL THEN hash(id) END AS {key}", kept=kept, used=used))
            if duplicates := _duplicates(connection, key):
                scan.run(_picked(query, f"id AS {key}", kept=kept, used=used))
                duplicates = _duplicates(connection, key)
        counts = _counts(connection)
        counts.duplicates = duplicates
        events = "FROM picked WHERE kept"
        if counts.duplicates:
            events += f" QUALIFY {key} IS NULL OR row_number() OVER (PARTITION BY {key}) = 1"
        statement = query.statement("duckdb", values=values, limit=None if most is None else most + 1)
        rows = connection.execute(f"WITH events AS ({events}) {statement}").fetchall()
    more = most is not None and len(rows) > most
    return Result(query, values, rows[:most], more, counts, scan)


def _picked(query: Query, *more: str, kept: str, used: Collection[str]) -> str:
    """Return the statement that makes the table of what a query reads, and of ``more``.

    It has a row for every event; of those that are not kept, all columns but the flags are NULL.
    """
    flat = ", ".join(f"{COLUMN[each].duckdb} AS {each}" for each in sorted(used))
    events = f"SELECT {FLAGS} AS flags, {flat} FROM $RELATION"  # noqa: S608 - the model's own expressions
    columns = (*query.reads, *more)
    if not kept:
        return f"SELECT flags, true AS kept, {', '.join(columns)} FROM ({events})"  # noqa: S608
    named = (each.rpartition(" AS ") for each in columns)
    chosen = ", ".join(f"CASE WHEN kept THEN {value or name} END AS {name}" for value, _, name in named)
    return f"SELECT flags, kept, {chosen} FROM (SELECT *, ({kept}) IS TRUE AS kept FROM ({events}))"  # noqa: S608


def _duplicates(connection: duckdb.DuckDBPyConnection, key: str) -> int:
    """Return how many events have the key of another one."""
    found = (0,)
    for each in (f"hash({key})", key):
        # Most often the hashes differ already; they take less memory.
        counted = f"SELECT count(*) - count(DISTINCT {each}) FROM picked WHERE {key} IS NOT NULL"  # noqa: S608
        found = connection.execute(counted).fetchone() or (0,)
        if not found[0]:
            break
    return int(found[0])


def _counts(connection: duckdb.DuckDBPyConnection) -> Counts:
    counts = Counts(spellings=dict.fromkeys(SPELLINGS["event.resource_id"], 0))
    for flags, number in connection.execute("SELECT flags, count(*) FROM picked GROUP BY flags").fetchall():
        counts.events += number
        counts.incomplete += number if flags & INCOMPLETE else 0
        counts.unknown += number if flags & UNKNOWN and not flags & INCOMPLETE else 0
        for spelling, flag in zip(counts.spellings, (SPELT, MISSPELT), strict=True):
            counts.spellings[spelling] += number if flags & flag else 0
    return counts
