"""Addresses and names that are given on the command line: of Resolver endpoints, and of endpoints."""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.model.values import InvalidValueError, require
from pinekeep.model.values.networks import PRIVATE_NETWORKS, EndpointDnsName
from pinekeep.model.words import shown

RESOLVER_ADDRESSES_LEAST: Final = 2
"""A Resolver endpoint has at least two addresses, in different Availability Zones."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def inbound_addresses(given: Sequence[str]) -> tuple[list[Address], list[str]]:
    """Return the addresses that were given for a Resolver inbound endpoint, and warnings about them.

    Raises:
        WrongInputError: one is no address, no address in a VPC, or given twice; or none is given.
    """
    if not given:
        raise WrongInputError(
            "the addresses of the Route 53 Resolver inbound endpoint are needed",
            hint="give each with --address; `aws route53resolver list-resolver-endpoint-ip-addresses "
            "--resolver-endpoint-id ID` lists them",
        )
    addresses = vpc_addresses(given)
    if len(addresses) >= RESOLVER_ADDRESSES_LEAST:
        return addresses, []
    return addresses, [
        f"{addresses[0]} is the only address: no name resolves while its Availability Zone fails; "
        "a Resolver inbound endpoint has at least two"
    ]


def vpc_addresses(given: Iterable[str], *, option: str = "--address") -> list[Address]:
    """Return addresses of network interfaces in a VPC. ``option``: where they were given.

    Raises:
        WrongInputError: one is no address, no address in a VPC, or given twice.
    """
    found: list[Address] = []
    for each in given:
        try:
            address = ipaddress.ip_address(each)
        except ValueError:
            raise WrongInputError(
                f"{option}: an address is written like 10.20.0.10 or fd00::10, got {shown(each)}",
                hint=f"give every address with an {option} of its own",
            ) from None
        if not _is_in_a_vpc(address):
            raise WrongInputError(
                f"{option}: {address} is not an address in a VPC; IPv4 addresses there are in "
                f"{', '.join(PRIVATE_NETWORKS)}",
                hint="give the addresses of the network interfaces in the VPC",
            )
        if address in found:
            raise WrongInputError(f"{option}: {address} is given twice", hint="give every address once")
        found.append(address)
    return found


def _is_in_a_vpc(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return any(address in ipaddress.IPv4Network(network) for network in PRIVATE_NETWORKS)
    # A VPC has IPv6 addresses of Amazon's, which are global, its owner's, or unique local ones.
    unique_local = address in ipaddress.IPv6Network("fc00::/7")
    return (address.is_global or unique_local) and not address.is_multicast and address.ipv4_mapped is None


def endpoint_name(given: str) -> str:
    """Return the DNS name of an endpoint, in lower case and without a final dot.

    Raises:
        WrongInputError: it is not the name of an endpoint.
    """
    try:
        return require(EndpointDnsName, given.lower().removesuffix("."))
    except InvalidValueError as error:
        raise WrongInputError(f"--target: {error.message}", hint=error.hint) from None
