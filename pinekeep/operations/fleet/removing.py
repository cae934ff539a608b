"""Reading what leaves a fleet's stack set, and removing it."""

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.stack_sets import overrides_of
from pinekeep.errors import AwsRefusedError
from pinekeep.model import naming
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.model.facts.stack_set_failures import explained_instance
from pinekeep.model.output.fleet_deployment import (
    FleetInstanceResult,
    FleetKeptOutput,
    FleetRemoveOutput,
    InstanceResult,
)
from pinekeep.operations.fleet.deployment import calls_for, limits_of, require_unchanged
from pinekeep.operations.fleet.desired import Place, call_as, part_of, stack_set_name
from pinekeep.operations.fleet.execution import execute
from pinekeep.operations.fleet.observed import SIDE_BY_SIDE, Observed, read_observed
from pinekeep.operations.fleet.outcomes import Execution
from pinekeep.operations.fleet.removal import ROLE_REGION, Removal, removal_of, what_stays

_RESULTS: Final[dict[str, InstanceResult]] = {"FAILED": "failed", "CANCELLED": "cancelled"}


def read_removal(
    found: FleetTargets,
    *,
    clients: Clients,
    accounts: Collection[str],
    regions: Collection[str],
    delete_stacks: bool,
) -> Removal:
    """Return what leaves the stack set of a fleet; see :func:`removal_of` for what is refused.

    Three calls, more for each page, and one for each instance whose account has several. Raises AwsRefusedError if AWS
    refuses, or the stack set is not the fleet's.
    """
    name = stack_set_name(found.name, part_of(found))
    observed = read_observed(clients, name, call_as=call_as(found))
    stack_set = observed.stack_set
    if stack_set is not None and stack_set.tags.get(naming.FLEET_TAG) != found.name:
        raise AwsRefusedError(
            f"stack set {name} lacks the tag {naming.FLEET_TAG}={found.name}: it is not this fleet's",
            hint="see whose it is before anything else: aws cloudformation describe-stack-set --stack-set-name "
            f"{name} --region {clients.region}",
        )

    def role_regions(places: Iterable[Place]) -> dict[Place, str]:
        listed = list(places)
        if not listed:
            return {}
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            return dict(zip(listed, pool.map(read, listed), strict=True))

    def read(place: Place) -> str:
        account, region = place
        own = overrides_of(clients, name, account=account, region=region, call_as=call_as(found)) or {}
        default = stack_set.parameters.get(ROLE_REGION, "") if stack_set is not None else ""
        return own.get(ROLE_REGION, default)

    units = found.fleet.units
    return removal_of(
        observed,
        part=part_of(found),
        accounts=accounts,
        regions=regions,
        wanted=[(each.account, each.region) for each in found.targets],
        role_regions=role_regions,
        units=lambda _: units[0] if units else None,
        delete_stacks=delete_stacks,
    )


def remove(
    found: FleetTargets, removal: Removal, *, clients: Clients, tell: Callable[[str], None]
) -> FleetRemoveOutput:
    """Remove the instances, and the stack set if none is left and all were to leave; return the results.

    Raises AwsRefusedError if the stack set changed since it was read, or AWS refuses.
    """
    require_unchanged(found, removal.observed, clients=clients)
    calls = calls_for(found, clients)
    execution = execute(
        removal.batches,
        stack_sets=calls,
        limits=limits_of(found.fleet.operation),
        tell=tell,
        go_on=f"pinekeep fleet remove --fleet {found.name}, with the same options",
    )
    if execution.refusal is not None:
        raise execution.refusal
    left = read_observed(clients, stack_set_name(found.name, part_of(found)), call_as=call_as(found))
    deleted = removal.whole and not left.instances
    if deleted:
        calls.delete()
    return _output(found, removal, results=_results(removal, execution, left), changed=True, deleted=deleted)


def removal_output(found: FleetTargets, removal: Removal) -> FleetRemoveOutput:
    """Return what would be removed."""
    results = [
        FleetInstanceResult(account=account, region=region, result="not-started", stack_id=stack)
        for (account, region), stack in removal.stack_ids.items()
    ]
    return _output(found, removal, results=results, changed=False, deleted=False)


def _output(
    found: FleetTargets, removal: Removal, *, results: list[FleetInstanceResult], changed: bool, deleted: bool
) -> FleetRemoveOutput:
    gone = {(each.account, each.region) for each in results if not changed or each.result == "removed"}
    return FleetRemoveOutput(
        fleet=found.name,
        stack_set=stack_set_name(found.name, part_of(found)),
        changed=changed,
        stacks_deleted=removal.delete_stacks,
        stack_set_deleted=deleted,
        instances=results,
        kept=[
            FleetKeptOutput(account=place[0], region=place[1], what=what, why=why)
            for place in removal.stack_ids
            if place in gone
            for what, why in what_stays(removal, place)
        ],
        deleted=list(removal.deleted),
    )


def _results(removal: Removal, execution: Execution, left: Observed) -> list[FleetInstanceResult]:
    """Return the results: an instance that the stack set still has was not removed, whatever the operation says."""
    found = []
    for place, stack in removal.stack_ids.items():
        outcome = execution.outcomes.get(place)
        instance = left.instances.get(place)
        result: InstanceResult = "removed"
        reason = None
        if instance is not None:
            result = _RESULTS.get(outcome.status, "failed") if outcome is not None else "not-started"
            if outcome is not None and outcome.status == "NOT_STARTED":
                result = "not-started"
            reason = (outcome.reason if outcome is not None else None) or instance.reason
            if reason is None and result == "failed":
                reason = "StackSets removed nothing: the account has left the organizational unit of its instance"
        known = explained_instance(reason) if reason else None
        found.append(
            FleetInstanceResult(
                account=place[0],
                region=place[1],
                result=result,
                stack_id=stack,
                reason=reason,
                hint=known.hint if known is not None else None,
                operation=outcome.operation if outcome is not None else None,
            )
        )
    return found
