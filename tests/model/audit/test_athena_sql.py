"""The saved queries of Athena, read by a parser of its dialect and run by DuckDB after a translation.

A second witness: the same query in the dialect of DuckDB, over the same events read by DuckDB itself, gives the same
rows. What Athena itself does with a file, no test here can show.
"""

import importlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import duckdb
import pytest

from pinekeep.model.audit import athena_sql
from pinekeep.model.audit.athena_sql import named_queries
from pinekeep.model.audit.events import DUCKDB_COLUMNS, EVENT_KINDS, PRINCIPAL_TYPES
from pinekeep.model.audit.queries import QUERIES
from pinekeep.model.audit.query import flat_select
from pinekeep.model.facts import athena

sqlglot: Final[Any] = (
    importlib.import_module("sqlglot")
    if os.environ.get("CI")
    else pytest.importorskip("sqlglot", reason="pip install -r requirements-dev.txt")
)
DATABASE: Final = "pinekeep_search_prod_audit"
NAMED: Final = {each.name: each for each in named_queries(database=DATABASE)}
RENAMED: Final = frozenset({"at_timezone", "with_timezone"})
"""Functions of Trino that the parser does not know. DuckDB has both under one name."""
IDS: Final = {
    "string": "docs",
    "array": ["ada@example.com", "bob@example.com"],
    "object": {"email": "ada@example.com", "role": "ProjectOwner"},
}
TRICKY: Final = "a\u2028}\n{ [], \"quoted\" 'single' \\ \U0001f332"
"""Text with which a reader of lines goes wrong: line ends of other standards, brackets, quotes."""


def events() -> list[dict[str, Any]]:
    """Return three events of each documented kind, by principals of each type, at all hours, some of them failed."""
    start = datetime(2026, 11, 2, tzinfo=UTC)
    made: list[dict[str, Any]] = []
    for number in range(3 * len(EVENT_KINDS)):
        kind = EVENT_KINDS[number % len(EVENT_KINDS)]
        who = PRINCIPAL_TYPES[number % len(PRINCIPAL_TYPES)]
        failed = number % 7 == 0
        made.append(
            {
                "id": f"event-{number:03}",
                "organization_id": "org-1",
                "organization_name": TRICKY,
                "client": {"userAgent": f"program/{number % 4}"},
                "actor": {
                    "principal_id": f"{who}-{number % 5}",
                    "principal_name": f"{who}{number % 5}@example.com",
                    "principal_type": who,
                    **({"display_name": TRICKY} if who == "user" else {}),
                },
                "event": {
                    "time": f"{start + timedelta(hours=7 * number, milliseconds=number):%Y-%m-%dT%H:%M:%S.%f}"[:-3]
                    + "Z",
                    "action": kind.action,
                    "resource_type": kind.resource_type,
                    kind.spelling: IDS[kind.shape],
                    "resource_name": None if number % 2 else "docs",
                    "outcome": {"result": "failure", "reason": "no role", "error_code": "403"}
                    if failed
                    else {"result": "success"},
                    "parameters": {"replicas": number} if number % 3 else {},
                },
            }
        )
    made[0]["event"]["action"] = "restore"
    made[1]["event"]["time"] = "yesterday"
    del made[2]["actor"]["principal_id"]
    return made


EVENTS: Final = events()


def dumped(event: Any, **options: Any) -> str:
    return json.dumps(event, ensure_ascii=False, **options)


def framings(given: list[dict[str, Any]]) -> dict[str, str]:
    """Return the same events as the text of a file, in every framing that a file may have."""
    return {
        "lines": "".join(f"{dumped(each)}\n" for each in given),
        "lines-crlf": "".join(f"{dumped(each)}\r\n" for each in given),
        "lines-with-gaps": "\n\n".join(map(dumped, given)),
        "byte-order-mark": "\ufeff" + "\n".join(map(dumped, given)),
        "array": dumped(given),
        "array-pretty": dumped(given, indent=2),
        "array-of-lines": "[\n" + ",\n".join(map(dumped, given)) + "\n]\n",
        "array-of-lines-commas-first": "[" + "\n,".join(map(dumped, given)) + "]",
        "objects-pretty": "\n".join(dumped(each, indent="\t") for each in given),
        "mixed": dumped(given[0], indent=2) + "\n" + "\n".join(map(dumped, given[1:])),
    }


class Lake:
    """The Glue table of Athena in DuckDB."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(f"CREATE SCHEMA {DATABASE}")
        self.connection.execute(f'CREATE TABLE {DATABASE}.lines ("$path" VARCHAR, line VARCHAR)')
        for name in RENAMED:
            self.connection.execute(f"CREATE MACRO {name}(moment, zone) AS timezone(zone, moment)")

    def put(self, name: str, text: str) -> None:
        """Add a file as Athena splits it: at line feeds."""
        lines = text.split("\n")
        if lines[-1] == "":
            lines.pop()
        self.connection.execute(f"INSERT INTO {DATABASE}.lines SELECT ?, unnest(?)", [f"s3://acme/{name}", lines])

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a statement of Athena."""
        (translated,) = sqlglot.transpile(sql, read="athena", write="duckdb")
        return self.connection.execute(translated).fetchall()

    def ids(self) -> dict[str, list[str]]:
        """Return the IDs of the events of each file."""
        view = NAMED["create-view"].sql.partition(" AS\n")[2]
        rows = self.run(f"SELECT file, array_agg(id) FROM ({view}) AS v GROUP BY file")  # noqa: S608 - a test's own
        return {file.rpartition("/")[2]: sorted(found) for file, found in rows}

    def unread(self) -> dict[str, tuple[int, str]]:
        """Return how many lines of each file were not read, and one of them."""
        return {
            file.rpartition("/")[2]: (lines, example) for file, lines, example in self.run(NAMED["unread-lines"].sql)
        }


@pytest.fixture(scope="module")
def lake() -> Iterator[Lake]:
    made = Lake()
    for name, text in framings(EVENTS).items():
        made.put(name, text)
    yield made
    made.connection.close()


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB's own reading of the events."""
    path = tmp_path_factory.mktemp("witness") / "events.json"
    path.write_text(framings(EVENTS)["lines"], encoding="utf-8")
    connection = duckdb.connect()
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in DUCKDB_COLUMNS.items())
    source = f"read_json('{path}', format = 'newline_delimited', columns = {{{columns}}})"
    connection.execute(f"CREATE TABLE audit_events AS {flat_select('duckdb', source)}")
    yield connection
    connection.close()


def test_every_framing_gives_every_event_once(lake: Lake) -> None:
    assert lake.ids() == dict.fromkeys(framings(EVENTS), sorted(each["id"] for each in EVENTS))


def test_nothing_of_them_is_left_unread(lake: Lake) -> None:
    assert lake.unread() == {}


@pytest.fixture(scope="module")
def one_file() -> Iterator[Lake]:
    made = Lake()
    made.put("lines", framings(EVENTS)["lines"])
    yield made
    made.connection.close()


@pytest.mark.parametrize("name", QUERIES)
def test_each_query_gives_the_rows_that_duckdb_gives(
    one_file: Lake, witness: duckdb.DuckDBPyConnection, name: str
) -> None:
    wanted = witness.execute(QUERIES[name].sql("duckdb", relation="audit_events")).fetchall()
    found = one_file.run(NAMED[name].sql)
    assert found == wanted


def test_the_witness_has_rows_for_most_queries(witness: duckdb.DuckDBPyConnection) -> None:
    empty = {
        name
        for name, each in QUERIES.items()
        if not witness.execute(each.sql("duckdb", relation="audit_events")).fetchall()
    }
    # Their default is an example, which names nobody.
    assert empty == {"principal-activity", "resource-history"}


BROKEN: Final = {
    "broken": (dumped(EVENTS[0]) + "\n{broken\n" + dumped(EVENTS[1]), 1, "{broken", 2),
    "no-event": ('{"hello": 1}\n' + dumped(EVENTS[0]), 1, '{"hello": 1}', 1),
    "no-event-in-a-whole": (dumped([EVENTS[0], {"hello": 1}, 7], indent=1), 2, "7", 1),
    "truncated": (dumped(EVENTS[:3], indent=1)[:-40], None, None, 0),
    "not-decompressed": ("\x1f\ufffd\x08\x00\x00\n\ufffd}{", 2, None, 0),
    "truncated-line": (dumped(EVENTS[0]) + "\n" + dumped(EVENTS[1])[:-3], 1, None, 1),
}


def test_what_is_no_event_is_shown_with_its_file_and_the_rest_is_read() -> None:
    made = Lake()
    for name, (text, *_) in BROKEN.items():
        made.put(name, text)
    made.put("audit-log-access-test", "test")
    unread, ids = made.unread(), made.ids()
    assert set(unread) == set(BROKEN)
    for name, (_, lines, example, read) in BROKEN.items():
        assert lines in (None, unread[name][0]), name
        assert example is None or unread[name][1].replace(" ", "") == example.replace(" ", ""), name
        assert len(ids.get(name, [])) == read, name


def test_lines_in_another_order_are_unread_and_make_no_other_events() -> None:
    lines = dumped(EVENTS[:4], indent=1).split("\n")
    middle = len(lines) // 2
    made = Lake()
    made.put("swapped", "\n".join(lines[middle:] + lines[:middle]))
    assert made.ids() == {}
    assert made.unread()["swapped"][0] > middle


@pytest.mark.parametrize("name", NAMED)
def test_each_query_is_one_statement_of_athenas_dialect(name: str) -> None:
    (statement,) = sqlglot.parse(NAMED[name].sql, read="athena")
    assert not isinstance(statement, sqlglot.exp.Command), "the parser did not understand it"
    unknown = {each.name.lower() for each in statement.find_all(sqlglot.exp.Anonymous)}
    assert unknown <= RENAMED, "no function of Trino that the parser knows"


def test_a_wrong_statement_is_refused_by_the_parser() -> None:
    with pytest.raises(sqlglot.errors.ParseError):
        sqlglot.parse(NAMED["newest"].sql.replace("UNNEST(", "UNNEST((", 1), read="athena")


def test_every_saved_query_is_there_and_within_the_limits() -> None:
    assert list(NAMED) == [*QUERIES, "unread-lines", "create-view"]
    assert len({each.id for each in NAMED.values()}) == len(NAMED)
    for each in NAMED.values():
        assert each.id.isalnum()
        assert 0 < len(each.name) <= athena.QUERY_NAME_MAX
        assert 0 < len(each.description) <= athena.QUERY_DESCRIPTION_MAX
        assert 0 < len(each.sql) <= athena.QUERY_MAX


def test_the_view_is_made_in_the_database() -> None:
    assert NAMED["create-view"].sql.startswith(f'CREATE OR REPLACE VIEW "{DATABASE}"."{athena_sql.VIEW}" AS\nWITH ')
