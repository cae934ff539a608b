"""Pinecone's side in the demonstration, on a stand-in for its API."""

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager

from pinekeep.account.client.clients import Clients
from pinekeep.emulator.stand_in import PineconeStandIn
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import ApiKey, PineconeProject
from pinekeep.model.naming import Output
from pinekeep.operations.demonstration.steps import Steps, SurpriseError
from pinekeep.pinecone.apply import PineconeSide
from pinekeep.pinecone.client import ControlPlane, PineconeAdmin
from pinekeep.pinecone.credentials import ServiceAccount
from pinekeep.pinecone.plan import Plan
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.rotation import rotate, rotations
from pinekeep.pinecone.status import status


def with_project(name: str, deployment: Deployment) -> Deployment:
    """Return the deployment with a Pinecone project of its name, for an example that has none."""
    key = ApiKey(name="watch", roles=["ControlPlaneViewer"], secret=f"pinecone/{name}/watch")
    return deployment.model_copy(update={"pinecone": PineconeProject(project=name, api_keys=[key])})


def show_pinecone_side(
    steps: Steps, name: str, deployment: Deployment, *, clients: Clients, outputs: Mapping[str, str]
) -> None:
    """Show `pinekeep pinecone` for a deployment with a ``pinecone`` section. Raises SurpriseError on another result."""
    with _stand_in(steps, deployment) as stand_in:
        account = ServiceAccount.of_the_environment(stand_in.environment)
        with PineconeAdmin(account) as admin:
            side = PineconeSide({name: deployment}, admin, lambda _: clients)
            _show_apply(steps, side)
            if deployment.pinecone and deployment.pinecone.api_keys:
                _show_rotation(steps, side, stand_in)
            _show_status(steps, side, stand_in, outputs.get(Output.KEY_ARN))


@contextmanager
def _stand_in(steps: Steps, deployment: Deployment) -> Generator[PineconeStandIn]:
    """Start a stand-in that has the users and service accounts that the deployment names."""
    stand_in = PineconeStandIn()
    for binding in deployment.pinecone.role_bindings if deployment.pinecone else ():
        people = stand_in.organization
        if binding.user and binding.user not in [each["email"] for each in people.users.values()]:
            people.add_user(binding.user)
        accounts = [each["name"] for each in people.service_accounts.values()]
        if binding.service_account and binding.service_account not in accounts:
            people.add_service_account(binding.service_account)
    with ExitStack() as stack:
        with steps.step("start a stand-in for Pinecone's API") as seen:
            stack.enter_context(stand_in)
            seen.append(stand_in.url)
        yield stand_in


def _show_apply(steps: Steps, side: PineconeSide) -> None:
    with steps.step("pinecone plan, on the stand-in") as seen:
        plan = _plan(side)
        seen += [f"create the API key {step.key.wanted.name}" if step.key else step.what for step in plan.steps]
    with steps.step("pinecone apply: create the API keys, store each in Secrets Manager"):
        side.apply(plan)
    with steps.step("pinecone apply again: nothing to do"):
        if (again := _plan(side)).steps:
            raise SurpriseError("; ".join(step.what for step in again.steps))


def _show_rotation(steps: Steps, side: PineconeSide, stand_in: PineconeStandIn) -> None:
    ((name, deployment),) = side.deployments.items()
    wanted = deployment.pinecone.api_keys[0] if deployment.pinecone else None
    if wanted is None:
        return
    there = stand_in.organization
    old = [Secret(value) for value, owner in there.values.items() if there.keys[owner]["name"] == wanted.name]
    with steps.step(f"pinecone rotate: create, store and test a new key {wanted.name}, delete the old one"):
        for each in rotations(side, [wanted.name]):
            rotate(side, each, keep_old=False)
    with steps.step(f"refused: the old key {wanted.name}"):
        for value in old:
            control_plane = ControlPlane(value, side.admin.account.connection)
            if control_plane.is_known():
                raise SurpriseError(f"the stand-in still knows the old key of {name}")
            control_plane.close()


def _show_status(steps: Steps, side: PineconeSide, stand_in: PineconeStandIn, key_arn: str | None) -> None:
    (region,) = {each.region for each in side.deployments.values()}
    with steps.step("pinecone status, with a simulated index") as seen:
        for project in stand_in.organization.projects:
            where = {"deployment_type": "managed", "cloud": "aws", "region": region}
            stand_in.organization.add_index(project, "products", cmek_id=key_arn, deployment=where)
        seen_status = status(side.deployments, side.admin, side.clients_for)
        if not seen_status.passed:
            raise SurpriseError("; ".join(problem for each in seen_status.deployments for problem in each.problems))
        seen += [
            f"index {index.name} is encrypted with {index.cmek_id or 'a key of Pinecone'}"
            for each in seen_status.deployments
            for index in each.indexes or ()
        ]


def _plan(side: PineconeSide) -> Plan:
    (plan,) = side.plans()
    if plan.problems:
        raise SurpriseError(plan.problems[0].message)
    return plan
