import re
from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import pytest

from pinekeep.errors import WrongInputError
from pinekeep.model.audit.events import COLUMNS, DUCKDB_COLUMNS, EVENT_KINDS
from pinekeep.model.audit.queries import QUERIES
from pinekeep.model.audit.query import DIALECTS, DialectName, Query, flat_select

EVERY = pytest.mark.parametrize("query", QUERIES.values(), ids=list(QUERIES))


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with an empty table of events."""
    with duckdb.connect() as connected:
        raw = ", ".join(f'"{name}" {kind}' for name, kind in DUCKDB_COLUMNS.items())
        connected.execute(f"CREATE TABLE raw ({raw})")
        connected.execute(f"CREATE VIEW flat AS {flat_select('duckdb', 'raw')}")
        yield connected


@EVERY
def test_a_query_has_the_columns_that_it_names(query: Query, connection: duckdb.DuckDBPyConnection) -> None:
    sql = query.sql("duckdb", relation="flat", since=datetime(2026, 1, 1, tzinfo=UTC), limit=3)
    assert tuple(each[0] for each in connection.execute(sql).description) == query.columns


@EVERY
def test_a_query_reads_columns_that_exist_and_no_others(query: Query, connection: duckdb.DuckDBPyConnection) -> None:
    assert set(query.reads) <= {each.name for each in COLUMNS}
    for left_out in query.reads:
        reads = ", ".join(each for each in query.reads if each != left_out) or "1"
        with pytest.raises(duckdb.Error):
            connection.execute(f"WITH events AS (SELECT {reads} FROM flat) {query.statement('duckdb')}")  # noqa: S608


def test_there_is_a_query_for_every_row_of_the_tables() -> None:
    assert len(EVENT_KINDS) == 21
    for kind in EVENT_KINDS:
        assert QUERIES[kind.name].kind is kind
        assert f"action = '{kind.action}' AND resource_type = '{kind.resource_type}'" in QUERIES[kind.name].where


@EVERY
@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_of_a_template_is_left(query: Query, dialect: DialectName) -> None:
    assert not re.search(r"(?<!\w)[:@][a-z_]", query.sql(dialect, relation="t"))


def test_the_dialects_differ_in_the_fragments_alone() -> None:
    for query in QUERIES.values():
        texts = {each: query.sql(each, relation="t", values={"time_zone": "Asia/Tokyo"}) for each in DIALECTS}
        assert (texts["duckdb"] != texts["athena"]) is ("@" in query.where + query.select), query.name


@pytest.mark.parametrize("hostile", ["'; DROP TABLE raw; --", "o'neil", "''", ":principal", "@local", "\\'", "a\nb"])
def test_a_value_stays_a_value(hostile: str, connection: duckdb.DuckDBPyConnection) -> None:
    query = QUERIES["principal-activity"]
    sql = query.sql("duckdb", relation="flat", values=query.values({"principal": hostile}))
    row = "(FROM raw UNION ALL BY NAME SELECT struct_pack(principal_name := ?) AS actor)"
    row = f"({flat_select('duckdb', row)})"
    found = connection.execute(sql.replace("FROM flat", f"FROM {row}"), [hostile]).fetchall()
    assert [each[1] for each in found] == [hostile]
    assert connection.execute(sql.replace("FROM flat", f"FROM {row}"), ["another"]).fetchall() == []


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("principal-activity", {}, "needs the parameter principal"),
        ("keys-outside-hours", {"from_hour": "25"}, "a number from 0 to 24"),
        ("keys-outside-hours", {"from_hour": "-1"}, "a number from 0 to 24"),
        ("keys-outside-hours", {"from_hour": "٣"}, "a number from 0 to 24"),
        ("keys-outside-hours", {"time_zone": "Mars/Base"}, "is not a time zone"),
        ("keys-outside-hours", {"time_zone": "../../etc/passwd"}, "is not a time zone"),
        ("keys-outside-hours", {"time_zome": "UTC"}, "has no parameter"),
        ("principal-activity", {"principal": "a\0b"}, "NUL"),
        ("keys-outside-hours", {"from_hour": "9" * 5000}, "from_hour: it is a number"),
        ("principal-activity", {"principal": "a\udcff"}, "principal: it is not UTF-8"),
    ],
)
def test_wrong_values_are_refused(name: str, given: dict[str, str], words: str) -> None:
    with pytest.raises(WrongInputError, match=words) as refused:
        QUERIES[name].values(given)
    assert refused.value.hint


def test_since_and_until_are_in_utc() -> None:
    noon = datetime.fromisoformat("2026-06-01T12:00:00+02:00")
    sql = QUERIES["newest"].sql("athena", relation="t", since=noon, until=noon)
    assert "time >= TIMESTAMP '2026-06-01 10:00:00.000'" in sql
    assert "time < TIMESTAMP '2026-06-01 10:00:00.000'" in sql
    assert sql.endswith("LIMIT 50")
