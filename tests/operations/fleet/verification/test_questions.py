from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.operations.fleet.verification import asking
from pinekeep.operations.fleet.verification.asking import ask, reading
from pinekeep.operations.fleet.verification.observing import OBSERVATIONS
from pinekeep.operations.fleet.verification.questions import QUESTIONS
from pinekeep.operations.fleet.verification.results import TargetResult
from pinekeep.operations.fleet.verification.schema import QUESTIONED, columns
from pinekeep.operations.fleet.verification.store import Store
from pinekeep.operations.fleet.verification.store_file import StoreError
from pinekeep.operations.verification.checks.finding import Finding
from tests.operations.fleet.verification.conftest import ABROAD, FIRST, HOME, SECOND, THIRD

SUNDAY, MONDAY, TUESDAY = (f"2026-11-{day}T12:00:00Z" for day in (22, 23, 24))
KEY = {"shape": "key", "key_arn": "arn:aws:kms:us-east-1:1:key/ABC", "key_state": "Enabled"}
Ask = Callable[..., list[tuple[Any, ...]]]


def result(account: str, at: str, *, region: str = HOME, status: Any = "passed", **given: Any) -> TargetResult:
    return TargetResult(account=account, region=region, status=status, at=at, **given)


def failure(check: str, status: Any = "failed") -> Finding:
    return Finding(
        check=check,
        deployment="search",
        what=check,
        status=status,
        found="bad",
        wanted="good",
        fix="do it",
        meaning="m",
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two verifications of three accounts: one key was disabled, one account has become unreadable, one is new."""
    path = tmp_path / "results"
    with Store.open(path) as store:
        for at in (SUNDAY, TUESDAY):
            later = at == TUESDAY
            run = store.begin(fleet="search", configuration="", targets=3, places=None)
            disabled = {**KEY, "key_state": "Disabled", "key_deletion": "2026-12-20"}
            of_first = {
                **(disabled if later else KEY),
                "trusted_regions": "us-east-1 us-west-2",
                "template_version": "1.1" if later else "1.0",
                "external_id": "required",
                "key_last_used": at[:10],
                "drift": "DRIFTED",
                "key_rotation_days": "365",
            }
            store.write(
                run,
                [
                    result(
                        FIRST,
                        at,
                        status="failed" if later else "passed",
                        findings=(failure("key-state"),) if later else (failure("key-state", "ok"),),
                        observations=of_first,
                    ),
                    result(SECOND, at, observations={**KEY, "trusted_regions": "all", "external_id": "none"})
                    if not later
                    else result(SECOND, at, status="unreadable", reason="no role", fix="deploy it"),
                ],
                secrets={},
            )
            if later:
                store.write(
                    run,
                    [
                        result(THIRD, at, status="missing", reason="no instance"),
                        result("299999999999", at, status="failed", findings=(failure("key-state"),)),
                    ],
                    secrets={},
                )
            store.finish(run)
        other = store.begin(fleet="other", configuration="", targets=1, places=None)
        store.write(other, [result(FIRST, TUESDAY, status="failed", findings=(failure("x"),))], secrets={})
        store.set_targets("search", [(FIRST, HOME), (SECOND, HOME), (THIRD, HOME), (THIRD, ABROAD)])
        store.set_targets("other", [(FIRST, HOME)])
    return path


@pytest.fixture
def question(path: Path) -> Iterator[Ask]:
    with reading(path) as connection:

        def run(name: str, **values: str) -> list[tuple[Any, ...]]:
            asked = QUESTIONS[name]
            return list(ask(connection, asked.sql, {"fleet": "search", **asked.values(values)}).rows)

        yield run


def test_which_accounts_trust_a_region(question: Ask) -> None:
    assert [row[0] for row in question("trusts-region", region="us-west-2")] == [FIRST]
    assert question("trusts-region", region="us-west") == []
    assert question("trusts-region", region="%") == []


def test_which_keys_are_not_enabled(question: Ask) -> None:
    assert question("keys-not-enabled") == [(FIRST, HOME, KEY["key_arn"], "Disabled", "2026-12-20")]


def test_what_changed_since_monday(question: Ask) -> None:
    changed = {(row[0], row[2]): (row[3], row[4]) for row in question("changed-since", since=MONDAY)}
    assert changed == {
        (FIRST, "status"): ("passed", "failed"),
        (FIRST, "check key-state"): ("passed", "failed"),
        (FIRST, "key_state"): ("Enabled", "Disabled"),
        (FIRST, "key_deletion"): (None, "2026-12-20"),
        (FIRST, "template_version"): ("1.0", "1.1"),
        (SECOND, "status"): ("passed", "unreadable"),
        (THIRD, "status"): (None, "missing"),
    }
    assert question("changed-since", since="2026-11-24T12:00:01Z") == []


def test_the_latest_results_of_the_fleets_own_targets_are_asked(question: Ask) -> None:
    assert [(row[0], row[2]) for row in question("failing")] == [(FIRST, "key-state"), (THIRD, "fleet-instance")]
    assert question("failing-checks") == [("key-state", 1, "key-state", "m")]
    assert question("not-readable") == [(SECOND, HOME, "no role", "deploy it")]
    assert {row[0]: row[1] for row in question("summary")} == {"failed": 1, "missing": 1, "unreadable": 1}


def test_what_was_not_verified(question: Ask) -> None:
    assert question("unverified", since=MONDAY) == [(THIRD, ABROAD, None, None)]
    assert len(question("unverified", since="2026-11-25T00:00:00Z")) == 4


@pytest.mark.parametrize(
    ("name", "given", "rows"),
    [
        ("versions", {}, [(None, 2, f"{SECOND} {HOME}, {THIRD} {HOME}"), ("1.1", 1, f"{FIRST} {HOME}")]),
        ("rotation", {}, [("365", 1, f"{FIRST} {HOME}")]),
        ("drifted", {}, [(FIRST, HOME, "DRIFTED", None)]),
        ("unused-keys", {}, []),
        ("without-external-id", {}, []),
        ("find", {"text": "key/abc"}, [(FIRST, HOME, "key_arn", KEY["key_arn"])]),
        ("find", {"text": "%"}, []),
    ],
)
def test_other_questions(question: Ask, name: str, given: Mapping[str, str], rows: list[Any]) -> None:
    assert question(name, **given) == rows


def test_every_question_can_be_asked(question: Ask) -> None:
    given = {"region": "us-east-1", "since": MONDAY, "text": "x", "account": FIRST}
    for name, each in QUESTIONS.items():
        question(name, **{one.name: given[one.name] for one in each.parameters})
    assert [row[0] for row in question("runs")] == [2, 1]
    assert ("us-east-1", "drift", "DRIFTED") in question("observations", account=FIRST)


def test_parameters_are_checked() -> None:
    with pytest.raises(WrongInputError, match="has no parameter 'regoin'; it has region") as raised:
        QUESTIONS["trusts-region"].values({"regoin": "x"})
    assert raised.value.hint == "did you mean region?"
    with pytest.raises(WrongInputError, match="needs region"):
        QUESTIONS["trusts-region"].values({})
    with pytest.raises(WrongInputError, match="it has none"):
        QUESTIONS["failing"].values({"x": "1"})


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM runs",
        "UPDATE results SET status = 'passed'",
        "DROP VIEW latest",
        "CREATE TEMP TABLE t (x)",
        "ATTACH '/tmp/other' AS other",
        "PRAGMA user_version = 7",
        "PRAGMA query_only = OFF",
        "SELECT load_extension('x')",
        "SELECT 1; DELETE FROM runs",
        "VACUUM INTO '/tmp/copy'",
        "BEGIN",
    ],
)
def test_sql_can_only_read(path: Path, sql: str) -> None:
    before = path.read_bytes()
    with reading(path) as connection, pytest.raises(WrongInputError, match="can only read"):
        ask(connection, sql, {})
    assert path.read_bytes() == before


def test_sql_that_is_wrong_is_told_with_what_there_is(path: Path) -> None:
    with reading(path) as connection:
        with pytest.raises(WrongInputError, match="no such column: nope") as raised:
            ask(connection, "SELECT nope FROM facts", {})
        assert "facts, latest" in str(raised.value.hint)
        with pytest.raises(WrongInputError, match="has no result"):
            ask(connection, "", {})


def test_sql_without_an_end_is_ended(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SECONDS_MAX", 0.1)
    forever = "WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a) SELECT count(*) FROM a"
    with reading(path) as connection, pytest.raises(PinekeepError, match="takes longer than"):
        ask(connection, forever, {})


def test_rows_are_limited_and_it_is_told(path: Path) -> None:
    with reading(path) as connection:
        found = ask(connection, "SELECT x'ff', 1.5, NULL, account FROM targets ORDER BY account", {}, most=2)
    assert found.rows[0] == ("ff", 1.5, None, FIRST)
    assert (len(found.rows), found.more) == (2, True)


def test_the_file_can_be_read_while_it_is_not_writable(path: Path) -> None:
    path.chmod(0o400)
    with reading(path) as connection:
        assert ask(connection, "SELECT count(*) FROM runs", {}).rows == ((3,),)


def test_what_is_no_file_of_results_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongInputError, match="nothing was verified yet"), reading(tmp_path / "none"):
        pass
    path = tmp_path / "text"
    path.write_text("deployments: {}\n" * 100)
    path.chmod(0o600)
    with pytest.raises(StoreError, match="is damaged, or no file of results"), reading(path):
        pass


def test_facts_has_a_column_for_each_observation() -> None:
    found = columns()
    assert list(found) == list(QUESTIONED)
    assert set(OBSERVATIONS) < set(found["facts"])
