"""Operations of stack sets beside each other: stops, refusals, queues."""

import time
from collections.abc import Callable

from tests.emulator.conftest import Client
from tests.emulator.stack_sets_support import ACCOUNTS, Set, by_key, outputs, refused, template, values

A, B, C, D = ACCOUNTS
ONE, TWO = "us-east-1", "eu-west-1"
CREATE, UPDATE = "create_stack_instances", "update_stack_instances"


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
