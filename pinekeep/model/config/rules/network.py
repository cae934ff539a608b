"""Rules about the endpoint, its clients and its DNS."""

import ipaddress
from collections.abc import Iterator
from typing import Final

from pinekeep.model.config.partial import known, known_items
from pinekeep.model.config.private_link import AdoptedEndpoint, NewVpc
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules.subject import Subject
from pinekeep.model.values.networks import clients_error, overlap_errors, zone_error, zones_error
from pinekeep.model.words import listed

_CLIENTS = ("private_link", "clients")
_CIDRS = (*_CLIENTS, "cidrs")
_CLIENT_VPCS = ("private_link", "client_vpc_ids")
_ZONES = ("private_link", "vpc", "availability_zones")
_NAMED: Final = 5


def clients_are_some_and_not_too_many(here: Subject) -> Iterator[Problem]:
    """An endpoint has clients, as many as a security group has rules. A prefix list is at least one rule."""
    link, clients = here.link, here.link.clients
    count = len(clients.cidrs) + len(clients.security_group_ids) + len(clients.prefix_list_ids)
    if not count and (link.adopted or link.security_group_ids):
        return
    yield from here.invalid(clients_error(count), *_CLIENTS)


def client_networks_differ(here: Subject) -> Iterator[Problem]:
    """No client network lies inside another. (A network that is listed twice is found by another rule.)"""
    for index, error in overlap_errors(known_items(here.link.clients.cidrs)):
        yield from here.invalid(error, *_CIDRS, index)


def client_networks_are_of_the_endpoints_family(here: Subject) -> Iterator[Problem]:
    """IPv6 clients need an endpoint with IPv6 addresses."""
    if here.link.ip_address_type == "dualstack":
        return
    for index, cidr in known_items(here.link.clients.cidrs):
        if ":" in cidr:
            yield here.problem(
                "cidr-ipv6",
                f"{cidr} is an IPv6 network, and the endpoint has IPv4 addresses alone",
                "list the IPv4 networks, or write ip_address_type: dualstack",
                *_CIDRS,
                index,
            )


def client_networks_are_in_the_new_vpc(here: Subject) -> Iterator[Problem]:
    """A new VPC has no connection to other networks."""
    if not isinstance(here.link.vpc, NewVpc):
        return
    vpc = ipaddress.IPv4Network(known(here.link.vpc.cidr))
    cidrs = [cidr for _, cidr in known_items(here.link.clients.cidrs) if ":" not in cidr]
    outside = [cidr for cidr in cidrs if not vpc.overlaps(ipaddress.IPv4Network(cidr))]
    if outside:
        named = listed([*outside[:_NAMED], *(["…"] if len(outside) > _NAMED else [])])
        yield here.problem(
            "client-outside-new-vpc",
            f"outside the new VPC {vpc}, which has no connection to other networks: {named}; clients there cannot "
            "reach the endpoint until it has one",
            "after the deployment, peer the VPC with theirs or connect both to a transit gateway",
            *_CIDRS,
            warn=True,
        )


def zones_are_of_the_region(here: Subject) -> Iterator[Problem]:
    """The zones of a new VPC are in the deployment's Region, and all given in the same way."""
    if not isinstance(here.link.vpc, NewVpc):
        return
    zones = list(known_items(here.link.vpc.availability_zones))
    for index, zone in zones:
        error = zone_error(zone, known(here.deployment.region))
        yield from here.invalid(error, *_ZONES, index)
    yield from here.invalid(zones_error(zone for _, zone in zones), *_ZONES)


def new_vpc_is_ipv4(here: Subject) -> Iterator[Problem]:
    """A new VPC has IPv4 networks alone."""
    if isinstance(here.link.vpc, NewVpc) and here.link.ip_address_type == "dualstack":
        yield here.problem(
            "new-vpc-dualstack",
            "a new VPC has IPv4 addresses alone, got ip_address_type: dualstack",
            "write ip_address_type: ipv4, or name an existing VPC whose subnets have IPv6",
            "private_link",
            "ip_address_type",
        )


def endpoint_has_one_kind_of_security_group(here: Subject) -> Iterator[Problem]:
    """Clients are rules of a security group that is created, so there is none of one's own beside them."""
    link = here.link
    clients = link.clients.cidrs or link.clients.security_group_ids or link.clients.prefix_list_ids
    if clients and link.security_group_ids:
        yield here.problem(
            "clients-and-groups",
            "clients are the rules of a security group that is created; the endpoint has security groups of yours",
            "remove clients, or remove security_group_ids",
            *_CLIENTS,
        )


def new_vpc_has_a_new_security_group(here: Subject) -> Iterator[Problem]:
    """A security group belongs to one VPC, so none exists for a VPC that is created."""
    if isinstance(here.link.vpc, NewVpc) and here.link.security_group_ids:
        yield here.problem(
            "groups-of-new-vpc",
            "an existing security group is of another VPC than the new one",
            "write clients in place of security_group_ids: they are the rules of a new security group",
            "private_link",
            "security_group_ids",
        )


def adopted_endpoint_keeps_its_settings(here: Subject) -> Iterator[Problem]:
    """What belongs to the endpoint itself is set where the endpoint was created."""
    link = here.link
    if not isinstance(link.vpc, AdoptedEndpoint):
        return
    for name in ("clients", "security_group_ids", "ip_address_type", "generation", "standby"):
        if name in link.model_fields_set:
            yield here.problem(
                "adopted-endpoint-setting",
                f"{name} has no effect on an adopted endpoint, which is never changed",
                f"remove {name}, and set it where the endpoint was created",
                "private_link",
                name,
            )
    if link.has_zone or link.dns_bridge:
        for name in ("dns_name", "dns_hosted_zone_id"):
            if getattr(link.vpc, name) is None:
                yield here.problem(
                    "adopted-endpoint-dns",
                    f"{name} is missing: a record in Route 53 leads to the endpoint by its DNS entry",
                    f"aws ec2 describe-vpc-endpoints --vpc-endpoint-ids {known(link.vpc.adopt)} "
                    f"--region {known(here.deployment.region)} --query 'VpcEndpoints[0].DnsEntries[0]'",
                    "private_link",
                    "vpc",
                )
    elif link.dns == "resolver-inbound" and (link.resolver is None or link.resolver.subnet_ids is None):
        yield here.problem(
            "resolver-subnets",
            "the subnets of an adopted endpoint are not known here, and the inbound endpoint needs some",
            "write subnet_ids under resolver",
            "private_link",
            "resolver",
        )


def standby_is_another_endpoint(here: Subject) -> Iterator[Problem]:
    """The endpoint in use and the standby have different generations."""
    link = here.link
    if link.standby is not None and link.standby == link.generation:
        yield here.problem(
            "standby-generation",
            f"generation {link.generation} is the endpoint in use; standby must be another one",
            f"write standby: {link.generation + 1}, or remove standby",
            "private_link",
            "standby",
        )
