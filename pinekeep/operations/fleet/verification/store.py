"""The file with the results of a fleet's verifications: SQLite, for its owner alone.

Each write is a short transaction, so several runs can write to one file, and a run that is ended loses nothing that it
has written. There are no external IDs in it: their places in texts are shortened before they are written.
"""

import json
import os
import socket
import sqlite3
from collections.abc import Collection, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from pinekeep import __version__
from pinekeep.model.policies.compare import shortened
from pinekeep.operations.fleet.verification.results import Place, TargetResult
from pinekeep.operations.fleet.verification.schema import APPLICATION_ID, TABLES, VERSION, VIEWS
from pinekeep.operations.fleet.verification.store_file import BUSY_SECONDS, cannot, require_ours, require_usable, told
from pinekeep.operations.fleet.verification.times import moment_of, now
from pinekeep.operations.verification.checks.finding import Finding

RESUMABLE: Final = timedelta(hours=24)
"""An older run is not continued: what it read may have changed since."""
_MODE: Final = 0o600


@dataclass(frozen=True, kw_only=True)
class Run:
    """One verification.

    Attributes:
        started: in UTC, in ISO 8601, as ``written`` (the last write) and ``finished``.
        places: the targets that were asked for; None for all of the fleet.
        done: how many targets have a result.
    """

    id: int
    fleet: str
    configuration: str
    started: str
    written: str
    finished: str | None
    targets: int
    places: frozenset[Place] | None
    process: str
    done: int

    @property
    def is_alive(self) -> bool:
        """Whether its process may still be writing. Unknown of another machine: then it counts as alive for a while."""
        host, _, number = self.process.rpartition(":")
        if host != socket.gethostname():
            return datetime.now(UTC) - moment_of(self.written) < timedelta(minutes=5)
        try:
            os.kill(int(number), 0)
        except ProcessLookupError:
            return False
        except (PermissionError, ValueError):
            return True
        return int(number) != os.getpid()


class Store:
    """The results of verifications. Use it as a context manager, in one thread."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        self._texts: dict[str, int] = {}

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file, or create it. Raises StoreError if it is another kind of file, damaged, or open to others."""
        created = not path.exists()
        try:
            if created:
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, _MODE))
            else:
                require_usable(path)
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise cannot(path, error) from None
        store = cls(path, connection)
        try:
            store._prepare()
        except BaseException:
            connection.close()
            raise
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    # --- Runs ---

    def begin(self, *, fleet: str, configuration: str, targets: int, places: Collection[Place] | None) -> int:
        """Record the beginning of a run, and return its ID. ``places``: its targets; None for all of the fleet."""
        began = now()
        asked = None if places is None else json.dumps(sorted(places))
        with self._transaction():
            written = self.connection.execute(
                "INSERT INTO runs (fleet, configuration, started, written, targets, places, version, process) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (fleet, configuration, began, began, targets, asked, __version__, _process()),
            )
        return written.lastrowid or 0

    def resume(self, run: int) -> None:
        """Record that this process continues a run."""
        with self._transaction():
            self.connection.execute("UPDATE runs SET process = ?, written = ? WHERE id = ?", (_process(), now(), run))

    def finish(self, run: int) -> None:
        """Record that a run has a result of every target."""
        with self._transaction():
            self.connection.execute("UPDATE runs SET finished = ?, written = ? WHERE id = ?", (now(), now(), run))

    def set_targets(self, fleet: str, targets: Collection[Place]) -> None:
        """Record which targets a fleet has now; results of others are history."""
        with self._transaction():
            self.connection.execute("DELETE FROM fleet_targets WHERE fleet = ?", (fleet,))
            self.connection.executemany(
                "INSERT INTO fleet_targets VALUES (?, ?, ?)", [(fleet, account, region) for account, region in targets]
            )

    def unfinished(self, fleet: str) -> Run | None:
        """Return the newest run of a fleet, if it was not finished."""
        found = self._runs("WHERE fleet = ? ORDER BY id DESC LIMIT 1", (fleet,))
        return found[0] if found and found[0].finished is None else None

    def runs(self, fleet: str) -> list[Run]:
        """Return the runs of a fleet, the newest first."""
        return self._runs("WHERE fleet = ? ORDER BY id DESC", (fleet,))

    def done(self, run: int) -> set[Place]:
        """Return the targets that a run need not verify again: those with a result, unless they were unreadable."""
        with told(self.path):
            return set(
                self.connection.execute(
                    "SELECT account, region FROM results WHERE run = ? AND status <> 'unreadable'", (run,)
                )
            )

    def results(self, run: int) -> list[TargetResult]:
        """Return the results of a run, without the findings that passed."""
        with told(self.path):
            findings: dict[int, list[Finding]] = {}
            for result, fleet, *texts in self.connection.execute(
                "SELECT result, fleet, name, status, what, found, wanted, fix, meaning FROM findings "
                "WHERE run = ? AND status <> 'ok'",
                (run,),
            ):
                name, status, what, found, wanted, fix, meaning = texts
                findings.setdefault(result, []).append(
                    Finding(
                        check=name,
                        deployment=fleet,
                        what=what or name,
                        status=status,
                        found=found or "",
                        wanted=wanted or "",
                        fix=fix,
                        meaning=meaning,
                    )
                )
            rows = self.connection.execute(
                "SELECT result, account, region, status, verified, seconds, reason, fix FROM targets WHERE run = ?",
                (run,),
            ).fetchall()
        return [
            TargetResult(
                account=row[1],
                region=row[2],
                status=row[3],
                at=row[4],
                seconds=row[5],
                reason=row[6],
                fix=row[7],
                findings=tuple(findings.get(row[0], ())),
            )
            for row in rows
        ]

    def with_status(self, fleet: str, statuses: Collection[str]) -> set[Place]:
        """Return the targets whose latest result has one of some statuses."""
        marks = ", ".join("?" for _ in statuses)
        with told(self.path):
            return set(
                self.connection.execute(
                    f"SELECT account, region FROM latest WHERE fleet = ? AND status IN ({marks})",  # noqa: S608 - marks
                    (fleet, *statuses),
                )
            )

    def _runs(self, where: str, values: tuple[Any, ...]) -> list[Run]:
        with told(self.path):
            rows = self.connection.execute(
                "SELECT id, fleet, configuration, started, written, finished, targets, places, process, "  # noqa: S608
                f"(SELECT count(*) FROM results WHERE results.run = runs.id) FROM runs {where}",
                values,
            ).fetchall()
        return [
            Run(
                id=row[0],
                fleet=row[1],
                configuration=row[2],
                started=row[3],
                written=row[4],
                finished=row[5],
                targets=row[6],
                places=None if row[7] is None else frozenset((one[0], one[1]) for one in json.loads(row[7])),
                process=row[8],
                done=row[9],
            )
            for row in rows
        ]

    # --- Results ---

    def write(self, run: int, results: Iterable[TargetResult], *, secrets: Mapping[Place, str]) -> None:
        """Write results in one transaction. ``secrets``: the external IDs of targets, which are not written."""
        with self._transaction():
            for each in results:
                self._write(run, each, secrets.get(each.place))
            self.connection.execute("UPDATE runs SET written = ? WHERE id = ?", (now(), run))

    def _write(self, run: int, result: TargetResult, secret: str | None) -> None:
        def text(value: str | None) -> int | None:
            return self._text(_without(value, secret)) if value is not None else None

        known = "SELECT id FROM results WHERE run = ? AND account = ? AND region = ?"
        for statement in (
            f"DELETE FROM result_findings WHERE result IN ({known})",  # noqa: S608 - a constant
            f"DELETE FROM result_observations WHERE result IN ({known})",  # noqa: S608
            "DELETE FROM results WHERE run = ? AND account = ? AND region = ?",
        ):
            self.connection.execute(statement, (run, *result.place))
        written = self.connection.execute(
            "INSERT INTO results (run, account, region, status, verified, seconds, reason, fix) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (run, *result.place, result.status, result.at, result.seconds, text(result.reason), text(result.fix)),
        ).lastrowid
        self.connection.executemany(
            "INSERT INTO result_findings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    written,
                    number,
                    text(each.check),
                    each.status,
                    text(each.what),
                    # What was found where a check passed says nothing that the observations do not.
                    *(
                        (None,) * 4
                        if each.status == "ok"
                        else map(text, (each.found, each.wanted, each.fix, each.meaning))
                    ),
                )
                for number, each in enumerate(result.findings)
            ],
        )
        self.connection.executemany(
            "INSERT INTO result_observations VALUES (?, ?, ?)",
            [(written, text(name), text(value)) for name, value in result.observations.items()],
        )

    def _text(self, text: str) -> int:
        if text not in self._texts:
            known = self.connection.execute("SELECT id FROM texts WHERE text = ?", (text,)).fetchone()
            if known is None:
                known = (self.connection.execute("INSERT INTO texts (text) VALUES (?)", (text,)).lastrowid,)
            self._texts[text] = int(known[0])
        return self._texts[text]

    # --- The file ---

    @contextmanager
    def _transaction(self) -> Generator[None]:
        with told(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.connection.execute("ROLLBACK")
                self._texts.clear()
                raise
            self.connection.execute("COMMIT")

    def _prepare(self) -> None:
        with self._transaction():
            if _is_empty(self.connection):
                for statement in TABLES.split(";"):
                    if statement.strip():
                        self.connection.execute(statement)
                self.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self.connection.execute(f"PRAGMA user_version = {VERSION}")
            require_ours(self.path, self.connection)
            self._renew_views()

    def _renew_views(self) -> None:
        """Create the views that this version has, where they differ: another version has other observations."""
        known = dict(self.connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'"))
        for name, body in VIEWS.items():
            statement = f"CREATE VIEW {name} AS{body.rstrip()}"
            if known.get(name) != statement:
                self.connection.execute(f"DROP VIEW IF EXISTS {name}")
                self.connection.execute(statement)


def _is_empty(connection: sqlite3.Connection) -> bool:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    return version == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0


def _without(text: str, secret: str | None) -> str:
    return text.replace(secret, shortened(secret)) if secret else text


def _process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
