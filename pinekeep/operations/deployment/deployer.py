"""The stacks of deployments: the checks before a deployment, their outputs, and removing them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.deploy_role import as_deploy_role
from pinekeep.account.process import Looks
from pinekeep.decisions.privileges.scope import makes_vpc
from pinekeep.errors import AwsRefusedError
from pinekeep.model import naming
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.derived import stacks_of
from pinekeep.model.config.models import alias_of, role_name_of
from pinekeep.model.facts.stack_failures import explained
from pinekeep.model.output.deployment import KeptOutput, StackResult
from pinekeep.operations.plan.cloudformation import describe_stack, outputs_of, wait_for
from pinekeep.operations.preflight.preflight import preflight_accounts

_REPORTED: Final = {"failed": "in the way", "note": "note", "unreadable": "not checked"}
"""The findings before a deployment that are reported, by status."""
_SECONDS_TO_DELETE: Final = 3600.0
"""EC2 takes minutes to delete an endpoint's network interfaces; a stack that takes an hour is stuck."""


class Deployer:
    """The stacks of some deployments."""

    def __init__(
        self,
        *,
        configuration: Configuration,
        deployments: Mapping[str, Deployment],
        access: Access,
        tell: Callable[[str], None],
    ) -> None:
        self._configuration = configuration
        self._deployments = deployments
        self._access = access
        self._tell = tell

    def look_first(self) -> None:
        """Check that a deployment can work, before any change; report the findings. Raises AwsRefusedError if not."""
        self._access.require_accounts(self._deployments, changing=True)
        findings = preflight_accounts(
            self._deployments,
            pinecone_account=self._configuration.content.pinecone_account,
            access=self._access,
            customers=self._configuration.rosters.packings,
        )
        blocking = [each for each in findings if each.status == "failed"]
        for each in findings:
            # A single failure is reported by the error.
            if each.status in _REPORTED and (each.status != "failed" or len(blocking) > 1):
                self._tell(f"{_REPORTED[each.status]}: {each.deployment}: {each.what}: {each.found}")
                if each.fix:
                    self._tell(f"  {each.fix}")
        if blocking:
            raise AwsRefusedError(
                "; ".join(f"{each.deployment}: {each.found}" for each in blocking),
                hint=blocking[0].fix if len(blocking) == 1 else "run `pinekeep preflight` for what to do about each",
            )

    def outputs(self) -> dict[str, dict[str, str]]:
        """Return the outputs of the stacks by the deployment's name; a missing stack has none."""
        with refusals_told():
            self._access.require_accounts(self._deployments)
            found: dict[str, dict[str, str]] = {name: {} for name in self._deployments}
            for stack in self.results():
                found[stack.deployment].update(stack.outputs)
            return found

    def results(self) -> list[StackResult]:
        """Return the stacks with their outputs, in the order in which they are deployed."""
        with refusals_told():
            return [
                StackResult(name=stack, deployment=name, outputs=outputs_of(describe_stack(client, stack) or {}))
                for name, deployment in self._deployments.items()
                for client in [self._access.clients_for(deployment).client("cloudformation")]
                for stack in stacks_of(name, deployment)
            ]

    def removable(self) -> list[str]:
        """Return the existing stacks of endpoints, also of endpoints that are no longer in the file.

        The stacks of role and key are never among them.
        """
        with refusals_told():
            self._access.require_accounts(self._deployments)
            clients = {
                naming.private_link_stack(name): self._access.clients_for(deployment)
                for name, deployment in self._deployments.items()
            }
            return [stack for stack, each in clients.items() if describe_stack(each.client("cloudformation"), stack)]

    def remove(self, stacks: list[str]) -> None:
        """Delete stacks that :meth:`removable` named. Raises AwsRefusedError as :func:`remove_stack`."""
        for name, deployment in self._deployments.items():
            if (stack := naming.private_link_stack(name)) in stacks:
                remove_stack(stack, deployment, access=self._access, tell=self._tell)


def remove_stack(stack: str, deployment: Deployment, *, access: Access, tell: Callable[[str], None]) -> None:
    """Delete a stack, if it exists, as the bootstrap's role for deployments. Does not ask; can be run again.

    Raises AwsRefusedError if AWS refuses, or a resource of the stack cannot be deleted.
    """
    client = as_deploy_role(access, deployment).client("cloudformation")
    with refusals_told():
        found = describe_stack(client, stack)
        if found is None:
            return
        stack_id = str(found["StackId"])
        client.delete_stack(StackName=stack_id)
        tell(f"{stack}: DELETE_IN_PROGRESS")

        def ended() -> str | None:
            now = describe_stack(client, stack_id)
            status = "DELETE_COMPLETE" if now is None else str(now["StackStatus"])
            return None if status.endswith("_IN_PROGRESS") else status

        try:
            status = wait_for(Looks(f"CloudFormation to delete stack {stack}", seconds=_SECONDS_TO_DELETE), ended)
        except TimeoutError:
            status = "DELETE_IN_PROGRESS"
        if status == "DELETE_COMPLETE":
            tell(f"{stack}: DELETE_COMPLETE")
            return
        reason = _reason(client, stack_id)
    known = explained(reason) if reason else None
    raise AwsRefusedError(
        f"stack {stack} ended in state {status}" + (f": {reason}" if reason else ""),
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


KEPT_REASONS: Final = {
    "KMS key": "a deleted key is all data of the Pinecone project lost, and Pinecone cannot be given another",
    "alias": "it shows people which key this is",
    "role": "Pinecone knows it by its ARN; without it Pinecone cannot use the key",
    "flow logs": "they are the record of who used the endpoint",
}


def kept(name: str, deployment: Deployment) -> list[KeptOutput]:
    """Return the resources that :meth:`Deployer.remove` keeps, and why."""
    resources: list[tuple[str, str]] = []
    if deployment.cmek is not None:
        stack = naming.cmek_stack(name)
        adopted = deployment.cmek.key.adopt
        if deployment.cmek.has_own_key:
            resources.append((f"KMS key {adopted}" if adopted else f"KMS key of stack {stack}", "KMS key"))
        if alias := alias_of(name, deployment):
            resources.append((alias, "alias"))
        resources.append((f"role {role_name_of(name, deployment)}", "role"))
    if makes_vpc(deployment):
        resources.append(("the log group of the VPC's flow logs", "flow logs"))
    return [KeptOutput(deployment=name, what=what, why=KEPT_REASONS[kind]) for what, kind in resources]
