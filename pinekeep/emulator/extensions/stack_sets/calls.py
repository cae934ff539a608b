"""The calls of StackSets, in the emulator's table of CloudFormation's calls."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.core import iam_actions
from ministack.services.cloudformation import handlers

from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.organizations.records import observers
from pinekeep.emulator.extensions.stack_sets import (
    administrators,
    automatic,
    instance_calls,
    operation_calls,
    protocol,
    set_calls,
    set_updates,
    stacks,
)
from pinekeep.emulator.extensions.stack_sets.protocol import Answer, Document, Form

Call = Callable[[Form, Document], Document]


def stack_sets() -> None:
    """Gap: StackSets is missing. AWS runs a stack of each set in the accounts and Regions of its instances.

    Here the stacks are real ones of those accounts. Imports and account gates are missing.
    """
    stacks.whole_templates()
    observers.append(automatic.follow)
    for name, call in _CALLS.items():
        handlers._ACTION_HANDLERS[name] = _handler(name, call)
    resource_of = iam_actions.extract_resource_arn

    def resource(service: str, *request: Any) -> str:
        found = str(resource_of(service, *request))
        if service != "cloudformation" or found != "*":
            return found
        *_, query, region, account = request
        named = iam_actions._query_param(query, "StackSetName")
        if not named:
            return found
        if named.startswith("arn:"):
            return str(named)
        return f"arn:aws:cloudformation:{region}:{account}:stackset/{named if ':' in named else named + ':*'}"

    iam_actions.extract_resource_arn = resource


def _handler(name: str, call: Call) -> Callable[[Form], Answer]:
    def handle(form: Form) -> Answer:
        operation = protocol.operation_model(name)
        try:
            return protocol.answer(operation, call(form, protocol.request(operation, form)))
        except RefusedError as error:
            return protocol.refusal(operation, error)

    return handle


def _activate(_: Form, __: Document) -> Document:
    administrators.activate()
    return {}


def _deactivate(_: Form, __: Document) -> Document:
    administrators.deactivate()
    return {}


def _access(_: Form, asked: Document) -> Document:
    return {"Status": administrators.access(asked)}


_CALLS: Final[Mapping[str, Call]] = {
    "CreateStackSet": set_calls.create,
    "UpdateStackSet": set_updates.update,
    "DeleteStackSet": set_calls.delete,
    "DescribeStackSet": set_calls.describe,
    "ListStackSets": set_calls.list_all,
    "CreateStackInstances": instance_calls.create,
    "UpdateStackInstances": instance_calls.update,
    "DeleteStackInstances": instance_calls.delete,
    "DescribeStackInstance": instance_calls.describe,
    "ListStackInstances": instance_calls.list_all,
    "ListStackInstanceResourceDrifts": instance_calls.resource_drifts,
    "ListStackSetAutoDeploymentTargets": instance_calls.automatic_targets,
    "DetectStackSetDrift": operation_calls.detect_drift,
    "DescribeStackSetOperation": operation_calls.describe,
    "ListStackSetOperations": operation_calls.list_all,
    "ListStackSetOperationResults": operation_calls.results,
    "StopStackSetOperation": operation_calls.stop,
    "ActivateOrganizationsAccess": _activate,
    "DeactivateOrganizationsAccess": _deactivate,
    "DescribeOrganizationsAccess": _access,
}
