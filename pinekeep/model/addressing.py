"""How a new VPC is divided into subnets."""

import ipaddress
from typing import Final

from pinekeep.model.values.networks import is_zone_id

ZONE_LETTERS: Final = "abcdefgh"
"""The VPC is cut into as many equal subnets as there are letters. A zone's letter picks its part, so that
adding or removing a zone never moves another one's subnet, and with it the endpoint."""


def subnet_cidr(vpc_cidr: str, zone: str) -> str:
    """Return the network of the subnet in a zone: the part of the VPC's network that its letter or number picks."""
    parts = list(ipaddress.IPv4Network(vpc_cidr).subnets(prefixlen_diff=len(ZONE_LETTERS).bit_length() - 1))
    return str(parts[int(zone[-1]) - 1 if is_zone_id(zone) else ZONE_LETTERS.index(zone[-1])])
