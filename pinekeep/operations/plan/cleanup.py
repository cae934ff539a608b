"""Leaving nothing behind: change sets that were not executed, and stacks that were only made for them."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.errors import PinekeepError
from pinekeep.operations.plan.creation import GONE, no_such_stack
from pinekeep.operations.plan.target import REVIEW, Target

PREFIX: Final = "pinekeep-"
"""The change sets of this command begin so: they may be cleared away, others never."""

FORGOTTEN_AFTER: Final = timedelta(minutes=10)
"""A change set of ours that old was left behind by a run that was killed. Where somebody does wait at a question that
long, the deployment says that its change set is gone, and nothing is changed."""

_BUSY: Final = "InvalidChangeSetStatus"
_SECONDS_TO_GO: Final = 30.0
_PAUSE: Final = 0.3


def clear_away(target: Target, name: str, *, with_stack: bool, tell: Callable[[str], None]) -> None:
    """Delete a change set, and its stack where that was only made for it. What fails is told, not raised."""
    try:
        with refusals_told():
            _delete_change_set(target, name)
            if with_stack:
                _delete_empty_stack(target)
    except PinekeepError as error:
        tell(f"change set {name} of stack {target.stack} may be left behind: {error.message}")


def _delete_change_set(target: Target, name: str) -> None:
    client = target.clients.client("cloudformation")
    deadline = time.monotonic() + _SECONDS_TO_GO
    while True:
        try:
            client.delete_change_set(StackName=target.stack, ChangeSetName=name)
        except Exception as error:
            if code_of(error) in GONE or no_such_stack(error):
                return
            if code_of(error) != _BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _delete_empty_stack(target: Target) -> None:
    """Delete a stack in which nothing ever was. By its ID: another one of its name is another stack."""
    client = target.clients.client("cloudformation")
    stack = _in_review(target)
    if stack is None:
        return
    stack_id = str(stack["StackId"])
    for each in _change_sets_of(target):
        if not _is_forgotten(each):
            return
        client.delete_change_set(StackName=stack_id, ChangeSetName=each["ChangeSetName"])
    if stack.get("EnableTerminationProtection"):
        client.update_termination_protection(StackName=stack_id, EnableTerminationProtection=False)
    client.delete_stack(StackName=stack_id)
    deadline = time.monotonic() + _SECONDS_TO_GO
    while _exists(client, stack_id) and time.monotonic() < deadline:
        time.sleep(_PAUSE)


def _in_review(target: Target) -> dict[str, Any] | None:
    """Return a stack that nothing was ever deployed to; None where something was, or it is gone."""
    try:
        found: dict[str, Any] = target.clients.client("cloudformation").describe_stacks(StackName=target.stack)[
            "Stacks"
        ][0]
    except Exception as error:
        if no_such_stack(error):
            return None
        raise
    return found if found["StackStatus"] == REVIEW else None


def _exists(client: Any, stack_id: str) -> bool:
    try:
        found = client.describe_stacks(StackName=stack_id)["Stacks"][0]
    except Exception as error:
        if no_such_stack(error):
            return False
        raise
    return bool(found["StackStatus"] != "DELETE_COMPLETE")


def is_nobodys(target: Target) -> bool:
    """Whether a stack in review waits for nobody but runs of this command.

    One without any change set waits for nobody: it is what is left when a run is killed between deleting the one and
    the other, or when the deletion of the stack fails.
    """
    return all(each["ChangeSetName"].startswith(PREFIX) for each in _change_sets_of(target))


def _change_sets_of(target: Target) -> list[dict[str, Any]]:
    client = target.clients.client("cloudformation")
    try:
        found: list[dict[str, Any]] = client.list_change_sets(StackName=target.stack)["Summaries"]
    except Exception as error:
        if no_such_stack(error):
            return []
        raise
    return found


def _is_forgotten(summary: dict[str, Any]) -> bool:
    age = datetime.now(UTC) - summary["CreationTime"]
    return bool(summary["ChangeSetName"].startswith(PREFIX)) and age > FORGOTTEN_AFTER
