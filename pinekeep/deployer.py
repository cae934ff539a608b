"""Deploying and taking away stacks: what is looked at first, and how the CDK command line is driven."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pinekeep import naming
from pinekeep.assembly import synthesize
from pinekeep.aws.access import Access
from pinekeep.aws.refusals import refusals_told
from pinekeep.cdk_cli import CdkCli
from pinekeep.config import Configuration, Deployment
from pinekeep.config.derived import stacks_of
from pinekeep.config.models import alias_of, role_name_of
from pinekeep.deploying.stack_policy import ensure_stack_policy
from pinekeep.errors import AwsRefusedError
from pinekeep.facts import stack_status
from pinekeep.outputs import KeptOutput, StackResult
from pinekeep.scratch import scratch_folder

BOOTSTRAP_PARAMETER: Final = "/cdk-bootstrap/hnb659fds/version"
"""Where the bootstrap of an account and Region notes its version, with the CDK's default qualifier."""


@dataclass(frozen=True)
class StackState:
    """A stack as it is now.

    Attributes:
        name: its name.
        status: CloudFormation's word for its state, or None where there is no such stack.
        outputs: what it puts out.
    """

    name: str
    status: str | None
    outputs: Mapping[str, str]


class Deployer:
    """Deploys and takes away the stacks of deployments.

    Args:
        configuration: the file that the deployments are of.
        deployments: the deployments to work on, by name.
        access: the credentials.
        tell: takes each line about what is happening.
    """

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
        self._cdk = CdkCli(environment=access.environment, tell=tell)

    def look_first(self) -> None:
        """See that a deployment can work, before anything is changed.

        Raises:
            AwsRefusedError: other credentials are needed, the Region is not bootstrapped, a stack is in a
                state that nothing can be deployed over, or a name is taken by something else.
        """
        with refusals_told():
            self._access.require_accounts(self._deployments)
            for name, deployment in self._deployments.items():
                self._require_bootstrap(name, deployment)
                for stack in self.states(name, deployment):
                    _require_deployable(stack)
                self._require_free_names(name, deployment)

    def states(self, name: str, deployment: Deployment) -> list[StackState]:
        """Return the states of a deployment's stacks, in the order in which they are deployed."""
        client = self._access.clients_for(deployment.region).client("cloudformation")
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

    def diff(self) -> None:
        """Tell what :meth:`deploy` would change."""
        with self._assembly() as assembly:
            self._cdk.diff(assembly=assembly, stacks=self._all_stacks())

    def deploy(self, *, revert_drift: bool = False) -> None:
        """Deploy the stacks. Look first and ask before: this does neither.

        Args:
            revert_drift: whether to undo what was changed behind the stacks' back, too.
        """
        with self._assembly() as assembly:
            self._cdk.deploy(assembly=assembly, stacks=self._all_stacks(), revert_drift=revert_drift)
        self._guard_stacks()

    def removable(self) -> list[str]:
        """Return the stacks of the endpoint side that are there. The key's stacks are never among them."""
        with refusals_told():
            self._access.require_accounts(self._deployments)
            names = []
            for name, deployment in self._deployments.items():
                if deployment.private_link is None:
                    continue
                client = self._access.clients_for(deployment.region).client("cloudformation")
                stack = naming.private_link_stack(name)
                if read_stack(client, stack).status is not None:
                    names.append(stack)
            return names

    def remove(self, stacks: list[str]) -> None:
        """Take away stacks that :meth:`removable` named."""
        with self._assembly() as assembly:
            self._cdk.destroy(assembly=assembly, stacks=stacks)

    # --- What is looked at ---

    def _require_bootstrap(self, name: str, deployment: Deployment) -> None:
        client = self._access.clients_for(deployment.region).client("ssm")
        try:
            client.get_parameter(Name=BOOTSTRAP_PARAMETER)
        except client.exceptions.ParameterNotFound:
            raise AwsRefusedError(
                f"{name}: account {deployment.account} is not bootstrapped in {deployment.region}",
                hint=f"prepare it once: cdk bootstrap aws://{deployment.account}/{deployment.region}",
            ) from None

    def _require_free_names(self, name: str, deployment: Deployment) -> None:
        """See that what the key's stack would make is not there already, made by something else."""
        if deployment.cmek is None:
            return
        clients = self._access.clients_for(deployment.region)
        if read_stack(clients.client("cloudformation"), naming.cmek_stack(name)).status is not None:
            return
        role = role_name_of(name, deployment)
        if _exists(clients.client("iam").get_role, "NoSuchEntity", RoleName=role):
            raise AwsRefusedError(
                f"{name}: the role {role} exists already and does not belong to stack {naming.cmek_stack(name)}",
                hint="if Pinecone uses it, keep it and give this deployment another role_name",
            )
        alias = alias_of(name, deployment)
        if alias is None:
            return
        found = _exists(clients.client("kms").describe_key, "NotFoundException", KeyId=alias)
        if found:
            arn = found["KeyMetadata"]["Arn"]
            raise AwsRefusedError(
                f"{name}: {alias} exists already, for key {arn}",
                hint="if Pinecone is to use that key, name it under cmek.key.adopt; else choose another alias",
            )

    # --- Helpers ---

    def _guard_stacks(self) -> None:
        for name, deployment in self._deployments.items():
            if deployment.cmek is not None:
                ensure_stack_policy(self._access.clients_for(deployment.region), naming.cmek_stack(name))

    def _all_stacks(self) -> list[str]:
        return [stack for name, each in self._deployments.items() for stack in stacks_of(name, each)]

    @contextmanager
    def _assembly(self) -> Iterator[Path]:
        with scratch_folder() as folder:
            path = folder / "cdk.out"
            synthesize(self._configuration, self._deployments, folder=path)
            yield path


def read_stack(client: Any, name: str) -> StackState:
    """Return a stack as it is now.

    Args:
        client: CloudFormation's, of the stack's account and Region.
        name: the stack's name.
    """
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


def _exists(call: Callable[..., dict[str, Any]], missing: str, **arguments: str) -> dict[str, Any] | None:
    """Return what a call says, or None where it says that there is nothing."""
    from botocore.exceptions import ClientError  # noqa: PLC0415

    try:
        return call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] == missing:
            return None
        raise


def _require_deployable(stack: StackState) -> None:
    remedy = stack_status.remedy(stack.status, name=stack.name)
    if remedy:
        raise AwsRefusedError(f"stack {stack.name} is in state {stack.status}", hint=remedy)


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
