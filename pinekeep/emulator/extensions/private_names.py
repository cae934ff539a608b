"""The private DNS names of VPCs, from the hosted zones and endpoints of all accounts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ministack.services import ec2, route53

Record = dict[str, Any]


@dataclass(frozen=True)
class PrivateZone:
    """A private hosted zone: a customer's, or the one that AWS manages for an endpoint with private DNS.

    ``name``: in lower case, without the last dot. ``endpoint``: the endpoint of a zone that AWS manages.
    """

    zone_id: str
    name: str
    account: str
    endpoint: Record | None = None


def plain(name: str) -> str:
    """Return a domain name in lower case, without the last dot."""
    return name.lower().rstrip(".")


def account_of_vpc(vpc_id: str, region: str) -> str | None:
    """Return the account that owns a VPC."""
    known = (account for account, its_region, each in ec2._vpcs._data if (its_region, each) == (region, vpc_id))
    return next(known, None)


def account_of_zone(zone_id: str) -> str | None:
    """Return the account that owns a hosted zone."""
    return next((account for account, each in route53._zones._data if each == zone_id), None)


def zone_of(zone_id: str) -> Record | None:
    """Return the emulator's record of a hosted zone of any account."""
    account = account_of_zone(zone_id)
    return None if account is None else route53._zones._data[account, zone_id]


def zones_of_vpc(vpc_id: str, region: str) -> Iterator[PrivateZone]:
    """Return the private zones that are associated with a VPC, those of endpoints included."""
    for (account, zone_id), zone in list(route53._zones._data.items()):
        if zone.get("private") and {"VPCRegion": region, "VPCId": vpc_id} in zone.get("vpcs", []):
            yield PrivateZone(zone_id=zone_id, name=plain(zone["name"]), account=account)
    for (_, its_region, _), endpoint in list(ec2._vpc_endpoints._data.items()):
        if (its_region, endpoint["VpcId"]) == (region, vpc_id) and (zone := zone_of_endpoint(endpoint)):
            yield zone


def zone_of_endpoint(endpoint: Record) -> PrivateZone | None:
    """Return the zone that AWS manages for an endpoint; None without private DNS."""
    name = endpoint.get("_private_name")
    if not name or endpoint["State"] != "available":
        return None
    domain = plain(name.removeprefix("*."))
    return PrivateZone(endpoint["_zone_id"], domain, account=endpoint["OwnerId"], endpoint=endpoint)


def conflicting(name: str, vpc_id: str, region: str, *, besides: str = "") -> PrivateZone | None:
    """Return a private zone of that name that is associated with a VPC, other than the zone ``besides``."""
    zones = (each for each in zones_of_vpc(vpc_id, region) if each.zone_id != besides)
    return next((each for each in zones if each.name == plain(name)), None)
