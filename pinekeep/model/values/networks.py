"""Networks, zones, and the IDs of what is in a VPC."""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Final

from pinekeep.model.facts import aws
from pinekeep.model.values import Check, InvalidValueError, Items, matching, refuse
from pinekeep.model.words import plain, shown

CLIENT_PREFIX_WIDEST: Final = 8
"""The largest private network is 10.0.0.0/8."""
CLIENT_IPV6_PREFIX_WIDEST: Final = 32
"""The largest IPv6 network that a regional registry assigns to a network operator by default."""
NEW_VPC_PREFIX_LONGEST: Final = 25
"""A new VPC is cut into eight equal subnets, one for each zone letter; /28 is the smallest subnet."""
PRIVATE_NETWORKS: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
"""The ranges that AWS recommends for VPCs. Source: facts.aws.VPC_CIDR_PAGE."""

ENDPOINT_GENERATION_MAX: Final = 999
"""How many endpoints a deployment can have, one after the other."""

_ID_END: Final = "(?:[0-9a-f]{8}|[0-9a-f]{17})"
_CIDR: Final = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}/[0-9]{1,2}"
_ZONE: Final = r"[a-z]{2}(?:-[a-z]+)+-[0-9][a-h]"
_ZONE_ID: Final = r"[a-z]{3,5}[0-9]-az[1-8]"
_HOST_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"


def _resource_id(prefix: str, name: str, command: str) -> Check:
    return matching(
        f"{prefix}-id",
        f"{prefix}-{_ID_END}",
        f"{name} is {prefix}- followed by 8 or 17 of 0-9 and a-f",
        f"`aws ec2 {command}` lists the IDs",
        allowed=f"`{prefix}-` and 8 or 17 of 0-9, a-f",
    )


def _network(value: str) -> ipaddress.IPv4Network:
    try:
        address = ipaddress.IPv4Interface(value)
    except ValueError:
        if ":" in value:
            refuse("cidr-ipv6", f"an IPv4 network is needed here, got {shown(value)}", "list the IPv4 networks")
        refuse("cidr", f"a network is written like 10.0.0.0/16, got {shown(value)}", "check its numbers")
    if not re.fullmatch(_CIDR, value):
        refuse("cidr", f"a network is written like 10.0.0.0/16, got {shown(value)}", f"write {address.network}")
    if address.ip != address.network.network_address:
        refuse(
            "cidr-host-bits",
            f"{value} is the address of a host in the network {address.network}",
            f"write {address.network} for the network, {address.ip}/32 for the host",
        )
    return address.network


def _ipv6_cidr(value: str) -> str:
    try:
        network = ipaddress.IPv6Interface(value)
    except ValueError:
        refuse(
            "cidr", f"a network is written like 10.0.0.0/16 or 2001:db8::/56, got {shown(value)}", "check its numbers"
        )
    if "/" not in value or "%" in value:
        refuse("cidr", f"an IPv6 network is written like 2001:db8::/56, got {shown(value)}", f"write {network.network}")
    if network.ip != network.network.network_address:
        refuse(
            "cidr-host-bits",
            f"{value} is the address of a host in the network {network.network}",
            f"write {network.network} for the network, {network.ip}/128 for the host",
        )
    if network.network.prefixlen < CLIENT_IPV6_PREFIX_WIDEST:
        refuse(
            "cidr-open",
            f"{value} is open to {'the whole world' if network.network.prefixlen == 0 else 'too many addresses'}; "
            f"the largest IPv6 network allowed is a /{CLIENT_IPV6_PREFIX_WIDEST}",
            "list the networks of your clients",
        )
    return value


def _client_cidr(value: str) -> str:
    if ":" in value:
        return _ipv6_cidr(value)
    return _ipv4_client_cidr(value)


def _ipv4_client_cidr(value: str) -> str:
    network = _network(value)
    if network.prefixlen < CLIENT_PREFIX_WIDEST:
        refuse(
            "cidr-open",
            f"{value} is open to {'the whole world' if network.prefixlen == 0 else 'too many addresses'}; "
            f"the largest network allowed is a /{CLIENT_PREFIX_WIDEST}",
            "list the networks of your clients",
        )
    return value


def _vpc_cidr(value: str) -> str:
    network = _network(value)
    low, high = aws.VPC_PREFIX_SHORTEST, NEW_VPC_PREFIX_LONGEST
    if not low <= network.prefixlen <= high:
        refuse(
            "vpc-cidr-size", f"a new VPC's network is a /{low} to a /{high}, got {value}", "for example 10.20.0.0/16"
        )
    if not any(network.subnet_of(ipaddress.IPv4Network(private)) for private in PRIVATE_NETWORKS):
        refuse(
            "vpc-cidr-public",
            f"a new VPC's network is part of one of {', '.join(PRIVATE_NETWORKS)}, got {value}",
            "for example 10.20.0.0/16",
        )
    return value


def _availability_zone(value: str) -> str:
    if not re.fullmatch(f"{_ZONE}|{_ZONE_ID}", value):
        refuse(
            "zone-name",
            f"an Availability Zone has an ID like use1-az1 and a name like us-east-1a, got {shown(value)}",
            "`pinekeep private-link zones` lists the zones of Pinecone's endpoint service",
        )
    return value


def is_zone_id(zone: str) -> bool:
    """Whether a zone is given by its ID, which is the same in every account, and not by its name."""
    return re.fullmatch(_ZONE_ID, zone) is not None


def _endpoint_generation(value: int) -> int:
    if not 1 <= value <= ENDPOINT_GENERATION_MAX:
        refuse(
            "endpoint-generation",
            f"an endpoint's generation is a number from 1 to {ENDPOINT_GENERATION_MAX}, got {plain(str(value))}",
            "the first endpoint is generation 1, its replacement generation 2",
        )
    return value


def zone_error(zone: str, region: str) -> InvalidValueError | None:
    """Return the error of an Availability Zone that is not in the Region."""
    if is_zone_id(zone):
        wanted = aws.ZONE_ID_PREFIXES[region]
        if zone.startswith(f"{wanted}-"):
            return None
        others = {prefix: name for name, prefix in aws.ZONE_ID_PREFIXES.items()}
        of = f"a zone of {others[zone.partition('-')[0]]}" if zone.partition("-")[0] in others else "a zone elsewhere"
        message = f"{zone} is {of}, the deployment is in {region}"
        return InvalidValueError("zone-region", message, f"the IDs of its zones begin with {wanted}-")
    if region == zone[:-1]:
        return None
    message = f"{zone} is a zone of {zone[:-1]}, the deployment is in {region}"
    return InvalidValueError("zone-region", message, f"did you mean {region}{zone[-1]}?")


def zones_error(zones: Iterable[str]) -> InvalidValueError | None:
    """Return the error of zones of which some are given by ID and some by name: two may be the same zone."""
    kinds = {is_zone_id(each): each for each in zones}
    if len(kinds) == 1 or not kinds:
        return None
    message = f"{kinds[True]} is a zone's ID and {kinds[False]} a zone's name; they may be the same zone"
    return InvalidValueError("zones-mixed", message, "write all zones by ID, or all by name")


def clients_error(count: int) -> InvalidValueError | None:
    """Return the error of an endpoint with so many networks, security groups and prefix lists as clients."""
    if not count:
        hint = "name cidrs, security_group_ids, prefix_list_ids or several of them"
        return InvalidValueError("no-clients", "no client may reach the endpoint", hint)
    if count > aws.SECURITY_GROUP_RULES_MAX:
        message = f"a security group holds {aws.SECURITY_GROUP_RULES_MAX} inbound rules, got {count:,} clients"
        return InvalidValueError("too-many-clients", message, "combine adjacent networks")
    return None


EndpointGeneration = Annotated[
    int,
    Check(_endpoint_generation, allowed=f"1 to {ENDPOINT_GENERATION_MAX}", minimum=1, maximum=ENDPOINT_GENERATION_MAX),
]
VpcId = Annotated[str, _resource_id("vpc", "a VPC's ID", "describe-vpcs")]
SubnetId = Annotated[str, _resource_id("subnet", "a subnet's ID", "describe-subnets")]
SecurityGroupId = Annotated[str, _resource_id("sg", "a security group's ID", "describe-security-groups")]
PrefixListId = Annotated[str, _resource_id("pl", "a managed prefix list's ID", "describe-managed-prefix-lists")]
SubnetIds = Annotated[list[SubnetId], Items("subnet-ids", "subnet", least=2)]
SecurityGroupIds = Annotated[list[SecurityGroupId], Items("security-group-ids", "security group")]
PrefixListIds = Annotated[list[PrefixListId], Items("prefix-list-ids", "prefix list")]
ClientVpcIds = Annotated[list[VpcId], Items("client-vpc-ids", "VPC")]
ClientCidr = Annotated[
    str,
    Check(
        _client_cidr,
        allowed=f"IPv4 networks, /{CLIENT_PREFIX_WIDEST} to /32, and IPv6 networks, /{CLIENT_IPV6_PREFIX_WIDEST} to "
        "/128, without overlap",
        pattern=r"^(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}/(?:[89]|[12][0-9]|3[0-2])|[0-9a-fA-F]*:[0-9a-fA-F:.]*/(?:3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-8]))$",
        examples=["10.0.0.0/16"],
    ),
]
ResolverClientCidr = Annotated[
    str,
    Check(
        _ipv4_client_cidr,
        allowed=f"IPv4 networks, /{CLIENT_PREFIX_WIDEST} to /32",
        pattern=r"^[0-9]{1,3}(?:\.[0-9]{1,3}){3}/(?:[89]|[12][0-9]|3[0-2])$",
        examples=["192.168.0.0/24"],
    ),
]
ResolverClientCidrs = Annotated[list[ResolverClientCidr], Items("resolver-client-cidrs", "network", least=1)]
EndpointId = Annotated[str, _resource_id("vpce", "an endpoint's ID", "describe-vpc-endpoints")]
EndpointDnsName = Annotated[
    str,
    matching(
        "endpoint-dns-name",
        rf"vpce-[0-9a-f]{{8,17}}-{_HOST_LABEL}(?:\.{_HOST_LABEL})+\.vpce\.amazonaws\.com",
        "an endpoint's DNS name is written like vpce-0a1b2c3d-abcd1234.vpce-svc-….us-east-1.vpce.amazonaws.com",
        "`aws ec2 describe-vpc-endpoints --query 'VpcEndpoints[].DnsEntries[0]'` prints it",
        allowed="the regional DNS name of an endpoint",
    ),
]
HostedZoneId = Annotated[
    str,
    matching(
        "hosted-zone-id",
        "Z[0-9A-Z]{7,31}",
        "a hosted zone's ID is Z followed by capital letters and digits",
        "`aws route53 list-hosted-zones` lists the IDs; leave /hostedzone/ out",
        allowed="`Z` and 7 to 31 of 0-9, A-Z",
    ),
]
ProfileId = Annotated[
    str,
    matching(
        "profile-id",
        "rp-[0-9a-z]{8,61}",
        "the ID of a Route 53 Profile is rp- followed by small letters and digits",
        "`aws route53profiles list-profiles` lists the IDs",
        allowed="`rp-` and 8 to 61 of 0-9, a-z",
    ),
]
ClientCidrs = Annotated[list[ClientCidr], Items("cidrs", "network")]
VpcCidr = Annotated[
    str,
    Check(
        _vpc_cidr,
        allowed=f"an IPv4 network, /{aws.VPC_PREFIX_SHORTEST} to /{NEW_VPC_PREFIX_LONGEST}, in "
        + ", ".join(f"`{each}`" for each in PRIVATE_NETWORKS),
        pattern=r"^(?:10|172|192|100)(?:\.[0-9]{1,3}){3}/(?:1[6-9]|2[0-5])$",
        examples=["10.20.0.0/16"],
    ),
]
AvailabilityZone = Annotated[
    str,
    Check(
        _availability_zone,
        allowed="zones of the deployment's Region, by ID or by name",
        pattern=f"^(?:{_ZONE}|{_ZONE_ID})$",
        examples=["use1-az1", "us-east-1a"],
    ),
]
AvailabilityZones = Annotated[list[AvailabilityZone], Items("availability-zones", "zone", least=2)]


def overlap_errors(cidrs: Iterable[tuple[int, str]]) -> Iterator[tuple[int, InvalidValueError]]:
    """Yield the index of each network that lies inside another one, with the error. Equal ones do not count."""
    networks: dict[tuple[int, int, int], int] = {}
    for index, cidr in cidrs:
        network = ipaddress.ip_network(cidr)
        networks.setdefault((network.version, int(network.network_address), network.prefixlen), index)
    widths = {version: sorted({width for each, _, width in networks if each == version}) for version in _BITS}
    for (version, address, width), index in networks.items():
        for wider in widths[version][: widths[version].index(width)]:
            left = _BITS[version] - wider
            outer = (version, address >> left << left, wider)
            if outer in networks:
                inner, around = _written(version, address, width), _written(*outer)
                message = f"{inner} is already included in {around}"
                hint = f"keep {around}, or list the narrower networks in its place"
                yield index, InvalidValueError("cidr-overlap", message, hint)
                break


def _written(version: int, address: int, width: int) -> str:
    network = ipaddress.IPv4Network if version == ipaddress.IPv4Address(0).version else ipaddress.IPv6Network
    return str(network((address, width)))


_BITS: Final = {4: ipaddress.IPV4LENGTH, 6: ipaddress.IPV6LENGTH}
