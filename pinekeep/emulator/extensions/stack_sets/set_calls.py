"""The calls about stack sets themselves."""

from ministack.core.responses import get_region

from pinekeep.emulator.extensions import service_quotas
from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.stack_sets import administrators, schedule, settings, templates
from pinekeep.emulator.extensions.stack_sets.administrators import find
from pinekeep.emulator.extensions.stack_sets.pages import page
from pinekeep.emulator.extensions.stack_sets.permissions import administration_role_arn
from pinekeep.emulator.extensions.stack_sets.protocol import Document, Form
from pinekeep.emulator.extensions.stack_sets.records import (
    SELF_MANAGED,
    SERVICE_MANAGED,
    StackSet,
    sets,
    sets_of,
)
from pinekeep.model.facts.stack_sets import EXECUTION_ROLE

_NOT_DETECTED = {"DriftStatus": "NOT_CHECKED"}


def create(form: Form, asked: Document) -> Document:
    """Make a set without instances."""
    owner, model = administrators.owner(asked), asked.get("PermissionModel", SELF_MANAGED)
    settings.check_new(owner, asked, model)
    token = asked.get("ClientRequestToken")
    for each in sets_of(owner, get_region()):
        if each.status == "ACTIVE" and each.name == asked["StackSetName"]:
            if token and each.token == token:
                return {"StackSetId": each.set_id}
            raise RefusedError("NameAlreadyExistsException", f"StackSet {each.name} already exists")
    there = sum(each.status == "ACTIVE" for each in sets_of(owner, get_region()))
    if there >= (most := service_quotas.limit(service_quotas.STACK_SETS)):
        raise RefusedError("LimitExceededException", f"The account has {there} of {most} stack sets")
    read = templates.read_template(form, asked)
    if read is None:
        raise RefusedError("ValidationError", "Either Template URL or Template Body must be specified.")
    body, template = read
    managed = model == SERVICE_MANAGED
    made = StackSet(
        account=owner,
        region=get_region(),
        name=asked["StackSetName"],
        template_body=body,
        template=template,
        parameters=templates.set_values(template, asked.get("Parameters") or [], {}),
        permission_model=model,
        description=asked.get("Description"),
        capabilities=asked.get("Capabilities") or [],
        tags=asked.get("Tags") or [],
        administration_role_arn=asked.get("AdministrationRoleARN"),
        execution_role_name=asked.get("ExecutionRoleName"),
        auto_deployment=asked.get("AutoDeployment", {"Enabled": False}) if managed else None,
        managed_execution=(asked.get("ManagedExecution") or {}).get("Active", False),
        token=token,
    )
    sets[made.arn] = made
    return {"StackSetId": made.set_id}


def delete(_: Form, asked: Document) -> Document:
    """Delete a set that has no instances. A set that does not exist is no error."""
    try:
        stack_set = find(asked)
    except RefusedError as error:
        if error.code == "StackSetNotFoundException":
            return {}
        raise
    if stack_set.active_operations:
        raise schedule.in_progress(stack_set)
    if stack_set.instances:
        raise RefusedError("StackSetNotEmptyException", "StackSet is not empty")
    stack_set.status = "DELETED"
    return {}


def describe(_: Form, asked: Document) -> Document:
    """Describe a set."""
    each = find(asked)
    described = {
        **summary(each),
        "TemplateBody": each.template_body,
        "Parameters": templates.as_list(each.parameters, each.template),
        "Capabilities": each.capabilities,
        "Tags": each.tags,
        "StackSetARN": each.arn,
        "StackSetDriftDetectionDetails": each.drift or _NOT_DETECTED,
        "OrganizationalUnitIds": each.units,
        "Regions": sorted({region for _, region in each.instances}),
    }
    if not each.is_service_managed:
        described["AdministrationRoleARN"] = administration_role_arn(each)
        described["ExecutionRoleName"] = each.execution_role_name or EXECUTION_ROLE
    for name in ("DriftStatus", "LastDriftCheckTimestamp"):
        described.pop(name, None)
    return {"StackSet": described}


def list_all(_: Form, asked: Document) -> Document:
    """List the sets of an account and Region."""
    delegated = administrators.is_delegated(asked)
    found = [
        each
        for each in sets_of(administrators.owner(asked), get_region())
        if asked.get("Status") in (None, each.status) and (each.is_service_managed or not delegated)
    ]
    return page(found, asked, summary)


def summary(each: StackSet) -> Document:
    """Return what a list tells about a set."""
    drift = each.drift or _NOT_DETECTED
    return {
        "StackSetName": each.name,
        "StackSetId": each.set_id,
        "Description": each.description,
        "Status": each.status,
        "AutoDeployment": each.auto_deployment,
        "PermissionModel": each.permission_model,
        "DriftStatus": drift["DriftStatus"],
        "LastDriftCheckTimestamp": drift.get("LastDriftCheckTimestamp"),
        "ManagedExecution": {"Active": each.managed_execution},
    }
