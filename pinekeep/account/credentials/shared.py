"""What several deployments share: credentials, and clients, of which making takes longer than a call."""

from collections.abc import Callable
from threading import Lock

from pinekeep.account.client.clients import Clients
from pinekeep.model.config import Deployment

ClientsFor = Callable[[Deployment], Clients]


def shared(clients_for: ClientsFor) -> ClientsFor:
    """Return the same, asked once for each Region of an account, with the same credentials. Safe in threads.

    Args:
        clients_for: gives the clients of a deployment's account and Region.
    """
    made: dict[tuple[str | None, str | None, str, str], Clients] = {}
    lock = Lock()

    def get(deployment: Deployment) -> Clients:
        place = (*credentials_key(deployment), deployment.region)
        with lock:
            if place not in made:
                made[place] = clients_for(deployment)
            return made[place]

    return get


def credentials_key(deployment: Deployment) -> tuple[str | None, str | None, str]:
    """Return what tells the credentials of two deployments apart: the profile, the role and the account."""
    return deployment.profile, deployment.assume_role, deployment.account
