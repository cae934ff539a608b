"""DNS answers of a VPC's resolver, by the precedence that AWS documents.

The most specific domain wins. Of the same domain, what is associated with the VPC itself comes before its profile's,
and a forwarding rule before a private zone. A zone that matches answers alone: a name that it lacks does not exist.
Sources, read 2026-11-30: Route 53 Developer Guide, "Considerations when working with a private hosted zone" and
"Resolver rules"; RFC 4592 for wildcards.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ministack.services import ec2, route53

from pinekeep.emulator.extensions import offers, private_names, profiles, resolver
from pinekeep.emulator.extensions.private_names import PrivateZone, Record, plain
from pinekeep.emulator.resolution import DnsAnswer, Source

NOERROR, NXDOMAIN = "NOERROR", "NXDOMAIN"
_LONGEST_CHAIN: Final = 8
_AMAZON: Final = "AmazonProvidedDNS"
_VPCE: Final = ".vpce.amazonaws.com"


@dataclass(frozen=True)
class _Authority:
    """A zone or rule that answers to a domain in a VPC. ``rank``: of two of one domain, the lower comes first."""

    domain: str
    rank: int
    source: Source
    by: str
    zone: PrivateZone | None = None
    rule: Record | None = None


def resolve(vpc_id: str, name: str, record_type: str) -> DnsAnswer | None:
    """Return what a client in a VPC gets; None for an unknown VPC."""
    found = next(((region, vpc) for (_, region, each), vpc in ec2._vpcs._data.items() if each == vpc_id), None)
    return None if found is None else _resolve(found[1], found[0], plain(name), record_type, _LONGEST_CHAIN)


def _resolve(vpc: Record, region: str, name: str, record_type: str, left: int) -> DnsAnswer:
    if servers := _custom_servers(vpc):
        return DnsAnswer(code="", source="custom-server", by=" ".join(servers))
    if not vpc.get("EnableDnsSupport", True):
        return DnsAnswer(code="", source="none")
    matching = [each for each in _authorities(vpc, region) if _covers(each.domain, name)]
    best = min(matching, key=lambda each: (-len(each.domain), each.rank), default=None)
    if best is None or (best.zone is None and (best.rule or {}).get("RuleType") != "FORWARD"):
        return _public(name, record_type)
    if best.zone is None:
        return DnsAnswer(code="", source="resolver-rule", by=best.by)
    code, records, target = in_zone(best.zone, name, record_type)
    if target and left:
        followed = _resolve(vpc, region, plain(target), record_type, left - 1)
        code, records = followed.code, followed.records
    return DnsAnswer(code=code, source=best.source, by=best.by, records=tuple(records))


def _custom_servers(vpc: Record) -> list[str]:
    servers = [
        str(value)
        for (_, _, options_id), options in ec2._dhcp_options._data.items()
        if options_id == vpc["DhcpOptionsId"]
        for each in options.get("DhcpConfigurations") or []
        if each["Key"] == "domain-name-servers"
        for value in each["Values"]
    ]
    return [] if _AMAZON in servers else servers


def _authorities(vpc: Record, region: str) -> Iterator[_Authority]:
    vpc_id = vpc["VpcId"]
    for (_, where, _), association in list(resolver.associations._data.items()):
        if (where, association["VPCId"]) == (region, vpc_id):
            yield from _rule(association["ResolverRuleId"], rank=0)
    private = vpc.get("EnableDnsSupport", True) and vpc.get("EnableDnsHostnames", False)
    if private:
        for zone in private_names.zones_of_vpc(vpc_id, region):
            by = zone.endpoint["VpcEndpointId"] if zone.endpoint else zone.zone_id
            yield _Authority(zone.name, 1, "endpoint" if zone.endpoint else "hosted-zone", by, zone=zone)
    for kind, resource_id in profiles.resources_of(vpc_id, region):
        if kind == profiles.RULE:
            yield from _rule(resource_id, rank=2)
        elif private and (zone := _zone_of_resource(kind, resource_id)):
            yield _Authority(zone.name, 3, "profile", resource_id, zone=zone)


def _rule(rule_id: str, *, rank: int) -> Iterator[_Authority]:
    for (_, _, key), rule in list(resolver.rules._data.items()):
        if key == rule_id:
            yield _Authority(plain(rule["DomainName"]), rank, "resolver-rule", rule_id, rule=rule)


def _zone_of_resource(kind: str, resource_id: str) -> PrivateZone | None:
    if kind == profiles.VPC_ENDPOINT:
        found = (each for (_, _, key), each in ec2._vpc_endpoints._data.items() if key == resource_id)
        endpoint = next(found, None)
        return private_names.zone_of_endpoint(endpoint) if endpoint else None
    account, zone = private_names.account_of_zone(resource_id), private_names.zone_of(resource_id)
    return PrivateZone(resource_id, plain(zone["name"]), account) if account and zone else None


def _covers(domain: str, name: str) -> bool:
    return domain in ("", name) or name.endswith(f".{domain}")


# --- In one zone ---


def in_zone(zone: PrivateZone, name: str, record_type: str) -> tuple[str, list[str], str]:
    """Return the code and the records of a name in a zone that covers it, and the name to follow, if any."""
    if zone.endpoint is not None:
        wildcard = str(zone.endpoint["_private_name"]).startswith("*.")
        if (name == zone.name) == wildcard:
            return (NOERROR if name == zone.name else NXDOMAIN), [], ""
        return NOERROR, addresses_of(zone.endpoint, record_type), ""
    records = route53._records._data.get((zone.account, zone.zone_id)) or []
    owned = _at(records, name, zone.name)
    if owned is None:
        return NXDOMAIN, [], ""
    found = next((each for each in owned if each["Type"] == record_type), None)
    if found is None and record_type != "CNAME":
        found = next((each for each in owned if each["Type"] == "CNAME"), None)
    if found is None:
        return NOERROR, [], ""
    if alias := found.get("AliasTarget"):
        return _of_alias(zone, alias, record_type)
    values = list(found.get("ResourceRecords") or [])
    return NOERROR, values, values[0] if found["Type"] != record_type and values else ""


def _of_alias(zone: PrivateZone, alias: Record, record_type: str) -> tuple[str, list[str], str]:
    target = plain(alias["DNSName"])
    if _covers(zone.name, target):
        return in_zone(zone, target, record_type)
    return NOERROR, list(_public(target, record_type).records), ""


def _at(records: list[Record], name: str, zone: str) -> list[Record] | None:
    """Return the records that a zone has for a name, by a wildcard if need be; None where the name does not exist."""
    named = [(plain(each["Name"]), each) for each in records]
    if own := [each for each_name, each in named if each_name == name]:
        return own
    if any(_covers(name, each_name) for each_name, _ in named):
        return []  # it exists, as there are names below it
    closest = name
    while closest != zone and not any(_covers(closest, each_name) for each_name, _ in named):
        closest = closest.partition(".")[2]
    return [each for each_name, each in named if each_name == f"*.{closest}"] or None


# --- Public names ---


def addresses_of(endpoint: Record, record_type: str, *, zone_name: str = "") -> list[str]:
    """Return the addresses of an endpoint's interfaces, in one Availability Zone if asked."""
    ip_type = endpoint.get("IpAddressType") or "ipv4"
    answered = (endpoint.get("DnsOptions") or {}).get("DnsRecordIpType") or ip_type
    if answered not in {"A": ("ipv4", "dualstack"), "AAAA": ("ipv6", "dualstack")}.get(record_type, ()):
        return []
    by_id = {key: each for (_, _, key), each in ec2._network_interfaces._data.items()}
    placed = [by_id[each] for each in endpoint.get("NetworkInterfaceIds") or [] if each in by_id]
    placed = [each for each in placed if zone_name in ("", each["AvailabilityZone"])]
    if record_type == "A":
        return [each["PrivateIpAddress"] for each in placed]
    return [address for each in placed for address in each.get("Ipv6Addresses") or []]


def _public(name: str, record_type: str) -> DnsAnswer:
    """Return what public DNS answers: an endpoint's own names are public, the private names of services are not."""
    if name.endswith(_VPCE):
        for endpoint in list(ec2._vpc_endpoints._data.values()):
            entries = [plain(each.partition(":")[2]) for each in endpoint.get("DnsEntries") or []]
            wanted = next((each for each in entries if name == each or name.endswith(f".{each}")), None)
            if wanted and endpoint["State"] == "available":
                first = wanted.partition(".")[0]
                zone_name = first.removeprefix(f"{endpoint['VpcEndpointId']}-{endpoint['_label']}").lstrip("-")
                records = tuple(addresses_of(endpoint, record_type, zone_name=zone_name))
                return DnsAnswer(code=NOERROR, source="public", by=endpoint["VpcEndpointId"], records=records)
        return DnsAnswer(code=NXDOMAIN, source="public")
    private = [(each.private_dns_name or "").removeprefix("*.") for each in offers.services.values()]
    if any(domain and _covers(domain, name) for domain in private):
        return DnsAnswer(code=NXDOMAIN, source="public")
    return DnsAnswer(code="", source="public")


# --- TestDNSAnswer ---


def dns_answers() -> None:
    """Gap: TestDNSAnswer is missing. AWS returns what a zone answers for a name, an alias as its target's values."""
    handle = route53.handle_request

    async def handle_all(method: str, path: str, headers: Any, body: bytes, query: dict[str, Any]) -> Any:
        if (method, path) != ("GET", "/2013-04-01/testdnsanswer"):
            return await handle(method, path, headers, body, query)
        asked = {key: str(each[0] if isinstance(each, list) else each) for key, each in query.items()}
        zone_id = asked["hostedzoneid"].removeprefix("/hostedzone/")
        zone = route53._zones.get(zone_id)
        if zone is None:
            return route53._error_response("NoSuchHostedZone", f"No hosted zone found with ID: {zone_id}", 404)
        name = plain(asked["recordname"].replace("\\052", "*"))
        own = PrivateZone(zone_id, plain(zone["name"]), route53.get_account_id())
        if not _covers(own.name, name):
            code, values = "REFUSED", list[str]()
        else:
            code, values, _ = in_zone(own, name, asked["recordtype"])

        def build(root: Any) -> None:
            fields = {"Nameserver": "ns-1.awsdns-1.com", "RecordName": name, "RecordType": asked["recordtype"]}
            for key, value in fields.items():
                route53.SubElement(root, key).text = value
            data = route53.SubElement(root, "RecordData")
            for value in values:
                route53.SubElement(data, "RecordDataEntry").text = value
            route53.SubElement(root, "ResponseCode").text = code
            route53.SubElement(root, "Protocol").text = "UDP"

        return route53._xml_response("TestDNSAnswerResponse", build)

    route53.handle_request = handle_all
