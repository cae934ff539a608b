"""The figures of a report, counted event by event: memory grows with what is told apart, not with the events."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from pinekeep.account.process import scratch_folder
from pinekeep.model.audit.events import KNOWN, SUCCESS
from pinekeep.model.facts.pinecone import AUDIT_TEST_OBJECT
from pinekeep.operations.audit.fields import event_of, mapping, text_of, time_of
from pinekeep.operations.audit.report.figures import (
    PERIODS_MAX,
    SERIES_MAX,
    TOP,
    BrokenLine,
    Figures,
    Period,
    Ranking,
    Row,
    WorkingHours,
)
from pinekeep.operations.audit.stores import Store
from pinekeep.operations.audit_files.framing import events_of
from pinekeep.operations.connectivity.flow_logs import Reading

_AT_ONCE: Final = 32
"""Files that are copied at the same time."""
_QUARTER: Final = 900
"""Seconds of a quarter of an hour: no time zone's offset is finer."""
_NOBODY: Final = "-"
_OTHERS: Final = "Others"
_STEPS: Final[tuple[tuple[str, Callable[[date], date]], ...]] = (
    ("day", lambda day: day),
    ("week", lambda day: day - timedelta(days=day.weekday())),
    ("month", lambda day: day.replace(day=1)),
    ("year", lambda day: day.replace(month=1, day=1)),
)

Principal = tuple[str, str]
"""The type and the ID of a principal."""


@dataclass(frozen=True, kw_only=True)
class Extent:
    """Which events a report is about. ``since``, ``until``: the earliest time, and the latest; None: any."""

    since: datetime | None = None
    until: datetime | None = None

    def includes(self, when: datetime | None) -> bool:
        """Tell whether an event is in the report. One without a readable time is, unless a time was asked for."""
        if when is None:
            return self.since is None and self.until is None
        return (self.since is None or when >= self.since) and (self.until is None or when <= self.until)


@dataclass
class BrokenLines(Reading):
    """The places that hold no event; the first are kept."""

    def reject(self, place: str, why: str) -> None:
        """Count a place; see :class:`Reading`."""
        self.broken += 1
        if len(self.broken_at) < TOP * 4:
            self.broken_at.append(f"{place}\0{why}")


@dataclass
class Counting:
    """Counts events. ``zone``: the time zone of days and hours."""

    working_hours: WorkingHours
    extent: Extent = field(default_factory=Extent)
    files: int = 0
    _broken: BrokenLines = field(default_factory=BrokenLines)
    _events: int = 0
    _failed: int = 0
    _undated: int = 0
    _quarters: Counter[tuple[int, bool]] = field(default_factory=Counter)
    _names: dict[Principal, str] = field(default_factory=dict)
    _actions: dict[Principal, Counter[str]] = field(default_factory=dict)
    _all_actions: Counter[str] = field(default_factory=Counter)
    _outside: Counter[Principal] = field(default_factory=Counter)
    _failures: Counter[tuple[Principal, str, str, str]] = field(default_factory=Counter)
    _types: Counter[str] = field(default_factory=Counter)
    _unknown: Counter[tuple[str, str]] = field(default_factory=Counter)
    _hours: dict[int, tuple[date, int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._zone: tzinfo = ZoneInfo(self.working_hours.zone)

    def read(self, store: Store) -> None:
        """Count the events of all files, in the order of their names. Raises as :class:`Store`."""
        names = sorted(each.name for each in store.files() if each.name.rpartition("/")[2] != AUDIT_TEST_OBJECT)
        with scratch_folder() as folder, ThreadPoolExecutor(_AT_ONCE) as pool:
            for start in range(0, len(names), _AT_ONCE):
                some = names[start : start + _AT_ONCE]
                copies = [(name, folder / str(number)) for number, name in enumerate(some)]
                list(pool.map(store.copy, *zip(*copies, strict=True)))
                for name, path in copies:
                    self.files += 1
                    for place, content in self._events_of(name, path):
                        self.add(place, content)

    def add(self, place: str, content: Any) -> None:
        """Count an event. What is none counts as a broken line at its place."""
        happened = event_of(content)
        if happened is None:
            self._broken.reject(place, "it is no event")
            return
        when = time_of(happened)
        if not self.extent.includes(when):
            return
        actor, outcome = mapping(content.get("actor")), mapping(happened.get("outcome"))
        who = (text_of(actor.get("principal_type")), text_of(actor.get("principal_id")))
        action, resource_type = text_of(happened.get("action")), text_of(happened.get("resource_type"))
        result = text_of(outcome.get("result"))
        failed = bool(result) and result != SUCCESS
        done = f"{action} {resource_type}".strip() or _NOBODY
        self._events += 1
        self._failed += failed
        name = text_of(actor.get("display_name") or actor.get("principal_name") or actor.get("principal_id"))
        # The same whatever the order of the files.
        self._names[who] = max(self._names.get(who, ""), name)
        self._actions.setdefault(who, Counter())[done] += 1
        self._all_actions[done] += 1
        self._types[resource_type or _NOBODY] += 1
        if failed:
            self._failures[who, done, text_of(outcome.get("reason")), text_of(outcome.get("error_code"))] += 1
        if (action, resource_type) not in KNOWN:
            self._unknown[action or _NOBODY, resource_type or _NOBODY] += 1
        self._count_time(when, who, failed=failed)

    def figures(self, *, sources: Iterable[str], as_of: str | None = None) -> Figures:
        """Return what was counted."""
        periods_of, periods = self._periods()
        dated = sorted(quarter for quarter, _ in self._quarters)
        hours: Counter[tuple[int, int]] = Counter()
        for (quarter, _), count in self._quarters.items():
            _, weekday, hour = self._local(quarter)
            hours[weekday, hour] += count
        return Figures(
            sources=tuple(sources),
            first=self._shown(dated[0]) if dated else None,
            last=self._shown(dated[-1]) if dated else None,
            as_of=as_of,
            working_hours=self.working_hours,
            files=self.files,
            events=self._events,
            failed=self._failed,
            principals=len(self._actions),
            undated=self._undated,
            periods_of=periods_of,
            periods=periods,
            by_principal=self._by_principal(),
            failures=_ranking(
                (Row(label=self._name(who), details=tuple(rest), counts=(count,)), (*who, *rest))
                for (who, *rest), count in self._failures.items()
            ),
            by_resource_type=_ranking(
                (Row(label=each, counts=(count,)), (each,)) for each, count in self._types.items()
            ),
            hours=dict(hours),
            outside=_ranking(
                (Row(label=self._name(who), details=who, counts=(count,)), who) for who, count in self._outside.items()
            ),
            unknown=_ranking(
                (Row(label=action, details=(kind,), counts=(count,)), (action, kind))
                for (action, kind), count in self._unknown.items()
            ),
            broken=tuple(_broken_line(each) for each in self._broken.broken_at),
            broken_total=self._broken.broken,
        )

    def _events_of(self, name: str, path: Path) -> Iterator[tuple[str, Any]]:
        of_file = BrokenLines()
        for place, content in events_of(path, of_file):
            yield f"{name}{place.removeprefix(str(path))}", content
        path.unlink(missing_ok=True)
        for each in of_file.broken_at:
            place, _, why = each.partition("\0")
            self._broken.reject(f"{name}{place.removeprefix(str(path))}", why)
        self._broken.broken += of_file.broken - len(of_file.broken_at)

    def _count_time(self, when: datetime | None, who: Principal, *, failed: bool) -> None:
        try:
            quarter = int(when.timestamp()) // _QUARTER if when else None
            local = None if quarter is None else self._local(quarter)
        except (OverflowError, ValueError):
            quarter = local = None
        if quarter is None or local is None:
            self._undated += 1
            return
        self._quarters[quarter, failed] += 1
        _, weekday, hour = local
        if not self.working_hours.includes(weekday, hour):
            self._outside[who] += 1

    def _local(self, quarter: int) -> tuple[date, int, int]:
        """Return the day, the weekday and the hour of a quarter of an hour, where the report's clock is."""
        found = self._hours.get(quarter)
        if found is None:
            local = datetime.fromtimestamp(quarter * _QUARTER, self._zone)
            found = self._hours[quarter] = (local.date(), local.weekday(), local.hour)
        return found

    def _shown(self, quarter: int) -> str:
        return f"{datetime.fromtimestamp(quarter * _QUARTER, self._zone):%Y-%m-%d %H:%M}"

    def _name(self, who: Principal) -> str:
        return self._names[who] or _NOBODY

    def _periods(self) -> tuple[str, tuple[Period, ...]]:
        days: dict[date, list[int]] = {}
        for (quarter, failed), count in self._quarters.items():
            days.setdefault(self._local(quarter)[0], [0, 0])[failed] += count
        found: dict[date, list[int]] = {}
        for name, start_of in _STEPS:
            found = _together(days, start_of)
            filled = _filled(found, start_of)
            if len(filled) <= PERIODS_MAX:
                return name, _rows(filled)
        # Centuries: some times are not those of events. The latest years that have events are shown.
        return "year", _rows(found)

    def _by_principal(self) -> Ranking:
        most = [name for name, _ in sorted(self._all_actions.items(), key=lambda each: (-each[1], each[0]))]
        series = most if len(most) <= SERIES_MAX + 1 else [*most[:SERIES_MAX], _OTHERS]
        shown = series if len(most) <= SERIES_MAX + 1 else series[:-1]
        rows = []
        for who, actions in self._actions.items():
            counts = [actions[each] for each in shown]
            if len(shown) < len(series):
                counts.append(actions.total() - sum(counts))
            rows.append((Row(label=self._name(who), details=who, counts=tuple(counts)), who))
        return _ranking(rows, series=tuple(series) or ("Events",))


def _ranking(rows: Iterable[tuple[Row, tuple[str, ...]]], *, series: tuple[str, ...] = ("Events",)) -> Ranking:
    """Return the rows with the most events. The second of each pair orders rows that have as many."""
    ordered = [row for row, _ in sorted(rows, key=lambda each: (-each[0].total, each[1]))]
    if len(ordered) <= TOP + 1:
        return Ranking(series=series, rows=tuple(ordered))
    rest = ordered[TOP:]
    others = tuple(sum(row.counts[each] for row in rest) for each in range(len(series)))
    return Ranking(series=series, rows=tuple(ordered[:TOP]), others=others, left_out=len(rest))


def _together(days: dict[date, list[int]], start_of: Callable[[date], date]) -> dict[date, list[int]]:
    found: dict[date, list[int]] = {}
    for day, counts in days.items():
        period = found.setdefault(start_of(day), [0, 0])
        period[0] += counts[0]
        period[1] += counts[1]
    return found


def _rows(found: dict[date, list[int]]) -> tuple[Period, ...]:
    latest = sorted(found.items())[-PERIODS_MAX:]
    return tuple(Period(start=day.isoformat(), succeeded=ok, failed=failed) for day, (ok, failed) in latest)


def _filled(found: dict[date, list[int]], start_of: Callable[[date], date]) -> dict[date, list[int]]:
    """Return the periods with those between them that have no events; too many, where there would be too many."""
    if not found:
        return {}
    filled: dict[date, list[int]] = {}
    period, last = min(found), max(found)
    while len(filled) <= PERIODS_MAX:
        filled[period] = found.get(period, [0, 0])
        if period >= last:
            break
        following = period
        while start_of(following) == period:
            following += timedelta(days=1)
        period = start_of(following)
    return filled


def _broken_line(text: str) -> BrokenLine:
    place, _, why = text.partition("\0")
    file, _, line = place.rpartition(":")
    return (
        BrokenLine(file=file, line=int(line), reason=why)
        if line.isdecimal()
        else BrokenLine(file=place, line=None, reason=why)
    )
