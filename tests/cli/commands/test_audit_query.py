"""``pinekeep audit query`` from its options to its exit codes; what the queries find: tests/operations/audit."""

import csv
import io
import json
from pathlib import Path

import pytest

from pinekeep.model.audit.queries import QUERIES
from tests.command_support import Run
from tests.operations.audit.audit_events import events, framed

EVENTS = list(events(60))
DELETED = [each for each in EVENTS if (each["event"]["action"], each["event"]["resource_type"]) == ("delete", "index")]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a").write_bytes(framed(EVENTS[:30], "array"))
    (folder / "b").write_bytes(framed(EVENTS[30:], "lines"))
    return folder


def test_a_query_gives_its_rows_and_says_what_was_read(pinekeep: Run, logs: Path) -> None:
    made = pinekeep("audit", "query", "delete-index", "--from", str(logs), "--json", "--strict")
    assert made.code == 0, made.err
    found = made.require_schema("audit query")
    column = found["columns"].index("id")
    assert {row[column] for row in found["rows"]} == {each["id"] for each in DELETED} != set()
    assert (found["reading"]["events"], found["reading"]["files"], found["reading"]["broken"]) == (60, 2, 0)
    assert "60 events in 2 files" in made.err


def test_strict_fails_where_something_cannot_be_read(pinekeep: Run, logs: Path) -> None:
    (logs / "c").write_text(json.dumps(EVENTS[0]) + "\n{broken\n")
    lenient = pinekeep("audit", "query", "delete-index", "--from", str(logs))
    strict = pinekeep("audit", "query", "delete-index", "--from", str(logs), "--strict")
    assert (lenient.code, strict.code) == (0, 1)
    assert strict.out == lenient.out
    for made in (lenient, strict):
        assert "1 place could not be read:" in made.err
        assert f"{logs}/c:2: it is not JSON" in made.err.replace("\n", "")


def test_csv_holds_the_rows_up_to_the_limit(pinekeep: Run, logs: Path) -> None:
    made = pinekeep("audit", "query", "newest", "--from", str(logs), "--csv", "--limit", "3")
    assert made.code == 0, made.err
    heading, *rows = csv.reader(io.StringIO(made.out))
    assert heading == list(QUERIES["newest"].columns)
    newest = sorted(EVENTS, key=lambda each: str(each["event"]["time"]), reverse=True)[:3]
    assert [row[-1] for row in rows] == [each["id"] for each in newest]
    assert "the first 3 rows are shown" in made.err


def test_since_and_a_parameter_bound_the_rows(pinekeep: Run, logs: Path) -> None:
    name = EVENTS[0]["actor"]["principal_name"]
    given = ("--param", f"principal={name}", "--since", EVENTS[0]["event"]["time"])
    made = pinekeep("audit", "query", "principal-activity", "--from", str(logs), *given, "--json")
    wanted = {
        each["id"]
        for each in EVENTS
        if each["actor"]["principal_name"] == name and each["event"]["time"] >= EVENTS[0]["event"]["time"]
    }
    assert {row[-1] for row in made.json["rows"]} == wanted != set()


def test_the_list_names_every_query_and_parameter(pinekeep: Run) -> None:
    made = pinekeep("audit", "query", "--list")
    assert made.code == 0
    for name, query in QUERIES.items():
        assert f"{name} " in made.out
        assert all(f"--param {each.name}=" in made.out for each in query.parameters)
    found = pinekeep("audit", "query", "--list", "--json").json
    assert [each["name"] for each in found["queries"]] == list(QUERIES)


def test_the_sql_is_written_and_nothing_is_read(pinekeep: Run) -> None:
    made = pinekeep("audit", "query", "who-deleted-index", "--sql", "--from", "nowhere", "--param", "index=it's")
    assert made.code == 0, made.err
    assert "FROM audit_events" in made.out
    assert "resource_name = 'it''s'" in made.out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "name a query; --list lists them"),
        (("delete-index", "--list"), "--list takes no name"),
        (("delete-index", "--csv", "--json"), "--csv and --json exclude each other"),
        (("delete-indx",), "'delete-indx' is not a saved query"),
        (("delete-index", "--from", "nowhere"), "--from: there is no file or folder 'nowhere'"),
        (("delete-index", "--limit", "-1"), "--limit"),
        (("delete-index", "--since", "soon"), "--since: 'soon' is no time"),
        (("delete-index", "--since", "2026-05-01", "--until", "2026-04-01"), "--since is not before --until"),
        (("delete-index", "--param", "index=a"), "has no parameter 'index'"),
        (("who-deleted-index", "--param", "index"), "--param: it is written KEY=VALUE"),
        (("who-deleted-index", "--param", "index=a", "--param", "index=b"), "--param: 'index' is given twice"),
        (("principal-activity",), "needs the parameter principal"),
        (("keys-outside-hours", "--param", "to_hour=25"), "--param to_hour: it is a number from 0 to 24"),
    ],
)
def test_a_wrong_option_is_refused(pinekeep: Run, options: tuple[str, ...], sentence: str) -> None:
    made = pinekeep("audit", "query", *options)
    assert made.code == 2
    said = made.out if "--json" in options else made.err
    assert sentence in " ".join(said.split())
    assert "--json" in options or made.out == ""
