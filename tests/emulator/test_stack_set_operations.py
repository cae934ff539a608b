"""Operations of stack sets: order, concurrency, tolerance, failures."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from pinekeep.emulator.stack_sets import InstanceRule
from tests.emulator.conftest import Client
from tests.emulator.stack_sets_support import ACCOUNTS, Set, by_key, refused, values

Unique = Callable[[str], str]
Rules = Callable[[InstanceRule], None]
A, B, C, D = ACCOUNTS
SOFT = "SOFT_FAILURE_TOLERANCE"
ONE, TWO, THREE = "us-east-1", "eu-west-1", "ap-south-1"
CREATE, UPDATE, DELETE = "create_stack_instances", "update_stack_instances", "delete_stack_instances"


def test_a_region_with_more_failures_than_tolerated_cancels_those_after_it(
    make: Callable[..., Set], rules: Rules
) -> None:
    found = make()
    rules(InstanceRule("fail", reason="no capacity", stack_set=found.name, account=B, region=TWO))
    order = {"RegionOrder": [THREE, TWO, ONE], "RegionConcurrencyType": "SEQUENTIAL"}
    made = found.run(CREATE, [A, B, C], [ONE, TWO, THREE], OperationPreferences=order)
    assert (made["Status"], made["StatusDetails"]) == ("FAILED", {"FailedStackInstancesCount": 1})
    assert made["OperationPreferences"] == order
    results = found.fleet.results(found.name, made["OperationId"])
    tolerance = "Cancelled since failure tolerance has exceeded"
    assert results == {
        **{(account, THREE): ("SUCCEEDED", "") for account in (A, B, C)},
        (A, TWO): ("SUCCEEDED", ""),
        (B, TWO): ("FAILED", "no capacity"),
        (C, TWO): ("CANCELLED", tolerance),
        **{(account, ONE): ("CANCELLED", tolerance) for account in (A, B, C)},
    }
    instances = found.fleet.instances(found.name)
    assert {
        place: (each["Status"], each["StackInstanceStatus"]["DetailedStatus"], each.get("StatusReason", ""))
        for place, each in instances.items()
    } == {
        place: ("CURRENT" if status == "SUCCEEDED" else "OUTDATED", status, reason)
        for place, (status, reason) in results.items()
    }
    assert "StackId" not in instances[A, ONE]


def test_what_failed_is_done_by_the_same_call_again(make: Callable[..., Set], rules: Rules) -> None:
    found = make()
    rules(InstanceRule("fail", reason="once", stack_set=found.name, account=A, times=1))
    assert found.run(CREATE, [A, B], [ONE])["Status"] == "FAILED"
    again = found.run(CREATE, [A, B], [ONE])
    assert again["Status"] == "SUCCEEDED"
    assert {each["Status"] for each in found.fleet.instances(found.name).values()} == {"CURRENT"}


@pytest.mark.parametrize(
    ("preferences", "failing", "status", "cancelled"),
    [
        ({"FailureToleranceCount": 1}, [A], "SUCCEEDED", []),
        ({"FailureToleranceCount": 1}, [A, B], "FAILED", [C, D]),
        ({"FailureTolerancePercentage": 25}, [A], "SUCCEEDED", []),
        ({"FailureTolerancePercentage": 24}, [A], "FAILED", [B, C, D]),  # rounded down to none
        ({"ConcurrencyMode": SOFT}, [A], "FAILED", [B, C, D]),
        ({"ConcurrencyMode": SOFT, "MaxConcurrentCount": 2}, [A], "FAILED", [C, D]),
    ],
)
def test_tolerance_is_counted_by_region(
    make: Callable[..., Set],
    rules: Rules,
    preferences: dict[str, Any],
    failing: list[str],
    status: str,
    cancelled: list[str],
) -> None:
    found = make()
    for account in failing:
        rules(InstanceRule("fail", reason="no", stack_set=found.name, account=account, region=ONE))
    made = found.run(CREATE, ACCOUNTS, [ONE, TWO], OperationPreferences=preferences)
    assert made["Status"] == status
    states = found.states(made["OperationId"])
    assert {account for account in ACCOUNTS if states[account, ONE] == "CANCELLED"} == set(cancelled)
    assert {states[account, TWO] for account in ACCOUNTS} == ({"SUCCEEDED"} if status == "SUCCEEDED" else {"CANCELLED"})


def test_regions_side_by_side_do_not_cancel_each_other(make: Callable[..., Set], rules: Rules) -> None:
    found = make()
    rules(InstanceRule("fail", reason="no", stack_set=found.name, account=A, region=ONE))
    made = found.run(CREATE, [A, B], [ONE, TWO], OperationPreferences={"RegionConcurrencyType": "PARALLEL"})
    assert made["Status"] == "FAILED"
    assert found.states(made["OperationId"]) == {
        (A, ONE): "FAILED",
        (B, ONE): "CANCELLED",
        (A, TWO): "SUCCEEDED",
        (B, TWO): "SUCCEEDED",
    }


@pytest.mark.parametrize(
    ("preferences", "at_once"),
    [
        ({}, 1),
        ({"MaxConcurrentCount": 3}, 1),  # strict: one more than tolerated
        ({"MaxConcurrentCount": 3, "FailureToleranceCount": 1}, 2),
        ({"MaxConcurrentCount": 3, "ConcurrencyMode": SOFT}, 3),
        ({"MaxConcurrentPercentage": 60, "ConcurrencyMode": SOFT}, 2),
        ({"MaxConcurrentPercentage": 1, "ConcurrencyMode": SOFT}, 1),
    ],
)
def test_concurrency_follows_the_preferences(
    make: Callable[..., Set], hold: Callable[..., Callable[[], None]], preferences: dict[str, Any], at_once: int
) -> None:
    found = make()
    go_on = hold(stack_set=found.name)
    operation = found.start(CREATE, ACCOUNTS, [ONE], OperationPreferences=preferences)
    expected = {(each, ONE): "RUNNING" if number < at_once else "PENDING" for number, each in enumerate(ACCOUNTS)}
    found.wait_for(operation, expected)
    time.sleep(0.03)
    assert found.states(operation) == expected
    go_on()
    assert found.ended(operation)["Status"] == "SUCCEEDED"


def test_strict_concurrency_falls_with_each_failure(
    make: Callable[..., Set], hold: Callable[..., Callable[[], None]], rules: Rules
) -> None:
    found = make()
    rules(InstanceRule("fail", reason="no", stack_set=found.name, account=A))
    hold(stack_set=found.name, account=B)
    limits = {"MaxConcurrentCount": 2, "FailureToleranceCount": 1}
    operation = found.start(CREATE, ACCOUNTS, [ONE], OperationPreferences=limits)
    expected = {(A, ONE): "FAILED", (B, ONE): "RUNNING", (C, ONE): "PENDING", (D, ONE): "PENDING"}
    found.wait_for(operation, expected)
    time.sleep(0.03)
    assert found.states(operation) == expected


def test_an_instance_that_an_update_did_not_reach_is_outdated(make: Callable[..., Set], rules: Rules) -> None:
    found = make()
    found.run(CREATE, [A, B, C], [ONE])
    rules(InstanceRule("fail", reason="no", stack_set=found.name, account=B))
    changed = found.run(UPDATE, [A, B, C], [ONE], ParameterOverrides=values(Kind="gold"))
    assert found.states(changed["OperationId"]) == {(A, ONE): "SUCCEEDED", (B, ONE): "FAILED", (C, ONE): "CANCELLED"}
    assert {
        account: (each["Status"], by_key(found.fleet.instance(found.name, account)["ParameterOverrides"]))
        for (account, _), each in found.fleet.instances(found.name).items()
    } == {A: ("CURRENT", {"Kind": "gold"}), B: ("OUTDATED", {"Kind": "gold"}), C: ("OUTDATED", {})}


def test_a_failed_deletion_leaves_an_inoperable_instance(make: Callable[..., Set], rules: Rules) -> None:
    found = make()
    found.run(CREATE, [A, B], [ONE])
    rules(InstanceRule("fail", reason="in use", stack_set=found.name, account=A, action="DELETE"))
    removed = found.run(DELETE, [A], [ONE], RetainStacks=False)
    assert removed["Status"] == "FAILED"
    instance = found.fleet.instance(found.name, A)
    assert (instance["Status"], instance["StackInstanceStatus"]["DetailedStatus"]) == ("INOPERABLE", "INOPERABLE")
    assert instance["StatusReason"] == "in use"
    updated = found.fleet.run(
        "update_stack_set", found.name, UsePreviousTemplate=True, Parameters=values(Name=found.name)
    )
    assert set(found.states(updated["OperationId"])) == {(B, ONE)}


def test_a_stack_that_cannot_be_deleted_is_told(make: Callable[..., Set], client: Client) -> None:
    found = make()
    found.run(CREATE, [A], [ONE])
    stack_id = found.fleet.instance(found.name, A)["StackId"]
    there = client("cloudformation", A)
    there.update_termination_protection(StackName=stack_id, EnableTerminationProtection=True)
    removed = found.run(DELETE, [A], [ONE], RetainStacks=False)
    assert removed["Status"] == "FAILED"
    assert "TerminationProtection" in found.fleet.instance(found.name, A)["StatusReason"]
    assert found.run(DELETE, [A], [ONE], RetainStacks=True)["Status"] == "SUCCEEDED"
    assert there.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


def test_preferences_that_contradict_each_other_are_refused(make: Callable[..., Set]) -> None:
    found = make()
    for preferences, text in (
        ({"FailureToleranceCount": 1, "FailureTolerancePercentage": 10}, "FailureTolerance"),
        ({"MaxConcurrentCount": 1, "MaxConcurrentPercentage": 10}, "MaxConcurrent"),
        ({"RegionOrder": [TWO]}, "RegionOrder"),
        ({"RegionOrder": [ONE, ONE]}, "twice"),
        ({"FailureTolerancePercentage": 101}, "FailureTolerancePercentage"),
        ({"ConcurrencyMode": "LOOSE"}, "ConcurrencyMode"),
    ):
        refused(
            lambda preferences=preferences: found.start(CREATE, [A], [ONE], OperationPreferences=preferences),
            "ValidationError",
            text,
        )
    assert found.fleet.instances(found.name) == {}
