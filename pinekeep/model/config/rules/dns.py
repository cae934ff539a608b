"""Rules about the DNS of the endpoint."""

from collections.abc import Iterator
from typing import Final

from pinekeep.model.config.partial import UNKNOWN, known, known_items
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules.subject import Subject

_CLIENT_VPCS = ("private_link", "client_vpc_ids")


_USES: Final[dict[str, tuple[str, ...]]] = {
    "client_vpc_ids": ("hosted-zone", "profile"),
    "client_vpcs": ("hosted-zone", "profile"),
    "hosted_zone_id": ("hosted-zone", "profile"),
    "profile_id": ("profile",),
    "resolver": ("resolver-inbound",),
}
"""The DNS modes in which a setting has an effect."""


def settings_fit_the_mode(here: Subject) -> Iterator[Problem]:
    """A setting of a DNS mode is not given with another mode."""
    link = here.link
    for name, modes in _USES.items():
        if not getattr(link, name) or link.dns in modes or (name == "client_vpc_ids" and link.dns_bridge):
            continue
        wanted = " or ".join(modes)
        code = "client-vpcs-without-zone" if name.startswith("client_vpc") else "dns-setting"
        message = f"{name} requires dns: {wanted}, got dns: {link.dns}"
        yield here.problem(code, message, f"write dns: {modes[0]}, or remove {name}", "private_link", name)
    if link.dns == "resolver-inbound" and link.resolver is None:
        yield here.problem(
            "no-resolver",
            "dns: resolver-inbound needs the DNS servers that may send queries",
            "write resolver: {client_cidrs: [192.168.0.0/24]}",
            "private_link",
            "dns",
        )


def client_vpcs_are_others(here: Subject) -> Iterator[Problem]:
    """Each client VPC is listed once, and the endpoint's own VPC is not among them."""
    own = here.link.vpc_id
    for index, vpc_id in known_items(here.link.client_vpc_ids):
        if own == vpc_id:
            message = f"{vpc_id} is the endpoint's own VPC, which resolves the names in any case"
            yield here.problem("client-vpc-twice", message, "remove it", *_CLIENT_VPCS, index)
    seen = {own, *(vpc_id for _, vpc_id in known_items(here.link.client_vpc_ids))}
    for index, each in known_items(here.link.client_vpcs):
        if each.id is UNKNOWN:
            continue
        if each.id in seen:
            message = f"{each.id} is named above already"
            yield here.problem("client-vpc-twice", message, "keep one", "private_link", "client_vpcs", index, "id")
        seen.add(each.id)


def client_vpcs_elsewhere_are_elsewhere(here: Subject) -> Iterator[Problem]:
    """A client VPC of the deployment's own account and Region is one of the stack's."""
    account, region = known(here.deployment.account), known(here.deployment.region)
    for index, each in known_items(here.link.client_vpcs):
        place = ("private_link", "client_vpcs", index)
        if (each.account or account) == account and (each.region or region) == region:
            message = "this VPC is of the deployment's account and Region, so the stack associates it"
            yield here.problem("client-vpc-here", message, f"move {each.id} to client_vpc_ids", *place)
        if here.link.dns == "profile" and (each.region or region) != region:
            message = f"a Route 53 Profile is regional: it cannot be associated with a VPC in {each.region}"
            yield here.problem("client-vpc-region", message, "write dns: hosted-zone", *place, "region")
        if each.profile is not None and each.assume_role is not None:
            message = "the credentials are those of the profile or of the assumed role, not of both"
            yield here.problem("profile-and-role", message, "keep profile or assume_role", *place, "assume_role")
        if each.assume_role is not None and f"::{each.account or account}:" not in known(each.assume_role):
            message = f"the role is not of the VPC's account {each.account or account}"
            hint = "name a role of that account"
            yield here.problem("client-vpc-role", message, hint, *place, "assume_role")
