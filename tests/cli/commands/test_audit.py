"""``pinekeep audit report`` and ``audit tail``: from files to a page, and to lines."""

import json
import stat
from pathlib import Path

import pytest

from tests.command_support import Run

EVENT = {
    "id": "1",
    "actor": {"principal_id": "u1", "principal_type": "user", "display_name": "Ada\u202e<b>"},
    "event": {
        "time": "2026-11-30T03:00:00Z",
        "action": "delete",
        "resource_type": "index",
        "resource_id": "docs",
        "outcome": {"result": "failure", "reason": "no role", "error_code": "403"},
    },
}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps([EVENT, EVENT], indent=2))
    (folder / "b.json").write_text(json.dumps(EVENT) + "\n{broken\n")
    return folder


def test_a_report_is_written_and_summed_up(pinekeep: Run, logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    made = pinekeep("audit", "report", "--from", str(logs), "--out", str(out), "--json")
    assert made.code == 0, made.err
    found = made.require_schema("audit report")
    assert (found["files"], found["events"], found["failed"], found["unknown"], found["broken"]) == (2, 3, 3, 0, 1)
    assert found["broken_at"][0].startswith("b.json:2: it is no")
    assert "broken lines, which are not counted: 1;" in made.err
    text = out.read_text(encoding="utf-8")
    assert "Ada\\u202e&lt;b&gt;" in text
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    again = pinekeep("audit", "report", "--from", str(logs), "--out", str(out))
    assert again.code == 0
    assert f"{out}: 3 events in 2 files, 3 failed, 0 unknown" in again.out.replace("\n", " ")
    assert out.read_text(encoding="utf-8") == text


def test_a_report_as_of_a_time_shows_it_and_leaves_out_what_is_later(pinekeep: Run, logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    options = ("--out", str(out), "--as-of", "2026-11-30T02:00Z", "--json")
    made = pinekeep("audit", "report", "--from", str(logs), *options)
    assert made.json["events"] == 0
    assert "2026-11-30 02:00 UTC" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--from", "nowhere"), "--from: there is no file or folder 'nowhere'"),
        (("--time-zone", "Mars/Base"), "--time-zone: 'Mars/Base' is not a time zone of the IANA database"),
        (("--working-hours", "18-8"), "--working-hours: the hours are two numbers from 0 to 24"),
        (("--working-hours", "8"), "--working-hours: the hours are two numbers from 0 to 24"),
        (("--since", "soon"), "--since: 'soon' is no time"),
        (("--as-of", "99999999999d"), "--as-of: '99999999999d' is no time"),
        (("--as-of", "9999-12-31T23:59-14:00"), "--as-of: '9999-12-31T23:59-14:00' is no time"),
        (("--since", "0001-01-01T00:00+14:00"), "--since: '0001-01-01T00:00+14:00' is no time"),
        (("--out", "nowhere/report.html"), "--out: nowhere/report.html cannot be written"),
    ],
)
def test_a_wrong_option_is_refused_with_a_hint(
    pinekeep: Run, logs: Path, tmp_path: Path, options: tuple[str, str], sentence: str
) -> None:
    given = {"--from": str(logs), "--out": str(tmp_path / "report.html")} | dict([options])
    made = pinekeep("audit", "report", *(word for pair in given.items() for word in pair))
    assert made.code == 2
    assert sentence in made.err.replace("\n", " ")
    assert "hint: " in made.err
    assert not (tmp_path / "report.html").exists()


def test_a_file_that_is_no_report_is_not_overwritten(pinekeep: Run, logs: Path) -> None:
    before = (logs / "a.json").read_bytes()
    made = pinekeep("audit", "report", "--from", str(logs), "--out", str(logs / "a.json"))
    assert (made.code, "exists and is no report" in made.err.replace("\n", " ")) == (2, True)
    assert (logs / "a.json").read_bytes() == before


@pytest.mark.parametrize("out", [".", "folder"])
def test_a_report_that_is_not_written_leaves_nothing(
    out: str, pinekeep: Run, logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    (place / "folder").mkdir(parents=True)
    monkeypatch.chdir(place)
    made = pinekeep("audit", "report", "--from", str(logs), "--out", out)
    assert (made.code, [each.name for each in place.iterdir()]) == (2, ["folder"])


def test_more_rows_than_there_can_be_are_refused(pinekeep: Run, logs: Path) -> None:
    made = pinekeep("audit", "query", "newest", "--from", str(logs), "--limit", str(10**20))
    assert (made.code, "Invalid value for '--limit'" in made.err) == (2, True)


def test_an_empty_folder_is_refused(pinekeep: Run, tmp_path: Path) -> None:
    made = pinekeep("audit", "report", "--from", str(tmp_path), "--out", str(tmp_path / "report.html"))
    assert (made.code, "there are no files at" in made.err) == (2, True)


@pytest.mark.parametrize("command", ["query newest", "report --out report.html", "tail"])
@pytest.mark.parametrize("place", [".", "no\udcff/t"])
def test_a_name_that_is_not_utf_8_is_read_and_shown(
    command: str, place: str, pinekeep: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "no\udcff" / "t"
    folder.mkdir(parents=True)
    (folder / "f\udcfe").write_text(json.dumps(EVENT) + "\n{broken\n")
    for options in ((), ("--json",)):
        made = pinekeep("audit", *command.split(), "--from", place, "--since", "2026-01-01", *options)
        assert made.code == 0, made.err
        assert "f\\udcfe:2" in made.err


def test_the_newest_events_are_lines(pinekeep: Run, logs: Path) -> None:
    made = pinekeep("audit", "tail", "--from", str(logs), "--since", "2026-11-01")
    assert made.code == 0, made.err
    wanted = "2026-11-30 03:00:00Z  failure   delete index  docs  by Ada\\u202e<b>  (user): 403 no role"
    assert made.out.splitlines() == [wanted] * 3
    assert "b.json:2: it is no" in made.err


def test_with_json_each_line_is_an_event(pinekeep: Run, logs: Path) -> None:
    made = pinekeep("audit", "tail", "--from", str(logs), "--since", "2026-11-01", "--json")
    found = [json.loads(line) for line in made.out.splitlines()]
    assert [each["event"] for each in found] == [EVENT] * 3
    assert sorted(each["file"] for each in found) == ["a.json", "a.json", "b.json"]


def test_a_place_and_a_deployment_exclude_each_other(pinekeep: Run, logs: Path) -> None:
    made = pinekeep("audit", "tail", "--from", str(logs), "--deployment", "search")
    assert (made.code, "--from and --deployment exclude each other" in made.err) == (2, True)


def test_a_file_without_audit_logs_is_refused(pinekeep: Run, good: Path) -> None:
    made = pinekeep("audit", "tail")
    assert made.code == 2
    assert "0 deployments here have audit_logs" in made.err.replace("\n", " ")
