"""An offboarding that is killed, or that two people are at work on at once."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.client import BaseClient

from pinekeep.account.record.offboarding import OffboardingState, write_offboarding
from pinekeep.operations.offboarding import gates, offboard
from tests.faults.fault import Fault
from tests.operations.offboarding.conftest import Way
from tests.operations.revocation.support import failing

ACTING = [
    (3, "key-disabled", "Disabled"),
    (4, "deletion-scheduled", "PendingDeletion"),
    (5, "stacks-removed", "PendingDeletion"),
]


class Killed(BaseException):
    """Stands for a signal that nothing catches."""


def ready(way: Way, number: int) -> None:
    way.reach(number)
    way.clock.pass_(days=8)


def kill_at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """Kill the run: after its claim and before the change, after the change, or before the claim."""
    if moment == "before the change":

        def die(*_: Any) -> None:
            raise Killed

        monkeypatch.setattr(offboard, "act", die)
        return
    writes = 0

    def write(clients: Any, state: OffboardingState) -> OffboardingState:
        nonlocal writes
        writes += 1
        if moment == "before the claim" or writes == 2:
            raise Killed
        return write_offboarding(clients, state)

    monkeypatch.setattr(offboard, "write_offboarding", write)


@pytest.mark.parametrize(("number", "gate", "state"), ACTING)
@pytest.mark.parametrize("moment", ["before the claim", "before the change", "after the change"])
def test_killed_anywhere_it_goes_on_from_there(
    way: Way, monkeypatch: pytest.MonkeyPatch, number: int, gate: str, state: str, moment: str
) -> None:
    ready(way, number)
    with monkeypatch.context() as patched:
        kill_at(patched, moment)
        with pytest.raises(Killed):
            way.step()
    assert way.passed == number
    assert way.statuses()[number] == ("next" if moment == "before the claim" else "begun")
    assert way.step().code == 0
    assert (way.passed, way.world.key_state) == (number + 1, state)


@pytest.mark.fault(
    "an offboarding is killed in the middle of a gate, at any point",
    sees="begun and not finished: run it again",
    safe="The key is as it was, or as the gate leaves it. Run it again, or take it back with `--back`.",
)
@pytest.mark.parametrize(("number", "gate", "state"), ACTING)
@pytest.mark.parametrize("moment", ["before the change", "after the change"])
def test_killed_anywhere_it_can_be_taken_back(
    fault: Fault, way: Way, monkeypatch: pytest.MonkeyPatch, number: int, gate: str, state: str, moment: str
) -> None:
    ready(way, number)
    before = way.world.key_state
    with monkeypatch.context() as patched:
        kill_at(patched, moment)
        with pytest.raises(Killed):
            way.step()
    fault.require_seen(way.offboard("--status").out)
    assert way.offboard("--back", "--yes").code == 0
    assert (way.passed, way.statuses()[number], way.world.key_state) == (number, "next", before)


@pytest.mark.parametrize("number", [4, 5, 6])
@pytest.mark.parametrize("moment", ["before the claim", "after the change"])
def test_a_step_back_that_was_killed_is_taken_again(
    way: Way, monkeypatch: pytest.MonkeyPatch, number: int, moment: str
) -> None:
    way.reach(number)
    with monkeypatch.context() as patched:
        kill_at(patched, moment)
        with pytest.raises(Killed):
            way.offboard("--back", "--yes")
    assert way.offboard("--back", "--yes").code == 0
    assert way.passed == number - 1
    assert way.world.key_state == ["Enabled", "Disabled", "PendingDeletion"][number - 4]


def test_a_run_that_is_resumed_does_not_skip_the_look_for_uses(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(way, 3)
    with monkeypatch.context() as patched:
        kill_at(patched, "before the change")
        with pytest.raises(Killed):
            way.step()
    way.trail.happen("Decrypt", way.world.key_arn, way.clock.now)
    assert way.step().code == 1
    assert way.world.key_state == "Enabled"


@pytest.mark.fault(
    "two operators are at work on the same offboarding",
    sees="was changed in the meantime…someone else is changing this deployment",
    safe="Whoever comes second has changed nothing: a gate is claimed before its change is made.",
)
@pytest.mark.parametrize(("number", "gate", "state"), [*ACTING, (0, "indexes-gone", "Enabled")])
def test_of_two_at_once_the_second_is_told_before_it_changes_anything(
    fault: Fault, way: Way, monkeypatch: pytest.MonkeyPatch, number: int, gate: str, state: str
) -> None:
    ready(way, number)
    before = way.world.key_state
    original = gates.look
    name = f"/pinekeep/{way.name}/offboarding"

    def look(*arguments: Any) -> Any:
        seen = original(*arguments)
        ssm = way.world.client("ssm")
        if number == 0:
            ssm.put_parameter(Name=name, Value="theirs", Type="String")
        else:
            ssm.put_parameter(Name=name, Value=json.dumps({**way.state, "revision": 99}), Overwrite=True)
        return seen

    monkeypatch.setattr(offboard, "look", look)
    result = way.step()
    assert result.code == 3
    assert f"parameter {name} was changed in the meantime" in result.err
    fault.require_seen(result.err)
    assert way.world.key_state == before


@pytest.mark.parametrize(("number", "call"), [(3, "DisableKey"), (4, "ScheduleKeyDeletion")])
def test_what_aws_refuses_is_told_and_done_the_next_time(
    way: Way, monkeypatch: pytest.MonkeyPatch, number: int, call: str
) -> None:
    ready(way, number)
    with monkeypatch.context() as patched:
        failing(patched, call)
        result = way.step()
    assert result.code == 3
    assert f"AWS does not allow {call}" in result.err
    assert way.statuses()[number] == "begun"
    assert way.step().code == 0
    assert way.passed == number + 1


def test_the_change_is_made_once_though_it_is_run_twice(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deletion that was scheduled before the kill keeps its date."""
    ready(way, 4)
    with monkeypatch.context() as patched:
        kill_at(patched, "after the change")
        with pytest.raises(Killed):
            way.step()
    made: list[str] = []
    original = BaseClient._make_api_call  # pyrefly: ignore[missing-attribute] # private

    def noted(self: Any, operation: str, parameters: Any) -> Any:
        made.append(operation)
        return original(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", noted)
    assert way.step().code == 0
    assert "ScheduleKeyDeletion" not in made


def test_the_time_counts_from_the_change_and_not_from_the_look(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever lets a run stand for days before the key is disabled gains no time by it."""
    ready(way, 3)
    original = gates.act

    def slow(*arguments: Any) -> Any:
        way.clock.pass_(days=8)
        return original(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(offboard, "act", slow)
        assert way.step().code == 0
    assert way.step().code == 1
    assert way.world.key_state == "Disabled"


def test_a_gate_that_is_blocked_is_never_passed_whoever_asks(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    way.reach(3)
    passed: list[str] = []
    original = offboard.Offboarding.look

    def look(offboarding: Any) -> Any:
        seen = original(offboarding)
        assert seen is not None
        with pytest.raises(ValueError, match="there is nothing to pass"):
            offboarding.go_through(replace(seen, blocked="no"))
        passed.append("asked")
        return seen

    monkeypatch.setattr(offboard.Offboarding, "look", look)
    way.offboard("--dry-run")
    assert passed == ["asked"]
    assert (way.passed, way.world.key_state) == (3, "Enabled")
