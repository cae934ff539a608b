"""What follows from a deployment's settings."""

from pinekeep import naming
from pinekeep.config.models import Deployment


def stacks_of(name: str, deployment: Deployment) -> list[str]:
    """Return the names of a deployment's stacks, in the order in which they are deployed."""
    names = []
    if deployment.cmek is not None:
        names.append(naming.cmek_stack(name))
    if deployment.private_link is not None:
        names.append(naming.private_link_stack(name))
    return names
