"""Asking the file of results: saved questions, and SQL of one's own that can only read."""

import os
import sqlite3
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.operations.fleet.verification.schema import QUESTIONED
from pinekeep.operations.fleet.verification.store_file import StoreError, require_ours, require_usable

Value = str | int | float | None

SECONDS_MAX: Final = 60.0
"""A question that takes longer is ended."""
_STEPS: Final = 50_000
_ALLOWED: Final = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
_REFUSED: Final = frozenset({"load_extension", "writefile", "readfile", "edit", "fts3_tokenizer"})
"""Functions that reach beyond the file, where a build of SQLite has them."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The rows of a question. ``more``: whether there are more than were asked for."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    more: bool


@contextmanager
def reading(path: Path) -> Generator[sqlite3.Connection]:
    """Open a file of results to read it.

    Raises WrongInputError if it does not exist, StoreError if it cannot be used.
    """
    if not path.exists():
        raise WrongInputError(
            f"{path} does not exist: nothing was verified yet", hint="run pinekeep fleet verify first"
        )
    require_usable(path)
    # Writable where possible: SQLite then undoes the write of a process that was killed.
    mode = "rw" if os.access(path, os.W_OK) else "ro"
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=SECONDS_MAX)
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read: {error}", hint="give another file with --store") from None
    with closing(connection):
        require_ours(path, connection)
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.set_authorizer(_authorize)
        yield connection


def ask(connection: sqlite3.Connection, sql: str, values: Mapping[str, Value], *, most: int | None = None) -> Answer:
    """Return the answer to a question. ``most``: the most rows; None for all.

    Raises WrongInputError if the SQL is not valid, or does more than read; PinekeepError if it takes too long.
    """
    end = time.monotonic() + SECONDS_MAX
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        cursor = connection.execute(sql, dict(values))
        if cursor.description is None:
            raise WrongInputError("the SQL has no result", hint="write one SELECT statement")
        rows = cursor.fetchall() if most is None else cursor.fetchmany(most + 1)
    except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as error:
        raise _refusal(error) from None
    finally:
        connection.set_progress_handler(None, 0)
    more = most is not None and len(rows) > most
    return Answer(
        columns=tuple(each[0] for each in cursor.description),
        rows=tuple(tuple(map(_plain, row)) for row in (rows[:most] if more else rows)),
        more=more,
    )


def fleets_in(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the fleets with results in a file."""
    return [str(name) for (name,) in connection.execute("SELECT DISTINCT fleet FROM runs ORDER BY fleet")]


def _authorize(action: int, *of: str | None) -> int:
    if action == sqlite3.SQLITE_FUNCTION and str(of[1]).lower() in _REFUSED:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _refusal(error: Exception) -> PinekeepError:
    text = str(error)
    if "interrupted" in text:
        return PinekeepError(
            f"the question takes longer than {SECONDS_MAX:.0f} s", hint="ask for less, for example for one account"
        )
    if "malformed" in text or "not a database" in text:
        return StoreError(f"the file is damaged: {text}", hint="restore it from a backup, or verify into another one")
    if any(each in text for each in ("not authorized", "authorization denied", "one statement")):
        return WrongInputError("--sql takes one SELECT statement, which can only read", hint=_VIEWS)
    return WrongInputError(f"--sql: {text}", hint=_VIEWS)


_VIEWS: Final = f"the tables are {', '.join(QUESTIONED)}; `pinekeep fleet query --list` shows their columns"


def _plain(value: object) -> Value:
    if isinstance(value, bytes):
        return value.hex()
    return value if isinstance(value, (str, int, float)) else None
