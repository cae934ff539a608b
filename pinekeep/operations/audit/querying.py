"""Running a saved query over files of audit logs, and counting what is in them on the way.

The files are read once. What a query needs of the events that it keeps goes into a small table, together with rows of
counts for those that it does not keep; the query then runs over the table. So the counts cover every event, and an
event that occurs more than once, which has the same ID, counts once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pinekeep.model.audit.events import COLUMNS, SPELLINGS
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
    conditions = query.conditions("duckdb", values=values, since=since, until=until)
    most = query.rows if limit is None else limit
    with connected(folder, files.files) as connection:
        scan = Scan(files.files, folder, connection)
        if conditions:
            scan.run(_picked(query, "id", kept=" AND ".join(f"({each})" for each in conditions)))
        else:
            # Without IDs the table is smaller. Different hashes show that there are no duplicates.
            scan.run(_picked(query, "CASE WHEN id IS NOT NULL THEN hash(id) END"))
            if _duplicates(connection):
                scan.run(_picked(query, "id"))
        counts = _counts(connection)
        events = "FROM picked WHERE kept"
        if _repeats_without_id(connection):
            events = "SELECT picked.* FROM picked, range(CASE WHEN key IS NULL THEN copies ELSE 1 END) WHERE kept"
        if counts.duplicates:
            events += " QUALIFY key IS NULL OR row_number() OVER (PARTITION BY key) = 1"
        statement = query.statement("duckdb", values=values, limit=None if most is None else most + 1)
        rows = connection.execute(f"WITH events AS ({events}) {statement}").fetchall()
    more = most is not None and len(rows) > most
    return Result(query, values, rows[:most], more, counts, scan)


def _picked(query: Query, key: str, *, kept: str = "") -> str:
    """Return the statement that makes the table of what a query reads.

    Events that are not kept, all columns of which are NULL, become one row for each combination of flags.
    """
    flat = ", ".join(f"{each.duckdb} AS {each.name}" for each in COLUMNS)
    events = f"SELECT {FLAGS} AS flags, {flat} FROM $RELATION"  # noqa: S608 - the model's own expressions
    if not kept:
        columns = ", ".join(query.reads)
        return f"SELECT flags, true AS kept, {key} AS key, {columns}, 1 AS copies FROM ({events})"  # noqa: S608
    columns = ", ".join(f"CASE WHEN kept THEN {each} END AS {each}" for each in query.reads)
    return (
        f"SELECT flags, kept, CASE WHEN kept THEN {key} END AS key, {columns}, count(*) AS copies "  # noqa: S608
        f"FROM (SELECT *, ({kept}) IS TRUE AS kept FROM ({events})) GROUP BY ALL"
    )


def _duplicates(connection: duckdb.DuckDBPyConnection) -> int:
    found = connection.execute("SELECT count(key) - count(DISTINCT key) FROM picked WHERE kept").fetchone()
    return int(found[0]) if found else 0


def _repeats_without_id(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether alike events without an ID have become one row; they are not known to be duplicates."""
    found = connection.execute("SELECT 1 FROM picked WHERE kept AND key IS NULL AND copies > 1 LIMIT 1").fetchone()
    return found is not None


def _counts(connection: duckdb.DuckDBPyConnection) -> Counts:
    counts = Counts(spellings=dict.fromkeys(SPELLINGS["event.resource_id"], 0))
    for flags, copies in connection.execute("SELECT flags, sum(copies)::BIGINT FROM picked GROUP BY flags").fetchall():
        counts.events += copies
        counts.incomplete += copies if flags & INCOMPLETE else 0
        counts.unknown += copies if flags & UNKNOWN and not flags & INCOMPLETE else 0
        for spelling, flag in zip(counts.spellings, (SPELT, MISSPELT), strict=True):
            counts.spellings[spelling] += copies if flags & flag else 0
    found = connection.execute("SELECT sum(copies)::BIGINT, count(DISTINCT key) FROM picked WHERE key IS NOT NULL")
    copies, distinct = found.fetchone() or (0, 0)
    counts.duplicates = (copies or 0) - distinct
    return counts
