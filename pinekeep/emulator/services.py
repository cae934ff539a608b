"""The third-party endpoint services of an embedded AWS: Pinecone's."""

from pinekeep.model.facts import pinecone


def endpoint_services() -> dict[str, str]:
    """Return the private DNS name of each of Pinecone's endpoint services, by service name."""
    return {each.service_name: f"*.{each.private_zone}" for each in pinecone.PRIVATE_LINK.values()}
