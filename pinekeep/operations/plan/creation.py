"""Making one change set and waiting until CloudFormation has worked it out."""

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

from pinekeep.account.client.refusal_codes import code_of, message_of
from pinekeep.errors import AwsRefusedError
from pinekeep.model.facts.stack_failures import explained
from pinekeep.operations.plan.changes import ChangeSet, parse_change_set

GONE: Final = frozenset({"ChangeSetNotFound", "ChangeSetNotFoundException"})


class DisturbedError(AwsRefusedError):
    """Somebody else is at work on a stack, so what was found out about it does not hold."""

    def __init__(self, stack: str) -> None:
        super().__init__(
            f"somebody else is at work on stack {stack}: it changed while it was looked at",
            hint=f"nothing was changed here; wait until they are done, then run it again: "
            f"aws cloudformation describe-stacks --stack-name {stack}",
        )


def no_such_stack(error: Exception) -> bool:
    """Tell whether CloudFormation says that there is no stack of that name."""
    return code_of(error) == "ValidationError" and "does not exist" in message_of(error)


_SECONDS_TO_BE_MADE: Final = 600.0
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_WORKING: Final = ("CREATE_PENDING", "CREATE_IN_PROGRESS")
_INCOMPLETE: Final = "option can return incomplete ChangeSet data"
"""What CloudFormation warns of where it could not tell all values; it may leave out whole changes then.

Source: aws-cdk 2.1148.1, which asks a second time for this reason (github.com/aws/aws-cdk-cli/issues/1780)."""


def create(client: Any, request: Mapping[str, Any], name: str) -> ChangeSet:
    """Make a change set and return what CloudFormation has worked out; it may be empty.

    Args:
        request: the arguments but for the change set's name; see ``requests.change_set_request``.

    Raises:
        DisturbedError: somebody else has taken it away.
        AwsRefusedError: CloudFormation cannot work it out.
        botocore.exceptions.ClientError: it refuses to begin.
    """
    token = uuid4().hex
    made = client.create_change_set(
        **request, ChangeSetName=name, ClientToken=f"create{token}", Description=f"Pinekeep change set {token}"
    )
    deadline = time.monotonic() + _SECONDS_TO_BE_MADE
    pause = _FIRST_PAUSE
    while True:
        status, change_set = describe(client, request["StackName"], stack=made["StackId"], change_set=made["Id"])
        if status not in _WORKING:
            break
        if time.monotonic() > deadline:
            raise AwsRefusedError(
                f"CloudFormation has not worked out the change set of stack {change_set.stack} in "
                f"{_SECONDS_TO_BE_MADE / 60:.0f} minutes",
                hint="run it again later; CloudFormation's console shows the change set",
            )
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
    if status == "FAILED" and not change_set.is_empty:
        raise _failed(client, change_set)
    return change_set


def describe(client: Any, name: str, *, stack: str, change_set: str) -> tuple[str, ChangeSet]:
    """Return a change set's status and content, all pages of it.

    Raises:
        DisturbedError: there is none any more, or no stack.
    """
    try:
        answer = _all_pages(client, StackName=stack, ChangeSetName=change_set, IncludePropertyValues=True)
        if _INCOMPLETE in (answer.get("StatusReason") or ""):
            plain = _all_pages(client, StackName=stack, ChangeSetName=change_set)
            answer["Changes"] = _together(answer["Changes"], plain["Changes"])
    except Exception as error:
        if code_of(error) in GONE or no_such_stack(error):
            raise DisturbedError(name) from None
        raise
    status = str(answer.get("Status") or "")
    if status.startswith("DELETE_"):
        raise DisturbedError(name)
    return status, parse_change_set(name, answer)


def _all_pages(client: Any, **arguments: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.describe_change_set(**arguments)
    changes = list(answer.get("Changes") or [])
    while answer.get("NextToken"):
        answer = client.describe_change_set(**arguments, NextToken=answer["NextToken"])
        changes += answer.get("Changes") or []
    return {**answer, "Changes": changes}


def _together(detailed: Iterable[dict[str, Any]], plain: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the changes with values, and whatever of the plain ones they lack."""
    found = {each["ResourceChange"]["LogicalResourceId"]: each for each in detailed if "ResourceChange" in each}
    for each in plain:
        change = each.get("ResourceChange")
        if change is None:
            continue
        known = found.setdefault(change["LogicalResourceId"], each)["ResourceChange"]
        told = {_place(detail) for detail in known.get("Details") or ()}
        lacking = [detail for detail in change.get("Details") or () if _place(detail) not in told]
        known["Details"] = [*(known.get("Details") or ()), *lacking]
    return list(found.values())


def _place(detail: Mapping[str, Any]) -> tuple[Any, ...]:
    target = detail.get("Target") or {}
    return target.get("Attribute"), target.get("Name"), target.get("Path"), detail.get("CausingEntity")


def _failed(client: Any, change_set: ChangeSet) -> AwsRefusedError:
    reasons = [change_set.reason or "it does not say why", *_validation_failures(client, change_set)]
    reason = "; ".join(each.rstrip(".") for each in reasons)
    known = explained(reason)
    told = f"{known.means} ({reason})" if known else reason
    return AwsRefusedError(
        f"CloudFormation cannot make the change set of stack {change_set.stack}: {told}",
        hint=known.hint if known else "nothing was changed; CloudFormation's console shows the stack's events",
    )


def _validation_failures(client: Any, change_set: ChangeSet) -> list[str]:
    """Return what CloudFormation found before it began; the reason of the change set only says that it did."""
    with suppress(Exception):
        found = client.describe_events(ChangeSetName=change_set.name, Filters={"FailedEvents": True})
        return [
            f"{each['LogicalResourceId']}: {each['ValidationStatusReason']}"
            for each in found.get("OperationEvents") or ()
            if each.get("ValidationStatusReason") and each.get("LogicalResourceId")
        ]
    return []
