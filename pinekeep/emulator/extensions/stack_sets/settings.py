"""The settings of a set: who deploys it, by which permissions, and how."""

from typing import Any

from ministack.services.cloudformation import helpers

from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.stack_sets import administrators, schedule
from pinekeep.emulator.extensions.stack_sets.protocol import Document
from pinekeep.emulator.extensions.stack_sets.records import SERVICE_MANAGED, StackSet
from pinekeep.emulator.extensions.stack_sets.templates import refused


def check_new(owner: str, asked: Document, model: str) -> None:
    """Raise RefusedError, where a request for a new set contradicts itself or what its owner may do."""
    if problems := helpers.stack_name_problems(asked["StackSetName"]):
        raise RefusedError("ValidationError", helpers.validation_error_message(problems).replace("stackN", "stackSetN"))
    if "StackId" in asked:
        raise RefusedError("ValidationError", "The embedded AWS cannot import a stack into a stack set")
    _check_permission_model(owner, asked, model)
    _check_tags(asked)


def changes(stack_set: StackSet, asked: Document) -> dict[str, Any]:
    """Return the settings that a request gives a set, by the field of its record. Raises RefusedError."""
    model = asked.get("PermissionModel", stack_set.permission_model)
    if model != stack_set.permission_model and stack_set.instances:
        raise RefusedError("ValidationError", "PermissionModel cannot change while the StackSet has instances")
    _check_permission_model(stack_set.account, asked, model)
    _check_tags(asked)
    if "AutoDeployment" in asked and any(each in asked for each in ("DeploymentTargets", "Regions")):
        raise RefusedError("ValidationError", "Specify AutoDeployment without DeploymentTargets and Regions")
    managed = (asked.get("ManagedExecution") or {}).get("Active", stack_set.managed_execution)
    if managed != stack_set.managed_execution and stack_set.active_operations:
        raise schedule.in_progress(stack_set)
    given = {
        "description": "Description",
        "administration_role_arn": "AdministrationRoleARN",
        "execution_role_name": "ExecutionRoleName",
        "auto_deployment": "AutoDeployment",
        "tags": "Tags",
    }
    return {
        "permission_model": model,
        "managed_execution": managed,
        "capabilities": asked.get("Capabilities") or [],
        **{name: asked[member] for name, member in given.items() if member in asked},
    }


def _check_permission_model(owner: str, asked: Document, model: str) -> None:
    if model == SERVICE_MANAGED:
        administrators.check_service_managed(owner)
        if "AdministrationRoleARN" in asked or "ExecutionRoleName" in asked:
            raise RefusedError("ValidationError", "Roles are valid only with SELF_MANAGED permissions")
        automatic = asked.get("AutoDeployment") or {}
        if automatic.get("RetainStacksOnAccountRemoval") and not automatic.get("Enabled"):
            raise RefusedError("ValidationError", "RetainStacksOnAccountRemoval needs AutoDeployment to be enabled")
    elif asked.get("CallAs") == "DELEGATED_ADMIN":
        raise RefusedError("ValidationError", "CallAs DELEGATED_ADMIN is valid only with SERVICE_MANAGED permissions")
    elif "AutoDeployment" in asked:
        raise RefusedError("ValidationError", "AutoDeployment is valid only with SERVICE_MANAGED permissions")


def _check_tags(asked: Document) -> None:
    if error := helpers._validate_stack_tags(asked.get("Tags") or []):
        raise refused(error)
