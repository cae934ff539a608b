"""``pinekeep fleet verify``, ``query`` and ``report`` as a user sees them. tests/e2e/test_fleet.py has a real fleet."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.fleet_accounts import ADMINISTRATOR, HOME, FleetAws
from pinekeep.account.client.clients import Clients
from pinekeep.model.config import load
from pinekeep.model.config.fleet.reading import read_targets
from pinekeep.operations.fleet.verification import run as running
from tests.command_support import Run, external_id_of

FIRST, SECOND = "444455556666", "777788889999"
FILE = f"""\
version: 1
pinecone_account: "740000000001"
fleet:
  search:
    administrator: {{account: "{ADMINISTRATOR}", region: us-east-1}}
    permissions: self-managed
    file: rows.csv
    regions: [us-east-1]
    settings:
      cmek:
        trust: {{regions: [us-east-1]}}
        key: {{rotation_days: 365}}
"""


@pytest.fixture
def aws(folder: Path, monkeypatch: pytest.MonkeyPatch) -> FleetAws:
    """The file of a fleet, and the AWS that the command talks to, in which everything is as configured."""
    rows = [f"{account},{external_id_of(account)}" for account in (FIRST, SECOND)]
    (folder / "rows.csv").write_text("\n".join(["account,cmek.trust.external_id", *rows]) + "\n")
    (folder / "pinekeep.yaml").write_text(FILE)
    found = FleetAws(read_targets(load(folder / "pinekeep.yaml"), "search"), reuse=True)

    def clients(*_: Any, **__: Any) -> Clients:
        return found.clients()

    job_of: Callable[..., Any] = running.job_of
    monkeypatch.setattr("pinekeep.operations.fleet.administration.administrator_clients", clients)
    monkeypatch.setattr(running, "job_of", lambda *given, **named: job_of(*given, **named, delegated=found.shared))
    return found


def test_a_fleet_that_is_as_configured_is_told_in_one_line(pinekeep: Run, aws: FleetAws, folder: Path) -> None:
    result = pinekeep("fleet", "verify")
    assert (result.code, result.out) == (0, ""), result.out
    assert "2 targets: 2 passed" in result.err
    assert "the results are kept in pinekeep.fleet.sqlite; do not commit it" in result.err
    assert stat.S_IMODE((folder / "pinekeep.fleet.sqlite").stat().st_mode) == 0o600
    again = pinekeep("fleet", "verify", "--all", "--store", "other.sqlite")
    assert f"{FIRST} us-east-1: passed" in again.out
    assert "What Pinecone was given: found nothing is recorded yet" in again.out


def test_what_does_not_pass_is_told_with_its_fix(pinekeep: Run, aws: FleetAws) -> None:
    aws.changes[FIRST, "DescribeKey"] = lambda answer: answer["KeyMetadata"].update(KeyState="Disabled")
    aws.changes[SECOND, "AssumeRole"] = "AccessDenied"
    result = pinekeep("fleet", "verify")
    assert result.code == 1
    assert f"{FIRST} us-east-1: failed" in result.out
    assert "State of the key: found Disabled" in result.out
    assert "fix: aws kms enable-key" in result.out
    assert f"{SECOND} us-east-1: unreadable" in result.out
    assert "fix: deploy the released template fleet-verification-role" in result.out
    assert "2 targets: 1 failed, 1 unreadable" in result.err
    said = pinekeep("fleet", "verify", "--json", "--only-failed").require_schema("fleet verify")
    assert said["counts"] == {"failed": 1, "unreadable": 1}
    assert not any(external_id_of(each) in str(said) + result.out + result.err for each in (FIRST, SECOND))


def test_an_interrupted_verification_says_how_to_continue_it(
    pinekeep: Run, aws: FleetAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify: Callable[..., Any] = running.verify_fleet

    def interrupted(*given: Any, progress: Any, **named: Any) -> Any:
        def stop(result: Any, done: int) -> None:
            progress(result, done)
            raise KeyboardInterrupt

        return verify(*given, progress=stop, **named)

    with monkeypatch.context() as patch:
        patch.setattr(running, "verify_fleet", interrupted)
        stopped = pinekeep("fleet", "verify")
    assert stopped.code == 130
    assert "continue it: pinekeep fleet verify --fleet search --resume" in stopped.err
    aws.calls.clear()
    assert pinekeep("fleet", "verify", "--resume", "--account", FIRST).code == 2
    result = pinekeep("fleet", "verify", "--resume", "--json")
    said = result.require_schema("fleet verify")
    assert (result.code, said["continued"], said["counts"]) == (0, 1, {"passed": 2})
    assert [operation for _, _, operation in aws.calls].count("AssumeRole") == 1


def test_expired_credentials_end_the_run_and_it_can_be_continued(pinekeep: Run, aws: FleetAws) -> None:
    aws.changes[FIRST, "AssumeRole"] = "ExpiredToken"
    result = pinekeep("fleet", "verify")
    assert result.code == 3
    assert "the AWS credentials have expired" in result.err
    assert "--resume" in result.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("verify", "--account", "999999999999"), "fleet search has no account '999999999999'"),
        (("verify", "--resume"), "there is no unfinished verification of fleet search"),
        (("verify", "--fleet", "serach"), "did you mean search?"),
        (("verify", "--store", "nowhere/file"), "cannot be used"),
        (("query",), "name one question, or give --sql"),
        (("query", "failing", "--sql", "SELECT 1"), "name one question, or give --sql"),
        (("query", "faling"), "did you mean failing?"),
        (("query", "failing"), "nothing was verified yet"),
        (("query", "--list", "failing"), "--list takes no question"),
        (("query", "failing", "--csv", "--json"), "--csv and --json exclude each other"),
        (("query", "--sql", "SELECT 1", "--since", "7d"), "--sql takes no parameters"),
        (("query", "trusts-region"), "question trusts-region needs region"),
        (("query", "trusts-region", "--param", "region"), "it is written KEY=VALUE"),
        (("query", "changed-since", "--since", "Monday"), "'Monday' is no time"),
        (("query", "changed-since", "--since", "7d", "--param", "since=1d"), "exclude each other"),
        (("report", "--out", "fleet.html"), "nothing was verified yet"),
    ],
)
def test_wrong_input_is_told(pinekeep: Run, aws: FleetAws, arguments: tuple[str, ...], said: str) -> None:
    result = pinekeep("fleet", *arguments)
    assert result.code == 2
    assert said in result.err


def test_the_results_are_asked_without_credentials(pinekeep: Run, aws: FleetAws, folder: Path) -> None:
    aws.changes[FIRST, "DescribeKey"] = lambda answer: answer["KeyMetadata"].update(KeyState="Disabled")
    assert pinekeep("fleet", "verify").code == 1
    aws.calls.clear()
    table = pinekeep("fleet", "query", "keys-not-enabled")
    assert table.out.splitlines()[0].split() == ["ACCOUNT", "REGION", "KEY", "ARN", "KEY", "STATE", "KEY", "DELETION"]
    assert FIRST in table.out
    assert SECOND not in table.out
    assert pinekeep("fleet", "query", "drifted").out == "none\n"
    rows = pinekeep("fleet", "query", "versions", "--csv").out.splitlines()
    assert rows == ["template_version,targets,places", f'1.2.3,2,"{FIRST} {HOME}, {SECOND} {HOME}"']
    said = pinekeep("fleet", "query", "--sql", "SELECT account FROM facts", "--json", "--limit", "1")
    assert said.require_schema("fleet query")["more"] is True
    listing = pinekeep("fleet", "query", "--list", "--json").require_schema("fleet query --list")
    assert "trusts-region" in {each["name"] for each in listing["queries"]}
    assert "key_state" in listing["tables"]["facts"]
    assert "--since TIME" in pinekeep("fleet", "query", "--list").out
    report = pinekeep("fleet", "report", "--out", "fleet.html")
    assert report.out == "fleet.html: 2 targets, 1 failed, 1 passed\n"
    assert stat.S_IMODE((folder / "fleet.html").stat().st_mode) == 0o600
    assert aws.calls == []


def test_a_file_that_others_can_read_is_not_used(pinekeep: Run, aws: FleetAws, folder: Path) -> None:
    assert pinekeep("fleet", "verify").code == 0
    (folder / "pinekeep.fleet.sqlite").chmod(0o644)
    result = pinekeep("fleet", "query", "failing")
    assert result.code == 1
    assert "chmod 600 pinekeep.fleet.sqlite" in result.err
