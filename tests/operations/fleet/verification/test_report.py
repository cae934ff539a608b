import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pinekeep.operations.fleet.verification.asking import reading
from pinekeep.operations.fleet.verification.report.figures import Figures, figures_of
from pinekeep.operations.fleet.verification.report.page import page
from pinekeep.operations.fleet.verification.results import TargetResult
from pinekeep.operations.fleet.verification.store import Store
from pinekeep.operations.verification.checks.finding import Finding
from tests.operations.fleet.verification.conftest import ABROAD, FIRST, HOME, SECOND, THIRD

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script> & \u202eevil"


def figures(path: Path, since: str | None = None) -> Figures:
    with reading(path) as connection:
        return figures_of(connection, "search", since=since, now=NOW)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "results"
    failed = Finding(
        check="key-state",
        deployment="search",
        what="State of the key",
        status="failed",
        found=HOSTILE,
        wanted="Enabled",
        fix="aws kms enable-key",
        meaning="Pinecone is refused.",
    )
    with Store.open(path) as store:
        for at, status in (("2026-11-20T12:00:00Z", "passed"), ("2026-11-30T10:00:00Z", "failed")):
            run = store.begin(fleet="search", configuration="", targets=4, places=None)
            store.connection.execute("UPDATE runs SET started = ? WHERE id = ?", (at, run))
            state = {"key_state": "Enabled" if status == "passed" else HOSTILE}
            results = [
                TargetResult(
                    account=FIRST,
                    region=HOME,
                    status=status,
                    at=at,
                    findings=(failed,) if status == "failed" else (),
                    observations=state,
                ),
                TargetResult(account=SECOND, region=HOME, status="unreadable", at=at, reason=HOSTILE),
            ]
            if status == "passed":
                results.append(TargetResult(account=THIRD, region=HOME, status="passed", at=at))
            store.write(run, results, secrets={})
            store.finish(run)
        store.set_targets("search", [(FIRST, HOME), (SECOND, HOME), (THIRD, HOME), (THIRD, ABROAD)])
    return path


def test_the_figures_are_of_the_latest_results_and_name_what_has_none(path: Path) -> None:
    found = figures(path)
    assert found.counts == {"failed": 1, "missing": 0, "unreadable": 1, "unverified": 1, "passed": 1}
    assert list(found.accounts) == [FIRST, SECOND, THIRD]
    assert found.regions == [ABROAD, HOME]
    assert [(each.name, each.title, len(each.failures)) for each in found.failing] == [
        ("key-state", "State of the key", 1)
    ]
    assert found.oldest == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert [row[:3] for row in found.changes] == [
        (FIRST, HOME, "check key-state"),
        (FIRST, HOME, "key_state"),
        (FIRST, HOME, "status"),
    ]


def test_the_page_shows_them_and_runs_and_loads_nothing(path: Path) -> None:
    text = page(figures(path))
    assert page(figures(path)) == text
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; \\u202eevil" in text
    assert "\u202e" not in text
    assert not re.search(r"(src|href|url\()\s*=?\s*[\"']?(https?:)?//", text)
    assert not re.search(r"\son\w+=|\sstyle=", text)
    assert "default-src 'none'" in text.replace("&#x27;", "'")
    for each in (
        FIRST,
        SECOND,
        THIRD,
        "State of the key",
        "aws kms enable-key",
        "Pinecone is refused.",
        "not verified",
    ):
        assert each in text
    assert "the oldest result is 10 days old" in text
    assert "older than 7 days" in text


def test_a_fleet_without_problems_says_so(tmp_path: Path) -> None:
    path = tmp_path / "results"
    with Store.open(path) as store:
        run = store.begin(fleet="search", configuration="", targets=1, places=None)
        store.set_targets("search", [(FIRST, HOME)])
        result = TargetResult(account=FIRST, region=HOME, status="passed", at="2026-11-30T11:59:59Z")
        store.write(run, [result], secrets={})
    text = page(figures(path))
    assert "Nothing: no check of the targets that could be read fails." in text
    assert "There is no earlier verification" in text
    assert "did not finish" in text


def test_what_is_left_out_of_a_large_fleet_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pinekeep.operations.fleet.verification.report import page as module  # noqa: PLC0415

    for name in ("ACCOUNTS_SHOWN", "TARGETS_SHOWN", "CHANGES_SHOWN"):
        monkeypatch.setattr(module, name, 1)
    path = tmp_path / "results"
    with Store.open(path) as store:
        run = store.begin(fleet="search", configuration="", targets=3, places=None)
        places = [(each, HOME) for each in (FIRST, SECOND, THIRD)]
        store.set_targets("search", places)
        results = [
            TargetResult(account=each, region=HOME, status="missing", at="2026-11-30T11:00:00Z", reason="none")
            for each, _ in places
        ]
        store.write(run, results, secrets={})
    text = page(figures(path, since="2026-11-01T00:00:00Z"))
    assert "2 more targets are not listed here" in text
    assert "2 more accounts are not listed here" in text
    assert "2 more are not listed here" in text
