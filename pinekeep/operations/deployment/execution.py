"""Executing the change sets that were reviewed, and waiting for CloudFormation."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.account.process import Looks
from pinekeep.errors import AwsRefusedError, PinekeepError
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import protected_stacks
from pinekeep.model.facts import stack_status
from pinekeep.model.facts.stack_failures import explained
from pinekeep.model.policies.stack import parse_stack_policy, stack_policy, unprotected
from pinekeep.operations.plan.changes import Action, Change, ChangeSet, Replacement
from pinekeep.operations.plan.cloudformation import GONE, REVIEW, describe_stack, wait_for
from pinekeep.operations.plan.planning import Plan, StackPlan

SECONDS_OF_SILENCE: Final = 3600.0
"""How long CloudFormation may report nothing about a stack; no resource takes nearly as long."""
_OBSOLETE: Final = frozenset({"InvalidChangeSetStatus", *GONE})
_REVIEW_AGAIN: Final = "nothing was changed here; see what they did (`pinekeep plan`), then deploy again"
_DONE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})


def execute(plan: Plan, *, access: Access, tell: Callable[[str], None]) -> bool:
    """Execute the change sets that were reviewed, protect the stacks that must stay; return whether anything changed.

    Missing protections are set even if nothing changes. Raises AwsRefusedError if a change set is obsolete, somebody
    else is changing a stack, or CloudFormation failed. Stacks that were deployed before stay so.
    """
    changed = False
    for each in plan.deployments:
        executed: set[str] = set()
        for stack in each.stacks:
            would_change = stack.would_change
            if stack.late or executed & set(stack.refers_to):
                would_change = _made_now(plan, stack)
            elif would_change:
                _renew_if_gone(plan, stack)
            deployed = would_change or stack.now.template is not None
            if deployed and stack.name in protected_stacks(each.name, each.deployment):
                changed |= _protect(stack, tell)
            if would_change:
                _execute(plan, stack, tell)
                executed.add(stack.name)
                changed = True
            if deployed and stack.name == naming.cmek_stack(each.name):
                changed |= _guard(stack, each.deployment, access, tell)
    return changed


def _made_now(plan: Plan, stack: StackPlan) -> bool:
    """Make the change set of a stack that refers to others, which are deployed now; return whether it has changes.

    What it does beyond what was reviewed follows from their outputs. It may not remove or replace more.

    Raises:
        PinekeepError: it would.
    """
    found = plan.review.remake(stack.name)
    if found.is_empty:
        return False
    reviewed = {each.logical_id for each in stack.changes if _takes_away(each)}
    more = [each.logical_id for each in found.changes if _takes_away(each) and each.logical_id not in reviewed]
    if more:
        raise PinekeepError(
            f"stack {stack.now.place} is not deployed: with the new outputs of the others, it would remove or replace "
            f"{', '.join(more)}",
            hint="the other stacks are deployed; see what would change with `pinekeep plan`, then deploy again",
        )
    return True


def _takes_away(change: Change) -> bool:
    return change.action is Action.REMOVE or change.replacement is not Replacement.NEVER


def _renew_if_gone(plan: Plan, stack: StackPlan) -> None:
    """Make a change set again that was deleted with its stack; see ``Review.renew``."""
    if stack.now.template is not None:
        return
    with refusals_told(stack.now.region):
        found = describe_stack(stack.clients.client("cloudformation"), plan.review.sets[stack.name].stack_id)
    gone = found is None or found["StackStatus"] == "DELETE_IN_PROGRESS"
    if gone and not plan.review.renew(stack.name):
        raise AwsRefusedError(
            f"somebody else has deleted stack {stack.now.place} since its change set was made", hint=_REVIEW_AGAIN
        )


def _protect(stack: StackPlan, tell: Callable[[str], None]) -> bool:
    """Turn termination protection on first, as the CDK command line does."""
    if stack.now.protected:
        return False
    client = stack.clients.client("cloudformation")
    with refusals_told(stack.now.region):
        client.update_termination_protection(StackName=stack.name, EnableTerminationProtection=True)
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


def ensure_stack_policy(clients: Clients, stack: str) -> bool:
    """Protect role, key and alias by the stack's policy; keep the statements of others. Return whether it was set.

    One call if they are protected already, else two. Raises AwsRefusedError if AWS refuses, or there is no such stack.
    """
    client = clients.client("cloudformation")
    with refusals_told():
        found = parse_stack_policy(client.get_stack_policy(StackName=stack).get("StackPolicyBody"))
        if not unprotected(found):
            return False
        client.set_stack_policy(StackName=stack, StackPolicyBody=json.dumps(stack_policy(found)))
    return True


def _execute(plan: Plan, stack: StackPlan, tell: Callable[[str], None]) -> None:
    change_set = plan.review.sets[stack.name]
    client = stack.clients.client("cloudformation")
    with refusals_told(stack.now.region):
        now = client.describe_stacks(StackName=change_set.stack_id)["Stacks"][0]["StackStatus"]
        if now != REVIEW and (remedy := stack_status.remedy(now, name=stack.name, region=stack.now.region)):
            raise AwsRefusedError(f"stack {stack.now.place} has come into state {now} in the meantime", hint=remedy)
        events = _Events(client, change_set)
        plan.review.executed.add(stack.name)
        try:
            client.execute_change_set(StackName=change_set.stack_id, ChangeSetName=change_set.name)
        except Exception as error:
            plan.review.executed.discard(stack.name)
            if code_of(error) in _OBSOLETE:
                raise AwsRefusedError(
                    f"somebody else has changed stack {stack.now.place} since its change set was made",
                    hint=_REVIEW_AGAIN,
                ) from None
            raise
    try:
        with refusals_told(stack.now.region):
            status = _wait(client, change_set, events, tell)
    except (KeyboardInterrupt, AwsRefusedError):
        tell(f"CloudFormation continues with stack {stack.now.place}; `pinekeep plan` shows its state")
        raise
    if status not in _DONE:
        raise _failed(stack, status, events.failure)


def _failed(stack: StackPlan, status: str, reason: str | None) -> AwsRefusedError:
    known = explained(reason) if reason else None
    remedy = stack_status.remedy(status, name=stack.name, region=stack.now.region)
    why = f"{known.means} ({reason})" if known else reason
    hints = [known.hint if known else None, remedy]
    return AwsRefusedError(
        f"stack {stack.now.place} ended in state {status}" + (f": {why}" if why else ""),
        hint="; then: ".join(filter(None, hints)) or "the change was rolled back; the lines above say why",
    )


def _wait(client: Any, change_set: ChangeSet, events: "_Events", tell: Callable[[str], None]) -> str:
    """Return the state in which the stack ends; report its events meanwhile."""
    looks = Looks(f"CloudFormation to change stack {change_set.stack}", seconds=SECONDS_OF_SILENCE)

    def look() -> str | None:
        status = str(client.describe_stacks(StackName=change_set.stack_id)["Stacks"][0]["StackStatus"])
        for line in events.new():
            looks.happened()
            tell(line)
        # For a moment after the request the stack is still in its old state.
        return status if events.seen_any and not status.endswith("_IN_PROGRESS") else None

    try:
        return wait_for(looks, look)
    except TimeoutError:
        minutes = f"{SECONDS_OF_SILENCE / 60:.0f} minutes"
        raise AwsRefusedError(
            f"CloudFormation has reported nothing about stack {change_set.stack} for {minutes}",
            hint="see the stack's events in its console; once it has ended, deploy again",
        ) from None


class _Events:
    """The new events of a stack, each once."""

    def __init__(self, client: Any, change_set: ChangeSet) -> None:
        self._client = client
        self._stack_id = change_set.stack_id
        self._stack = change_set.stack
        self._seen = {each["EventId"] for each in self._page()["StackEvents"]}
        self.failure: str | None = None
        self.seen_any = False

    def new(self) -> Iterator[str]:
        """Yield a line for each new event, the oldest first."""
        for each in reversed(self._unseen()):
            self._seen.add(each["EventId"])
            self.seen_any = True
            reason = each.get("ResourceStatusReason")
            failed = each["ResourceStatus"].endswith("_FAILED")
            if failed and reason and self.failure is None:
                self.failure = f"{each['LogicalResourceId']}: {reason}"
            why = f"  {reason}" if reason and failed else ""
            yield f"{self._stack}: {each['ResourceStatus']}  {each['ResourceType']} {each['LogicalResourceId']}{why}"

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
