"""Deleting the stacks that can be deleted: every one but that of role and key."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.deploy_role import as_deploy_role
from pinekeep.account.process import Looks
from pinekeep.errors import AwsRefusedError
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import stack_region
from pinekeep.model.facts import aws
from pinekeep.model.facts.stack_failures import explained
from pinekeep.operations.plan.cloudformation import describe_stack, wait_for

DELETABLE: Final[Mapping[str, tuple[Callable[[str], str], ...]]] = {
    "private_link": (naming.private_link_stack,),
    "storage": (naming.storage_stack,),
    "monitoring": (naming.global_monitoring_stack, naming.monitoring_stack),
}
"""The parts whose stacks can be deleted, with the names of the stacks, in order: what notifies goes last."""
_SECONDS_TO_DELETE: Final = 3600.0
"""EC2 takes minutes to delete an endpoint's network interfaces; a stack that takes an hour is stuck."""


def deletable_stacks(name: str, deployment: Deployment, part: str) -> list[str]:
    """Return the names of a part's stacks, in the order in which they are deleted, whether they exist or not."""
    stacks = [stack(name) for stack in DELETABLE[part]]
    if deployment.region == aws.GLOBAL_EVENTS_REGION:
        return [each for each in stacks if each != naming.global_monitoring_stack(name)]
    return stacks


def delete_stack(stack: str, name: str, deployment: Deployment, *, access: Access, tell: Callable[[str], None]) -> None:
    """Delete a stack, if it exists, as the bootstrap's role for deployments. Does not ask; can be run again.

    The termination protection of the audit bucket's stack is turned off: a deployment turns it on. Raises
    AwsRefusedError if AWS refuses, or a resource of the stack cannot be deleted.
    """
    region = stack_region(stack, name, deployment)
    elsewhere = region if region != deployment.region else None
    place = f"{stack} in {elsewhere}" if elsewhere else stack
    client = as_deploy_role(access, deployment).in_region(region).client("cloudformation")
    with refusals_told(elsewhere):
        found = describe_stack(client, stack)
        if found is None:
            return
        stack_id = str(found["StackId"])
        if stack == naming.storage_stack(name) and found.get("EnableTerminationProtection"):
            client.update_termination_protection(StackName=stack_id, EnableTerminationProtection=False)
        client.delete_stack(StackName=stack_id)
        tell(f"{place}: DELETE_IN_PROGRESS")

        def ended() -> str | None:
            now = describe_stack(client, stack_id)
            status = "DELETE_COMPLETE" if now is None else str(now["StackStatus"])
            return None if status.endswith("_IN_PROGRESS") else status

        try:
            status = wait_for(Looks(f"CloudFormation to delete stack {place}", seconds=_SECONDS_TO_DELETE), ended)
        except TimeoutError:
            status = "DELETE_IN_PROGRESS"
        if status == "DELETE_COMPLETE":
            tell(f"{place}: DELETE_COMPLETE")
            return
        reason = _reason(client, stack_id)
    known = explained(reason) if reason else None
    raise AwsRefusedError(
        f"stack {place} ended in state {status}" + (f": {reason}" if reason else ""),
        hint=(f"{known.hint}; then " if known else "remove the cause, then ") + "run it again",
    )


def _reason(client: Any, stack_id: str) -> str | None:
    """Return why a resource could not be deleted: the newest event that says so."""
    events = client.describe_stack_events(StackName=stack_id)["StackEvents"]
    failed = (each for each in events if each["ResourceStatus"] == "DELETE_FAILED")
    reasons = (
        f"{each['LogicalResourceId']}: {each['ResourceStatusReason']}"
        for each in failed
        if each.get("ResourceStatusReason") and each["ResourceType"] != "AWS::CloudFormation::Stack"
    )
    return next(reasons, None)
