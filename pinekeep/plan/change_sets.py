"""Making change sets for review, and leaving nothing behind."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from pinekeep.aws.clients import Clients
from pinekeep.aws.refusal_codes import code_of, message_of
from pinekeep.aws.refusals import refusals_told
from pinekeep.cdk_cli import CdkCli
from pinekeep.errors import PinekeepError
from pinekeep.plan.changes import ChangeSet, parse_change_set
from pinekeep.scratch import interrupts_deferred

PREFIX: Final = "pinekeep-"
"""The change sets of this command begin so: they may be cleared away, others never."""

FORGOTTEN_AFTER: Final = timedelta(minutes=10)
"""A change set of ours that old was left behind by a run that was killed. Where somebody does wait at a question that
long, the deployment says that its change set is gone, and nothing is changed."""

REVIEW: Final = "REVIEW_IN_PROGRESS"
_GONE: Final = frozenset({"ChangeSetNotFound", "ChangeSetNotFoundException"})
_BUSY: Final = "InvalidChangeSetStatus"
_SECONDS_TO_GO: Final = 30.0
_PAUSE: Final = 0.3


@dataclass(frozen=True, kw_only=True)
class Target:
    """A stack to make a change set for.

    Attributes:
        stack: its name.
        status: CloudFormation's word for its state, or None where there is no such stack.
        protected: whether it has termination protection.
        clients: act as the bootstrap's role for deployments, in its account and Region.
    """

    stack: str
    status: str | None
    protected: bool
    clients: Clients


@dataclass
class Review:
    """The change sets of one run.

    Attributes:
        sets: the change sets by stack; a stack without one has nothing to change.
        executed: the stacks whose change set was executed, which is not ours to delete then.
    """

    sets: dict[str, ChangeSet]
    executed: set[str] = field(default_factory=set)


@contextmanager
def change_sets(
    targets: Sequence[Target],
    *,
    assembly: Path,
    cdk: CdkCli,
    revert_drift: bool = False,
    tell: Callable[[str], None],
) -> Iterator[Review]:
    """Make a change set of each stack, and delete whatever was not executed in the end.

    The templates and assets go where the bootstrap has them, for the change sets are made by the CDK command line.

    Args:
        targets: the stacks; none makes no call at all.
        assembly: the cloud assembly. Its termination protection is set to what is so now: the CDK command line would
            switch it even though nothing is executed.
        cdk: the CDK command line.
        revert_drift: whether to undo what was changed behind the stacks' back, too.
        tell: takes each line about what is happening.

    Raises:
        AwsRefusedError: a change set cannot be made, or AWS refuses.
    """
    if not targets:
        yield Review({})
        return
    name = f"{PREFIX}{uuid4().hex[:12]}"
    review = Review({})
    made_for_review = {each.stack for each in targets if each.status is None}
    try:
        with refusals_told():
            made_for_review |= {each.stack for each in targets if each.status == REVIEW and _only_ours(each)}
        _keep_protection(assembly, targets)
        cdk.prepare(
            assembly=assembly, stacks=[each.stack for each in targets], change_set=name, revert_drift=revert_drift
        )
        with refusals_told():
            review.sets = {each.stack: found for each in targets if (found := _described(each, name)) is not None}
        yield review
    finally:
        with interrupts_deferred():
            for each in targets:
                if each.stack not in review.executed:
                    clear_away(each, name, with_stack=each.stack in made_for_review, tell=tell)


def _keep_protection(assembly: Path, targets: Sequence[Target]) -> None:
    path = assembly / "manifest.json"
    manifest = json.loads(path.read_text())
    for each in targets:
        manifest["artifacts"][each.stack]["properties"]["terminationProtection"] = each.protected
    path.write_text(json.dumps(manifest))


def _described(target: Target, name: str) -> ChangeSet | None:
    client = target.clients.client("cloudformation")
    arguments: dict[str, Any] = {"StackName": target.stack, "ChangeSetName": name, "IncludePropertyValues": True}
    try:
        answer = client.describe_change_set(**arguments)
        changes = list(answer.get("Changes") or [])
        while answer.get("NextToken"):
            answer = client.describe_change_set(**arguments, NextToken=answer["NextToken"])
            changes += answer.get("Changes") or []
    except Exception as error:
        if code_of(error) in _GONE:
            return None
        raise
    found = parse_change_set(target.stack, {**answer, "Changes": changes})
    return None if found.is_empty else found


# --- Leaving nothing behind ---


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
            if code_of(error) in _GONE or _no_such_stack(error):
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
    others = client.list_change_sets(StackName=stack_id)["Summaries"]
    for each in others:
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
        if _no_such_stack(error):
            return None
        raise
    return found if found["StackStatus"] == REVIEW else None


def _exists(client: Any, stack_id: str) -> bool:
    try:
        found = client.describe_stacks(StackName=stack_id)["Stacks"][0]
    except Exception as error:
        if _no_such_stack(error):
            return False
        raise
    return bool(found["StackStatus"] != "DELETE_COMPLETE")


def _only_ours(target: Target) -> bool:
    """Whether a stack in review was made by a run of this command, and is not waited for by anybody else."""
    found = target.clients.client("cloudformation").list_change_sets(StackName=target.stack)["Summaries"]
    return bool(found) and all(each["ChangeSetName"].startswith(PREFIX) for each in found)


def _is_forgotten(summary: dict[str, Any]) -> bool:
    age = datetime.now(UTC) - summary["CreationTime"]
    return bool(summary["ChangeSetName"].startswith(PREFIX)) and age > FORGOTTEN_AFTER


def _no_such_stack(error: Exception) -> bool:
    return code_of(error) == "ValidationError" and "does not exist" in message_of(error)
