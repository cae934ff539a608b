"""Running operations side by side, within the limits of a fleet."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinekeep.errors import AwsRefusedError
from pinekeep.operations.fleet.execution import SECONDS_WITHOUT_PROGRESS, execute
from pinekeep.operations.fleet.operations import Action, Batch, BusyError, QuotaError, RejectedError, SetContent
from pinekeep.operations.fleet.outcomes import Execution, Limits
from tests.operations.fleet.fake_stack_sets import SECONDS, FakeStackSets, batch

GO_ON = "pinekeep fleet deploy search"
A, B, C, D = "111122223333", "444455556666", "777788889999", "100000000001"


def numbered(count: int, begin: int = 0) -> tuple[str, ...]:
    return tuple(f"{200000000000 + begin + number}" for number in range(count))


def run(
    fake: FakeStackSets,
    *batches: Batch,
    concurrent: int = 10,
    failed: int = 0,
    strict: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Execution:
    return execute(
        batches,
        stack_sets=fake,
        limits=Limits(concurrent=concurrent, failed=failed, strict=strict),
        tell=tell,
        go_on=GO_ON,
        clock=fake.clock,
        sleep=fake.sleep,
    )


def statuses(found: Execution) -> dict[str, str]:
    return {account: each.status for (account, _), each in found.outcomes.items()}


def test_operations_run_side_by_side_and_are_listed_together() -> None:
    fake = FakeStackSets()
    found = run(fake, *(batch(f"op-{each}", each) for each in numbered(10)))
    assert set(statuses(found).values()) == {"SUCCEEDED"}
    assert found.started == len(found.outcomes) == 10
    assert fake.now < 2 * SECONDS
    assert fake.listings < 20, "one listing a look, not one call an operation"
    assert not fake.read, "the results of operations without failures are not read"


@given(
    sizes=st.lists(st.integers(1, 7), min_size=1, max_size=8),
    regions=st.sampled_from([("us-east-1",), ("us-east-1", "eu-west-1")]),
    concurrent=st.integers(1, 12),
    failed=st.integers(0, 6),
    strict=st.booleans(),
    bad=st.sets(st.integers(0, 40)),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_limits_hold_over_all_operations(
    sizes: list[int], regions: tuple[str, ...], concurrent: int, failed: int, strict: bool, bad: set[int]
) -> None:
    accounts = numbered(sum(sizes))
    batches: list[Batch] = []
    begin = 0
    for size in sizes:
        batches.append(batch(f"op-{begin}", *accounts[begin : begin + size], regions=regions))
        begin += size
    fake = FakeStackSets(fails=[accounts[each] for each in bad if each < len(accounts)])
    found = run(fake, *batches, concurrent=concurrent, failed=failed, strict=strict)
    assert fake.most_at_once() <= (min(concurrent, failed + 1) if strict else concurrent)
    if strict:
        assert len(fake.failed_accounts()) <= failed + 1
    assert found.failed == fake.failed_accounts()
    assert set(found.outcomes) == {(account, region) for account in accounts for region in regions}, "all are reported"
    if len(fake.fails) <= failed:
        assert all(each.status != "NOT_STARTED" for each in found.outcomes.values())


@pytest.mark.parametrize("strict", [True, False])
def test_one_operation_stops_at_the_tolerance(strict: bool) -> None:
    accounts = numbered(12)
    fake = FakeStackSets(fails=accounts)
    found = run(fake, batch("op-all", *accounts), concurrent=3, failed=2, strict=strict)
    assert len(found.failed) == 3
    assert [each.status for each in found.outcomes.values()].count("CANCELLED") == 9


def test_nothing_is_started_after_too_many_failures_and_the_rest_is_stopped() -> None:
    fake = FakeStackSets(fails=[A])
    large = batch("op-large", *numbered(4), regions=("us-east-1", "us-west-2", "eu-west-1"))
    found = run(fake, large, batch("op-a", A), batch("op-b", B), batch("op-c", C), concurrent=5, failed=0)
    assert fake.stopped == ["op-large"]
    assert statuses(found)[A] == "FAILED"
    assert found.outcomes[A, "us-east-1"].reason == "it broke"
    assert statuses(found)[B] == statuses(found)[C] == "NOT_STARTED"
    assert "CANCELLED" in {statuses(found)[each] for each in large.accounts}


def test_failures_within_the_tolerance_stop_nothing() -> None:
    fake = FakeStackSets(fails=[A])
    found = run(fake, batch("op-a", A), batch("op-b", B), batch("op-c", C), concurrent=1, failed=1)
    assert statuses(found) == {A: "FAILED", B: "SUCCEEDED", C: "SUCCEEDED"}


def test_an_operation_waits_for_the_one_before_and_leaves_out_its_failures() -> None:
    fake = FakeStackSets(fails=[A])
    later = batch("op-keys", A, B, regions=("eu-west-1",), after=("op-roles",))
    found = run(fake, later, batch("op-roles", A, B), failed=1)
    assert fake.runs["op-keys"].begin >= SECONDS
    assert fake.runs["op-keys"].batch.accounts == (B,)
    assert found.outcomes[A, "eu-west-1"].status == "NOT_STARTED"
    assert found.outcomes[B, "eu-west-1"].status == "SUCCEEDED"


def test_a_busy_stack_set_is_asked_again() -> None:
    fake = FakeStackSets()

    def busy(_: Batch) -> None:
        if fake.now < 60:
            raise BusyError("another operation is in progress")

    fake.before_start = busy
    found = run(fake, batch("op-a", A))
    assert statuses(found) == {A: "SUCCEEDED"}
    assert fake.now >= 60


def test_a_stack_set_that_stays_busy_is_given_up() -> None:
    fake = FakeStackSets()

    def busy(_: Batch) -> None:
        raise BusyError("the quota")

    fake.before_start = busy
    with pytest.raises(AwsRefusedError, match="nothing happened for 60 minutes"):
        run(fake, batch("op-a", A))
    assert fake.now >= SECONDS_WITHOUT_PROGRESS


def test_a_quota_is_waited_for_while_something_runs_and_then_is_a_failure() -> None:
    fake = FakeStackSets()

    def limited(found: Batch) -> None:
        if found.id == "op-b" and (fake.runs.get("op-a") is None or fake.now < 2 * SECONDS):
            raise QuotaError("too many instances")

    fake.before_start = limited
    found = run(fake, batch("op-a", A), batch("op-b", B))
    assert found.outcomes[A, "us-east-1"].status == "SUCCEEDED"
    assert (found.outcomes[B, "us-east-1"].status, found.outcomes[B, "us-east-1"].reason) == (
        "FAILED",
        "too many instances",
    )
    assert SECONDS <= fake.now < 2 * SECONDS


def test_what_aws_rejects_has_failed_and_the_others_go_on() -> None:
    fake = FakeStackSets()

    def reject(found: Batch) -> None:
        if found.id == "op-a":
            raise RejectedError(f"no instance of 3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13 in {A}")

    fake.before_start = reject
    told: list[str] = []
    secret = {"ExternalId": "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"}
    rejected = replace(batch("op-a", A), overrides=secret)
    found = run(fake, rejected, batch("op-b", B), failed=1, tell=told.append)
    assert statuses(found) == {A: "FAILED", B: "SUCCEEDED"}
    assert found.outcomes[A, "us-east-1"].reason == f"no instance of … in {A}"
    assert secret["ExternalId"] not in "".join(told)


@pytest.mark.parametrize("accounts", [(), (A,)])
def test_nothing_is_deployed_with_the_template_that_was_to_be_replaced(accounts: tuple[str, ...]) -> None:
    fake = FakeStackSets()

    def reject(found: Batch) -> None:
        if found.id == "op-set":
            raise RejectedError("Parameters: [New] do not exist in the template")

    fake.before_start = reject
    update = replace(batch("op-set", *accounts), action=Action.UPDATE_SET, content=SetContent(parameters={}))
    found = run(fake, update, batch("op-b", B, after=("op-set",)), failed=5)
    assert statuses(found) == {**dict.fromkeys(accounts, "FAILED"), B: "NOT_STARTED"}
    assert found.outcomes[B, "us-east-1"].reason == "the stack set was not updated"
    assert not fake.runs


def test_a_refusal_starts_no_more_and_waits_for_what_runs() -> None:
    fake = FakeStackSets()

    def refuse(found: Batch) -> None:
        if found.id == "op-b":
            raise AwsRefusedError("AWS does not allow cloudformation:CreateStackInstances")

    fake.before_start = refuse
    found = run(fake, batch("op-a", A), batch("op-b", B), batch("op-c", C))
    assert found.refusal is not None
    assert statuses(found) == {A: "SUCCEEDED", B: "NOT_STARTED", C: "NOT_STARTED"}


def test_an_interrupted_network_is_waited_for() -> None:
    fake = FakeStackSets()

    def cut() -> None:
        if 1 < fake.now < 100:
            raise AwsRefusedError("AWS cannot be reached", transient=True)

    fake.before_listing = cut
    assert statuses(run(fake, batch("op-a", A))) == {A: "SUCCEEDED"}
    assert fake.now >= 100


def test_an_operation_that_is_not_listed_is_read_itself() -> None:
    fake = FakeStackSets()
    fake.unlisted_until = 1000
    assert statuses(run(fake, batch("op-a", A))) == {A: "SUCCEEDED"}
    assert 30 <= fake.now < 1000
    assert fake.described


def test_a_long_operation_makes_progress_by_its_results() -> None:
    fake = FakeStackSets()
    accounts = numbered(400)
    found = run(fake, batch("op-all", *accounts), concurrent=1)
    assert fake.now >= 400 * SECONDS > SECONDS_WITHOUT_PROGRESS
    assert set(statuses(found).values()) == {"SUCCEEDED"}
    assert len(fake.read) < 10


def test_ctrl_c_tells_what_goes_on_in_aws() -> None:
    fake = FakeStackSets()

    def interrupt() -> None:
        raise KeyboardInterrupt

    fake.before_listing = interrupt
    told: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        run(fake, batch("op-a", A), batch("op-b", B), batch("op-c", C), concurrent=2, tell=told.append)
    assert told == ["AWS continues 2 operations: op-a, op-b", "1 operation not started", f"continue with: {GO_ON}"]
    assert not fake.stopped, "what runs in AWS is left"


def test_ctrl_c_in_a_call_names_its_operation() -> None:
    fake = FakeStackSets()

    def interrupt(_: Batch) -> None:
        raise KeyboardInterrupt

    fake.before_start = interrupt
    told: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        run(fake, batch("op-a", A), tell=told.append)
    assert told[0] == "AWS continues 1 operation: op-a", "the call may have reached AWS"
