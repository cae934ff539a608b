"""DNS resolution in a VPC: the servers of its DHCP options, and the rules of Route 53 Resolver."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.reads.answers import plain_name
from pinekeep.account.reads.calls import call
from pinekeep.account.reads.live import Document

AMAZONS_SERVERS: Final = frozenset({"AmazonProvidedDNS", "169.254.169.253", "fd00:ec2::253"})
"""The names of a VPC's own resolver in DHCP options. Source: "DHCP option sets in Amazon VPC" (docs.aws.amazon.com,
checked 2026-11-30). Its address in the VPC, the network's base plus two, is recognized besides."""
_SERVERS: Final = "domain-name-servers"
_FORWARD: Final = "FORWARD"
_SYSTEM: Final = "SYSTEM"


@dataclass(frozen=True, kw_only=True)
class Diversion:
    """A rule that forwards queries for a zone, its subdomain or its parent to other servers.

    ``domain``: its domain, without a final dot; ``.`` stands for everything. ``extent``: whether the domain is the
    zone, below it, or above it.
    """

    rule: str
    domain: str
    targets: tuple[str, ...]
    extent: Literal["zone", "below", "above"]


def options_by_vpc(vpcs: Iterable[Document], options: Iterable[Document]) -> dict[str, Document | None]:
    """Return the DHCP options of each VPC; None where they are not visible, as those of a shared VPC."""
    known = {str(each["DhcpOptionsId"]): each for each in options}
    return {str(each["VpcId"]): known.get(str(each.get("DhcpOptionsId"))) for each in vpcs}


def other_servers(options: Document, *, resolver: str | None = None) -> list[str]:
    """Return the DNS servers in DHCP options other than the VPC's own resolver.

    ``options``: of DescribeDhcpOptions. ``resolver``: the address of the VPC's resolver, where it is known.
    """
    own = {*AMAZONS_SERVERS, resolver}
    return [
        str(value["Value"])
        for each in options.get("DhcpConfigurations") or []
        if each["Key"] == _SERVERS
        for value in each.get("Values") or []
        if value["Value"] not in own
    ]


def rules_by_vpc(associations: Iterable[Document], rules: Iterable[Document]) -> dict[str, list[Document]]:
    """Return the Resolver rules associated with each VPC."""
    known = {str(each["Id"]): each for each in rules}
    found: dict[str, list[Document]] = {}
    for each in associations:
        if (rule := known.get(str(each["ResolverRuleId"]))) is not None:
            found.setdefault(str(each["VPCId"]), []).append(rule)
    return found


def diversions(rules: Iterable[Document], zone: str) -> list[Diversion]:
    """Return the rules of one VPC that forward a zone's names elsewhere.

    Of the rules for the zone and its parents, the one with the longest domain applies; a system rule leaves its names
    to the VPC's own resolver. Source: "How Resolver determines whether the domain name in a query matches any rules"
    (docs.aws.amazon.com, checked 2026-11-30).
    """
    wanted = plain_name(zone)
    about: dict[str, list[Mapping[str, Any]]] = {}
    for each in rules:
        if each.get("RuleType") in (_FORWARD, _SYSTEM):
            about.setdefault(plain_name(str(each.get("DomainName") or ".")), []).append(each)
    above = max((name for name in about if wanted == name or wanted.endswith(_dotted(name))), key=len, default=None)
    below = sorted(name for name in about if name.endswith(f".{wanted}"))
    chosen = [each for name in ([above] if above else []) + below for each in about[name]]
    return [_diversion(each, wanted) for each in chosen if each["RuleType"] == _FORWARD]


def _dotted(name: str) -> str:
    return "." if name == "." else f".{name}"


def _diversion(rule: Mapping[str, Any], wanted: str) -> Diversion:
    name = plain_name(str(rule.get("DomainName") or "."))
    extent: Literal["zone", "below", "above"] = "above"
    if name == wanted:
        extent = "zone"
    elif name.endswith(f".{wanted}"):
        extent = "below"
    targets = tuple(str(each.get("Ip") or each.get("Ipv6")) for each in rule.get("TargetIps") or [])
    return Diversion(rule=str(rule["Id"]), domain=name.rstrip(".") or ".", targets=targets, extent=extent)


def inbound_addresses(clients: Clients, endpoint_id: str) -> list[str]:
    """Return the addresses of a Resolver inbound endpoint, IPv4 before IPv6. One call for each page.

    Raises:
        AwsRefusedError: AWS refuses a call.
    """
    found: list[Document] = []
    arguments: dict[str, Any] = {"ResolverEndpointId": endpoint_id}
    with refusals_told():
        while True:
            page = call(clients, "route53resolver:ListResolverEndpointIpAddresses", **arguments)
            found += page["IpAddresses"]
            token = page.get("NextToken")
            if not token or token == arguments.get("NextToken"):
                break
            arguments["NextToken"] = token
    return [str(each[family]) for family in ("Ip", "Ipv6") for each in found if each.get(family)]
