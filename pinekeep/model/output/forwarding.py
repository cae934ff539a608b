"""The output of `private-link forwarding`."""

from typing import Literal

from pinekeep.model.output import OutputModel


class ForwardingPartOutput(OutputModel):
    """One text for a DNS server."""

    place: str
    """Where it belongs."""
    text: str
    """The text."""


class ForwardingServerOutput(OutputModel):
    """What one DNS server needs."""

    server: Literal["bind", "unbound", "windows", "dnsmasq", "coredns"]
    """The server."""
    parts: list[ForwardingPartOutput]
    """The texts; none where the server cannot do it."""
    notes: list[str]
    """What to know besides."""


class ForwardingDeploymentOutput(OutputModel):
    """What the DNS servers of one deployment's clients need."""

    name: str
    """The deployment's name."""
    zone: str
    """Pinecone's private zone."""
    form: Literal["forward", "alias"]
    """Whether the servers forward the zone to a Resolver inbound endpoint, or answer it with an alias."""
    addresses: list[str]
    """The addresses of the Resolver inbound endpoint, or those of the endpoint."""
    target: str | None
    """The endpoint's DNS name; null where the servers forward."""
    warnings: list[str]
    """What should be changed."""
    servers: list[ForwardingServerOutput]
    """What each server needs."""


class ForwardingOutput(OutputModel):
    """What `private-link forwarding` writes."""

    deployments: list[ForwardingDeploymentOutput]
    """The deployments with an endpoint."""
