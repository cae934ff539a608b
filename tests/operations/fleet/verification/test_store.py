import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.fleet_accounts import FleetAws
from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.operations.fleet.plans import Narrowing
from pinekeep.operations.fleet.verification.results import TargetResult
from pinekeep.operations.fleet.verification.run import (
    Verified,
    digest_of,
    job_of,
    run_to_resume,
    selected,
    targets_to_resume,
    told_of_unfinished,
)
from pinekeep.operations.fleet.verification.schema import APPLICATION_ID, VERSION
from pinekeep.operations.fleet.verification.store import Store
from pinekeep.operations.fleet.verification.store_file import StoreError, store_beside
from pinekeep.operations.fleet.verification.times import time_text
from pinekeep.operations.verification.checks.finding import Finding
from tests.operations.fleet.verification.conftest import ABROAD, FIRST, HOME, SECOND, THIRD

if TYPE_CHECKING:
    from tests.operations.fleet.verification.conftest import Verify

SECRET = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"


def result(account: str = FIRST, **changes: object) -> TargetResult:
    given = {"account": account, "region": HOME, "status": "passed", "at": "2026-11-30T12:00:00Z"}
    return TargetResult(**{**given, **changes})  # pyrefly: ignore[bad-argument-type]


def finding(**changes: object) -> Finding:
    given = {"check": "c", "deployment": "search", "what": "it", "status": "failed", "found": "f", "wanted": "w"}
    return Finding(**{**given, **changes})  # pyrefly: ignore[bad-argument-type]


def test_the_file_is_beside_the_configuration_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = store_beside(tmp_path / "pinekeep.yaml")
    assert path == tmp_path / "pinekeep.fleet.sqlite"
    before = os.umask(0)
    try:
        with Store.open(path) as store:
            run = store.begin(fleet="search", configuration="", targets=1, places=None)
            store.write(run, [result()], secrets={})
    finally:
        os.umask(before)
    assert [stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()] == [0o600]


def test_no_external_id_is_written(verify: "Verify", aws: FleetAws, fleet: FleetTargets, store: Store) -> None:
    secrets = [each.deployment.cmek.trust.external_id for each in fleet.targets if each.deployment.cmek]
    aws.changes[SECOND, "GetRole"] = lambda answer: answer["Role"]["AssumeRolePolicyDocument"]["Statement"][0].update(
        Condition={"StringLike": {"sts:ExternalId": secrets[0]}}
    )
    verify()
    run = store.begin(fleet="search", configuration="", targets=1, places=None)
    told = finding(found=f"another external ID is asked for: {SECRET}")
    store.write(run, [result(findings=(told,), reason=SECRET)], secrets={(FIRST, HOME): SECRET})
    content = store.path.read_bytes()
    assert b"another external ID is asked for: 3f2b8a54\xe2\x80\xa6" in content
    for each in (*secrets, SECRET):
        assert each.encode() not in content


def test_what_is_written_comes_back_without_what_passed(store: Store) -> None:
    run = store.begin(fleet="search", configuration="", targets=1, places=None)
    failed = finding(fix="x", meaning="m")
    store.write(run, [result(status="failed", findings=(finding(status="ok"), failed))], secrets={})
    assert store.results(run) == [result(status="failed", findings=(failed,))]


def test_a_result_replaces_an_earlier_one_of_the_same_run(store: Store) -> None:
    run = store.begin(fleet="search", configuration="", targets=1, places=None)
    first = result(status="unreadable", reason="no", findings=(finding(),), observations={"key_state": "Disabled"})
    store.write(run, [first], secrets={})
    store.write(run, [result(observations={"key_state": "Enabled"})], secrets={})
    assert store.results(run) == [result()]
    assert store.connection.execute("SELECT value FROM observations").fetchall() == [("Enabled",)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"SQLite format 3\0" + b"\xff" * 4096, "is damaged"),
        (b"deployments: {}\n" * 100, "is damaged, or no file of results"),
    ],
)
def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "results"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(StoreError, match=message):
        Store.open(path)
    assert path.read_bytes() == content


def test_a_file_of_another_program_or_of_a_later_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "results"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    path.chmod(0o600)
    with pytest.raises(StoreError, match="a file of another program"):
        Store.open(path)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="a later version"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "results"
    Store.open(path).close()
    path.chmod(0o644)
    with pytest.raises(StoreError, match="can be read or written by others") as raised:
        Store.open(path)
    assert raised.value.hint == f"chmod 600 {path}"


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongInputError, match="cannot be used"):
        Store.open(tmp_path / "nowhere" / "results")


def test_several_runs_write_to_one_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "results"
    Store.open(path).close()
    failed: list[Exception] = []

    def write(number: int) -> None:
        try:
            with Store.open(path) as store:
                run = store.begin(fleet=f"fleet-{number}", configuration="", targets=5, places=None)
                for each in range(5):
                    store.write(run, [result(f"20000000000{each}", reason=f"{number}")], secrets={})
                store.finish(run)
        except PinekeepError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not failed
    with Store.open(path) as store:
        assert [len(store.runs(f"fleet-{number}")[0:]) for number in range(4)] == [1] * 4
        assert [store.runs(f"fleet-{number}")[0].done for number in range(4)] == [5] * 4


# --- Continuing ---


def interrupted(verified: Callable[..., Verified]) -> None:
    def stop(_: TargetResult, done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verified(progress=stop)


def test_an_interrupted_run_keeps_what_is_done_and_is_continued(
    verified: Callable[..., Verified], aws: FleetAws, fleet: FleetTargets, store: Store
) -> None:
    interrupted(verified)
    before = store.unfinished("search")
    assert before
    assert before.done == 2
    found = replace(run_to_resume(store, "search", configuration="digest"), process="x:0")
    assert targets_to_resume(fleet, found) == list(fleet.targets)
    done = store.done(found.id)
    aws.calls.clear()
    again = verified(resume=found)
    assert again.continued == 2
    assert [each.status for each in again.results] == ["passed"] * 4
    assert {account for account, _, operation in aws.calls if operation == "AssumeRole"} == {
        account for account, region in {(each.account, each.region) for each in fleet.targets} - done
    }
    assert store.unfinished("search") is None
    assert [each.done for each in store.runs("search")] == [4]


def test_what_was_not_readable_is_read_again_when_a_run_is_continued(
    verified: Callable[..., Verified], aws: FleetAws, store: Store, fleet: FleetTargets
) -> None:
    aws.changes[THIRD, "AssumeRole"] = "AccessDenied"
    verified()
    store.connection.execute("UPDATE runs SET finished = NULL")
    aws.changes.clear()
    again = verified(resume=run_to_resume(store, "search", configuration="digest"))
    assert {each.status for each in again.results} == {"passed"}
    assert again.continued == len(fleet.targets) - 1


def test_only_a_recent_run_of_the_same_configuration_that_ended_is_continued(
    verified: Callable[..., Verified], store: Store
) -> None:
    with pytest.raises(WrongInputError, match="no unfinished verification"):
        run_to_resume(store, "search", configuration="digest")
    interrupted(verified)
    with pytest.raises(WrongInputError, match="configuration of fleet search was changed"):
        run_to_resume(store, "search", configuration="another")
    assert "did not finish" in next(told_of_unfinished(store, "search", configuration="digest"))
    old = time_text(datetime.now(UTC) - timedelta(hours=25))
    store.connection.execute("UPDATE runs SET started = ?", (old,))
    with pytest.raises(WrongInputError, match="more than 24 hours ago"):
        run_to_resume(store, "search", configuration="digest")
    store.connection.execute(
        "UPDATE runs SET process = replace(process, ?, ?)", (f":{os.getpid()}", f":{os.getppid()}")
    )
    with pytest.raises(PinekeepError, match="is still running"):
        run_to_resume(store, "search", configuration="digest")


# --- Which targets ---


def test_targets_are_selected_by_account_region_and_their_last_result(
    verified: Callable[..., Verified], aws: FleetAws, fleet: FleetTargets, store: Store
) -> None:
    aws.changes[SECOND, "AssumeRole"] = "AccessDenied"
    verified()

    def places(only_failed: bool = False, **narrowing: tuple[str, ...]) -> list[tuple[str, str]]:
        found = selected(fleet, Narrowing(**narrowing), only_failed=only_failed, store=store)
        return [(each.account, each.region) for each in found]

    assert places(accounts=(FIRST,)) == [(FIRST, HOME), (FIRST, ABROAD)]
    assert places(regions=(ABROAD,)) == [(FIRST, ABROAD)]
    assert places(only_failed=True) == [(SECOND, HOME)]
    with pytest.raises(WrongInputError, match="has no account '999999999999'"):
        places(accounts=("999999999999",))
    with pytest.raises(WrongInputError, match="has no target in these"):
        places(accounts=(SECOND,), regions=(ABROAD,))


def test_a_partial_run_is_continued_with_its_own_targets(
    verified: Callable[..., Verified], fleet: FleetTargets, store: Store
) -> None:
    verified(targets=fleet.targets[2:], complete=False)
    store.connection.execute("UPDATE runs SET finished = NULL")
    found = run_to_resume(store, "search", configuration="digest")
    assert targets_to_resume(fleet, found) == list(fleet.targets[2:])


def test_instances_that_are_no_targets_are_named(
    verified: Callable[..., Verified], aws: FleetAws, fleet: FleetTargets, store: Store
) -> None:
    del store
    job = job_of(replace(fleet, targets=fleet.targets[:1]), aws.clients(), handovers={}, delegated=aws.shared)
    assert len(job.instances) == 4
    assert verified().extra == ()


def test_a_stack_set_of_somebody_else_or_none_is_refused(fleet: FleetTargets, aws: FleetAws) -> None:
    aws.tags = {}
    with pytest.raises(WrongInputError, match="does not belong to fleet search"):
        job_of(fleet, aws.clients(), handovers={})
    aws.changes["111122223333", "DescribeStackSet"] = "StackSetNotFoundException"
    with pytest.raises(PinekeepError, match="is not deployed"):
        job_of(fleet, aws.clients(), handovers={})


def test_the_digest_changes_with_the_files_and_with_the_targets(fleet: FleetTargets, tmp_path: Path) -> None:
    file = tmp_path / "pinekeep.yaml"
    file.write_text("a")
    first = digest_of(fleet, [file])
    assert digest_of(fleet, [file]) == first
    assert digest_of(replace(fleet, targets=fleet.targets[1:]), [file]) != first
    file.write_text("b")
    assert digest_of(fleet, [file]) != first
