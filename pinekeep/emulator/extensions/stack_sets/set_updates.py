"""The update of a set, and of its instances: all of them, or those of some accounts and Regions."""

from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.stack_sets import preferences, schedule, settings, targets, templates
from pinekeep.emulator.extensions.stack_sets.administrators import find_to_act
from pinekeep.emulator.extensions.stack_sets.protocol import Document, Form
from pinekeep.emulator.extensions.stack_sets.records import Operation, StackSet


def update(form: Form, asked: Document) -> Document:
    """Change a set at once, and start the update of its instances. What is refused changes nothing."""
    stack_set, operation_id = find_to_act(asked), asked.get("OperationId") or schedule.new_id()
    schedule.check(stack_set, operation_id)
    body, template = _template(form, asked, stack_set)
    values = templates.set_values(template, asked.get("Parameters") or [], stack_set.parameters)
    operation = _operation(stack_set, asked, operation_id)
    for name, value in settings.changes(stack_set, asked).items():
        setattr(stack_set, name, value)
    if any(each in asked for each in ("TemplateBody", "TemplateURL", "Parameters")):
        for each in stack_set.instances.values():
            if each.status == "CURRENT":
                each.status = "OUTDATED"
    stack_set.template_body, stack_set.template, stack_set.parameters = body, template, values
    stack_set.generation += 1
    return {"OperationId": schedule.accept(stack_set, operation)}


def _operation(stack_set: StackSet, asked: Document, operation_id: str) -> Operation:
    if any(each in asked for each in ("Accounts", "DeploymentTargets", "Regions")):
        accounts = targets.accounts_asked(stack_set, asked, creates=False)
        places = targets.existing(stack_set, accounts, targets.regions_asked(asked))
    else:
        places = list(stack_set.instances)
        accounts = {each.account: each.unit for each in stack_set.instances.values()}
    places = [each for each in places if stack_set.instances[each].status != "INOPERABLE"]
    regions = list(dict.fromkeys(region for _, region in places))
    return Operation(
        operation_id=operation_id,
        action="UPDATE",
        regions=regions,
        accounts=accounts,
        preferences=preferences.checked(asked.get("OperationPreferences"), regions),
        places=places,
        targets=asked.get("DeploymentTargets"),
        whole_set=True,
    )


def _template(form: Form, asked: Document, stack_set: StackSet) -> tuple[str, Document]:
    read = templates.read_template(form, asked)
    previous = asked.get("UsePreviousTemplate", False)
    if (read is None) != previous:
        raise RefusedError("ValidationError", "Specify a template, or UsePreviousTemplate, but not both")
    if read is None:
        return stack_set.template_body, templates.checked(stack_set.template_body, form)
    return read
