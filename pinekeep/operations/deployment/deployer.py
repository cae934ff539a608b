"""Deploying and taking away stacks: what is looked at first, what they put out, and what is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.errors import AwsRefusedError
from pinekeep.model import naming
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.derived import stacks_of
from pinekeep.model.config.models import alias_of, role_name_of
from pinekeep.model.output.models import KeptOutput, StackResult
from pinekeep.operations.deployment.removal import remove_stack
from pinekeep.operations.preflight.accounts import preflight_accounts

_TOLD: Final = {"failed": "in the way", "note": "note", "unreadable": "not looked at"}
"""What is found before a deployment, as it is told."""


@dataclass(frozen=True)
class StackState:
    """A stack as it is now.

    Attributes:
        status: CloudFormation's word for its state, or None where there is no such stack.
    """

    name: str
    status: str | None
    outputs: Mapping[str, str]


class Deployer:
    """Deploys and takes away the stacks of deployments."""

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
        """See that a deployment can work, before anything is changed; tell what is worth knowing.

        Raises:
            AwsRefusedError: other credentials are needed, or something stands in the way.
        """
        self._access.require_accounts(self._deployments, changing=True)
        findings = preflight_accounts(
            self._deployments,
            pinecone_account=self._configuration.content.pinecone_account,
            access=self._access,
            customers=self._configuration.rosters.packings,
        )
        blocking = [each for each in findings if each.status == "failed"]
        for each in findings:
            # What is alone in the way is told by the error.
            if each.status in _TOLD and (each.status != "failed" or len(blocking) > 1):
                self._tell(f"{_TOLD[each.status]}: {each.deployment}: {each.what}: {each.found}")
                if each.fix:
                    self._tell(f"  {each.fix}")
        if blocking:
            raise AwsRefusedError(
                "; ".join(f"{each.deployment}: {each.found}" for each in blocking),
                hint=blocking[0].fix if len(blocking) == 1 else "`pinekeep preflight` says what to do about each",
            )

    def states(self, name: str, deployment: Deployment) -> list[StackState]:
        """Return the states of a deployment's stacks, in the order in which they are deployed."""
        client = self._access.clients_for(deployment).client("cloudformation")
        return [read_stack(client, stack) for stack in stacks_of(name, deployment)]

    def outputs(self) -> dict[str, dict[str, str]]:
        """Return what the stacks put out, by the deployment's name; a missing stack puts out nothing."""
        with refusals_told():
            self._access.require_accounts(self._deployments)
            return {
                name: {key: value for stack in self.states(name, each) for key, value in stack.outputs.items()}
                for name, each in self._deployments.items()
            }

    def results(self) -> list[StackResult]:
        """Return the stacks with what they put out."""
        with refusals_told():
            return [
                StackResult(name=stack.name, deployment=name, outputs=dict(stack.outputs))
                for name, deployment in self._deployments.items()
                for stack in self.states(name, deployment)
            ]

    def removable(self) -> list[str]:
        """Return the stacks of the endpoint side that are there, also of one that the file does not have any more.

        The key's stacks are never among them.
        """
        with refusals_told():
            self._access.require_accounts(self._deployments)
            names = []
            for name, deployment in self._deployments.items():
                client = self._access.clients_for(deployment).client("cloudformation")
                stack = naming.private_link_stack(name)
                if read_stack(client, stack).status is not None:
                    names.append(stack)
            return names

    def remove(self, stacks: list[str]) -> None:
        """Take away stacks that :meth:`removable` named.

        Raises:
            AwsRefusedError: AWS refuses, or something in a stack cannot be deleted.
        """
        for name, deployment in self._deployments.items():
            if (stack := naming.private_link_stack(name)) in stacks:
                remove_stack(stack, deployment, access=self._access, tell=self._tell)


def read_stack(client: Any, name: str) -> StackState:
    """Return a stack as it is now."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to import

    try:
        stack = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError" and "does not exist" in str(error):
            return StackState(name, None, {})
        raise
    if stack["StackStatus"] == "DELETE_COMPLETE":
        return StackState(name, None, {})
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    return StackState(name, stack["StackStatus"], outputs)


KEPT_REASONS: Final = {
    "KMS key": "a deleted key is all data of the Pinecone project lost, and Pinecone cannot be given another",
    "alias": "it shows people which key this is",
    "role": "Pinecone knows it by its ARN; without it Pinecone cannot use the key",
    "flow logs": "they are the record of who used the endpoint",
}


def kept(name: str, deployment: Deployment) -> list[KeptOutput]:
    """Return what :meth:`Deployer.remove` keeps of a deployment, and why."""
    things: list[tuple[str, str]] = []
    if deployment.cmek is not None:
        stack = naming.cmek_stack(name)
        adopted = deployment.cmek.key.adopt
        if deployment.cmek.has_own_key:
            things.append((f"KMS key {adopted}" if adopted else f"KMS key of stack {stack}", "KMS key"))
        if alias := alias_of(name, deployment):
            things.append((alias, "alias"))
        things.append((f"role {role_name_of(name, deployment)}", "role"))
    if deployment.private_link is not None and hasattr(deployment.private_link.vpc, "cidr"):
        things.append(("the log group of the VPC's flow logs", "flow logs"))
    return [KeptOutput(deployment=name, what=what, why=KEPT_REASONS[kind]) for what, kind in things]
