"""Rules about the endpoint, its clients and its DNS."""

import ipaddress
from collections.abc import Iterator
from typing import Final

from pinekeep.model.config.models import ExistingVpc, NewVpc
from pinekeep.model.config.partial import known, known_items
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules.subject import Subject
from pinekeep.model.values.networks import clients_error, overlap_errors, zone_error
from pinekeep.model.words import listed

_CLIENTS = ("private_link", "clients")
_CIDRS = (*_CLIENTS, "cidrs")
_CLIENT_VPCS = ("private_link", "client_vpc_ids")
_NAMED: Final = 5


def clients_are_some_and_not_too_many(here: Subject) -> Iterator[Problem]:
    """An endpoint has clients, as many as a security group has rules. A prefix list is at least one rule."""
    clients = here.link.clients
    count = len(clients.cidrs) + len(clients.security_group_ids) + len(clients.prefix_list_ids)
    yield from here.invalid(clients_error(count), *_CLIENTS)


def client_networks_differ(here: Subject) -> Iterator[Problem]:
    """No client network lies inside another. (A network that is listed twice is found by another rule.)"""
    for index, error in overlap_errors(known_items(here.link.clients.cidrs)):
        yield from here.invalid(error, *_CIDRS, index)


def client_networks_are_in_the_new_vpc(here: Subject) -> Iterator[Problem]:
    """A new VPC has no connection to other networks."""
    if not isinstance(here.link.vpc, NewVpc):
        return
    vpc = ipaddress.IPv4Network(known(here.link.vpc.cidr))
    cidrs = [cidr for _, cidr in known_items(here.link.clients.cidrs)]
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
    """The zones of a new VPC are in the deployment's Region."""
    if isinstance(here.link.vpc, NewVpc):
        for index, zone in known_items(here.link.vpc.availability_zones):
            error = zone_error(zone, here.deployment.region)
            yield from here.invalid(error, "private_link", "vpc", "availability_zones", index)


def client_vpcs_have_a_zone(here: Subject) -> Iterator[Problem]:
    """Further client VPCs are associated with the hosted zone, so there must be one."""
    if here.link.client_vpc_ids and here.link.dns != "hosted-zone":
        yield here.problem(
            "client-vpcs-without-zone",
            f"client_vpc_ids requires dns: hosted-zone, got dns: {here.link.dns}",
            "write dns: hosted-zone, or remove client_vpc_ids",
            *_CLIENT_VPCS,
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


def client_vpcs_are_others(here: Subject) -> Iterator[Problem]:
    """The endpoint's own VPC is not listed among the client VPCs."""
    if not isinstance(here.link.vpc, ExistingVpc):
        return
    for index, vpc_id in known_items(here.link.client_vpc_ids):
        if here.link.vpc.id == vpc_id:
            message = f"{vpc_id} is the endpoint's own VPC, which resolves the names in any case"
            yield here.problem("client-vpc-twice", message, "remove it", *_CLIENT_VPCS, index)
