"""What a page about a fleet shows, from the file of its results."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from pinekeep.operations.fleet.verification.asking import Value, ask
from pinekeep.operations.fleet.verification.questions import QUESTIONS
from pinekeep.operations.fleet.verification.results import Place

UNVERIFIED: Final = "unverified"
STATUSES: Final = ("failed", "missing", "unreadable", UNVERIFIED, "passed")
"""The statuses of targets, the gravest first."""
_DISTRIBUTIONS: Final = {
    "template_version": "Template version",
    "key_state": "State of the key",
    "key_rotation_days": "Days between rotations",
    "trusted_regions": "Trusted Pinecone regions",
    "endpoint_state": "State of the endpoint",
    "drift": "Drift",
}
"""The observations of which it is shown how many targets have which value."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One failing check of one target."""

    account: str
    region: str
    found: str
    fix: str | None


@dataclass(frozen=True, kw_only=True)
class FailingCheck:
    """A check that fails in some targets."""

    name: str
    title: str
    meaning: str | None
    failures: tuple[Failure, ...]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What the page shows.

    Attributes:
        now: when the page was made.
        oldest: the time of the oldest of the latest results; None where there is none.
        statuses: by account and Region, of all targets; :data:`UNVERIFIED` for those without a result.
        verified: the time of each result.
        since: the time that changes are shown from; None where there is no earlier verification.
        changes: account, Region, what, before, after.
        distributions: how many targets have which value, by the title of what is observed.
    """

    fleet: str
    now: datetime
    oldest: datetime | None
    newest: datetime | None
    statuses: Mapping[Place, str]
    verified: Mapping[Place, str] = field(default_factory=dict)
    failing: tuple[FailingCheck, ...] = ()
    unreadable: tuple[Sequence[Value], ...] = ()
    since: datetime | None = None
    changes: tuple[Sequence[Value], ...] = ()
    distributions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unfinished: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """The number of targets of each status, the gravest first."""
        found = Counter(self.statuses.values())
        return {status: found[status] for status in STATUSES}

    @property
    def accounts(self) -> dict[str, dict[str, str]]:
        """The statuses of each account by Region, the gravest first."""
        found: dict[str, dict[str, str]] = {}
        for (account, region), status in self.statuses.items():
            found.setdefault(account, {})[region] = status
        return dict(sorted(found.items(), key=lambda each: (min(map(STATUSES.index, each[1].values())), each[0])))

    @property
    def regions(self) -> list[str]:
        """The Regions of the targets."""
        return sorted({region for _, region in self.statuses})


def figures_of(connection: sqlite3.Connection, fleet: str, *, since: str | None, now: datetime) -> Figures:
    """Return what the page of a fleet shows.

    ``since``: the time that changes are shown from, as the file has it; None for the beginning of the newest run.
    """
    targets = _rows(
        connection,
        "SELECT account, region, coalesce(status, 'unverified'), verified FROM fleet_targets LEFT JOIN latest "
        "USING (fleet, account, region) WHERE fleet = :fleet ORDER BY account, region",
        fleet,
    )
    verified = {(str(row[0]), str(row[1])): str(row[3]) for row in targets if row[3] is not None}
    runs = _rows(connection, "SELECT started, finished FROM runs WHERE fleet = :fleet ORDER BY id DESC LIMIT 2", fleet)
    if since is None and len(runs) > 1:
        since = str(runs[0][0])
    changes: tuple[Sequence[Value], ...] = ()
    if since is not None:
        question = QUESTIONS["changed-since"]
        changes = tuple(row[:5] for row in ask(connection, question.sql, {"fleet": fleet, "since": since}).rows)
    times = sorted(verified.values())
    return Figures(
        fleet=fleet,
        now=now,
        oldest=_time(times[0]) if times else None,
        newest=_time(times[-1]) if times else None,
        statuses={(str(row[0]), str(row[1])): str(row[2]) for row in targets},
        verified=verified,
        failing=_failing(connection, fleet),
        unreadable=tuple(_rows(connection, QUESTIONS["not-readable"].sql, fleet)),
        since=_time(since) if since is not None else None,
        changes=changes,
        distributions=_distributions(connection, fleet),
        unfinished=bool(runs) and runs[0][1] is None,
    )


def _failing(connection: sqlite3.Connection, fleet: str) -> tuple[FailingCheck, ...]:
    rows = _rows(
        connection,
        "SELECT name, what, meaning, account, region, found, fix FROM latest_findings WHERE fleet = :fleet AND status "
        "= 'failed' UNION ALL SELECT 'missing', 'No stack', NULL, account, region, reason, fix FROM latest WHERE fleet "
        "= :fleet AND status = 'missing' ORDER BY 1, 4, 5",
        fleet,
    )
    found: dict[str, list[Sequence[Value]]] = {}
    for row in rows:
        found.setdefault(str(row[0]), []).append(row)
    checks = [
        FailingCheck(
            name=name,
            title=_title(name, of_check),
            meaning=next((str(row[2]) for row in of_check if row[2]), None),
            failures=tuple(
                Failure(
                    account=str(row[3]),
                    region=str(row[4]),
                    found=str(row[5] or ""),
                    fix=str(row[6]) if row[6] else None,
                )
                for row in of_check
            ),
        )
        for name, of_check in found.items()
    ]
    return tuple(sorted(checks, key=lambda each: (-len(each.failures), each.name)))


def _title(name: str, rows: Sequence[Sequence[Value]]) -> str:
    """Return the title of a check; its name, where the title is another one in each target."""
    titles = {str(row[1]) for row in rows}
    return titles.pop() if len(titles) == 1 else name.replace("-", " ").capitalize()


def _distributions(connection: sqlite3.Connection, fleet: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in _rows(
        connection,
        "SELECT name, value, count(*) FROM latest_observations WHERE fleet = :fleet GROUP BY 1, 2 ORDER BY 3 DESC, 2",
        fleet,
    ):
        if title := _DISTRIBUTIONS.get(str(row[0])):
            found.setdefault(title, {})[str(row[1])] = int(row[2] or 0)
    return {title: found[title] for title in _DISTRIBUTIONS.values() if title in found}


def _rows(connection: sqlite3.Connection, sql: str, fleet: str) -> list[Sequence[Value]]:
    return list(ask(connection, sql, {"fleet": fleet}).rows)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
