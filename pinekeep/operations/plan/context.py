"""What a plan needs to know beyond a deployment's own stacks. Reads only, and only where it matters."""

from collections.abc import Collection
from dataclasses import replace

from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.credentials.access import Access
from pinekeep.account.record.predecessors import former_deployments
from pinekeep.model.config import Deployment
from pinekeep.operations.plan.boundaries import read_boundaries
from pinekeep.operations.plan.stacks import Deployed, read_deployed


def read_with_surroundings(name: str, deployment: Deployment, *, named: Collection[str], access: Access) -> Deployed:
    """Return a deployment as it is, with what its permissions boundary says, and what it may have been before.

    Two calls more for a boundary. Where the deployment has no role and key yet, it is looked for under other names and
    in other Regions.

    Args:
        named: the names of all deployments of the file.

    Raises:
        AwsRefusedError: AWS refuses to tell of the stacks or of the record.
        PinekeepError: the record is none.
    """
    clients = access.clients_for(deployment)
    now = read_deployed(name, clients)
    if deployment.cmek is None:
        return now
    with refusals_told():
        if deployment.permissions_boundary is not None:
            boundaries = read_boundaries(clients, [deployment.permissions_boundary])
            now = replace(now, live=replace(now.live, boundaries=boundaries))
        if now.cmek.template is None:
            now = replace(now, former=former_deployments(name, deployment, named=named, clients_for=clients.in_region))
    return now
