"""The calls about the instances of a set."""

from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.stack_sets import automatic, preferences, schedule, targets, templates
from pinekeep.emulator.extensions.stack_sets.administrators import find, find_to_act
from pinekeep.emulator.extensions.stack_sets.pages import page
from pinekeep.emulator.extensions.stack_sets.protocol import Document, Form
from pinekeep.emulator.extensions.stack_sets.records import Instance, Operation, Place, StackSet, known_operation

_FILTERED = {
    "DETAILED_STATUS": "detailed_status",
    "LAST_OPERATION_ID": "last_operation_id",
    "DRIFT_STATUS": "drift_status",
}

_DRIFT_MEMBERS = (
    "StackId",
    "LogicalResourceId",
    "PhysicalResourceId",
    "ResourceType",
    "PropertyDifferences",
    "StackResourceDriftStatus",
    "Timestamp",
)


def create(_: Form, asked: Document) -> Document:
    """Make instances; those that are there are updated."""
    stack_set, operation = _prepared(asked, "CREATE")
    overrides = templates.overridden({}, operation.overrides)
    operation.places = targets.add(stack_set, operation.accounts, operation.regions, overrides)
    if operation.targets:
        stack_set.units.extend(
            each for each in operation.targets["OrganizationalUnitIds"] if each not in stack_set.units
        )
    automatic.note_targets(stack_set, operation)
    return {"OperationId": schedule.accept(stack_set, operation)}


def update(_: Form, asked: Document) -> Document:
    """Update instances, with other overrides."""
    stack_set, operation = _prepared(asked, "UPDATE")
    operation.places = targets.existing(stack_set, operation.accounts, operation.regions)
    return {"OperationId": schedule.accept(stack_set, operation)}


def delete(_: Form, asked: Document) -> Document:
    """Take instances out of the set, with or without their stacks."""
    stack_set, operation = _prepared(asked, "DELETE")
    operation.retain_stacks = asked["RetainStacks"]
    operation.places = _there(stack_set, operation)
    automatic.note_targets(stack_set, operation)
    return {"OperationId": schedule.accept(stack_set, operation)}


def describe(_: Form, asked: Document) -> Document:
    """Describe an instance."""
    stack_set = find(asked)
    instance = _known(stack_set, asked)
    overrides = templates.as_list(instance.overrides, stack_set.template)
    return {"StackInstance": {**_summary(stack_set, instance), "ParameterOverrides": overrides}}


def list_all(_: Form, asked: Document) -> Document:
    """List the instances of a set."""
    stack_set = find(asked)
    found = [
        each
        for each in stack_set.instances.values()
        if asked.get("StackInstanceAccount") in (None, each.account)
        and asked.get("StackInstanceRegion") in (None, each.region)
        and all(_matches(each, wanted) for wanted in asked.get("Filters") or [])
    ]
    return page(found, asked, lambda each: _summary(stack_set, each))


def automatic_targets(_: Form, asked: Document) -> Document:
    """List the targets of automatic deployment."""
    return page(automatic.described_targets(find(asked)), asked, dict)


def resource_drifts(_: Form, asked: Document) -> Document:
    """List what a drift detection found in the stack of an instance."""
    stack_set = find(asked)
    instance = _known(stack_set, asked)
    operation = known_operation(stack_set, asked["OperationId"])
    wanted = asked.get("StackInstanceResourceDriftStatuses")
    found = [
        each
        for each in instance.resource_drifts.get(operation.operation_id, [])
        if wanted is None or each["StackResourceDriftStatus"] in wanted
    ]
    return page(found, asked, lambda each: {name: each[name] for name in _DRIFT_MEMBERS if name in each})


def _prepared(asked: Document, action: str) -> tuple[StackSet, Operation]:
    stack_set, operation_id = find_to_act(asked), asked.get("OperationId") or schedule.new_id()
    schedule.check(stack_set, operation_id)
    regions = targets.regions_asked(asked)
    overrides = asked.get("ParameterOverrides")
    templates.check_overrides(stack_set.template, overrides or [])
    operation = Operation(
        operation_id=operation_id,
        action=action,
        regions=regions,
        accounts=targets.accounts_asked(stack_set, asked, creates=action == "CREATE"),
        preferences=preferences.checked(asked.get("OperationPreferences"), regions),
        places=[],
        targets=asked.get("DeploymentTargets"),
        overrides=overrides,
    )
    return stack_set, operation


def _there(stack_set: StackSet, operation: Operation) -> list[Place]:
    wanted = [(account, region) for account in operation.accounts for region in operation.regions]
    return [each for each in wanted if each in stack_set.instances]


def _known(stack_set: StackSet, asked: Document) -> Instance:
    place = asked["StackInstanceAccount"], asked["StackInstanceRegion"]
    found = stack_set.instances.get(place)
    if found is None:
        raise RefusedError(
            "StackInstanceNotFoundException",
            f"Stack instance for StackSet {stack_set.set_id}, account {place[0]} and region {place[1]} not found",
        )
    return found


def _matches(instance: Instance, wanted: Document) -> bool:
    return getattr(instance, _FILTERED[wanted["Name"]]) in wanted["Values"].split(",")


def _summary(stack_set: StackSet, each: Instance) -> Document:
    return {
        "StackSetId": stack_set.set_id,
        "Region": each.region,
        "Account": each.account,
        "StackId": each.stack_id,
        "Status": each.status,
        "StatusReason": each.reason,
        "StackInstanceStatus": {"DetailedStatus": each.detailed_status},
        "OrganizationalUnitId": each.unit,
        "DriftStatus": each.drift_status,
        "LastDriftCheckTimestamp": each.drift_checked,
        "LastOperationId": each.last_operation_id,
    }
