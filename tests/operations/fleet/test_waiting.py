"""Waiting for one operation of a stack set."""

import pytest

from pinekeep.account.reads.stack_sets import Operation
from pinekeep.errors import AwsRefusedError
from pinekeep.operations.fleet.waiting import SECONDS_WITHOUT_PROGRESS, wait_for_operation
from tests.operations.fleet.fake_stack_sets import SECONDS, FakeStackSets, batch
from tests.operations.fleet.test_execution import numbered


def wait(fake: FakeStackSets, operation: str) -> Operation:
    return wait_for_operation(operation, stack_sets=fake, what="it", clock=fake.clock, sleep=fake.sleep)


def test_an_operation_is_waited_for_until_it_has_ended() -> None:
    fake = FakeStackSets()
    fake.start(batch("op", *numbered(2)), concurrent=1, failing=0)
    assert wait(fake, "op").status == "SUCCEEDED"
    assert 2 * SECONDS <= fake.now < 3 * SECONDS


def test_a_long_operation_makes_progress_by_its_results() -> None:
    fake = FakeStackSets()
    fake.start(batch("op", *numbered(500)), concurrent=1, failing=0)
    assert wait(fake, "op").status == "SUCCEEDED"
    assert fake.now > SECONDS_WITHOUT_PROGRESS


def test_an_operation_without_progress_is_given_up() -> None:
    fake = FakeStackSets()
    fake.start(batch("op", *numbered(1)), concurrent=1, failing=0)
    ((begin, _, status),) = fake.runs["op"].ends.values()
    fake.runs["op"].ends = dict.fromkeys(fake.runs["op"].ends, (begin, 1e9, status))
    with pytest.raises(AwsRefusedError, match="no progress for 60 minutes") as error:
        wait(fake, "op")
    assert error.value.hint == "operation op goes on in AWS; run it again later"
