"""An operation while it runs: Region after Region, account beside account."""

import asyncio
import copy
import logging
from typing import Final

from pinekeep.emulator.extensions.stack_sets import administrators, drift, failures, preferences, stacks
from pinekeep.emulator.extensions.stack_sets.records import Instance, Operation, Place, StackSet, now
from pinekeep.emulator.extensions.stack_sets.templates import overridden

INTOLERABLE: Final = "Cancelled since failure tolerance has exceeded"
STOPPED: Final = "Cancelled since the operation was stopped"
SUSPENDED: Final = "Account is suspended"
_DEPLOYING: Final = ("CREATE", "UPDATE")
_log: Final = logging.getLogger(__name__)


async def run(stack_set: StackSet, operation: Operation) -> None:
    """Run an operation to its end, which is in its record."""
    regions = preferences.in_order(operation.preferences, operation.regions)
    if preferences.is_parallel(operation.preferences):
        fine = all(await asyncio.gather(*(_run_region(stack_set, operation, each) for each in regions)))
    else:
        fine = True
        for region in regions:
            if fine:
                fine = await _run_region(stack_set, operation, region)
            else:
                cancel(stack_set, operation, [each for each in operation.places if each[1] == region], INTOLERABLE)
    if operation.action == "DETECT_DRIFT":
        drift.conclude(stack_set, operation, tolerated=fine)
    if operation.status == "STOPPING":
        operation.status = "STOPPED"
    else:
        operation.status = "SUCCEEDED" if fine else "FAILED"
    operation.ended = now()


async def _run_region(stack_set: StackSet, operation: Operation, region: str) -> bool:
    """Run an operation in a Region. Returns whether no more accounts than tolerated failed."""
    waiting = [each for each in operation.places if each[1] == region]
    allowed = preferences.limits(operation.preferences, len(waiting))
    failed = 0
    running: set[asyncio.Task[bool]] = set()
    while True:
        halted = operation.status == "STOPPING" or failed > allowed.tolerance
        while waiting and not halted and len(running) < allowed.at_once(failed):
            running.add(asyncio.create_task(_run_instance(stack_set, operation, waiting.pop(0))))
        if not running:
            break
        done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        failed += sum(not each.result() for each in done)
    cancel(stack_set, operation, waiting, STOPPED if operation.status == "STOPPING" else INTOLERABLE)
    return failed <= allowed.tolerance


def cancel(stack_set: StackSet, operation: Operation, places: list[Place], reason: str) -> None:
    """Record that an operation does not come to some instances."""
    for place in places:
        result = operation.results[place]
        result.status, result.reason = "CANCELLED", reason
        if instance := stack_set.instances.get(place):
            instance.detailed_status, instance.reason = "CANCELLED", reason
            if operation.action == "UPDATE" and instance.status == "CURRENT":
                instance.status = "OUTDATED"


async def _run_instance(stack_set: StackSet, operation: Operation, place: Place) -> bool:
    """Run an operation on an instance. Returns whether it did not fail."""
    instance, result = stack_set.instances.get(place), operation.results[place]
    if instance is None:  # removed by an operation that ran before
        result.status = "SUCCEEDED"
        return True
    only_forgotten = operation.action == "DELETE" and operation.retain_stacks
    if (
        stack_set.is_service_managed
        and not only_forgotten
        and administrators.is_suspended(stack_set.account, instance.account)
    ):
        result.status, result.skipped = "SUCCEEDED", SUSPENDED
        instance.detailed_status, instance.reason = "SKIPPED_SUSPENDED_ACCOUNT", SUSPENDED
        return True
    result.status = instance.detailed_status = "RUNNING"
    try:
        await _act(stack_set, operation, instance)
    except stacks.StackError as error:
        reason = str(error)
    except Exception as error:
        _log.exception("%s of %s failed", operation.action, place)
        reason = f"Internal Failure: {error}"
    else:
        result.status, result.reason = "SUCCEEDED", None
        instance.detailed_status, instance.reason = "SUCCEEDED", None
        return True
    result.status, result.reason = "FAILED", reason
    instance.detailed_status, instance.reason = "FAILED", reason
    if operation.action == "DELETE":
        instance.status = instance.detailed_status = "INOPERABLE"
    elif operation.action in _DEPLOYING:
        instance.status = "OUTDATED"
    return False


async def _act(stack_set: StackSet, operation: Operation, instance: Instance) -> None:
    begun = copy.copy(stack_set)  # an update of the set meanwhile does not change what is deployed
    is_there = operation.action == "CREATE" and instance.status == "CURRENT"
    if operation.action in _DEPLOYING and not is_there:
        instance.overrides = overridden(instance.overrides, operation.overrides)  # whether the stack takes them or not
    asked = await failures.expected_failure(stack_set.name, instance.account, instance.region, operation.action)
    if asked is not None:
        raise stacks.StackError(asked)
    match operation.action:
        case "DELETE":
            if not operation.retain_stacks:
                await stacks.remove(stack_set, instance)
            del stack_set.instances[instance.place]
        case "DETECT_DRIFT":
            stacks.detect_drift(stack_set, instance, operation.operation_id)
        case _:
            if not is_there:
                await stacks.deploy(begun, instance)
                instance.status = "CURRENT" if begun.generation == stack_set.generation else "OUTDATED"
