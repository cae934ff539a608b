"""Deploying a fleet: the operations of a reviewed plan, and their results by account and Region."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.stack_sets import Instance, list_operations
from pinekeep.errors import AwsRefusedError, PinekeepError
from pinekeep.model.config.fleet.settings import FleetOperation
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.model.facts.stack_set_failures import SUSPENDED, explained_instance
from pinekeep.model.output.fleet_deployment import FleetDeployOutput, FleetInstanceResult, InstanceResult
from pinekeep.operations.fleet.batching import batches_of
from pinekeep.operations.fleet.desired import DesiredInstance, Part, call_as, new_operation_id, part_of, stack_set_name
from pinekeep.operations.fleet.execution import execute
from pinekeep.operations.fleet.observed import CURRENT, Observed, read_observed
from pinekeep.operations.fleet.operations import Action, Batch, SetContent, StackSetCalls, refuse_others
from pinekeep.operations.fleet.outcomes import Execution, Limits, without_secrets
from pinekeep.operations.fleet.plans import DEPLOYED, FleetPlan
from pinekeep.operations.fleet.plans import Action as Planned
from pinekeep.operations.fleet.waiting import wait_for_operation

_OPERATIONS_READ: Final = 100
_RESULTS: Final[dict[str, InstanceResult]] = {
    "FAILED": "failed",
    "CANCELLED": "cancelled",
    "NOT_STARTED": "not-started",
}


def calls_for(found: FleetTargets, clients: Clients) -> StackSetCalls:
    """Return the calls for the stack set of a fleet. ``clients``: those of the administrator."""
    fleet, part = found.fleet, part_of(found)
    return StackSetCalls(
        clients,
        stack_set_name(found.name, part),
        call_as=call_as(found),
        service_managed=fleet.permissions == "service-managed",
        limits=fleet.operation,
        sequential=_has_roles(part),
    )


def limits_of(operation: FleetOperation) -> Limits:
    """Return the limits of a run by the settings of a fleet."""
    return Limits(
        concurrent=operation.concurrent_accounts,
        failed=operation.failed_accounts,
        strict=operation.concurrency == "strict",
    )


def require_quiet(found: FleetTargets, *, clients: Clients, tell: Callable[[str], None]) -> None:
    """Wait until the operations of earlier runs have ended.

    Raises AwsRefusedError if an operation is under way that this program did not start, or one makes no progress.
    """
    name = stack_set_name(found.name, part_of(found))
    calls = calls_for(found, clients)
    while True:
        listed = list_operations(clients, name, call_as=call_as(found), newest=_OPERATIONS_READ)
        refuse_others(listed, name=name, region=clients.region)
        running = [each for each in listed if each.is_under_way]
        if not running:
            return
        tell(f"operation {running[-1].id} of an earlier run is {running[-1].status}: waiting until it has ended")
        wait_for_operation(running[-1].id, stack_sets=calls, what="the operation of an earlier run to end")


def deploy(plan: FleetPlan, *, clients: Clients, tell: Callable[[str], None]) -> FleetDeployOutput:
    """Execute a plan that was reviewed; return the results.

    The stack set and its instances are read again first. Raises AwsRefusedError if they changed since the plan, or AWS
    cannot be asked; PinekeepError if the stack set cannot be updated without those that are held back. What AWS refuses
    after operations were started is in the result.
    """
    found = plan.found
    calls = calls_for(found, clients)
    require_unchanged(found, plan.observed, clients=clients)
    batches = _batches(plan)
    execution = Execution()
    if plan.changes.creates and batches:
        calls.create(_content(plan), token=new_operation_id(plan.desired.template_digest or ""))
        tell(f"stack set {plan.desired.stack_set} is created")
    if batches:
        execution = execute(
            batches,
            stack_sets=calls,
            limits=limits_of(found.fleet.operation),
            tell=tell,
            go_on=f"pinekeep fleet deploy --fleet {found.name}",
        )
    return _output(plan, execution, _read(plan, clients) if batches else plan.observed)


def _has_roles(part: Part) -> bool:
    return part == "cmek"


# --- What runs is what was reviewed ---


def _read(plan: FleetPlan, clients: Clients) -> Observed:
    return read_observed(clients, plan.desired.stack_set, call_as=call_as(plan.found))


def require_unchanged(found: FleetTargets, before: Observed, *, clients: Clients) -> None:
    """Read the stack set and its instances again. Raises AwsRefusedError if they changed, or are being changed."""
    name = stack_set_name(found.name, part_of(found))
    now = read_observed(clients, name, call_as=call_as(found))
    refuse_others(now.under_way, name=name, region=clients.region)
    if _version(now) != _version(before):
        raise AwsRefusedError(
            f"somebody else changed stack set {name} since it was read",
            hint=f"nothing was changed here; see what they did (`pinekeep fleet plan --fleet {found.name}`), then run "
            "it again",
        )


def _version(observed: Observed) -> object:
    found = observed.stack_set
    instances = {place: (each.stack_id, each.last_operation) for place, each in observed.instances.items()}
    if found is None:
        return None
    return found.id, found.template, found.parameters, found.tags, found.auto_deployment, instances


# --- The operations ---


def _batches(plan: FleetPlan) -> list[Batch]:
    """Return the operations of a plan, in order."""
    places = plan.places(*DEPLOYED)
    settings = list(_settings(plan))
    is_update = plan.changes.template or bool(plan.changes.tags)
    # Tags alone can wait until an instance may be updated.
    can_update = plan.changes.template or not plan.observed.instances or not places.isdisjoint(plan.observed.instances)
    content = _content(plan) if is_update and can_update else None
    batches = batches_of(plan.desired, plan.observed, places=places, content=content, units=plan.unit_of)
    first = frozenset(each.id for each in settings)
    return [*settings, *(replace(each, after=each.after | first) for each in batches)]


def _content(plan: FleetPlan) -> SetContent:
    """Return what the stack set deploys from now on; it keeps its template if that does not change."""
    fleet = plan.found.fleet
    renews = plan.changes.creates or plan.changes.template
    return SetContent(
        template=plan.desired.template if renews else None,
        parameters=plan.desired.parameters,
        tags=plan.desired.tags,
        administration_role_arn=fleet.administration_role_arn,
        execution_role_name=fleet.execution_role_name,
    )


def _settings(plan: FleetPlan) -> Iterator[Batch]:
    """Yield the update of the stack set's settings, if they need one.

    It acts on all instances, so it is made only where that changes none. Raises PinekeepError if automatic deployment
    is on and cannot be turned off so.
    """
    changes, stack_set = plan.changes, plan.observed.stack_set
    if stack_set is None or not (changes.auto_deployment or changes.managed_execution):
        return
    if any(each.status != CURRENT for each in plan.observed.instances.values()):
        if changes.auto_deployment:
            raise PinekeepError(
                f"automatic deployment of stack set {stack_set.name} is on, and turning it off would update instances "
                "that are not current",
                hint="turn it off in the CloudFormation console: StackSets, the stack set, Actions, Edit automatic "
                "deployment; then deploy again",
            )
        return
    yield Batch(
        id=new_operation_id(plan.desired.template_digest or ""),
        action=Action.SETTINGS,
        accounts=(),
        regions=(),
        content=SetContent(
            parameters=stack_set.parameters,
            administration_role_arn=stack_set.administration_role_arn,
            execution_role_name=stack_set.execution_role_name,
            stops_auto_deployment=changes.auto_deployment,
        ),
    )


# --- The results ---


def _output(plan: FleetPlan, execution: Execution, now: Observed) -> FleetDeployOutput:
    results = list(_results(plan, execution, now))
    return FleetDeployOutput(
        fleet=plan.found.name,
        stack_set=plan.desired.stack_set,
        changed=execution.started > 0,
        operations=execution.started,
        instances=results,
        counts=dict(sorted(Counter(each.result for each in results).items())),
        refused=None if execution.refusal is None else execution.refusal.message,
        refused_fix=None if execution.refusal is None else execution.refusal.hint,
    )


def _results(plan: FleetPlan, execution: Execution, now: Observed) -> Iterator[FleetInstanceResult]:
    for each in sorted(plan.targets, key=lambda one: (one.account, one.region or "")):
        if each.region is None or each.action in {Planned.LEFT_ALONE, Planned.SKIPPED, Planned.INCOMPLETE}:
            continue
        place = each.account, each.region
        instance = now.instances.get(place)
        stack_id = instance.stack_id if instance is not None else None
        if each.action is Planned.HELD_BACK:
            yield FleetInstanceResult(
                account=place[0],
                region=place[1],
                result="held-back",
                stack_id=stack_id,
                reason=each.reason,
                hint=each.remedy,
            )
        elif each.action is Planned.NONE:
            yield FleetInstanceResult(account=place[0], region=place[1], result="unchanged", stack_id=stack_id)
        else:
            done: InstanceResult = "created" if each.action is Planned.CREATE else "updated"
            yield _deployed(plan.desired.instances[place], execution, instance, done)


def _deployed(
    wanted: DesiredInstance, execution: Execution, instance: Instance | None, done: InstanceResult
) -> FleetInstanceResult:
    """Return the result of an operation; what the stack set says afterwards counts where it says worse."""
    place = wanted.place
    outcome = execution.outcomes.get(place)
    result, reason = done, None
    if outcome is None or outcome.status != "SUCCEEDED":
        result = _RESULTS.get(outcome.status if outcome is not None else "NOT_STARTED", "failed")
        reason = outcome.reason if outcome is not None else None
    elif instance is None:
        result, reason = "failed", "StackSets made no instance: the account is not in the units that it deploys to"
    elif instance.detailed_status == SUSPENDED:
        result, reason = "failed", SUSPENDED
    elif instance.status != CURRENT:
        result, reason = "failed", instance.reason or instance.detailed_status
    reason = without_secrets(reason, wanted.overrides)
    known = explained_instance(reason) if reason else None
    return FleetInstanceResult(
        account=place[0],
        region=place[1],
        result=result,
        stack_id=instance.stack_id if instance is not None else None,
        reason=reason,
        hint=known.hint if known is not None and result == "failed" else None,
        operation=outcome.operation if outcome is not None else None,
    )
