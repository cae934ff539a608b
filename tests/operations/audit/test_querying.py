import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinekeep.account.process import scratch_folder
from pinekeep.model.audit.events import EVENT_KINDS, KNOWN
from pinekeep.model.audit.queries import QUERIES
from pinekeep.operations.audit.local import local_files
from pinekeep.operations.audit.querying import Result, run_query
from pinekeep.operations.audit.results import query_output, result_csv, result_text
from pinekeep.operations.audit.stores import FolderStore
from tests.operations.audit.audit_events import FRAMINGS, Event, events, framed, write_mixed

EVENTS = list(events(3000))
GIVEN = {
    "principal-activity": {"principal": "O'Neil; DROP TABLE events --"},
    "resource-history": {"resource": "index-7"},
    "keys-outside-hours": {"time_zone": "Asia/Tokyo", "from_hour": "9", "to_hour": "17"},
    "actions-by-day": {"time_zone": "America/New_York"},
    "first-use": {"type": "api_key"},
    "who-deleted-index": {"index": "index-7"},
}


def run(name: str, place: Path, **options: Any) -> Result:
    query = QUERIES[name]
    options.setdefault("values", query.values(GIVEN.get(name, {})))
    with scratch_folder() as folder:
        files = local_files(FolderStore(place), folder, place=str(place))
        return run_query(query, files, folder, **options)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The events in files of every framing."""
    folder = tmp_path_factory.mktemp("logs")
    write_mixed(folder, EVENTS, files=15)
    return folder


# --- The oracle: plain Python over the events, no SQL. ---


def when(event: Event) -> datetime:
    return datetime.fromisoformat(event["event"]["time"]).replace(tzinfo=None)


def local(event: Event, zone: str) -> datetime:
    return datetime.fromisoformat(event["event"]["time"]).astimezone(ZoneInfo(zone))


def acted_on(event: Event) -> Any:
    return event["event"].get("resource_id", event["event"].get("resouce_id"))


def of(action: str, resource: str) -> Callable[[Event], bool]:
    return lambda each: (each["event"]["action"], each["event"]["resource_type"]) == (action, resource)


def failed(event: Event) -> bool:
    return event["event"]["outcome"]["result"] != "success"


def named(event: Event, name: str) -> bool:
    return name in (event["event"]["resource_name"], acted_on(event))


def outside(event: Event) -> bool:
    then = local(event, "Asia/Tokyo")
    return of("create", "api-key")(event) and (not 9 <= then.hour < 17 or then.isoweekday() > 5)


def in_history(event: Event) -> bool:
    text = acted_on(event) if isinstance(acted_on(event), str) else json.dumps(acted_on(event))
    return event["event"]["resource_name"] == "index-7" or "index-7" in text


ROWS: dict[str, Callable[[Event], bool]] = {
    **{each.name: of(each.action, each.resource_type) for each in EVENT_KINDS},
    "delete-organization-member": lambda each: of("delete", "user")(each) and isinstance(acted_on(each), str),
    "delete-project-member": lambda each: of("delete", "user")(each) and isinstance(acted_on(each), dict),
    "who-deleted-index": lambda each: of("delete", "index")(each) and not failed(each) and named(each, "index-7"),
    "deletions": lambda each: each["event"]["action"] == "delete" and not failed(each),
    "failures": failed,
    "keys-outside-hours": outside,
    "principal-activity": lambda each: each["actor"].get("display_name") == GIVEN["principal-activity"]["principal"],
    "resource-history": in_history,
    "newest": lambda _: True,
    "unknown": lambda _: False,
}
"""Which events a query lists."""


@pytest.mark.parametrize("name", ROWS)
def test_a_query_lists_exactly_these_events(name: str, mixed: Path) -> None:
    result = run(name, mixed)
    wanted = sorted(sorted(filter(ROWS[name], EVENTS), key=lambda each: each["id"]), key=when, reverse=True)
    wanted = wanted[: QUERIES[name].rows]
    assert bool(wanted) is (name != "unknown")
    columns = QUERIES[name].columns
    assert [row[columns.index("id")] for row in result.rows] == [each["id"] for each in wanted]
    assert [row[columns.index("time")] for row in result.rows] == [when(each) for each in wanted]
    for row, each in zip(result.rows, wanted, strict=True):
        for column, value in zip(columns, row, strict=True):
            if column in each["event"] and column not in ("time", "resource_id"):
                assert value == each["event"][column]
            elif column in each["actor"]:
                assert value == each["actor"][column]
        if "resource_id" in columns:
            text = row[columns.index("resource_id")]
            expected = acted_on(each)
            assert (text if isinstance(expected, str) else json.loads(text)) == expected


def grouped(key: Callable[[Event], Any], chosen: Callable[[Event], bool] = lambda _: True) -> dict[Any, list[Event]]:
    found: dict[Any, list[Event]] = {}
    for each in filter(chosen, EVENTS):
        found.setdefault(key(each), []).append(each)
    return found


def who(event: Event) -> tuple[str, str, str]:
    actor = event["actor"]
    return actor["principal_id"], actor["principal_name"], actor["principal_type"]


def counted() -> Iterator[tuple[str, set[tuple[Any, ...]]]]:
    """Yield the names of the queries that count, with the rows that they must have."""
    yield (
        "failures-by-principal",
        {
            (
                *key,
                len(all_),
                len({e["event"]["outcome"]["error_code"] for e in all_}),
                min(map(when, all_)),
                max(map(when, all_)),
            )
            for key, all_ in grouped(who, failed).items()
        },
    )
    yield (
        "logins-by-user",
        {
            (*key[:2], len(all_), sum(map(failed, all_)), min(map(when, all_)), max(map(when, all_)))
            for key, all_ in grouped(who, of("login", "user")).items()
        },
    )
    first: set[tuple[Any, ...]] = set()
    for key, all_ in grouped(who, lambda each: each["actor"]["principal_type"] == "api_key").items():
        earliest = min(all_, key=when)["event"]
        first.add(
            (*key, min(map(when, all_)), earliest["action"], earliest["resource_type"], max(map(when, all_)), len(all_))
        )
    yield "first-use", first
    days = grouped(lambda e: (local(e, "America/New_York").date(), e["event"]["action"], e["event"]["resource_type"]))
    yield "actions-by-day", {(*key, len(all_), sum(map(failed, all_))) for key, all_ in days.items()}
    actions = grouped(lambda e: (*who(e), e["event"]["action"], e["event"]["resource_type"]))
    yield (
        "actions-by-principal",
        {(*key, len(all_), sum(map(failed, all_)), max(map(when, all_))) for key, all_ in actions.items()},
    )
    programs = grouped(lambda e: (*who(e), e["client"]["userAgent"]))
    yield (
        "programs",
        {(*key, len(all_), min(map(when, all_)), max(map(when, all_))) for key, all_ in programs.items()},
    )


COUNTED = dict(counted())


@pytest.mark.parametrize("name", COUNTED)
def test_a_query_counts_exactly_these(name: str, mixed: Path) -> None:
    rows = run(name, mixed).rows
    assert len(rows) == len(COUNTED[name]) > 0
    assert set(rows) == COUNTED[name]


def test_every_query_has_an_oracle() -> None:
    assert set(ROWS) | set(COUNTED) == set(QUERIES)


def test_all_events_are_counted_whatever_the_query_keeps(mixed: Path) -> None:
    spelt = Counter("resouce_id" if "resouce_id" in each["event"] else "resource_id" for each in EVENTS)
    for name in ("delete-index", "programs"):
        counts = run(name, mixed).counts
        assert (counts.events, counts.incomplete, counts.unknown, counts.duplicates) == (len(EVENTS), 0, 0, 0)
        assert counts.spellings == spelt
    assert min(spelt.values()) > 100


def test_since_and_until_bound_the_events(mixed: Path) -> None:
    since, until = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    found = run("programs", mixed, since=since, until=until)
    inside = [each for each in EVENTS if since <= when(each).replace(tzinfo=UTC) < until]
    assert sum(row[4] for row in found.rows) == len(inside) > 100
    assert found.counts.events == len(EVENTS)


# --- Duplicates, and what is incomplete or unknown ---


@pytest.mark.parametrize("name", ["failures", "programs", "newest"])
def test_a_file_that_is_there_twice_counts_once(name: str, tmp_path: Path) -> None:
    for copy in ("a", "b"):
        (tmp_path / copy).write_bytes(framed(EVENTS[:200], "lines"))
    (tmp_path / "c").write_bytes(framed(EVENTS[200:300], "array"))
    once = tmp_path.with_name(f"{tmp_path.name}-once")
    once.mkdir()
    (once / "a").write_bytes(framed(EVENTS[:300], "lines"))
    twice, single = run(name, tmp_path), run(name, once)
    assert twice.rows == single.rows
    assert twice.counts.events == 500
    expected = sum(map(failed, EVENTS[:200])) if name == "failures" else 200
    assert (twice.counts.duplicates, single.counts.duplicates) == (expected, 0)


def test_alike_events_without_an_id_are_no_duplicates(tmp_path: Path) -> None:
    bare = {"event": {"action": "delete", "resource_type": "index", "outcome": {"result": "success"}}}
    (tmp_path / "a").write_text("\n".join([json.dumps(bare)] * 3))
    for name in ("delete-index", "newest", "unknown"):
        result = run(name, tmp_path)
        assert (len(result.rows), result.counts.duplicates, result.counts.incomplete) == (3, 0, 3)


def test_unknown_and_incomplete_events_are_counted_and_shown(tmp_path: Path) -> None:
    odd = [json.loads(json.dumps(each)) for each in EVENTS[:6]]
    odd[0]["event"]["action"] = "rotate"
    odd[1]["event"]["resource_type"] = "assistant"
    odd[2]["event"]["time"] = "yesterday"
    del odd[3]["actor"]
    odd[4]["event"]["action"] = None
    (tmp_path / "a").write_bytes(framed(odd, "lines"))
    assert ("rotate", "index") not in KNOWN
    result = run("unknown", tmp_path)
    assert (result.counts.unknown, result.counts.incomplete) == (2, 3)
    assert {row[-1] for row in result.rows} == {each["id"] for each in odd[:5]}


def test_an_offset_of_a_time_is_not_lost(tmp_path: Path) -> None:
    moved = json.loads(json.dumps(EVENTS[0]))
    moved["event"]["time"] = "2026-06-01T01:30:00.250+02:00"
    (tmp_path / "a").write_bytes(framed([moved], "lines"))
    assert run("newest", tmp_path).rows[0][0] == datetime(2026, 5, 31, 23, 30, 0, 250000)


# --- Framings, and what is broken ---


@settings(max_examples=8, deadline=None)
@given(pieces=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(FRAMINGS), st.booleans()), min_size=1, max_size=6))
def test_any_mixture_of_framings_gives_every_event_once(
    pieces: list[tuple[int, str, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, used = tmp_path_factory.mktemp("any"), 0
    for number, (count, framing, packed) in enumerate(pieces):
        content = framed(EVENTS[used : used + count], framing)
        (folder / f"{number} [*]?.gz").write_bytes(gzip.compress(content) if packed else content)
        used += count
    result = run("newest", folder)
    assert {row[-1] for row in result.rows} == {each["id"] for each in EVENTS[:used]}
    assert (result.counts.events, result.scan.broken.count) == (used, 0)


LINE = [json.dumps(each) for each in EVENTS[:3]]


def packed(text: str) -> bytes:
    """Return a text as gzip, the same bytes each time: they are part of the names of tests."""
    return gzip.compress(text.encode(), mtime=0)


CUT = gzip.compress("\n".join(json.dumps(each) for each in EVENTS[:400]).encode())[:-2000]


@pytest.mark.parametrize(
    ("content", "read", "places"),
    [
        ("\n".join([LINE[0], "{bad", LINE[1]]), 2, ["f:2: it is not JSON"]),
        ("\n".join(["hello", LINE[0]]), 1, ["f:1: it is not JSON"]),
        ("\n".join(["{bad", LINE[0], LINE[1]]), 2, ["f:1: it is not JSON"]),
        (f"{LINE[0]}\n{LINE[1][:80]}", 1, ["f:2: it is not JSON"]),
        (f"[{LINE[0]},\n{{bad,\n{LINE[1]}]", 2, ["f:2: it is not JSON"]),
        (f"[{LINE[0]},\n{LINE[1][:50]}", 1, ["f:2: it is not JSON"]),
        (f"[{LINE[0]},\n{LINE[1]}", 2, ["f:2: the array does not end"]),
        ("[" * 1000, 0, ["f:1: the array does not end"]),
        (f"{LINE[0]}\n5\nnull\n\"x\"\n{LINE[1]}", 2, ["f:2: it is 5", "f:3: it is null", "f:4: it is"]),
        (f"{LINE[0]}\n[{LINE[1]},{LINE[2]}]\n", 3, []),
        (f"{LINE[0]}{LINE[1]}\n{LINE[2]}", 3, []),
        (f"{LINE[0]}\r\n\r\n{LINE[1]}\r\n", 2, []),
        (f"{LINE[0]}\n".encode() + b'{"id": "\xff"}\n' + LINE[1].encode(), 2, ["f:2: it is not UTF-8"]),
        (f'{LINE[0]}\n{{"id": "\\ud800"}}\n{LINE[1]}', 3, ["f:2: a character is half"]),
        (f'{LINE[0]}\n{{"id": "a", "id": "b"}}', 2, ["f:2: the key 'id' occurs twice"]),
        (f'{LINE[0]}\n{{"id": "a", "event": {{"outcome": 5}}}}', 2, ["f:2: event.outcome is not an object"]),
        (f'{LINE[0]}\n{{"id": {"1" * 5000}}}\n5', 1, ["f:2: it is not JSON (a number has", "f:3: it is 5"]),
        ("\ufeff" + LINE[0] + "\n{", 1, ["f:2: it is not JSON"]),
        ("what is this", 0, ["f: it holds no JSON"]),
        ("\0" * 40, 0, ["f: it holds no JSON"]),
        (LINE[0].encode("utf-16"), 0, ["f:1: it is not UTF-8"]),
        ("", 0, []),
        ("\n \n", 0, []),
        (packed(""), 0, []),
        (packed(LINE[0] + "\n") + packed(LINE[1]), 2, []),
        (packed(LINE[0])[:12], 0, ["f:1: the compressed file is damaged"]),
    ],
)  # fmt: skip
def test_what_is_broken_is_counted_with_file_and_line(
    content: str | bytes, read: int, places: list[str], tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "fine").write_bytes(framed(EVENTS[10:15], "array"))
    result = run("newest", tmp_path)
    assert result.counts.events == read + 5
    found = [each.removeprefix(f"{tmp_path}/") for each in result.scan.broken.at]
    assert [each.startswith(place) for each, place in zip(found, places, strict=False)] == [True] * len(places), found
    assert bool(found) is bool(places)


def test_an_event_that_is_larger_than_duckdb_takes_is_left_out_alone(tmp_path: Path) -> None:
    large = json.dumps({"id": "large", "padding": "x" * (33 << 20)})
    (tmp_path / "f").write_text(f"{LINE[0]}\n{large}\n{LINE[1]}")
    result = run("newest", tmp_path)
    assert result.counts.events == 2
    (place,) = result.scan.broken.at
    assert place.startswith(f"{tmp_path}/f:2: the event is larger than 16,777,216 bytes")


def test_a_compressed_file_that_ends_early_gives_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "f.gz").write_bytes(CUT)
    result = run("newest", tmp_path, limit=None)
    assert 100 < result.counts.events < 400
    (place,) = result.scan.broken.at
    assert f"f.gz:{result.counts.events + 1}: the compressed file is damaged" in place


def test_pinecones_test_object_is_left_out_and_told(tmp_path: Path) -> None:
    (tmp_path / "audit-log-access-test").write_text("test")
    result = run("newest", tmp_path)
    assert (result.counts.events, result.scan.broken.count) == (0, 0)
    with scratch_folder() as folder:
        assert local_files(FolderStore(tmp_path), folder, place="x").test_objects == 1


def test_the_connection_reaches_no_other_file(tmp_path: Path) -> None:
    import duckdb  # noqa: PLC0415

    from pinekeep.operations.audit.scan import connected  # noqa: PLC0415

    (tmp_path / "secret").write_text('{"a": 1}')
    with scratch_folder() as folder, connected(folder, []) as connection:
        for statement in (
            f"FROM read_json('{tmp_path}/secret')",
            f"COPY (SELECT 1) TO '{tmp_path}/out'",
            "SET enable_external_access = true",
            "INSTALL httpfs",
            f"ATTACH '{tmp_path}/x.db'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)


def test_values_do_no_harm_where_they_are_shown(tmp_path: Path) -> None:
    hostile = json.loads(json.dumps(EVENTS[0]))
    hostile["event"]["resource_name"] = "\x1b]0;owned\x07\u202e\nnext"
    hostile["actor"]["principal_name"] = "=HYPERLINK(1)"
    (tmp_path / "a").write_bytes(framed([hostile], "lines"))
    result = run("newest", tmp_path)
    output = query_output(result, local_files(FolderStore(tmp_path), tmp_path, place="x"))
    text = result_text(output)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text.split("\n")) == 2
    assert "'=HYPERLINK(1)" in result_csv(output)
    assert "\x1b]0;owned\x07\u202e\nnext" in output.rows[0]
