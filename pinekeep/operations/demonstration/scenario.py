"""What the demonstration does, in order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.source import Source, once_a_region
from pinekeep.account.record.recording import note_retirement
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.services import endpoint_services
from pinekeep.errors import WrongInputError
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.bootstrap import bootstrap_of
from pinekeep.model.config.derived import stacks_of
from pinekeep.model.config.models import NewVpc
from pinekeep.model.facts import pinecone
from pinekeep.model.naming import Output
from pinekeep.model.output.models import HandoffOutput
from pinekeep.operations.demonstration.actors import Caller, RoleSession, require_refusal
from pinekeep.operations.demonstration.endpoint import Replacement
from pinekeep.operations.demonstration.grants import STRANGER, StrangersGrant
from pinekeep.operations.demonstration.pinecone import show_pinecone_side
from pinekeep.operations.demonstration.revocation import CuttingOff
from pinekeep.operations.demonstration.steps import Steps, SurpriseError
from pinekeep.operations.deployment.deployer import Deployer, kept
from pinekeep.operations.deployment.execution import execute
from pinekeep.operations.handoff.console import handoff
from pinekeep.operations.plan.gate import require_deployable
from pinekeep.operations.plan.planning import planned
from pinekeep.operations.synthesis.cdk_cli import CdkCli
from pinekeep.operations.verification.checks.finding import Finding
from pinekeep.operations.verification.verify import verify

STRANGER_ACCOUNT: Final = "444455556666"
OTHER_ROLE: Final = "pinecone_something_else"
WRONG_ID: Final = "00000000-0000-4000-8000-000000000000"
ACCESS_DENIED: Final = ("AccessDenied", "AccessDeniedException")


@dataclass(frozen=True)
class Demonstration:
    """The demonstration of some deployments.

    Attributes:
        show_handoff: takes what the Pinecone console would be told.
    """

    configuration: Configuration
    deployments: Mapping[str, Deployment]
    steps: Steps
    show_handoff: Callable[[HandoffOutput], None]
    tell: Callable[[str], None]

    def run(self) -> None:
        """Run it all. Whatever happens, nothing is left behind.

        Raises:
            SurpriseError: something did not go as it should.
            WrongInputError: a deployment cannot be shown.
        """
        for name, deployment in self.deployments.items():
            _require_showable(name, deployment)
        first = next(iter(self.deployments.values()))
        embedded = EmbeddedAws(account=first.account, region=first.region, endpoint_services=endpoint_services())
        try:
            with self.steps.step("start an AWS on this machine") as seen:
                embedded.start()
                seen.append(embedded.endpoint_url)
            for name, deployment in self.deployments.items():
                self._show_deployment(embedded, name, deployment)
            with self.steps.step("stop the AWS on this machine"):
                folder = embedded.folder
                embedded.stop()
                if folder.exists():
                    raise SurpriseError(f"{folder} is still there")
        finally:
            embedded.stop()

    def _show_deployment(self, embedded: EmbeddedAws, name: str, deployment: Deployment) -> None:
        access = _access(embedded, deployment.account)
        cdk = CdkCli(environment=access.environment_for(deployment), tell=self.tell)
        deployer = Deployer(
            configuration=self.configuration, deployments={name: deployment}, access=access, tell=self.tell
        )
        with self.steps.step(f"bootstrap account {deployment.account} in {deployment.region}"):
            options = bootstrap_of(deployment).options
            cdk.bootstrap(account=deployment.account, region=deployment.region, options=options)
        with self.steps.step("look first: credentials, bootstrap, names, stacks"):
            deployer.look_first()
        with (
            self.steps.step(f"deploy {' and '.join(stacks_of(name, deployment))}"),
            planned(self.configuration, {name: deployment}, access=access, tell=self.tell) as plan,
        ):
            require_deployable(plan)
            execute(plan, access=access, tell=self.tell)
        self._verify(name, deployment, access)
        outputs = deployer.outputs()
        self.show_handoff(handoff({name: deployment}, outputs, customers=self.configuration.rosters.packings))
        if deployment.cmek is not None:
            self._show_access(embedded, name, deployment, outputs[name])
        if deployment.pinecone is not None:
            show_pinecone_side(
                self.steps, name, deployment, clients=access.clients_for(deployment), outputs=outputs[name]
            )
        if deployment.private_link is not None:
            Replacement(self.configuration, name, deployment, access=access, tell=self.tell).show(self.steps)
            with self.steps.step("take both endpoints away, keep the key") as seen:
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

    def _show_access(
        self, embedded: EmbeddedAws, name: str, deployment: Deployment, outputs: Mapping[str, str]
    ) -> None:
        role_arn, key_arn = outputs[Output.ROLE_ARN], outputs[Output.KEY_ARN]
        external_id = deployment.cmek.trust.presented_id if deployment.cmek else None
        account = str(self.configuration.content.pinecone_account)
        access_role = _access_role(deployment)
        with self.steps.step(f"play Pinecone: {access_role} assumes the role") as seen:
            caller = Caller(aws=embedded, account=account, role_name=access_role)
            session = caller.assume(role_arn, external_id=external_id)
            seen.append("with the external ID" if external_id else "no external ID is wanted")
        with self.steps.step("Pinecone encrypts and decrypts with the key"):
            ciphertext = session.encrypt(key_arn)
            session.decrypt(key_arn, ciphertext)
        self._show_refusals(embedded, caller, role_arn=role_arn, external_id=external_id, deployment=deployment)
        self._show_administration_refused(session, key_arn, role_arn)
        clients = _access(embedded, deployment.account).clients_for(deployment)
        grant = StrangersGrant(
            stranger=Caller(aws=embedded, account=deployment.account, role_name=STRANGER),
            clients=clients,
            verify=lambda: self._findings(name, deployment, _access(embedded, deployment.account)),
        )
        grant.show(self.steps, key_arn=key_arn, ciphertext=ciphertext)
        cutting_off = CuttingOff(
            name=name,
            deployment=deployment,
            clients=clients,
            pinecone_account=account,
            customers=self.configuration.rosters.packings.get(name),
            assume=partial(caller.assume, role_arn, external_id=external_id),
        )
        cutting_off.show(self.steps, session, key_arn=key_arn, ciphertext=ciphertext)

    def _show_refusals(
        self,
        embedded: EmbeddedAws,
        caller: Caller,
        *,
        role_arn: str,
        external_id: str | None,
        deployment: Deployment,
    ) -> None:
        account = str(self.configuration.content.pinecone_account)
        other = Caller(aws=embedded, account=account, role_name=OTHER_ROLE)
        stranger = Caller(aws=embedded, account=STRANGER_ACCOUNT, role_name=_access_role(deployment))
        attempts = {
            "another role of Pinecone's account": partial(other.assume, role_arn, external_id=external_id),
            "a stranger's role of the same name": partial(stranger.assume, role_arn, external_id=external_id),
        }
        if external_id is not None:
            attempts = {
                "a wrong external ID": partial(caller.assume, role_arn, external_id=WRONG_ID),
                "no external ID": partial(caller.assume, role_arn, external_id=None),
                **attempts,
            }
        for what, attempt in attempts.items():
            with self.steps.step(f"refused: {what}") as seen:
                seen.append(require_refusal(attempt, *ACCESS_DENIED))

    def _show_administration_refused(self, session: RoleSession, key_arn: str, role_arn: str) -> None:
        for action, attempt in session.administer(key_arn, role_arn).items():
            with self.steps.step(f"refused: the role calls {action}") as seen:
                seen.append(require_refusal(attempt, *ACCESS_DENIED))


def _require_showable(name: str, deployment: Deployment) -> None:
    if deployment.private_link is not None and not isinstance(deployment.private_link.vpc, NewVpc):
        raise WrongInputError(
            f"{name} needs a VPC that the embedded AWS does not have",
            hint="show a deployment with a new VPC (cidr, availability_zones), or with cmek alone",
        )
    if deployment.cmek is not None and deployment.cmek.key.adopt is not None:
        raise WrongInputError(f"{name} adopts a key that the embedded AWS does not have")
    if deployment.cmek is not None and not deployment.cmek.has_own_key:
        raise WrongInputError(
            f"{name} has keys in other accounts alone, which the embedded AWS cannot use",
            hint="`pinekeep access` decides who could use them",
        )


def _access_role(deployment: Deployment) -> str:
    """Return the name of an access role of Pinecone's that the deployment trusts."""
    regions = deployment.cmek.trust.regions if deployment.cmek else "all"
    return pinecone.ACCESS_ROLE_PREFIX + (deployment.region if regions == "all" else regions[0])


def _access(embedded: EmbeddedAws, account: str) -> Access:
    return Access.of(
        Source(
            environment=lambda: embedded.environment(account),
            clients_for=once_a_region(lambda region: Clients(embedded.session(account, region=region), region)),
            clients_as=lambda region, keys: Clients(embedded.session(credentials=keys, region=region), region),
        )
    )
