"""The calls about the operations of a set."""

from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.stack_sets import drift, execution, preferences, schedule
from pinekeep.emulator.extensions.stack_sets.administrators import find, find_to_act
from pinekeep.emulator.extensions.stack_sets.pages import page
from pinekeep.emulator.extensions.stack_sets.permissions import administration_role_arn
from pinekeep.emulator.extensions.stack_sets.protocol import Document, Form
from pinekeep.emulator.extensions.stack_sets.records import (
    Operation,
    Place,
    Result,
    known_operation,
    now,
)
from pinekeep.model.facts.stack_sets import EXECUTION_ROLE


def detect_drift(_: Form, asked: Document) -> Document:
    """Start a drift detection over all instances."""
    stack_set, operation_id = find_to_act(asked), asked.get("OperationId") or schedule.new_id()
    schedule.check(stack_set, operation_id)
    if any(each.action == "DETECT_DRIFT" for each in stack_set.active_operations):
        raise schedule.in_progress(stack_set)
    places = list(stack_set.instances)
    regions = list(dict.fromkeys(region for _, region in places))
    operation = Operation(
        operation_id=operation_id,
        action="DETECT_DRIFT",
        regions=regions,
        accounts={each.account: each.unit for each in stack_set.instances.values()},
        preferences=preferences.checked(asked.get("OperationPreferences"), regions),
        places=places,
        whole_set=True,
    )
    return {"OperationId": schedule.accept(stack_set, operation)}


def describe(_: Form, asked: Document) -> Document:
    """Describe an operation."""
    stack_set = find(asked)
    operation = known_operation(stack_set, asked["OperationId"])
    described = {
        **_summary(operation),
        "StackSetId": stack_set.set_id,
        "RetainStacks": operation.retain_stacks,
        "DeploymentTargets": operation.targets,
    }
    if not stack_set.is_service_managed:
        described["AdministrationRoleARN"] = administration_role_arn(stack_set)
        described["ExecutionRoleName"] = stack_set.execution_role_name or EXECUTION_ROLE
    if operation.action == "DETECT_DRIFT":
        described["StackSetDriftDetectionDetails"] = drift.details(stack_set, operation)
    return {"StackSetOperation": described}


def list_all(_: Form, asked: Document) -> Document:
    """List the operations of a set, the latest first."""
    return page(list(reversed(find(asked).operations.values())), asked, _summary)


def results(_: Form, asked: Document) -> Document:
    """List what an operation did in each account and Region."""
    stack_set = find(asked)
    operation = known_operation(stack_set, asked["OperationId"])
    wanted = [value for each in asked.get("Filters") or [] for value in each["Values"].split(",")]
    found = [each for each in operation.results.items() if not wanted or each[1].status in wanted]
    return page(found, asked, _result)


def stop(_: Form, asked: Document) -> Document:
    """Stop an operation: what has not begun is cancelled, the rest goes on to its end."""
    stack_set = find(asked)
    operation = known_operation(stack_set, asked["OperationId"])
    match operation.status:
        case "QUEUED":
            operation.status, operation.ended = "STOPPED", now()
            execution.cancel(stack_set, operation, operation.places, execution.STOPPED)
        case "RUNNING":
            operation.status = "STOPPING"
        case "STOPPING":
            pass
        case _:
            raise RefusedError(
                "InvalidOperationException",
                f"Operation {operation.operation_id} is in {operation.status} state and cannot be stopped",
            )
    return {}


def _summary(operation: Operation) -> Document:
    return {
        "OperationId": operation.operation_id,
        "Action": operation.action,
        "Status": operation.status,
        "StatusReason": operation.reason,
        "CreationTimestamp": operation.created,
        "EndTimestamp": operation.ended,
        "OperationPreferences": operation.preferences,
        "StatusDetails": {"FailedStackInstancesCount": operation.failed},
    }


def _result(found: tuple[Place, Result]) -> Document:
    (account, region), each = found
    return {
        "Account": account,
        "Region": region,
        "Status": each.status,
        "StatusReason": each.reason,
        "AccountGateResult": _gate(account, region, each),
        "OrganizationalUnitId": each.unit,
    }


def _gate(account: str, region: str, result: Result) -> Document | None:
    """Return the result of the account gate, a function that no account of the emulator has."""
    if result.status in ("PENDING", "CANCELLED"):
        return None
    function = f"arn:aws:lambda:{region}:{account}:function:AWSCloudFormationStackSetAccountGate"
    return {"Status": "SKIPPED", "StatusReason": result.skipped or f"Function not found: {function}"}
