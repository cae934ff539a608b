"""Replacing an endpoint without an outage, as steps."""

from collections.abc import Callable
from typing import Final

from pinekeep.account.credentials.access import Access
from pinekeep.account.record.recording import note_handoff
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.derived import only_part
from pinekeep.model.naming import Output
from pinekeep.operations.demonstration.steps import Steps, SurpriseError
from pinekeep.operations.deployment.deployer import Deployer
from pinekeep.operations.deployment.execution import execute
from pinekeep.operations.plan.gate import require_deployable
from pinekeep.operations.plan.planning import planned

_PART: Final = "private_link"


class Replacement:
    """The replacement of a deployment's endpoint by the next generation."""

    def __init__(
        self,
        configuration: Configuration,
        name: str,
        deployment: Deployment,
        *,
        access: Access,
        tell: Callable[[str], None],
    ) -> None:
        self._configuration = configuration
        self._name = name
        self._deployment = deployment
        self._access = access
        self._tell = tell

    def show(self, steps: Steps) -> None:
        """Make a second endpoint, register it, and lead the clients to it; the old one stays on standby.

        Raises:
            SurpriseError: something did not go as it should.
        """
        link = self._deployment.private_link
        if link is None:
            return
        old, new = link.generation, link.generation + 1
        with steps.step("note what Pinecone was given (`pinekeep handoff --record`)"):
            self._record(self._deployment)
        beside = self._with(generation=old, standby=new)
        with steps.step(f"make a second endpoint beside the first (standby: {new})") as seen:
            made = self._deploy(beside)[Output.STANDBY_VPC_ENDPOINT_ID]
            seen.append(made)
        with steps.step("register it in Pinecone too, and note that"):
            self._record(beside)
        with steps.step(f"lead the clients to it (generation: {new}, standby: {old})") as seen:
            outputs = self._deploy(self._with(generation=new, standby=old))
            if outputs[Output.VPC_ENDPOINT_ID] != made:
                raise SurpriseError(f"the clients are led to {outputs[Output.VPC_ENDPOINT_ID]}, not to {made}")
            seen.append(f"{outputs[Output.STANDBY_VPC_ENDPOINT_ID]} stays until nobody uses it")

    def _with(self, *, generation: int, standby: int) -> Deployment:
        link = self._deployment.private_link
        changes = {"generation": generation, "standby": standby}
        return self._deployment.model_copy(update={_PART: link.model_copy(update=changes) if link else None})

    def _deploy(self, deployment: Deployment) -> dict[str, str]:
        alone = only_part({self._name: deployment}, _PART)
        with planned(self._configuration, alone, access=self._access, tell=self._tell) as plan:
            require_deployable(plan)
            execute(plan, access=self._access, tell=self._tell)
        return self._outputs(deployment)

    def _record(self, deployment: Deployment) -> None:
        outputs = {self._name: self._outputs(deployment)}
        note_handoff({self._name: deployment}, outputs, access=self._access)

    def _outputs(self, deployment: Deployment) -> dict[str, str]:
        deployer = Deployer(
            configuration=self._configuration,
            deployments={self._name: deployment},
            access=self._access,
            tell=self._tell,
        )
        return deployer.outputs()[self._name]
