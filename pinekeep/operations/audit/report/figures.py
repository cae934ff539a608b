"""What a report shows, as plain numbers. :mod:`.counting` makes them, :mod:`.page` shows them."""

from dataclasses import dataclass, field
from typing import Final

TOP: Final = 12
"""How many rows a table has. The others are added up in one last row."""
PERIODS_MAX: Final = 92
"""How many columns the chart of events by day has: three months of days. Longer ranges are shown by week, month or
year."""
SERIES_MAX: Final = 5
"""How many actions have a color of their own in the chart by principal."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """The events of one day, week, month or year. ``start``: its first day, as the axis shows it."""

    start: str
    succeeded: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a chart with horizontal bars.

    ``label``: what the row counts, from the events: hostile text. ``details``: further cells, hostile as well.
    ``counts``: the segments of the bar, in the order of the chart's series.
    """

    label: str
    details: tuple[str, ...] = ()
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """The length of the bar."""
        return sum(self.counts)


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The most frequent rows, and all others as one.

    ``series``: the names of the segments. ``others``: the segments of the rows that are not shown. ``left_out``: how
    many rows those are.
    """

    series: tuple[str, ...]
    rows: tuple[Row, ...]
    others: tuple[int, ...] = ()
    left_out: int = 0

    @property
    def total(self) -> int:
        """The number of events in all rows."""
        return sum(row.total for row in self.rows) + sum(self.others)


@dataclass(frozen=True, kw_only=True)
class BrokenLine:
    """A part of a file that could not be read. ``line``: its number, where known."""

    file: str
    line: int | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class WorkingHours:
    """The hours from ``start`` to ``end`` (exclusive) of the days from Monday to Friday, in a time zone."""

    start: int = 8
    end: int = 18
    zone: str = "UTC"

    def includes(self, weekday: int, hour: int) -> bool:
        """Tell whether an hour is within working hours. ``weekday``: 0 is Monday."""
        return weekday < 5 and self.start <= hour < self.end  # noqa: PLR2004 - Saturday

    def __str__(self) -> str:
        """Return the hours as a sentence says them."""
        return f"Monday to Friday, {self.start:02}:00 to {self.end:02}:00, {self.zone}"


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Everything that a report shows.

    ``hours``: the number of events by weekday (0 is Monday) and hour. ``periods_of``: day, week, month or year.
    ``undated``: events whose time is missing or unreadable; they are in every chart but those by time.
    """

    sources: tuple[str, ...]
    first: str | None
    last: str | None
    as_of: str | None
    working_hours: WorkingHours
    files: int
    events: int
    failed: int
    principals: int
    undated: int
    periods_of: str
    periods: tuple[Period, ...]
    by_principal: Ranking
    failures: Ranking
    by_resource_type: Ranking
    hours: dict[tuple[int, int], int]
    outside: Ranking
    unknown: Ranking
    broken: tuple[BrokenLine, ...] = ()
    broken_total: int = 0
    notes: tuple[str, ...] = field(default=())

    @property
    def outside_total(self) -> int:
        """The number of events outside working hours."""
        return sum(count for when, count in self.hours.items() if not self.working_hours.includes(*when))
