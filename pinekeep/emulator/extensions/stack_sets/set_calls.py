"""The calls about stack sets themselves."""

from ministack.core.responses import get_region

from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.stack_sets import administrators, preferences, schedule, targets, templates
from pinekeep.emulator.extensions.stack_sets.pages import page
from pinekeep.emulator.extensions.stack_sets.permissions import administration_role_arn
from pinekeep.emulator.extensions.stack_sets.protocol import Document, Form
from pinekeep.emulator.extensions.stack_sets.records import (
    EXECUTION_ROLE,
    SELF_MANAGED,
    SERVICE_MANAGED,
    Operation,
    StackSet,
    known_set,
    sets,
    sets_of,
)

_NOT_DETECTED = {"DriftStatus": "NOT_CHECKED"}


def find(asked: Document) -> StackSet:
    """Return the set that a request names. Raises RefusedError."""
    owner = administrators.owner(asked)
    delegated = administrators.is_delegated(asked)
    return known_set(owner, get_region(), asked["StackSetName"], only_service_managed=delegated)


def create(form: Form, asked: Document) -> Document:
    """Make a set without instances."""
    owner, model = administrators.owner(asked), asked.get("PermissionModel", SELF_MANAGED)
    if "StackId" in asked:
        raise RefusedError("ValidationError", "The embedded AWS cannot import a stack into a stack set")
    _check_permission_model(owner, asked, model)
    token = asked.get("ClientRequestToken")
    for each in sets_of(owner, get_region()):
        if each.status == "ACTIVE" and each.name == asked["StackSetName"]:
            if token and each.token == token:
                return {"StackSetId": each.set_id}
            raise RefusedError("NameAlreadyExistsException", f"StackSet {each.name} already exists")
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


def update(form: Form, asked: Document) -> Document:
    """Change a set, and update its instances: all of them, or those of some accounts and Regions."""
    stack_set, operation_id = find(asked), asked.get("OperationId") or schedule.new_id()
    schedule.check(stack_set, operation_id)
    read = _new_template(form, asked, stack_set)
    values = templates.set_values(read[1], asked.get("Parameters") or [], stack_set.parameters)
    chosen = any(each in asked for each in ("Accounts", "DeploymentTargets", "Regions"))
    accounts: dict[str, str | None] = {}
    if chosen:
        accounts = targets.accounts_asked(stack_set, asked, creates=False)
        places = targets.existing(stack_set, accounts, targets.regions_asked(asked))
    else:
        places = list(stack_set.instances)
    places = [each for each in places if stack_set.instances[each].status != "INOPERABLE"]
    regions = list(dict.fromkeys(region for _, region in places))
    wishes = preferences.checked(asked.get("OperationPreferences"), regions)
    _change_settings(stack_set, asked)
    if any(each in asked for each in ("TemplateBody", "TemplateURL", "Parameters")):
        for each in stack_set.instances.values():
            if each.status == "CURRENT":
                each.status = "OUTDATED"
    stack_set.template_body, stack_set.template, stack_set.parameters = *read, values
    stack_set.generation += 1
    operation = Operation(
        operation_id=operation_id,
        action="UPDATE",
        regions=regions,
        accounts=accounts or {each: stack_set.instances[each, region].unit for each, region in places},
        preferences=wishes,
        places=places,
        targets=asked.get("DeploymentTargets"),
        whole_set=True,
    )
    return {"OperationId": schedule.accept(stack_set, operation)}


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
        summary(each)
        for each in sets_of(administrators.owner(asked), get_region())
        if asked.get("Status") in (None, each.status) and (each.is_service_managed or not delegated)
    ]
    return page(found, asked)


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


def _check_permission_model(owner: str, asked: Document, model: str) -> None:
    if model == SERVICE_MANAGED:
        administrators.check_service_managed(owner)
        if "AdministrationRoleARN" in asked or "ExecutionRoleName" in asked:
            raise RefusedError("ValidationError", "Roles are valid only with SELF_MANAGED permissions")
        _check_auto_deployment(asked.get("AutoDeployment"))
    else:
        if asked.get("CallAs") == "DELEGATED_ADMIN":
            raise RefusedError(
                "ValidationError", "CallAs DELEGATED_ADMIN is valid only with SERVICE_MANAGED permissions"
            )
        if "AutoDeployment" in asked:
            raise RefusedError("ValidationError", "AutoDeployment is valid only with SERVICE_MANAGED permissions")


def _check_auto_deployment(asked: Document | None) -> None:
    if asked is not None and not asked.get("Enabled") and asked.get("RetainStacksOnAccountRemoval"):
        raise RefusedError("ValidationError", "RetainStacksOnAccountRemoval is valid only if AutoDeployment is enabled")


def _new_template(form: Form, asked: Document, stack_set: StackSet) -> tuple[str, Document]:
    read = templates.read_template(form, asked)
    if read is not None:
        if asked.get("UsePreviousTemplate"):
            raise RefusedError("ValidationError", "Specify only one of a template and UsePreviousTemplate")
        return read
    if not asked.get("UsePreviousTemplate"):
        raise RefusedError("ValidationError", "Either Template URL or Template Body must be specified.")
    return stack_set.template_body, templates.checked(stack_set.template_body, form)


def _change_settings(stack_set: StackSet, asked: Document) -> None:
    model = asked.get("PermissionModel", stack_set.permission_model)
    if model != stack_set.permission_model:
        if stack_set.instances:
            raise RefusedError("ValidationError", "PermissionModel cannot change while the StackSet has instances")
        _check_permission_model(stack_set.account, asked, model)
        stack_set.permission_model = model
    if "AutoDeployment" in asked:
        if not stack_set.is_service_managed:
            raise RefusedError("ValidationError", "AutoDeployment is valid only with SERVICE_MANAGED permissions")
        if any(each in asked for each in ("DeploymentTargets", "Regions")):
            raise RefusedError("ValidationError", "Specify AutoDeployment without DeploymentTargets and Regions")
        _check_auto_deployment(asked["AutoDeployment"])
        stack_set.auto_deployment = asked["AutoDeployment"]
    managed = (asked.get("ManagedExecution") or {}).get("Active", stack_set.managed_execution)
    if managed != stack_set.managed_execution:
        if stack_set.active_operations:
            raise schedule.in_progress(stack_set)
        stack_set.managed_execution = managed
    stack_set.description = asked.get("Description", stack_set.description)
    stack_set.administration_role_arn = asked.get("AdministrationRoleARN", stack_set.administration_role_arn)
    stack_set.execution_role_name = asked.get("ExecutionRoleName", stack_set.execution_role_name)
    stack_set.capabilities = asked.get("Capabilities") or []
    stack_set.tags = asked.get("Tags", stack_set.tags)
