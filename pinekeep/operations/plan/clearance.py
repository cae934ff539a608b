"""Deleting change sets of ours, and the empty stacks that were created for them alone."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.process import Looks
from pinekeep.errors import AwsRefusedError, PinekeepError
from pinekeep.operations.plan.cloudformation import GONE, REVIEW, Target, describe_stack, says_no_stack, wait_for

PREFIX: Final = "pinekeep-"
"""Prefix of the names of our change sets. Only those are ever deleted."""
FORGOTTEN_AFTER: Final = timedelta(minutes=10)
"""A change set of ours that is older was left behind by a run that was killed. If somebody does take that long to
answer a prompt, the deployment reports that its change set is gone, and nothing is changed."""
_BUSY: Final = "InvalidChangeSetStatus"
_SECONDS_TO_DELETE: Final = 30.0


def clear_away(target: Target, name: str, *, with_stack: bool, tell: Callable[[str], None]) -> None:
    """Delete a change set, and its stack if that was created for it alone. Failures are reported, not raised."""
    try:
        with refusals_told(target.region):
            _delete_change_set(target, name)
            if with_stack:
                _delete_empty_stack(target)
    except PinekeepError as error:
        tell(f"change set {name} of stack {target.place} may be left behind: {error.message}")


def _delete_change_set(target: Target, name: str) -> None:
    client = target.clients.client("cloudformation")
    looks = Looks(f"change set {name} to be deleted", seconds=_SECONDS_TO_DELETE)

    def delete() -> bool | None:
        try:
            client.delete_change_set(StackName=target.name, ChangeSetName=name)
        except Exception as error:
            if code_of(error) in GONE or says_no_stack(error):
                return True
            if code_of(error) == _BUSY:
                return None
            raise
        return True

    try:
        wait_for(looks, delete)
    except TimeoutError:
        raise AwsRefusedError("CloudFormation is still at work on it") from None


def _delete_empty_stack(target: Target) -> None:
    """Delete a stack to which nothing was ever deployed. By its ID: another stack of the name is another stack."""
    client = target.clients.client("cloudformation")
    stack = describe_stack(client, target.name)
    if stack is None or stack["StackStatus"] != REVIEW:
        return
    stack_id = str(stack["StackId"])
    for each in _change_sets_of(target):
        if not _is_forgotten(each):
            return
        client.delete_change_set(StackName=stack_id, ChangeSetName=each["ChangeSetName"])
    if stack.get("EnableTerminationProtection"):
        client.update_termination_protection(StackName=stack_id, EnableTerminationProtection=False)
    client.delete_stack(StackName=stack_id)
    with suppress(TimeoutError):
        looks = Looks(f"stack {target.name} to be deleted", seconds=_SECONDS_TO_DELETE)
        wait_for(looks, lambda: True if describe_stack(client, stack_id) is None else None)


def is_abandoned(target: Target) -> bool:
    """Whether only runs of this command wait for a stack in review.

    A stack without any change set is left behind when a run is killed between the two deletions, or when the deletion
    of the stack fails.
    """
    return all(each["ChangeSetName"].startswith(PREFIX) for each in _change_sets_of(target))


def _change_sets_of(target: Target) -> list[dict[str, Any]]:
    try:
        answer = target.clients.client("cloudformation").list_change_sets(StackName=target.name)
    except Exception as error:
        if says_no_stack(error):
            return []
        raise
    return list(answer["Summaries"])


def _is_forgotten(summary: dict[str, Any]) -> bool:
    age = datetime.now(UTC) - summary["CreationTime"]
    return bool(summary["ChangeSetName"].startswith(PREFIX)) and age > FORGOTTEN_AFTER
