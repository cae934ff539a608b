"""The state of a fleet's stack set: its instances, its operations, and their drift."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.stack_set_drift import drifted_resources
from pinekeep.account.reads.stack_sets import CallAs, Instance, Operation, StackSet
from pinekeep.errors import AwsRefusedError
from pinekeep.model import naming
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.facts.stack_set_failures import SUSPENDED, explained_instance
from pinekeep.model.output.fleet_status import (
    FleetInstanceOutput,
    FleetStatusOutput,
    StackSetOperationOutput,
    StackSetOutput,
)
from pinekeep.operations.fleet.desired import Place, digest_of, new_operation_id, template_digest
from pinekeep.operations.fleet.observed import CURRENT, INOPERABLE, SIDE_BY_SIDE, Observed
from pinekeep.operations.fleet.operations import BusyError, RejectedError, StackSetCalls
from pinekeep.operations.fleet.waiting import wait_for_operation

MISSING: Final = "MISSING"
"""The status of a target without an instance."""
DRIFTED: Final = "DRIFTED"
_DETECTION: Final = "DETECT_DRIFT"
_SHOWN: Final = 10


def detect_drift(calls: StackSetCalls, stack_set: StackSet, instances: int, *, concurrent: int) -> Operation:
    """Detect the drift of all instances, and wait. Changes nothing but the results of the last detection.

    Raises AwsRefusedError if AWS refuses, or the detection makes no progress.
    """
    identifier = new_operation_id(template_digest(stack_set.template) or "0" * 12)
    try:
        calls.detect_drift(identifier, concurrent=concurrent, failing=max(0, instances - 1))
    except (BusyError, RejectedError) as error:
        raise AwsRefusedError(
            f"StackSets does not detect drift now: {error}",
            hint="wait until the operation that is under way has ended, then run it again",
        ) from None
    return wait_for_operation(
        identifier, stack_sets=calls, what=f"StackSets to detect the drift of {instances} instances"
    )


def drift_of(
    observed: Observed, *, clients: Clients, call_as: CallAs | None, operation: str | None
) -> dict[Place, tuple[str, ...]]:
    """Return the drifted resources of the drifted instances. One call for each. ``operation``: the detection.

    Raises AwsRefusedError if AWS refuses.
    """
    found = observed.stack_set
    drifted = [place for place, each in observed.instances.items() if each.drift == DRIFTED]
    if found is None or operation is None or not drifted:
        return {}

    def read(place: Place) -> tuple[str, ...]:
        return drifted_resources(
            clients, found.name, account=place[0], region=place[1], operation=operation, call_as=call_as
        )

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return dict(zip(drifted, pool.map(read, drifted), strict=True))


def last_detection(observed: Observed) -> str | None:
    """Return the ID of the newest detection of drift that has ended, among the operations that were read."""
    ended = (each.id for each in observed.operations if each.action == _DETECTION and not each.is_under_way)
    return next(ended, None)


def status_output(
    name: str,
    fleet: Fleet,
    observed: Observed,
    *,
    targets: Iterable[Place],
    drifted: Mapping[Place, tuple[str, ...]],
) -> FleetStatusOutput:
    """Return the state of a fleet. ``targets``: those of the file."""
    wanted = set(targets)
    instances = [
        _instance(each, in_file=place in wanted, drifted=drifted.get(place, ()))
        for place, each in observed.instances.items()
    ]
    missing = [
        FleetInstanceOutput(account=account, region=region, status=MISSING, in_file=True)
        for account, region in wanted - observed.instances.keys()
    ]
    listed = sorted([*instances, *missing], key=lambda each: (each.account, each.region))
    return FleetStatusOutput(
        fleet=name,
        account=fleet.administrator.account,
        region=fleet.administrator.region,
        stack_set=None if observed.stack_set is None else _stack_set(name, observed.stack_set),
        operations=[_operation(each) for each in observed.operations],
        counts=dict(sorted(Counter(each.status for each in listed).items())),
        not_in_file=sum(not each.in_file for each in listed),
        instances=listed,
    )


def needs_attention(output: FleetStatusOutput) -> bool:
    """Return whether an instance is missing, not current, or drifted, or the stack set is not the fleet's."""
    if output.stack_set is None or not output.stack_set.is_ours or output.stack_set.automatic_deployment:
        return True
    return any(each.status != CURRENT or each.drift == DRIFTED or each.detail == SUSPENDED for each in output.instances)


def status_text(output: FleetStatusOutput, write: Callable[[str], None], *, full: bool) -> None:
    """Write the state of a fleet for a terminal. ``full``: every instance, not only those that need attention."""
    found = output.stack_set
    if found is None:
        write(f"fleet {output.fleet} has no stack set in account {output.account}, {output.region}")
        write(f"{len(output.instances)} targets in the file; create them: pinekeep fleet deploy --fleet {output.fleet}")
        return
    version = f"template {found.shape} of Pinekeep {found.version}" if found.version else "a template of others"
    write(f"{found.name} in account {output.account}, {output.region}: {found.permissions}, {version}")
    if not found.is_ours:
        write(f"  it lacks the tag {naming.FLEET_TAG}={output.fleet}: it is not this fleet's")
    if found.automatic_deployment:
        write("  automatic deployment is on: new accounts would get it without values of their own; turn it off")
    write("instances: " + (", ".join(f"{count} {status}" for status, count in output.counts.items()) or "none"))
    if output.not_in_file:
        remove = f"pinekeep fleet remove --fleet {output.fleet} --account ID"
        write(f"  {output.not_in_file} not in the file; take out each: {remove}")
    for each in output.operations[:_SHOWN]:
        if each.ended is None or each is output.operations[0]:
            write(_operation_text(each))
    for one in output.instances:
        if full or one.status != CURRENT or one.drift == DRIFTED or one.detail == SUSPENDED or not one.in_file:
            _instance_text(one, write)


def _operation_text(each: StackSetOperationOutput) -> str:
    who = "" if each.is_ours else ", not by pinekeep"
    failed = f", {each.failed} failed" if each.failed else ""
    begun = f" since {each.created:%Y-%m-%d %H:%M} UTC" if each.created and each.ended is None else ""
    return f"operation {each.id}: {each.action} {each.status}{begun}{failed}{who}"


def _instance_text(each: FleetInstanceOutput, write: Callable[[str], None]) -> None:
    detail = f" ({each.detail})" if each.detail and each.status != CURRENT else ""
    drift = ", drifted" if each.drift == DRIFTED else ""
    outside = "" if each.in_file else ", not in the file"
    write(f"{each.account} {each.region}: {each.status}{detail}{drift}{outside}")
    if each.reason:
        write(f"  {each.reason}")
    if each.hint:
        write(f"  {each.hint}")
    for change in each.drifted:
        write(f"  {change}")


def _stack_set(name: str, found: StackSet) -> StackSetOutput:
    metadata = _metadata(found.template)
    return StackSetOutput(
        name=found.name,
        id=found.id,
        is_ours=found.tags.get(naming.FLEET_TAG) == name,
        permissions=found.permission_model.lower().replace("_", "-"),
        automatic_deployment=found.auto_deployment,
        managed_execution=found.managed_execution,
        version=metadata.get("Version"),
        shape=metadata.get("Shape"),
    )


def _metadata(template: str) -> dict[str, str]:
    try:
        found = json.loads(template)["Metadata"]["Pinekeep"]
        return {name: str(each) for name, each in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _operation(each: Operation) -> StackSetOperationOutput:
    return StackSetOperationOutput(
        id=each.id,
        action=each.action,
        status=each.status,
        is_ours=digest_of(each.id) is not None,
        created=each.created,
        ended=each.ended,
        failed=each.failed,
    )


def _instance(found: Instance, *, in_file: bool, drifted: tuple[str, ...]) -> FleetInstanceOutput:
    return FleetInstanceOutput(
        account=found.account,
        region=found.region,
        status=found.status,
        detail=found.detailed_status,
        reason=found.reason if found.status != CURRENT or found.detailed_status == SUSPENDED else None,
        hint=_hint(found),
        in_file=in_file,
        stack_id=found.stack_id,
        operation=found.last_operation,
        drift=found.drift,
        drift_checked_at=found.drift_checked_at,
        drifted=list(drifted),
    )


def _hint(found: Instance) -> str | None:
    if found.status == INOPERABLE:
        return (
            "StackSets no longer updates it: take it out of the stack set, which leaves the stack (`pinekeep fleet "
            f"remove --account {found.account} --region {found.region}`), and see the stack's events in the account"
        )
    said = found.detailed_status if found.detailed_status == SUSPENDED else found.reason
    if said is None or (found.status == CURRENT and found.detailed_status != SUSPENDED):
        return None
    known = explained_instance(said)
    return known.hint if known else None
