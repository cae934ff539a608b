"""The figures of a report: what is counted where, and what is bounded."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pinekeep.operations.audit.report.counting import Counting, Extent
from pinekeep.operations.audit.report.figures import PERIODS_MAX, TOP, BrokenLine, Figures, Period, WorkingHours
from pinekeep.operations.audit.report.page import page
from pinekeep.operations.audit.stores import FolderStore

MONDAY = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def event(when: datetime | str = MONDAY, *, who: str = "ada", action: Any = "create", **others: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "actor": {"principal_id": who, "principal_type": "user", "principal_name": f"{who}@example.com"},
        "event": {
            "time": when if isinstance(when, str) else when.isoformat(),
            "action": action,
            "resource_type": "index",
            "outcome": {"result": "success"},
            **others,
        },
    }


FAILED = {"result": "failure", "reason": "no role", "error_code": "403"}


def counted(*events: Any, zone: str = "UTC", extent: Extent | None = None) -> Figures:
    counting = Counting(working_hours=WorkingHours(zone=zone), extent=extent or Extent())
    for number, each in enumerate(events, start=1):
        counting.add(f"f:{number}", each)
    return counting.figures(sources=["here"])


def test_events_are_counted_by_day_failures_apart() -> None:
    found = counted(event(), event(outcome=FAILED), event(MONDAY + timedelta(days=2)))
    assert found.periods_of == "day"
    assert found.periods == (
        Period(start="2026-11-02", succeeded=1, failed=1),
        Period(start="2026-11-03", succeeded=0, failed=0),
        Period(start="2026-11-04", succeeded=1, failed=0),
    )
    assert (found.events, found.failed, found.first, found.last) == (3, 1, "2026-11-02 09:30", "2026-11-04 09:30")


@pytest.mark.parametrize(
    ("days", "periods_of", "last"),
    [(91, "day", "2027-02-01"), (92, "week", "2027-02-01"), (700, "month", "2028-10-01"), (4000, "year", "2037-01-01")],
)
def test_a_long_range_is_shown_in_longer_periods(days: int, periods_of: str, last: str) -> None:
    found = counted(event(), event(MONDAY + timedelta(days=days)))
    assert (found.periods_of, found.periods[-1].start) == (periods_of, last)
    assert len(found.periods) <= PERIODS_MAX


def test_times_that_are_none_of_events_make_no_endless_chart() -> None:
    found = counted(*(event(f"{year:04}-01-01T00:00:00Z") for year in range(1, 9999, 50)))
    assert (found.periods_of, len(found.periods), found.periods[-1].start) == ("year", PERIODS_MAX, "9951-01-01")


def test_days_and_hours_are_those_of_the_time_zone() -> None:
    late = event(datetime(2026, 11, 2, 23, 30, tzinfo=UTC))
    found = counted(late, zone="Asia/Kolkata")
    assert found.periods[0].start == "2026-11-03"
    assert found.hours == {(1, 5): 1}
    assert (found.first, found.outside_total) == ("2026-11-03 05:00", 1)
    assert counted(event(datetime(2026, 11, 2, 2, 30, tzinfo=UTC)), zone="Asia/Kolkata").outside_total == 0


def test_the_weekend_is_outside_working_hours() -> None:
    found = counted(event(), event(MONDAY + timedelta(days=5), who="bob"), event(MONDAY.replace(hour=18)))
    assert [(row.label, row.total) for row in found.outside.rows] == [("ada@example.com", 1), ("bob@example.com", 1)]


@pytest.mark.parametrize("time", ["yesterday", "", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"])
def test_an_event_without_a_readable_time_is_counted_everywhere_else(time: str) -> None:
    found = counted(event(time))
    assert (found.events, found.undated, found.periods, found.hours) == (1, 1, (), {})
    assert found.by_principal.total == found.by_resource_type.total == 1
    assert found.first is None


def test_principals_are_told_apart_by_type_and_id_not_by_name() -> None:
    twin = event(who="ada2")
    twin["actor"]["principal_name"] = "ada@example.com"
    found = counted(event(), twin).by_principal
    assert [(row.label, row.details) for row in found.rows] == [
        ("ada@example.com", ("user", "ada")),
        ("ada@example.com", ("user", "ada2")),
    ]


def test_the_most_frequent_actions_have_a_series_and_the_others_one_together() -> None:
    events = [event(action=f"act{number}") for number in range(8) for _ in range(10 - number)]
    found = counted(*events).by_principal
    assert found.series == ("act0 index", "act1 index", "act2 index", "act3 index", "act4 index", "Others")
    assert found.rows[0].counts == (10, 9, 8, 7, 6, 5 + 4 + 3)
    assert found.total == len(events)


def test_many_principals_are_the_top_and_the_others() -> None:
    events = [event(who=f"user{number:03}") for number in range(100)] + [event(who="user042")]
    found = counted(*events).by_principal
    assert found.rows[0].details == ("user", "user042")
    assert (len(found.rows), found.left_out, found.others, found.total) == (TOP, 88, (88,), 101)


def test_failures_are_told_with_their_reason() -> None:
    found = counted(event(outcome=FAILED), event(outcome=FAILED), event(outcome={"result": "denied"})).failures
    assert [(row.label, row.details, row.total) for row in found.rows] == [
        ("ada@example.com", ("create index", "no role", "403"), 2),
        ("ada@example.com", ("create index", "", ""), 1),
    ]


def test_an_undocumented_pair_is_unknown_and_counted() -> None:
    found = counted(event(), event(action="restore"), event(action=7, resource_type=None))
    assert {(row.label, row.details) for row in found.unknown.rows} == {("restore", ("index",)), ("7", ("-",))}
    assert found.events == 3


@pytest.mark.parametrize("content", [7, None, "x", [], {}, {"event": None}, {"event": "x"}])
def test_what_is_no_event_is_a_broken_line(content: Any) -> None:
    found = counted(event(), content)
    assert found.broken == (BrokenLine(file="f", line=2, reason="it is no event"),)
    assert (found.events, found.broken_total) == (1, 1)


@pytest.mark.parametrize(
    "content", [{"event": {}}, {"event": {"outcome": 7}, "actor": "me"}, {"event": {"action": []}}]
)
def test_an_odd_event_is_an_event(content: Any) -> None:
    found = counted(content)
    assert (found.events, found.unknown.total) == (1, 1)
    assert page(found)


def test_only_the_time_asked_for_is_counted() -> None:
    events = [event(MONDAY + timedelta(hours=hours)) for hours in range(5)]
    extent = Extent(since=MONDAY + timedelta(hours=1), until=MONDAY + timedelta(hours=3))
    assert counted(*events, event("none"), extent=extent).events == 3


def test_all_files_of_a_folder_are_read_whatever_their_order(tmp_path: Path) -> None:
    made = [event(who="a"), event(who="b", outcome=FAILED), event(MONDAY + timedelta(hours=12), who="c")]
    for number in range(40):
        (tmp_path / f"{number}.json").write_text(json.dumps(made))
    (tmp_path / "z.gz").write_bytes(gzip.compress(b'{"event": 1}\n{broken\n'))
    (tmp_path / "audit-log-access-test").write_text("test")
    found = []
    for _ in range(2):
        counting = Counting(working_hours=WorkingHours())
        counting.read(FolderStore(tmp_path))
        found.append(counting.figures(sources=["logs"]))
    assert (found[0].files, found[0].events, found[0].failed, found[0].broken_total) == (41, 120, 40, 2)
    assert {each.file for each in found[0].broken} == {"z.gz"}
    assert page(found[0]) == page(found[1])
