"""Removing a stack, and waiting for CloudFormation."""

import time
from collections.abc import Callable
from typing import Any, Final

from pinekeep.account.client.refusal_codes import code_of, message_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.deploy_role import as_deploy_role
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Deployment
from pinekeep.model.facts.stack_failures import explained

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 3.0
_SECONDS: Final = 3600.0
"""EC2 takes minutes to delete an endpoint's network interfaces; a stack that takes an hour is stuck."""


def remove_stack(stack: str, deployment: Deployment, *, access: Access, tell: Callable[[str], None]) -> None:
    """Delete a stack as the bootstrap's role for deployments does. Ask the user first: this does not.

    Args:
        stack: its name. One that is not there is fine.

    Raises:
        AwsRefusedError: AWS refuses, or something in the stack cannot be deleted. It can be run again.
    """
    client = as_deploy_role(access, deployment).client("cloudformation")
    with refusals_told():
        found = _described(client, stack)
        if found is None:
            return
        stack_id = str(found["StackId"])
        client.delete_stack(StackName=stack_id)
        tell(f"{stack}: DELETE_IN_PROGRESS")
        status = _wait(client, stack_id)
        if status is None:
            tell(f"{stack}: DELETE_COMPLETE")
            return
        reason = _reason(client, stack_id)
    known = explained(reason) if reason else None
    raise AwsRefusedError(
        f"stack {stack} ended in state {status}" + (f": {reason}" if reason else ""),
        hint=(f"{known.hint}; then " if known else "when what stands in the way is gone, ") + "run it again",
    )


def _wait(client: Any, stack_id: str) -> str | None:
    """Return the state that a stack ended in; None where it is gone."""
    pause, deadline = _FIRST_PAUSE, time.monotonic() + _SECONDS
    while True:
        found = _described(client, stack_id)
        if found is None:
            return None
        status = str(found["StackStatus"])
        if not status.endswith("_IN_PROGRESS") or time.monotonic() > deadline:
            return status
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _described(client: Any, stack: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = client.describe_stacks(StackName=stack)["Stacks"][0]
    except Exception as error:
        if code_of(error) == "ValidationError" and "does not exist" in message_of(error):
            return None
        raise
    return None if found["StackStatus"] == "DELETE_COMPLETE" else found


def _reason(client: Any, stack_id: str) -> str | None:
    """Return why a resource could not be deleted: the newest event that says so."""
    events = client.describe_stack_events(StackName=stack_id)["StackEvents"]
    failed = (each for each in events if each["ResourceStatus"] == "DELETE_FAILED")
    told = (
        f"{each['LogicalResourceId']}: {each['ResourceStatusReason']}"
        for each in failed
        if each.get("ResourceStatusReason") and each["ResourceType"] != "AWS::CloudFormation::Stack"
    )
    return next(told, None)
