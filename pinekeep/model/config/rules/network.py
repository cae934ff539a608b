"""Rules about the endpoint, its clients and its DNS."""

import ipaddress
from collections.abc import Iterator
from typing import Final

from pinekeep.model.config.models import Deployment, ExistingVpc, NewVpc, PinekeepFile
from pinekeep.model.config.partial import known, known_items
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.facts import aws
from pinekeep.model.words import listed


def some_client_is_let_in(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """An endpoint that nobody may reach is a mistake."""
    if deployment.private_link is None:
        return
    clients = deployment.private_link.clients
    if not clients.cidrs and not clients.security_group_ids and not clients.prefix_list_ids:
        yield Problem(
            "no-clients",
            "no client may reach the endpoint",
            "name cidrs, security_group_ids, prefix_list_ids or several of them",
            (*path, "private_link", "clients"),
        )


def clients_are_few_enough(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A security group holds so many rules and no more. A prefix list is one of them at least."""
    if deployment.private_link is None:
        return
    clients = deployment.private_link.clients
    count = len(clients.cidrs) + len(clients.security_group_ids) + len(clients.prefix_list_ids)
    if count > aws.SECURITY_GROUP_RULES_MAX:
        yield Problem(
            "too-many-clients",
            f"a security group holds {aws.SECURITY_GROUP_RULES_MAX} inbound rules, got {count:,} clients",
            "join networks that lie side by side",
            (*path, "private_link", "clients"),
        )


def client_networks_differ(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """A network inside another says that one of the two is a mistake. (The same one twice is another rule's.)"""
    if deployment.private_link is None:
        return
    networks: dict[tuple[int, int], int] = {}
    for index, cidr in known_items(deployment.private_link.clients.cidrs):
        network = ipaddress.IPv4Network(cidr)
        networks.setdefault((int(network.network_address), network.prefixlen), index)
    widths = sorted({width for _, width in networks})
    for (address, width), index in networks.items():
        for wider in widths[: widths.index(width)]:
            outer = (address >> (_BITS - wider) << (_BITS - wider), wider)
            if outer in networks:
                around = ipaddress.IPv4Network(outer)
                yield Problem(
                    "cidr-overlap",
                    f"{ipaddress.IPv4Network((address, width))} lies inside {around}, which lets it in already",
                    f"keep {around}, or name the narrower networks instead of it",
                    (*path, "private_link", "clients", "cidrs", index),
                )
                break


def client_networks_are_in_the_new_vpc(
    _: PinekeepFile, __: str, deployment: Deployment, path: Path
) -> Iterator[Problem]:
    """Nothing leads into a new VPC from outside until somebody makes a way."""
    link = deployment.private_link
    if link is None or not isinstance(link.vpc, NewVpc):
        return
    vpc = ipaddress.IPv4Network(known(link.vpc.cidr))
    outside = [cidr for _, cidr in known_items(link.clients.cidrs) if not vpc.overlaps(ipaddress.IPv4Network(cidr))]
    if outside:
        named = listed([*outside[:_NAMED], *(["…"] if len(outside) > _NAMED else [])])
        yield Problem(
            "client-outside-new-vpc",
            f"outside the new VPC, {vpc}, which has no way in: {named}; clients there cannot reach the endpoint until "
            "there is one",
            "once it is deployed, peer the VPC with theirs or connect both to a transit gateway",
            (*path, "private_link", "clients", "cidrs"),
            severity="warning",
        )


_NAMED: Final = 5


_BITS: Final = ipaddress.IPV4LENGTH


def zones_are_of_the_region(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """The zones of a new VPC are of the deployment's Region."""
    if deployment.private_link is None or not isinstance(deployment.private_link.vpc, NewVpc):
        return
    for index, zone in known_items(deployment.private_link.vpc.availability_zones):
        if deployment.region != zone[:-1]:
            yield Problem(
                "zone-region",
                f"{zone} is a zone of {zone[:-1]}, the deployment is in {deployment.region}",
                f"did you mean {deployment.region}{zone[-1]}?",
                (*path, "private_link", "vpc", "availability_zones", index),
            )


def client_vpcs_have_a_zone(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Further client VPCs are associated with the hosted zone, so there must be one."""
    link = deployment.private_link
    if link is not None and link.client_vpc_ids and link.dns != "hosted-zone":
        yield Problem(
            "client-vpcs-without-zone",
            f"client_vpc_ids goes with dns: hosted-zone, got dns: {link.dns}",
            "write dns: hosted-zone, or leave client_vpc_ids out",
            (*path, "private_link", "client_vpc_ids"),
        )


def standby_is_another_endpoint(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """The endpoint that serves and the one beside it are two."""
    link = deployment.private_link
    if link is not None and link.standby is not None and link.standby == link.generation:
        yield Problem(
            "standby-generation",
            f"generation {link.generation} is the endpoint that serves; standby is another one",
            f"write standby: {link.generation + 1}, or leave standby out",
            (*path, "private_link", "standby"),
        )


def client_vpcs_are_others(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """The endpoint's own VPC needs no mention."""
    link = deployment.private_link
    if link is None or not isinstance(link.vpc, ExistingVpc):
        return
    for index, vpc_id in known_items(link.client_vpc_ids):
        if link.vpc.id == vpc_id:
            yield Problem(
                "client-vpc-twice",
                f"{vpc_id} is the endpoint's own VPC, which resolves the names in any case",
                "remove it",
                (*path, "private_link", "client_vpc_ids", index),
            )
