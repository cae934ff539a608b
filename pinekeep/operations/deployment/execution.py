"""Executing the very change sets that were reviewed, and waiting for CloudFormation."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.errors import AwsRefusedError
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.facts import stack_status
from pinekeep.model.facts.stack_failures import explained
from pinekeep.operations.deployment.stack_policy import ensure_stack_policy
from pinekeep.operations.plan.changes import ChangeSet
from pinekeep.operations.plan.creation import no_such_stack
from pinekeep.operations.plan.planning import Plan, StackPlan
from pinekeep.process import Looks

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 3.0
SECONDS_OF_SILENCE: Final = 3600.0
"""How long CloudFormation may say nothing of a stack: no resource that is made here takes nearly as long."""
_OBSOLETE: Final = frozenset({"InvalidChangeSetStatus", "ChangeSetNotFound", "ChangeSetNotFoundException"})
_LOOK_AGAIN: Final = "nothing was changed here; see what they did (`pinekeep plan`), then deploy again"
_DELETED: Final = frozenset({"DELETE_IN_PROGRESS", "DELETE_COMPLETE"})
_DONE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})


def execute(plan: Plan, *, access: Access, tell: Callable[[str], None]) -> bool:
    """Do what a plan says, stack by stack, and give each stack of role and key its guards.

    The change sets are executed that the plan was made from, so that what was signed is what runs. Where nothing
    changes, missing guards are set all the same.

    Returns:
        Whether anything was changed.

    Raises:
        AwsRefusedError: a change set has become obsolete, somebody else is at work on a stack, or CloudFormation
            could not do it. What was done of other stacks before stays.
    """
    changed = False
    for each in plan.deployments:
        for stack in each.stacks:
            if stack.would_change:
                _renew_if_gone(plan, stack)
            guarded = stack.name == naming.cmek_stack(each.name)
            if guarded and (stack.would_change or stack.now.template is not None):
                changed |= _protect(stack, tell)
            if stack.would_change:
                _execute(plan, stack, tell)
                changed = True
            if guarded and (stack.would_change or stack.now.template is not None):
                changed |= _guard(stack, each.deployment, access, tell)
    return changed


def _renew_if_gone(plan: Plan, stack: StackPlan) -> None:
    """Make a change set anew that went with its stack; see ``Review.renew``."""
    if stack.now.template is not None:
        return
    change_set = plan.review.sets[stack.name]
    with refusals_told():
        try:
            client = stack.clients.client("cloudformation")
            gone = client.describe_stacks(StackName=change_set.stack_id)["Stacks"][0]["StackStatus"] in _DELETED
        except Exception as error:
            if not no_such_stack(error):
                raise
            gone = True
    if gone and not plan.review.renew(stack.name):
        raise AwsRefusedError(
            f"somebody else has deleted stack {stack.name} since its change set was made", hint=_LOOK_AGAIN
        )


def _protect(stack: StackPlan, tell: Callable[[str], None]) -> bool:
    """Turn termination protection on before anything is made, as the CDK command line does."""
    if stack.now.protected:
        return False
    with refusals_told():
        stack.clients.client("cloudformation").update_termination_protection(
            StackName=stack.name, EnableTerminationProtection=True
        )
    tell(f"{stack.name}: termination protection is on")
    return True


def _guard(stack: StackPlan, deployment: Deployment, access: Access, tell: Callable[[str], None]) -> bool:
    try:
        is_set = ensure_stack_policy(access.clients_for(deployment), stack.name)
    except AwsRefusedError as error:
        raise AwsRefusedError(
            f"stack {stack.name} is deployed, but its stack policy is not set: {error.message}",
            hint="without it CloudFormation may replace role or key; allow it, then deploy again to set it",
        ) from None
    if is_set:
        tell(f"{stack.name}: the stack policy keeps role, key and alias from being replaced or removed")
    return is_set


def _execute(plan: Plan, stack: StackPlan, tell: Callable[[str], None]) -> None:
    change_set = plan.review.sets[stack.name]
    client = stack.clients.client("cloudformation")
    with refusals_told():
        now = client.describe_stacks(StackName=change_set.stack_id)["Stacks"][0]["StackStatus"]
        if now != "REVIEW_IN_PROGRESS" and (remedy := stack_status.remedy(now, name=stack.name)):
            raise AwsRefusedError(f"stack {stack.name} has come into state {now} in the meantime", hint=remedy)
        events = _Events(client, change_set)
        plan.review.executed.add(stack.name)
        try:
            client.execute_change_set(StackName=change_set.stack_id, ChangeSetName=change_set.name)
        except Exception as error:
            plan.review.executed.discard(stack.name)
            if code_of(error) in _OBSOLETE:
                raise AwsRefusedError(
                    f"somebody else has changed stack {stack.name} since its change set was made", hint=_LOOK_AGAIN
                ) from None
            raise
    try:
        with refusals_told():
            status = _wait(client, change_set, events, tell)
    except (KeyboardInterrupt, AwsRefusedError):
        tell(f"CloudFormation goes on with stack {stack.name}; `pinekeep plan` tells how far it is")
        raise
    if status not in _DONE:
        raise _failed(stack.name, status, events.failure)


def _failed(stack: str, status: str, reason: str | None) -> AwsRefusedError:
    known = explained(reason) if reason else None
    remedy = stack_status.remedy(status, name=stack)
    told = f"{known.means} ({reason})" if known else reason
    hints = [known.hint if known else None, remedy]
    return AwsRefusedError(
        f"stack {stack} ended in state {status}" + (f": {told}" if told else ""),
        hint="; then: ".join(filter(None, hints)) or "the change was undone; the lines above tell why",
    )


def _wait(client: Any, change_set: ChangeSet, events: "_Events", tell: Callable[[str], None]) -> str:
    pause = _FIRST_PAUSE
    looks = Looks(f"CloudFormation to change stack {change_set.stack}", seconds=SECONDS_OF_SILENCE)
    while True:
        status = str(client.describe_stacks(StackName=change_set.stack_id)["Stacks"][0]["StackStatus"])
        for line in events.new():
            looks.happened()
            tell(line)
        # A change set that has only been asked for leaves the stack as it was for a moment.
        if not status.endswith("_IN_PROGRESS") and events.seen_any:
            return status
        try:
            looks.pause(pause)
        except TimeoutError:
            minutes = f"{SECONDS_OF_SILENCE / 60:.0f} minutes"
            raise AwsRefusedError(
                f"CloudFormation has said nothing of stack {change_set.stack} for {minutes}",
                hint="the stack's events in its console tell more; once it has ended, deploy again",
            ) from None
        pause = min(pause * 1.5, _LONGEST_PAUSE)


class _Events:
    """The events of a stack from now on, each once."""

    def __init__(self, client: Any, change_set: ChangeSet) -> None:
        self._client = client
        self._stack_id = change_set.stack_id
        self._stack = change_set.stack
        self._seen = {each["EventId"] for each in self._page()["StackEvents"]}
        self.failure: str | None = None
        self.seen_any = False

    def new(self) -> Iterator[str]:
        """Yield a line for each event that was not told yet, the oldest first."""
        for each in reversed(self._unseen()):
            self._seen.add(each["EventId"])
            self.seen_any = True
            reason = each.get("ResourceStatusReason")
            failed = each["ResourceStatus"].endswith("_FAILED")
            if failed and reason and self.failure is None:
                self.failure = f"{each['LogicalResourceId']}: {reason}"
            said = f"  {reason}" if reason and failed else ""
            yield f"{self._stack}: {each['ResourceStatus']}  {each['ResourceType']} {each['LogicalResourceId']}{said}"

    def _unseen(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        token: str | None = None
        while True:
            page = self._page(token)
            fresh = [each for each in page["StackEvents"] if each["EventId"] not in self._seen]
            found += fresh
            token = page.get("NextToken")
            if token is None or len(fresh) < len(page["StackEvents"]):
                return found

    def _page(self, token: str | None = None) -> dict[str, Any]:
        more = {"NextToken": token} if token else {}
        answer: dict[str, Any] = self._client.describe_stack_events(StackName=self._stack_id, **more)
        return answer
