"""Operations of stack sets: order, concurrency, tolerance, stops, queues."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.stack_sets import InstanceRule
from tests.emulator.conftest import Client
from tests.emulator.stack_sets_support import SECONDS, Administrator, by_key, template, values
from tests.emulator.test_stack_sets import outputs, refused

Unique = Callable[[str], str]
Rules = Callable[[InstanceRule], None]
ACCOUNTS = [f"{200000000000 + number}" for number in range(4)]
A, B, C, D = ACCOUNTS
ONE, TWO, THREE = "us-east-1", "eu-west-1", "ap-south-1"
CREATE, UPDATE, DELETE = "create_stack_instances", "update_stack_instances", "delete_stack_instances"


@pytest.fixture(scope="module")
def unit(embedded_aws: EmbeddedAws, units: dict[str, str]) -> str:
    """A unit with four accounts."""
    assert units
    return embedded_aws.organize({"operations": ACCOUNTS})["operations"]


class Set:
    """A set over the four accounts, or some of them."""

    def __init__(self, fleet: Administrator, unit: str, name: str, **given: Any) -> None:
        self.fleet, self.unit, self.name = fleet, unit, name
        fleet.create(name, PermissionModel="SERVICE_MANAGED", **given)

    def targets(self, accounts: list[str], regions: list[str]) -> dict[str, Any]:
        chosen = {"OrganizationalUnitIds": [self.unit], "Accounts": accounts, "AccountFilterType": "INTERSECTION"}
        return {"DeploymentTargets": chosen, "Regions": regions}

    def start(self, call: str, accounts: list[str], regions: list[str], **given: Any) -> str:
        asked = {"StackSetName": self.name, **self.targets(accounts, regions), **given}
        return str(getattr(self.fleet.client, call)(**asked)["OperationId"])

    def run(self, call: str, accounts: list[str], regions: list[str], **given: Any) -> dict[str, Any]:
        return self.ended(self.start(call, accounts, regions, **given))

    def ended(self, operation_id: str) -> dict[str, Any]:
        return self.fleet.ended(self.name, operation_id)

    def status(self, operation_id: str) -> str:
        return str(self.fleet.operation(self.name, operation_id)["Status"])

    def states(self, operation_id: str) -> dict[tuple[str, str], str]:
        return self.fleet.states(self.name, operation_id)

    def stack(self, client: Client, account: str, region: str = ONE) -> dict[str, Any]:
        stack_id = self.fleet.instance(self.name, account, region)["StackId"]
        return dict(client("cloudformation", account, region=region).describe_stacks(StackName=stack_id)["Stacks"][0])

    def wait_for(self, operation_id: str, states: dict[tuple[str, str], str]) -> None:
        """Wait until an operation's results are these."""
        deadline = time.monotonic() + SECONDS
        while (found := self.states(operation_id)) != states:
            assert time.monotonic() < deadline, found
            time.sleep(0.005)


@pytest.fixture
def make(fleet: Administrator, unit: str, unique: Unique) -> Callable[..., Set]:
    return lambda **given: Set(fleet, unit, unique("ops"), **given)


@pytest.fixture
def hold(embedded_aws: EmbeddedAws) -> Iterator[Callable[..., Callable[[], None]]]:
    """Let instances wait; what it returns lets them go on."""

    def held(**place: str) -> Callable[[], None]:
        embedded_aws.add_instance_rule(InstanceRule("hold", **place))  # pyrefly: ignore[bad-argument-type]
        return embedded_aws.clear_instance_rules

    yield held
    embedded_aws.clear_instance_rules()


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
    ],
)
def test_tolerance_is_counted_by_region(
    make: Callable[..., Set],
    rules: Rules,
    preferences: dict[str, int],
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
        ({"MaxConcurrentCount": 3, "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE"}, 3),
        ({"MaxConcurrentPercentage": 60, "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE"}, 2),
        ({"MaxConcurrentPercentage": 1, "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE"}, 1),
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


def test_a_stopped_operation_finishes_what_it_has_begun(
    make: Callable[..., Set], hold: Callable[..., Callable[[], None]]
) -> None:
    found = make()
    go_on = hold(stack_set=found.name)
    operation = found.start(CREATE, [A, B], [ONE, TWO])
    found.fleet.until(found.name, operation, ("RUNNING",))
    found.wait_for(operation, {(A, ONE): "RUNNING", (B, ONE): "PENDING", (A, TWO): "PENDING", (B, TWO): "PENDING"})
    found.fleet.client.stop_stack_set_operation(StackSetName=found.name, OperationId=operation)
    assert found.status(operation) == "STOPPING"
    go_on()
    assert found.ended(operation)["Status"] == "STOPPED"
    states = found.states(operation)
    assert states == {(A, ONE): "SUCCEEDED", (B, ONE): "CANCELLED", (A, TWO): "CANCELLED", (B, TWO): "CANCELLED"}
    stop = found.fleet.client.stop_stack_set_operation
    refused(lambda: stop(StackSetName=found.name, OperationId=operation), "InvalidOperationException")
    refused(lambda: stop(StackSetName=found.name, OperationId="unknown"), "OperationNotFoundException")


def test_one_operation_at_a_time_without_managed_execution(
    make: Callable[..., Set], hold: Callable[..., Callable[[], None]]
) -> None:
    found = make()
    go_on = hold(stack_set=found.name)
    operation = found.start(CREATE, [A], [ONE], OperationId="the-first")
    assert operation == "the-first"
    for call in (
        lambda: found.start(CREATE, [B], [ONE]),
        lambda: found.fleet.client.delete_stack_set(StackSetName=found.name),
        lambda: found.fleet.client.detect_stack_set_drift(StackSetName=found.name),
        lambda: found.fleet.client.update_stack_set(
            StackSetName=found.name, UsePreviousTemplate=True, Parameters=values(Name="n")
        ),
    ):
        refused(call, "OperationInProgressException", "Another Operation on StackSet arn:aws:cloudformation:")
    go_on()
    assert found.ended(operation)["Status"] == "SUCCEEDED"
    refused(lambda: found.start(CREATE, [B], [ONE], OperationId="the-first"), "OperationIdAlreadyExistsException")
    described = found.fleet.client.describe_stack_set(StackSetName=found.name)["StackSet"]
    assert by_key(described["Parameters"])["Name"] == found.name  # the refused update changed nothing


def test_managed_execution_runs_side_by_side_and_queues_what_conflicts(
    make: Callable[..., Set], hold: Callable[..., Callable[[], None]]
) -> None:
    found = make(ManagedExecution={"Active": True})
    go_on = hold(stack_set=found.name)
    first = found.start(CREATE, [A], [ONE], ParameterOverrides=values(Kind="gold"))
    beside = found.start(CREATE, [B], [ONE])
    found.wait_for(beside, {(B, ONE): "RUNNING"})
    conflicting = found.start(UPDATE, [A], [ONE], ParameterOverrides=values(Kind="silver"))
    behind = found.start(CREATE, [C], [ONE])  # in the order of the requests
    stopped = found.start(CREATE, [D], [ONE])
    found.fleet.client.stop_stack_set_operation(StackSetName=found.name, OperationId=stopped)
    update = found.fleet.client.update_stack_set(
        StackSetName=found.name, UsePreviousTemplate=True, Parameters=values(Name=found.name)
    )["OperationId"]
    time.sleep(0.02)
    waiting = (first, beside, conflicting, behind, stopped, update)
    assert [found.status(each) for each in waiting] == ["RUNNING", "RUNNING", "QUEUED", "QUEUED", "STOPPED", "QUEUED"]
    assert found.states(conflicting) == {(A, ONE): "PENDING"}
    assert found.fleet.instance(found.name, D)["StackInstanceStatus"] == {"DetailedStatus": "CANCELLED"}
    refused(
        lambda: found.fleet.client.update_stack_set(
            StackSetName=found.name,
            UsePreviousTemplate=True,
            Parameters=values(Name=found.name),
            ManagedExecution={"Active": False},
        ),
        "OperationInProgressException",
    )
    go_on()
    assert {found.ended(each)["Status"] for each in waiting} == {"SUCCEEDED", "STOPPED"}
    instance = found.fleet.instance(found.name, A)
    assert (instance["LastOperationId"], by_key(instance["ParameterOverrides"])) == (update, {"Kind": "silver"})


def test_an_instance_that_was_begun_before_a_newer_template_is_outdated(
    make: Callable[..., Set], client: Client, hold: Callable[..., Callable[[], None]]
) -> None:
    found = make(ManagedExecution={"Active": True})
    found.run(CREATE, [B], [ONE])
    found.run(CREATE, [A], [ONE])
    go_on = hold(stack_set=found.name, account=B)
    operation = found.start(UPDATE, [B], [ONE], ParameterOverrides=values(Kind="gold"))
    found.wait_for(operation, {(B, ONE): "RUNNING"})
    update = found.fleet.client.update_stack_set(
        StackSetName=found.name,
        TemplateBody=template(outputs={"Newer": {"Value": "yes"}}),
        Parameters=values(Name=found.name),
        **found.targets([A], [ONE]),
    )["OperationId"]
    go_on()
    assert {found.ended(each)["Status"] for each in (operation, update)} == {"SUCCEEDED"}
    deployed = {
        account: (found.fleet.instance(found.name, account)["Status"], outputs(found.stack(client, account)))
        for account in (A, B)
    }
    assert deployed == {
        A: ("CURRENT", {"Name": found.name, "Kind": "plain", "Newer": "yes"}),
        B: ("OUTDATED", {"Name": found.name, "Kind": "gold"}),
    }


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
