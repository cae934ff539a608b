"""The third-party endpoint services of an embedded AWS."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from pinekeep.model.facts import pinecone

PROVIDER_ACCOUNT: Final = "740000000001"
"""The account that owns the endpoint services of an embedded AWS: a client of it accepts and rejects endpoints."""


@dataclass(frozen=True)
class EndpointService:
    """An endpoint service that an embedded AWS offers.

    ``private_dns_name``: its private DNS name, ``*.`` and a domain for a wildcard. ``zone_ids``: the IDs of the
    Availability Zones that it supports, those of the Region's zones a, b and c if there are none.
    ``regions``: the further Regions from which an endpoint can be created.
    """

    private_dns_name: str | None = None
    acceptance_required: bool = False
    zone_ids: tuple[str, ...] = ()
    ip_address_types: tuple[str, ...] = ("ipv4",)
    regions: tuple[str, ...] = ()


EndpointServices = Mapping[str, EndpointService | str]
"""Endpoint services by service name; a text is the private DNS name of one without further options."""


def described(services: EndpointServices | None) -> dict[str, EndpointService]:
    """Return each service by its name."""
    return {
        name: EndpointService(private_dns_name=each) if isinstance(each, str) else each
        for name, each in (services or {}).items()
    }


def to_settings(services: EndpointServices | None) -> dict[str, dict[str, Any]]:
    """Return services as plain data, for a server's settings."""
    return {name: asdict(each) for name, each in described(services).items()}


def from_settings(services: Mapping[str, Mapping[str, Any]]) -> dict[str, EndpointService]:
    """Return the services of a server's settings."""
    return {
        name: EndpointService(
            private_dns_name=each["private_dns_name"],
            acceptance_required=each["acceptance_required"],
            zone_ids=tuple(each["zone_ids"]),
            ip_address_types=tuple(each["ip_address_types"]),
            regions=tuple(each["regions"]),
        )
        for name, each in services.items()
    }


def endpoint_services() -> dict[str, str]:
    """Return the private DNS name of each of Pinecone's endpoint services, by service name."""
    return {each.service_name: f"*.{each.private_zone}" for each in pinecone.PRIVATE_LINK.values()}
