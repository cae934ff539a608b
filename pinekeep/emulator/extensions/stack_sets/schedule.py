"""The operations of a set: accepted, refused or queued, and started in the order of their requests."""

import uuid

from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.stack_sets import execution
from pinekeep.emulator.extensions.stack_sets.records import Operation, Result, StackSet, start


def check(stack_set: StackSet, operation_id: str | None) -> None:
    """Raise RefusedError, where a set accepts no operation of this ID now."""
    if operation_id in stack_set.operations:
        raise RefusedError(
            "OperationIdAlreadyExistsException", f"An operation with id {operation_id} already exists on the StackSet"
        )
    if stack_set.active_operations and not stack_set.managed_execution:
        raise in_progress(stack_set)


def in_progress(stack_set: StackSet) -> RefusedError:
    """Return the refusal of a call while an operation of the set runs."""
    return RefusedError("OperationInProgressException", f"Another Operation on StackSet {stack_set.arn} is in progress")


def new_id() -> str:
    """Return the ID of an operation whose caller named none."""
    return str(uuid.uuid4())


def accept(stack_set: StackSet, operation: Operation) -> str:
    """Queue an operation, and start what can be started. Returns its ID."""
    others = bool(stack_set.active_operations)
    stack_set.operations[operation.operation_id] = operation
    operation.results = {place: Result(unit=operation.accounts.get(place[0])) for place in operation.places}
    if others:
        start(_start_next(stack_set))
    else:
        _begin(stack_set, operation)
    return operation.operation_id


async def _start_next(stack_set: StackSet) -> None:
    """Start queued operations, up to the first that conflicts with one that runs."""
    for operation in [each for each in stack_set.operations.values() if each.status == "QUEUED"]:
        running = [each for each in stack_set.active_operations if each.status != "QUEUED"]
        if any(_conflict(operation, each) for each in running):
            return
        _begin(stack_set, operation)


def _conflict(one: Operation, other: Operation) -> bool:
    return one.whole_set or other.whole_set or bool(set(one.places) & set(other.places))


def _begin(stack_set: StackSet, operation: Operation) -> None:
    operation.status = "RUNNING"
    for place in operation.places:
        if instance := stack_set.instances.get(place):
            instance.last_operation_id = operation.operation_id
            instance.detailed_status, instance.reason = "PENDING", None
    start(_run(stack_set, operation))


async def _run(stack_set: StackSet, operation: Operation) -> None:
    await execution.run(stack_set, operation)
    await _start_next(stack_set)
