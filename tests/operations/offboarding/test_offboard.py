"""``pinekeep offboard``: the whole way out and back, on an AWS that answers like AWS."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pinekeep.account.record.offboarding import Gate
from pinekeep.model.config.handover.file import Handover, handover_path, read_handovers, write_handovers
from pinekeep.operations.demonstration.actors import require_refusal
from pinekeep.operations.revocation.targets import KeyState
from tests.command_support import Run
from tests.faults.fault import Fault
from tests.operations.offboarding.conftest import START, MakeWay, Way
from tests.operations.revocation.conftest import ACCOUNT, REGION

STATES = ["Enabled", "Enabled", "Enabled", "Enabled", "Disabled", "PendingDeletion", "PendingDeletion"]
"""The state of the key after so many gates."""


def test_the_whole_way_out_one_gate_a_run(way: Way) -> None:
    for number, state in enumerate(STATES):
        way.reach(number)
        assert way.passed == number
        assert way.world.key_state == state
    key = way.world.client("kms").describe_key(KeyId=way.world.key_arn)["KeyMetadata"]
    assert key["DeletionDate"] - key["CreationDate"] > timedelta(days=29)
    last = way.step("--json")
    assert last.code == 0
    said = last.require_schema("offboard")
    assert (said["changed"], said["looked_at"]) == (False, None)
    assert {gate["status"] for gate in said["gates"]} == {"passed"}


def test_the_last_gate_takes_the_deployment_out_of_the_file_beside_the_configuration(way: Way) -> None:
    path = handover_path(way.world.file)
    given = Handover(
        account=ACCOUNT,
        region=REGION,
        role_arn=way.role_arn,
        key_arn=way.world.key_arn,
        recorded_at="2026-11-25T12:00:00+00:00",
    )
    write_handovers(path, {way.name: given, "z": replace(given, role_arn=f"{way.role_arn}-z")})
    way.reach(5)
    assert set(read_handovers(path)) == {way.name, "z"}
    assert way.offboard("--dry-run").code == 0
    assert set(read_handovers(path)) == {way.name, "z"}
    last = way.step()
    assert last.code == 0
    assert f"removed {way.name} from {path.name}: commit it" in last.err
    assert set(read_handovers(path)) == {"z"}


def test_an_entry_that_a_killed_run_left_goes_with_the_next_run(way: Way) -> None:
    way.reach(6)
    path = handover_path(way.world.file)
    given = Handover(account=ACCOUNT, region=REGION, role_arn=way.role_arn, recorded_at="2026-11-25T12:00:00+00:00")
    write_handovers(path, {way.name: given})
    assert way.offboard("--status").code == 0
    assert set(read_handovers(path)) == {way.name}
    assert way.step().code == 0
    assert read_handovers(path) == {}


def test_each_run_tells_what_it_saw_and_keeps_it(way: Way) -> None:
    first = way.step("--json")
    said = first.require_schema("offboard")
    assert said["changed"] is True
    assert said["looked_at"] == "indexes-gone"
    assert said["sees"][1] == "you confirm that no index is left"
    passed = said["gates"][0]
    assert (passed["status"], passed["at"]) == ("passed", "2026-11-25T12:00:00+00:00")
    assert passed["by"].startswith("arn:aws:iam::111122223333:")
    assert "Pinecone was not asked" in passed["saw"]
    assert [gate["status"] for gate in said["gates"][1:]] == ["next", "open", "open", "open", "open"]


def test_in_text_the_next_gate_stands_out_with_what_it_sees(way: Way) -> None:
    way.reach(2)
    result = way.step()
    assert result.code == 1
    assert "  ✓ 2 the key is deleted in Pinecone (2026-11-25T12:02:00+00:00 by arn:" in result.out
    assert "  → 3 nobody has used the key for a while\n" in result.out
    assert "      blocked: it has not been quiet for 7 days yet\n" in result.out
    assert "      hint: run it again after 2026-12-02 12:17 UTC; --quiet-days sets for how long\n" in result.out
    assert "    4 the key is disabled, to find out whether anybody needs it\n" in result.out


# --- What does not change anything ---


@pytest.mark.parametrize("option", ["--status", "--dry-run"])
@pytest.mark.parametrize("number", [0, 3, 4])
def test_looking_changes_nothing(way: Way, option: str, number: int) -> None:
    way.reach(number)
    before = way.world.key_state, way.passed
    result = way.offboard(option, "--json")
    said = result.require_schema("offboard")
    assert said["changed"] is False
    assert (way.world.key_state, way.passed) == before
    if number == 0:
        require_refusal(lambda: way.state, "ParameterNotFound")


def test_a_dry_run_tells_what_the_next_gate_sees(way: Way) -> None:
    way.reach(3)
    said = way.offboard("--dry-run", "--json").json
    assert said["looked_at"] == "key-disabled"
    assert said["blocked"] is None
    assert said["sees"][1].startswith("alarm: none, the next gate checks CloudTrail")


@pytest.mark.parametrize("given", [(), ("--confirm", "search-prot"), ("--confirm", ""), ("--yes",)])
@pytest.mark.parametrize("number", [0, 3])
def test_without_the_right_name_no_gate_is_passed(way: Way, number: int, given: tuple[str, ...]) -> None:
    way.reach(number)
    result = way.offboard(*given)
    assert result.code == 2
    assert (way.passed, way.world.key_state) == (number, "Enabled")


def test_exactly_one_deployment_is_named(make_way: MakeWay, pinekeep: Run) -> None:
    first, second = make_way(), make_way()
    for names in ((), ("-d", first.name, "-d", second.name)):
        result = pinekeep("offboard", "--confirm", first.name, *names)
        assert result.code == 2
        assert "exactly one deployment is offboarded at a time" in result.err


def test_credentials_of_another_account_are_refused(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "444455556666")
    result = way.step()
    assert result.code == 3
    assert "the current credentials are for 444455556666" in result.err


@pytest.mark.parametrize("options", [("--status", "--back"), ("--dry-run", "--back"), ("--status", "--dry-run")])
def test_options_that_exclude_each_other_are_refused(way: Way, options: tuple[str, ...]) -> None:
    assert way.offboard(*options).code == 2


@pytest.mark.parametrize("option", ["--quiet-days", "--cooling-days"])
@pytest.mark.parametrize("days", ["0", "61", "-1"])
def test_waits_have_a_floor_and_a_ceiling(way: Way, option: str, days: str) -> None:
    assert way.step(option, days).code == 2


# --- Back ---


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_any_step_back_is_one_command(way: Way, number: int) -> None:
    way.reach(number)
    assert way.offboard("--back").code == 2, "nobody is there to say yes"
    assert way.passed == number
    result = way.offboard("--back", "--yes", "--json")
    assert result.code == 0, result.err
    assert result.require_schema("offboard")["changed"] is True
    assert way.passed == number - 1
    # A cancelled deletion leaves the key disabled; the record goes back with it.
    assert way.world.key_state == STATES[number - 1]
    way.reach(number)
    assert way.world.key_state == STATES[number]


def test_all_the_way_back(way: Way) -> None:
    way.reach(5)
    for _ in range(5):
        assert way.offboard("--back", "--yes").code == 0
    assert (way.passed, way.world.key_state) == (0, "Enabled")
    nothing = way.offboard("--back", "--yes")
    assert nothing.code == 0
    assert "there is none to undo" in nothing.err


def test_the_waiting_begins_anew_after_a_step_back(way: Way) -> None:
    way.reach(4)
    way.clock.pass_(days=20)
    way.offboard("--back", "--yes")
    way.reach(4)
    assert way.step().code == 1
    assert way.world.key_state == "Disabled"


def test_a_deletion_that_is_done_cannot_be_taken_back(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    way.reach(5)
    monkeypatch.setattr("pinekeep.operations.offboarding.progress.read_key", lambda _, arn: KeyState(arn, None))
    result = way.offboard("--back", "--yes")
    assert result.code == 1
    assert "is deleted, which cannot be undone" in result.err


# --- Keys that are not ours ---


def test_an_adopted_key_is_never_disabled_or_deleted(make_way: MakeWay) -> None:
    way = make_way(adopt=True)
    assert way.statuses() == ["next", "open", "open", "skipped", "skipped", "open"]
    way.reach(2)
    way.trail.happen("Decrypt", way.world.key_arn, way.clock.now + timedelta(days=7))  # somebody else's
    way.reach(4)
    assert way.statuses() == ["passed", "passed", "passed", "skipped", "skipped", "passed"]
    assert way.world.key_state == "Enabled"
    result = way.offboard("--status")
    assert "- 4 the key is disabled" in result.out
    assert "skipped: the key is adopted" in result.out


def test_of_an_adopted_key_it_is_pinecones_role_that_must_be_quiet(make_way: MakeWay) -> None:
    way = make_way(adopt=True)
    way.reach(2)
    way.clock.pass_(days=8)
    way.trail.happen("AssumeRole", way.role_arn, way.clock.now - timedelta(days=1))
    result = way.step()
    assert result.code == 1
    assert "blocked: somebody still uses it" in result.out


def test_customers_keys_alone_are_left_to_the_customers(make_way: MakeWay) -> None:
    way = make_way(own_key=False, customers=2)
    way.reach(4)
    assert way.statuses() == ["passed", "passed", "passed", "skipped", "skipped", "passed"]


def test_a_key_adopted_in_the_middle_does_not_shorten_the_way(way: Way) -> None:
    way.reach(3)
    text = way.world.file.read_text()
    way.world.file.write_text(text.replace("key: {}", f"key: {{adopt: '{way.world.key_arn}'}}"))
    result = way.step()
    assert result.code == 1
    assert "the offboarding was begun with key" in result.err
    assert "created here; the file or the record" in result.err


def test_a_deployment_without_a_key_has_nothing_to_offboard(way: Way, pinekeep: Run) -> None:
    link = "{vpc: {cidr: 10.20.0.0/16, availability_zones: [us-east-1a, us-east-1b]}, clients: {cidrs: [10.20.0.0/16]}}"
    file = f"version: 1\ndeployments: {{x: {{account: '111122223333', region: us-east-1, private_link: {link}}}}}\n"
    way.world.file.write_text(file)
    result = pinekeep("offboard", "-d", "x")
    assert result.code == 2
    assert "x has no key and no role, so there is nothing to offboard" in result.err


# --- What others do meanwhile ---


@pytest.mark.fault(
    "somebody enables the key in the middle of an offboarding",
    sees="left the key in another state; it is Enabled now",
    safe="Nothing is deleted; find out who it was, then go back with `pinekeep offboard --back`.",
)
def test_a_key_that_somebody_enabled_meanwhile_stops_the_way(fault: Fault, way: Way) -> None:
    way.reach(4)
    way.world.client("kms").enable_key(KeyId=way.world.key_arn)
    way.clock.pass_(days=30)
    result = way.step()
    assert result.code == 1
    assert "gate key-disabled left the key in another state; it is Enabled now" in result.err
    fault.require_seen(result.err)
    assert way.world.key_state == "Enabled"
    assert way.offboard("--back", "--yes").code == 0
    assert way.passed == 3


@pytest.mark.parametrize("number", [3, 4])
def test_a_deletion_that_somebody_scheduled_is_not_taken_for_ours(way: Way, number: int) -> None:
    way.reach(number)
    way.world.client("kms").schedule_key_deletion(KeyId=way.world.key_arn, PendingWindowInDays=7)
    way.clock.pass_(days=30)
    result = way.step()
    assert result.code == 1
    assert way.passed == number
    assert "PendingDeletion" in result.out + result.err


def test_a_cancelled_deletion_keeps_the_stacks(way: Way) -> None:
    way.reach(5)
    way.world.client("kms").cancel_key_deletion(KeyId=way.world.key_arn)
    result = way.step()
    assert result.code == 1
    assert "left the key in another state; it is Disabled now" in result.err


def test_restore_leaves_a_key_that_an_offboarding_disabled(way: Way) -> None:
    way.pinekeep("revoke", "--yes")
    way.reach(4)
    for options in ((), ("--enable-key", "--cancel-deletion")):
        result = way.pinekeep("restore", "--yes", *options)
        assert result.code == 1
        assert "by an offboarding" in result.out
        assert way.world.key_state == "Disabled"
    way.reach(5)
    assert way.pinekeep("restore", "--yes", "--cancel-deletion").code == 1
    assert way.world.key_state == "PendingDeletion"


# --- The state ---


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"revision": 7}, "was written by something else"),
        ({"deployment": "another"}, "it is about another"),
        ({"made_key": False, "passed": []}, "written by something else"),
        ({"passed": [{"gate": "key-disabled", "at": "2026-11-25T12:00:00+00:00", "by": "me", "saw": ""}]}, "something"),
    ],
)
def test_a_state_that_somebody_edited_is_refused(way: Way, change: dict[str, Any], told: str) -> None:
    way.reach(3)
    way.write_state(json.dumps({**way.state, **change}))
    for option in (("--confirm", way.name), ("--back", "--yes"), ("--status",)):
        result = way.offboard(*option)
        assert result.code == 1
        assert told in result.err
        assert "get-parameter-history" in result.err
    assert way.world.key_state == "Enabled"


@pytest.mark.fault(
    "a clock goes backwards between two gates of an offboarding",
    sees="and it is only … now…a clock went backwards",
    safe="Nothing is changed before the time of the last gate is over.",
)
def test_a_clock_that_went_backwards_is_refused(fault: Fault, way: Way) -> None:
    way.reach(2)
    way.clock.now = START - timedelta(minutes=5)
    result = way.step()
    assert result.code == 1
    fault.require_seen(result.err)


def test_deleting_the_state_begins_again_at_the_first_gate(way: Way) -> None:
    way.reach(3)
    way.world.client("ssm").delete_parameter(Name=f"/pinekeep/{way.name}/offboarding")
    assert way.passed == 0


def test_gates_are_known_by_names_that_stay() -> None:
    assert [gate.value for gate in Gate] == [
        "indexes-gone",
        "key-deleted-in-pinecone",
        "key-unused",
        "key-disabled",
        "deletion-scheduled",
        "stacks-removed",
    ]


@pytest.mark.parametrize("adopted", [True, False])
def test_another_key_in_the_middle_stops_the_way(make_way: MakeWay, adopted: bool) -> None:
    """Whether the file adopts another one meanwhile, or another one turns out to be what Pinecone was given."""
    way = make_way(adopt=adopted)
    way.reach(2)
    other = way.world.key_arn.rpartition("/")[0] + "/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"
    if adopted:
        way.world.file.write_text(way.world.file.read_text().replace(way.world.key_arn, other))
    else:
        record = {"version": 1, "deployment": way.name, "key_arn": other, "recorded_at": "then", "recorded_by": "me"}
        way.world.client("ssm").put_parameter(
            Name=f"/pinekeep/{way.name}/handed-over", Value=json.dumps(record), Type="String"
        )
    result = way.step()
    assert result.code == 1
    assert "the file or the record of the handover says otherwise" in result.err
    assert way.state["key_arn"] == way.world.key_arn


# --- At a terminal ---


def typing(monkeypatch: pytest.MonkeyPatch, typed: Callable[[], str]) -> None:
    """Let somebody be at the terminal, who types something."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("click.prompt", lambda *_, **__: typed())


def test_the_name_typed_at_the_terminal_passes_the_gate(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, lambda: way.name)
    result = way.offboard()
    assert result.code == 0
    assert "this records that no index is left" in result.err
    assert way.passed == 1


def test_another_word_typed_declines(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    way.reach(3)
    typing(monkeypatch, lambda: "yes")
    result = way.offboard()
    assert result.code == 1
    assert "nothing was changed" in result.err
    assert (way.passed, way.world.key_state) == (3, "Enabled")


def test_what_happens_while_somebody_thinks_about_it_is_seen(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    way.reach(3)

    def think() -> str:
        way.clock.pass_(hours=5)
        way.trail.happen("Decrypt", way.world.key_arn, way.clock.now - timedelta(hours=1))
        return way.name

    typing(monkeypatch, think)
    result = way.offboard()
    assert result.code == 1
    assert "blocked: somebody still uses it" in result.out
    assert (way.passed, way.world.key_state) == (3, "Enabled")


def test_a_gate_that_somebody_else_passed_meanwhile_is_not_passed_twice(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    def think() -> str:
        assert way.step().code == 0
        return way.name

    typing(monkeypatch, think)
    assert way.offboard().code == 1
    assert way.passed == 1
