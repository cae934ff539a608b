"""Clients that several deployments share: making them takes longer than a call."""

from collections.abc import Callable
from threading import Lock

from pinekeep.aws.clients import Clients
from pinekeep.config import Deployment

ClientsFor = Callable[[Deployment], Clients]


def shared(clients_for: ClientsFor) -> ClientsFor:
    """Return the same, asked once for each account and Region. Safe in threads.

    Args:
        clients_for: gives the clients of a deployment's account and Region.
    """
    made: dict[tuple[str, str], Clients] = {}
    lock = Lock()

    def get(deployment: Deployment) -> Clients:
        place = deployment.account, deployment.region
        with lock:
            if place not in made:
                made[place] = clients_for(deployment)
            return made[place]

    return get
