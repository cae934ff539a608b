"""The stack of an instance, in its own account and Region."""

import asyncio
import uuid
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.core.responses import request_scope
from ministack.services.cloudformation import _stack_events, _stacks, drift, handlers, helpers

from pinekeep.emulator.extensions.stack_sets import permissions
from pinekeep.emulator.extensions.stack_sets.protocol import Document
from pinekeep.emulator.extensions.stack_sets.records import Instance, StackSet, now
from pinekeep.emulator.extensions.stack_sets.templates import refused

_POLL_SECONDS: Final = 0.002
_DONE: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
_NEVER_MADE: Final = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
_NOTHING_TO_DO: Final = "No updates are to be performed."
_OK: Final = 200
_LONGEST_NAME: Final = 80  # a stack's name has 128 characters at most


class StackError(Exception):
    """An instance failed, for a reason."""


class SetTemplate(str):
    """The template of a set: no limit of a request's body applies to it."""

    __slots__ = ()


def whole_templates() -> None:
    """Let the stacks of a set have a template of more than 51,200 bytes, as AWS does where the set came from S3."""
    problem_of = helpers._template_body_problem

    def problem(body: str) -> Any:
        return None if isinstance(body, SetTemplate) else problem_of(body)

    helpers._template_body_problem = problem


async def deploy(stack_set: StackSet, instance: Instance) -> None:
    """Create the stack of an instance, or update it. Raises StackError.

    A stack that could not be created is deleted and made anew, and so is one that somebody has deleted.
    """
    given = {**stack_set.parameters, **instance.overrides}
    values = {name: given[name] for name in stack_set.parameters}  # an update of the set may have dropped parameters
    with _in_account(stack_set, instance):
        stack = _stack_of(instance)
        if stack is not None and stack["StackStatus"] in _NEVER_MADE:
            await _delete(stack_set, instance, stack)
            stack = None
        action = "CreateStack" if stack is None else "UpdateStack"
        _check_permission(stack_set, instance, action)
        name = stack["StackName"] if stack else f"StackSet-{stack_set.name[:_LONGEST_NAME]}-{uuid.uuid4()}"
        before = len(_stack_events.get(stack["StackId"]) or []) if stack else 0
        answer = handlers._ACTION_HANDLERS[action](_form(stack_set, name, values))
        if answer[0] != _OK:
            message = refused(answer).message
            if message != _NOTHING_TO_DO:
                raise StackError(message)
            return
        instance.stack_id = _stacks[name]["StackId"]
        status = await _ended(name)
        if status not in _DONE:
            raise StackError(_reason(name, instance.stack_id, before))


async def remove(stack_set: StackSet, instance: Instance) -> None:
    """Delete the stack of an instance, if it has one. Raises StackError."""
    with _in_account(stack_set, instance):
        stack = _stack_of(instance)
        if stack is not None:
            await _delete(stack_set, instance, stack)


def detect_drift(stack_set: StackSet, instance: Instance, operation_id: str) -> None:
    """Compare the stack of an instance with its resources. Raises StackError."""
    with _in_account(stack_set, instance):
        stack = _stack_of(instance)
        if stack is None:
            raise StackError(f"Stack {instance.stack_id or ''} does not exist")
        _check_permission(stack_set, instance, "DetectStackDrift")
        answer = handlers._ACTION_HANDLERS["DetectStackDrift"]({"StackName": stack["StackName"]})
        if answer[0] != _OK:
            raise StackError(refused(answer).message)
        found = stack["DriftInformation"]["StackDriftStatus"]
        instance.drift_status, instance.drift_checked = found, now()
        instance.resource_drifts[operation_id] = [
            dict(each["_drift"])
            for each in stack["_resources"].values()
            if each.get("_drift") and drift.supports_drift(each["ResourceType"])
        ]


@contextmanager
def _in_account(stack_set: StackSet, instance: Instance) -> Generator[None]:
    caller = iam_evaluator._request_caller_arn.set(permissions.session_arn(stack_set, instance.account))
    try:
        with request_scope(instance.account, instance.region):
            yield
    finally:
        iam_evaluator._request_caller_arn.reset(caller)


def _check_permission(stack_set: StackSet, instance: Instance, action: str) -> None:
    if reason := permissions.refusal(stack_set, instance.account, instance.region, action):
        raise StackError(reason)


def _stack_of(instance: Instance) -> Document | None:
    """Return the stack of an instance, in whose account and Region this is called; None for a deleted one."""
    if instance.stack_id is None:
        return None
    found: Document | None = _stacks.get(instance.stack_id.split("/")[1])
    return None if found is None or found["StackStatus"] == "DELETE_COMPLETE" else found


def _form(stack_set: StackSet, name: str, values: Mapping[str, str]) -> Document:
    form: Document = {"StackName": name, "TemplateBody": SetTemplate(stack_set.template_body)}
    for number, (key, value) in enumerate(values.items(), start=1):
        form[f"Parameters.member.{number}.ParameterKey"] = key
        form[f"Parameters.member.{number}.ParameterValue"] = value
    for number, tag in enumerate(stack_set.tags, start=1):
        form[f"Tags.member.{number}.Key"], form[f"Tags.member.{number}.Value"] = tag["Key"], tag["Value"]
    if not stack_set.tags:
        form["Tags"] = ""
    for number, capability in enumerate(stack_set.capabilities, start=1):
        form[f"Capabilities.member.{number}"] = capability
    return form


async def _delete(stack_set: StackSet, instance: Instance, stack: Document) -> None:
    _check_permission(stack_set, instance, "DeleteStack")
    answer = handlers._ACTION_HANDLERS["DeleteStack"]({"StackName": stack["StackId"]})
    if answer[0] != _OK:
        raise StackError(refused(answer).message)
    before = len(_stack_events.get(stack["StackId"]) or [])
    await asyncio.sleep(0)  # the deletion begins
    if await _ended(stack["StackName"]) != "DELETE_COMPLETE":
        raise StackError(_reason(stack["StackName"], stack["StackId"], before))
    instance.stack_id = None


async def _ended(name: str) -> str:
    while _stacks[name]["StackStatus"].endswith("_IN_PROGRESS"):
        await asyncio.sleep(_POLL_SECONDS)
    return str(_stacks[name]["StackStatus"])


def _reason(name: str, stack_id: str, before: int) -> str:
    """Return why a stack failed: its first resource that did after so many events, or itself."""
    for each in (_stack_events.get(stack_id) or [])[before:]:
        if each["ResourceStatus"].endswith("_FAILED") and each["ResourceType"] != "AWS::CloudFormation::Stack":
            return (
                f"ResourceLogicalId:{each['LogicalResourceId']}, ResourceType:{each['ResourceType']}, "
                f"ResourceStatusReason:{each.get('ResourceStatusReason', '')}."
            )
    return str(_stacks[name].get("StackStatusReason") or f"Stack {stack_id} is in {_stacks[name]['StackStatus']}")
