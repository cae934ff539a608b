"""The stacks of deployments: the checks before a deployment, their outputs, and removing them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.derived import stack_region, stacks_of
from pinekeep.model.output.deployment import StackResult
from pinekeep.operations.deployment.stack_deletion import DELETABLE, deletable_stacks, delete_stack
from pinekeep.operations.plan.cloudformation import describe_stack, outputs_of
from pinekeep.operations.preflight.preflight import preflight_accounts

_REPORTED: Final = {"failed": "in the way", "note": "note", "unreadable": "not checked"}
"""The findings before a deployment that are reported, by status."""


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
        return [
            StackResult(name=stack, deployment=name, outputs=outputs_of(self._described(stack, name, deployment) or {}))
            for name, deployment in self._deployments.items()
            for stack in stacks_of(name, deployment)
        ]

    def removable(self, part: str = "private_link") -> list[str]:
        """Return the existing stacks of a part that can be deleted, in order, also where the file no longer has it.

        The stacks of role and key are never among them. ``part``: one of :data:`.stack_deletion.DELETABLE`.
        """
        with refusals_told():
            self._access.require_accounts(self._deployments)
        return [
            stack
            for name, deployment in self._deployments.items()
            for stack in deletable_stacks(name, deployment, part)
            if self._described(stack, name, deployment)
        ]

    def remove(self, stacks: list[str]) -> None:
        """Delete stacks that :meth:`removable` named. Raises AwsRefusedError as :func:`delete_stack`."""
        for name, deployment in self._deployments.items():
            for part in DELETABLE:
                for stack in deletable_stacks(name, deployment, part):
                    if stack in stacks:
                        delete_stack(stack, name, deployment, access=self._access, tell=self._tell)

    def _described(self, stack: str, name: str, deployment: Deployment) -> dict[str, Any] | None:
        region = stack_region(stack, name, deployment)
        clients = self._access.clients_for(deployment).in_region(region)
        with refusals_told(region if region != deployment.region else None):
            return describe_stack(clients.client("cloudformation"), stack)
