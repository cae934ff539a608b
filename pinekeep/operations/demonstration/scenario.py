"""The demonstration, step by step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.source import Source, once_a_region
from pinekeep.account.record.recording import note_handoff, note_retirement
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.services import endpoint_services
from pinekeep.errors import WrongInputError
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.bootstrap import bootstrap_of
from pinekeep.model.config.derived import only_part, stacks_of
from pinekeep.model.config.private_link import NewVpc
from pinekeep.model.naming import Output
from pinekeep.model.output.handoff import HandoffOutput
from pinekeep.operations.demonstration.access import AccessDemonstration
from pinekeep.operations.demonstration.pinecone import show_pinecone_side
from pinekeep.operations.demonstration.steps import Steps, SurpriseError
from pinekeep.operations.demonstration.watch import WatchDemonstration, begin_trail
from pinekeep.operations.deployment.deployer import Deployer
from pinekeep.operations.deployment.execution import execute
from pinekeep.operations.deployment.kept import kept
from pinekeep.operations.handoff.console import handoff
from pinekeep.operations.plan.gate import require_deployable
from pinekeep.operations.plan.planning import planned
from pinekeep.operations.synthesis.cdk_cli import CdkCli
from pinekeep.operations.verification.checks.finding import Finding
from pinekeep.operations.verification.verify import verify


@dataclass(frozen=True)
class Demonstration:
    """The demonstration of some deployments. ``show_handoff`` takes the values for the Pinecone console."""

    configuration: Configuration
    deployments: Mapping[str, Deployment]
    steps: Steps
    show_handoff: Callable[[HandoffOutput], None]
    tell: Callable[[str], None]

    def run(self) -> None:
        """Run all steps, and leave nothing behind.

        Raises SurpriseError on an unexpected result, WrongInputError if a deployment cannot be shown.
        """
        for name, deployment in self.deployments.items():
            _require_showable(name, deployment)
        first = next(iter(self.deployments.values()))
        embedded = EmbeddedAws(account=first.account, region=first.region, endpoint_services=endpoint_services())
        try:
            with self.steps.step("start the embedded AWS") as seen:
                embedded.start()
                seen.append(embedded.endpoint_url)
            for name, deployment in self.deployments.items():
                self._show_deployment(embedded, name, deployment)
            with self.steps.step("stop the embedded AWS"):
                folder = embedded.folder
                embedded.stop()
                if folder.exists():
                    raise SurpriseError(f"{folder} is still there")
        finally:
            embedded.stop()

    def _show_deployment(self, embedded: EmbeddedAws, name: str, deployment: Deployment) -> None:
        access = _access(embedded, deployment.account)
        cdk = CdkCli(environment=access.environment_for(deployment), tell=self.tell)
        deployer = self._deployer(name, deployment, access)
        with self.steps.step(f"bootstrap account {deployment.account} in {deployment.region}"):
            options = bootstrap_of(deployment).options
            cdk.bootstrap(account=deployment.account, region=deployment.region, options=options)
        with self.steps.step("preflight: credentials, bootstrap, names, stacks"):
            deployer.look_first()
        if deployment.monitoring is not None:
            with self.steps.step("start a CloudTrail trail, without which EventBridge receives no API calls"):
                begin_trail(access.clients_for(deployment))
        with self.steps.step(f"deploy {' and '.join(stacks_of(name, deployment))}"):
            self._deploy(name, deployment, access)
        self._verify(name, deployment, access)
        outputs = deployer.outputs()
        self.show_handoff(handoff({name: deployment}, outputs, customers=self.configuration.rosters.packings))
        if deployment.cmek is not None:
            AccessDemonstration(
                embedded=embedded,
                steps=self.steps,
                name=name,
                deployment=deployment,
                clients=access.clients_for(deployment),
                pinecone_account=str(self.configuration.content.pinecone_account),
                customers=self.configuration.rosters.packings.get(name),
                verify=lambda: self._findings(name, deployment, access),
            ).show(role_arn=outputs[name][Output.ROLE_ARN], key_arn=outputs[name][Output.KEY_ARN])
        if deployment.pinecone is not None:
            show_pinecone_side(
                self.steps, name, deployment, clients=access.clients_for(deployment), outputs=outputs[name]
            )
        if deployment.cmek and deployment.audit_logs and deployment.monitoring:
            WatchDemonstration(
                embedded=embedded,
                steps=self.steps,
                deployment=deployment,
                clients=access.clients_for(deployment),
                outputs=outputs[name],
            ).show()
        if deployment.private_link is not None:
            self._show_replacement(name, deployment, access)
            with self.steps.step("remove both endpoints, keep the key") as seen:
                note_retirement({name: deployment}, access=access)
                deployer.remove(deployer.removable())
                seen.append(f"kept {', '.join(thing.what for thing in kept(name, deployment))}")
        if deployment.cmek is not None:
            self._verify(name, deployment.model_copy(update={"private_link": None}), access)

    def _verify(self, name: str, deployment: Deployment, access: Access) -> None:
        with self.steps.step(f"verify {name}") as seen:
            findings = self._findings(name, deployment, access)
            wrong = [finding for finding in findings if not finding.passes]
            if wrong:
                raise SurpriseError("; ".join(f"{each.what}: {each.found}" for each in wrong))
            notes = sum(finding.status == "note" for finding in findings)
            seen.append(f"{len(findings) - notes} checks passed" + (f", {notes} to note" if notes else ""))

    def _findings(self, name: str, deployment: Deployment, access: Access) -> list[Finding]:
        return verify(
            {name: deployment},
            pinecone_account=self.configuration.content.pinecone_account,
            clients_for=access.clients_for,
            customers=self.configuration.rosters.packings,
        )

    def _show_replacement(self, name: str, deployment: Deployment, access: Access) -> None:
        """Replace the endpoint by the next generation without an outage; the old one stays on standby."""
        link = deployment.private_link
        if link is None:
            return
        old, new = link.generation, link.generation + 1

        def with_generation(generation: int, standby: int) -> Deployment:
            changed = link.model_copy(update={"generation": generation, "standby": standby})
            return deployment.model_copy(update={"private_link": changed})

        beside, exchanged = with_generation(old, new), with_generation(new, old)
        with self.steps.step("record the handover (`pinekeep handoff --record`)"):
            note_handoff({name: deployment}, self._outputs(name, deployment, access), access=access)
        with self.steps.step(f"create a second endpoint beside the first (standby: {new})") as seen:
            self._deploy(name, beside, access, part="private_link")
            outputs = self._outputs(name, beside, access)
            made = outputs[name][Output.STANDBY_VPC_ENDPOINT_ID]
            seen.append(made)
        with self.steps.step("register it in Pinecone too, and record that"):
            note_handoff({name: beside}, outputs, access=access)
        with self.steps.step(f"direct the clients to it (generation: {new}, standby: {old})") as seen:
            self._deploy(name, exchanged, access, part="private_link")
            now = self._outputs(name, exchanged, access)[name]
            if now[Output.VPC_ENDPOINT_ID] != made:
                raise SurpriseError(f"the clients are directed to {now[Output.VPC_ENDPOINT_ID]}, not to {made}")
            seen.append(f"{now[Output.STANDBY_VPC_ENDPOINT_ID]} stays until nobody uses it")

    def _deploy(self, name: str, deployment: Deployment, access: Access, *, part: str | None = None) -> None:
        parts = only_part({name: deployment}, part) if part else {name: deployment}
        with planned(self.configuration, parts, access=access, tell=self.tell) as plan:
            require_deployable(plan)
            execute(plan, access=access, tell=self.tell)

    def _deployer(self, name: str, deployment: Deployment, access: Access) -> Deployer:
        return Deployer(configuration=self.configuration, deployments={name: deployment}, access=access, tell=self.tell)

    def _outputs(self, name: str, deployment: Deployment, access: Access) -> dict[str, dict[str, str]]:
        return self._deployer(name, deployment, access).outputs()


def _require_showable(name: str, deployment: Deployment) -> None:
    if deployment.private_link is not None and not isinstance(deployment.private_link.vpc, NewVpc):
        raise WrongInputError(
            f"{name} needs a VPC that the embedded AWS does not have",
            hint="choose a deployment with a new VPC (cidr, availability_zones), or with cmek alone",
        )
    if deployment.cmek is not None and deployment.cmek.key.adopt is not None:
        raise WrongInputError(f"{name} adopts a key that the embedded AWS does not have")
    if deployment.cmek is not None and not deployment.cmek.has_own_key:
        raise WrongInputError(
            f"{name} has keys in other accounts alone, which the embedded AWS cannot use",
            hint="`pinekeep access` decides who could use them",
        )


def _access(embedded: EmbeddedAws, account: str) -> Access:
    return Access.of(
        Source(
            environment=lambda: embedded.environment(account),
            clients_for=once_a_region(lambda region: Clients(embedded.session(account, region=region), region)),
            clients_as=lambda region, keys: Clients(embedded.session(credentials=keys, region=region), region),
        )
    )
