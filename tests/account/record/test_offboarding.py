"""The state of an offboarding: what is kept, and what is refused rather than gone on with."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pinekeep.account.record.offboarding import (
    Gate,
    OffboardingState,
    gates_of,
    holds_key,
    offboarding_name,
    read_offboarding,
    write_offboarding,
)
from pinekeep.errors import AwsRefusedError, PinekeepError
from pinekeep.model.facts import aws
from tests.account.record.fake_ssm import FakeSsm

ARN = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/somebody@example.com"
KEY = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
START = OffboardingState("prod", KEY, made_key=True)


def passed(number: int, state: OffboardingState = START, saw: str = "nothing") -> OffboardingState:
    for gate in state.gates[len(state.passed) : number]:
        state = state.with_passed(gate, at=NOW + timedelta(days=number), by=ARN, saw=[saw])
    return state


def kept(state: OffboardingState) -> FakeSsm:
    ssm = FakeSsm()
    write_offboarding(ssm.clients, state)
    return ssm


def read(ssm: FakeSsm, now: datetime = NOW + timedelta(days=99)) -> OffboardingState | None:
    return read_offboarding(ssm.clients, "prod", now=now)


def test_an_offboarding_that_was_not_begun_has_no_state() -> None:
    assert read(FakeSsm()) is None


@pytest.mark.parametrize("number", range(7))
def test_what_is_kept_is_read_again(number: int) -> None:
    state = replace(passed(number), topic="arn:aws:sns:us-east-1:111122223333:t")
    found = read(kept(state))
    assert found is not None
    assert replace(found, stored=None) == state
    assert found.next_gate is (list(Gate)[number] if number < 6 else None)


def test_all_gates_fit_a_parameter_however_much_they_saw() -> None:
    long = replace(passed(6, saw="x" * 5000), topic="t" * 250)
    ssm = kept(long)
    (parameter,) = ssm.parameters.values()
    assert len(parameter["Value"].encode()) < aws.PARAMETER_BYTES_MAX


def test_a_key_that_is_not_ours_has_no_gates_to_disable_and_delete_it() -> None:
    assert gates_of(made_key=True) == tuple(Gate)
    assert Gate.KEY_DISABLED not in gates_of(made_key=False)
    assert Gate.DELETION_SCHEDULED not in gates_of(made_key=False)


@pytest.mark.parametrize("gate", [gate for gate in Gate if gate is not Gate.KEY_UNUSED])
def test_no_gate_is_passed_out_of_its_turn(gate: Gate) -> None:
    with pytest.raises(ValueError, match="is not the next gate"):
        passed(2).with_passed(gate, at=NOW, by=ARN, saw=[])


GATE = {"gate": "indexes-gone", "at": "2026-11-25T12:00:00+00:00", "by": "me", "saw": ""}
LATER = {**GATE, "gate": "key-deleted-in-pinecone"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"version": 2}, "version"),
        ({"more": 1}, "more"),
        ({"made_key": "yes"}, "made_key"),
        ({"deployment": "other"}, "it is about other"),
        ({"revision": 2}, "written by something else"),
        ({"revision": "1"}, "revision"),
        ({"key_arn": None}, "does not name its key"),
        ({"passed": [LATER]}, "out of order: key-deleted-in-pinecone"),
        ({"passed": [GATE, GATE]}, "out of order"),
        ({"passed": [{**GATE, "gate": "nothing"}]}, "nothing"),
        ({"passed": [{**GATE, "at": "yesterday"}]}, "yesterday"),
        ({"passed": [{**GATE, "at": "2026-11-25T12:00:00"}]}, "has no time zone"),
        ({"passed": [{**GATE, "saw": "x" * 241}]}, "saw"),
        ({"passed": [GATE, {**LATER, "at": "2026-11-25T11:00:00+00:00"}]}, "before the one before it"),
        ({"begun": "key-disabled"}, "was started out of order"),
        ({"made_key": False, "passed": [GATE, LATER], "begun": "key-disabled"}, "was started out of order"),
    ],
)
def test_what_is_edited_or_out_of_order_is_refused(change: dict[str, Any], told: str) -> None:
    ssm = kept(START)
    parameter = ssm.parameters[offboarding_name("prod")]
    document = {**json.loads(parameter["Value"]), **change}
    parameter["Value"] = json.dumps({key: value for key, value in document.items() if value is not None})
    with pytest.raises(PinekeepError, match="is not the state of an offboarding that can be gone on with") as caught:
        read(ssm)
    assert told in caught.value.message
    assert "get-parameter-history" in str(caught.value.hint)
    assert holds_key(ssm.clients, "prod"), "what cannot be read is taken for one that holds the key"


@pytest.mark.parametrize("text", ["", "null", "[]", "{"])
def test_what_is_no_document_is_refused(text: str) -> None:
    ssm = kept(START)
    ssm.parameters[offboarding_name("prod")]["Value"] = text
    with pytest.raises(PinekeepError, match="is not the state of an offboarding"):
        read(ssm)


def test_an_earlier_version_that_was_put_back_is_refused() -> None:
    ssm = kept(passed(5))
    earlier = ssm.parameters[offboarding_name("prod")]["Value"]
    ssm.put(Name=offboarding_name("prod"), Value=earlier, Overwrite=True)
    with pytest.raises(PinekeepError, match="written by something else"):
        read(ssm)


def test_a_gate_that_was_passed_later_than_now_is_refused() -> None:
    ssm = kept(passed(1))
    assert read(ssm, NOW + timedelta(days=1)) is not None
    with pytest.raises(PinekeepError, match="and it is only 2026-11-26T11:59:59"):
        read(ssm, NOW + timedelta(days=1, seconds=-1))


def test_of_two_who_write_the_second_is_refused() -> None:
    ssm = kept(START)
    found = read(ssm)
    assert found is not None
    first = write_offboarding(ssm.clients, passed(1, found))
    with pytest.raises(AwsRefusedError, match="was changed in the meantime"):
        write_offboarding(ssm.clients, passed(1, found))
    assert read(ssm) == first


@pytest.mark.parametrize(
    ("state", "held"),
    [
        (passed(3), False),
        (replace(passed(3), begun=Gate.KEY_DISABLED), True),
        (passed(4), True),
        (passed(6), True),
        (replace(passed(5), begun=Gate.STACKS_REMOVED), True),
    ],
)
def test_a_key_is_held_once_its_disabling_was_begun(state: OffboardingState, held: bool) -> None:
    assert holds_key(kept(state).clients, "prod") is held
    assert not holds_key(FakeSsm().clients, "prod")
