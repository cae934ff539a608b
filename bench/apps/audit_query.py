"""Run a saved query over files of audit logs, or the same question as plain SQL, and print the seconds it took.

The plain SQL names the columns of the whole schema once, as one would for several questions, counts nothing beside the
result, and leaves no duplicates out.
"""

import sys
import time
from pathlib import Path

import duckdb

from pinekeep.account.process import scratch_folder
from pinekeep.model.audit.events import DUCKDB_COLUMNS
from pinekeep.model.audit.queries import QUERIES
from pinekeep.model.audit.query import flat_select
from pinekeep.operations.audit.local import local_files
from pinekeep.operations.audit.querying import run_query
from pinekeep.operations.audit.stores import FolderStore

LIMIT = 1000


def ours(name: str, place: Path) -> int:
    """Run a saved query as the command does; return the rows."""
    query = QUERIES[name]
    values = {each.name: each.example if each.default is None else each.default for each in query.parameters}
    with scratch_folder() as folder:
        files = local_files(FolderStore(place), folder, place=str(place))
        return len(run_query(query, files, folder, values=values, limit=query.rows or LIMIT).rows)


def plain(name: str, place: Path) -> int:
    """Run the same question as plain SQL; return the rows."""
    query = QUERIES[name]
    columns = ", ".join(f"{each}: '{kind}'" for each, kind in DUCKDB_COLUMNS.items())
    flat = flat_select("duckdb", f"read_json('{place}', format = 'newline_delimited', columns = {{{columns}}})")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        statement = query.sql("duckdb", relation=f"({flat})", limit=query.rows or LIMIT)
        return len(connection.execute(statement).fetchall())


if __name__ == "__main__":
    side, name, place = sys.argv[1:]
    start = time.perf_counter()
    {"ours": ours, "plain": plain}[side](name, Path(place))
    print(time.perf_counter() - start)
