"""The two phases of an endpoint: it is created first, and wired into DNS when it is available."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.account.reads.calls import ask
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import wires_dns, without_dns
from pinekeep.model.config.models import endpoint_service_of
from pinekeep.model.facts import pinecone
from pinekeep.model.naming import Output
from pinekeep.operations.plan.cloudformation import describe_stack, outputs_of
from pinekeep.operations.plan.resolution import resolution_of

WAITING_STATES: Final = frozenset({"pendingacceptance", "pending"})
"""The states of an endpoint that is not yet available, in lower case. Source: facts.aws.ENDPOINT_STATES."""
_SIDE_BY_SIDE: Final = 8
_UNKNOWN_SERVICE: Final = "InvalidServiceName"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A deployment whose endpoint is not yet available. ``endpoint_id``, ``state``: None where it is not created."""

    deployment: str
    endpoint_id: str | None = None
    state: str | None = None

    @property
    def why(self) -> str:
        """Why DNS waits, and what to do."""
        again = f"run `pinekeep deploy --deployment {self.deployment}` again"
        register = f"register it in Pinecone ({pinecone.ENDPOINT_CONSOLE_PATH})"
        if self.endpoint_id is None:
            return (
                f"{self.deployment}: the endpoint service accepts each connection, so the endpoint is created without "
                f"DNS; when it is created, {register}, and {again} when it is available"
            )
        endpoint = f"{self.deployment}: endpoint {self.endpoint_id} is in state {self.state}"
        if str(self.state).lower() not in WAITING_STATES:
            return f"{endpoint}, and not yet wired into DNS; {again}"
        return f"{endpoint}, so it is not wired into DNS; {register}, and {again} when it is available"


@dataclass(frozen=True, kw_only=True)
class Phases:
    """What is deployed now: the deployments, those in ``waiting`` without DNS."""

    deployments: Mapping[str, Deployment]
    waiting: tuple[Waiting, ...] = ()


def phases(deployments: Mapping[str, Deployment], *, access: Access) -> Phases:
    """Return the deployments as they are deployed now. Reads only: two calls for each endpoint with DNS, at most three.

    An endpoint waits if it is not yet available, or does not exist and its service requires acceptance. One that
    resolves names already stays as it is. Where the service cannot be read, it is taken to require no acceptance.

    Raises AwsRefusedError if AWS refuses.
    """
    wired = {name: each for name, each in deployments.items() if wires_dns(each)}
    if not wired:
        return Phases(deployments=deployments)
    with refusals_told(), ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        asked = {name: pool.submit(_waiting, name, each, access) for name, each in wired.items()}
        found = {name: each.result() for name, each in asked.items()}
    waiting = {name: each for name, each in found.items() if each is not None}
    return Phases(
        deployments={name: without_dns(each) if name in waiting else each for name, each in deployments.items()},
        waiting=tuple(waiting.values()),
    )


def endpoint_of(name: str, deployment: Deployment, clients: Clients) -> tuple[str, str] | None:
    """Return the ID and the state of the endpoint that serves a deployment; None where there is none. Two calls."""
    link = deployment.private_link
    endpoint_id = link.adopted if link is not None else None
    if endpoint_id is None:
        stack = describe_stack(clients.client("cloudformation"), naming.private_link_stack(name))
        endpoint_id = outputs_of(stack or {}).get(Output.VPC_ENDPOINT_ID)
    if endpoint_id is None:
        return None
    # By a filter, because EC2 refuses an ID that it does not know.
    asked = [{"Name": "vpc-endpoint-id", "Values": [endpoint_id]}]
    found = clients.client("ec2").describe_vpc_endpoints(Filters=asked)["VpcEndpoints"]
    return (endpoint_id, str(found[0]["State"])) if found else None


def refreshed(
    waiting: Iterable[Waiting], deployments: Mapping[str, Deployment], *, access: Access
) -> tuple[Waiting, ...]:
    """Return the deployments of a first phase with their endpoints as they are now. Two calls each.

    Raises AwsRefusedError if AWS refuses.
    """
    with refusals_told():
        return tuple(_now(each.deployment, deployments[each.deployment], access) for each in waiting)


def _now(name: str, deployment: Deployment, access: Access) -> Waiting:
    endpoint_id, state = endpoint_of(name, deployment, access.clients_for(deployment)) or (None, None)
    return Waiting(deployment=name, endpoint_id=endpoint_id, state=state)


def _waiting(name: str, deployment: Deployment, access: Access) -> Waiting | None:
    clients = access.clients_for(deployment)
    found = endpoint_of(name, deployment, clients)
    if found is None:
        link = deployment.private_link
        adopted = link is not None and link.adopted is not None
        return Waiting(deployment=name) if not adopted and _requires_acceptance(deployment, clients) else None
    endpoint_id, state = found
    if state.lower() not in WAITING_STATES or _is_wired(name, clients):
        return None
    return Waiting(deployment=name, endpoint_id=endpoint_id, state=state)


def _is_wired(name: str, clients: Clients) -> bool:
    """Return whether the stack resolves names already, as it was deployed last."""
    client, stack = clients.client("cloudformation"), naming.private_link_stack(name)
    if describe_stack(client, stack) is None:
        return False
    return bool(resolution_of(client.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]).answers)


def _requires_acceptance(deployment: Deployment, clients: Clients) -> bool:
    link = deployment.private_link
    elsewhere = {"ServiceRegions": [link.service_region]} if link is not None and link.service_region else {}
    name = endpoint_service_of(deployment).service_name
    try:
        answer: Any = ask(clients, "ec2:DescribeVpcEndpointServices", ServiceNames=[name], **elsewhere)
    except Exception as error:
        if code_of(error) == _UNKNOWN_SERVICE:
            return False
        raise
    details = answer.get("ServiceDetails") if isinstance(answer, dict) else None
    return any(each.get("AcceptanceRequired") for each in details or ())
