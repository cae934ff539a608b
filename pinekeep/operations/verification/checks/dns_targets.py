"""What leads clients to the endpoint besides its own DNS and zone: bridge, Profile, inbound resolver, IPv6.

Sources: :data:`pinekeep.model.facts.aws.PROFILES_PAGE`, :data:`pinekeep.model.facts.aws.RESOLVER_PAGE`.
"""

from collections.abc import Iterator
from typing import Any, Final

from pinekeep.account.reads.answers import plain_name
from pinekeep.account.reads.live import Document
from pinekeep.model.config.models import private_zone_of
from pinekeep.model.facts import aws
from pinekeep.model.naming import bridge_zone
from pinekeep.operations.verification.checks.base import items
from pinekeep.operations.verification.checks.check import (
    Subject,
    registry,
    with_bridge,
    with_client_vpcs,
    with_ipv6,
    with_profile,
    with_resolver,
)
from pinekeep.operations.verification.checks.endpoint_dns import wildcard_problems
from pinekeep.operations.verification.checks.endpoint_security_group import Rule, rules
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged, noted, passed

_OPERATIONAL: Final = "OPERATIONAL"
_GONE: Final = frozenset({"DELETING", "DELETED", "FAILED"})

CHECKS: Final = registry(applies=with_resolver)


@CHECKS.add(
    id="bridge-zone",
    title="The hosted zone that bridges a change of DNS",
    wanted="the narrower private zone, with the wildcard record, in every client VPC",
    meaning="Clients lose Pinecone's private names while the DNS mode changes.",
    applies=with_bridge,
    sees_absence=True,
)
def _bridge(
    subject: Subject, bridge_zone: Document | None, bridge_records: list[Document] | None, endpoint: Document | None
) -> Verdict:
    if bridge_zone is None:
        return failed("there is no such zone", fix=subject.make(subject.live.private_link_stack))
    name = _bridge_name(subject)
    problems: list[str] = []
    if plain_name(bridge_zone["HostedZone"]["Name"]) != name:
        problems.append(f"its name is {bridge_zone['HostedZone']['Name'].rstrip('.')}, not {name.rstrip('.')}")
    have = {each["VPCId"] for each in bridge_zone.get("VPCs") or []}
    own = (endpoint or {}).get("VpcId")
    wanted = [*([own] if own else []), *subject.link.client_vpc_ids]
    problems += [f"{each} is not associated" for each in wanted if each not in have]
    entries = [plain_name(each["DnsName"]) for each in (endpoint or {}).get("DnsEntries") or []]
    if entries:
        problems += wildcard_problems(subject, bridge_records or [], entries, wildcard=f"*.{name}")
    return judged(problems, right=name.rstrip("."), fix=subject.restore)


def _bridge_name(subject: Subject) -> str:
    return plain_name(bridge_zone(private_zone_of(subject.deployment)))


@CHECKS.add(
    id="profile-zone",
    title="The hosted zone of the Route 53 Profile",
    wanted="the hosted zone is associated with the Profile",
    meaning="Clients in VPCs with the Profile do not find Pinecone's private names.",
    applies=with_profile,
    sees_absence=True,
)
def _profile_zone(subject: Subject, profile_resources: list[Document] | None, zone: Document | None) -> Verdict | None:
    if profile_resources is None:
        return failed("there is no Profile", fix=subject.make(subject.live.private_link_stack))
    if zone is None:
        return None  # the check of the zone sees it
    zone_id = str(zone["HostedZone"]["Id"]).rpartition("/")[2]
    for each in profile_resources:
        if str(each["ResourceArn"]).rpartition("/")[2] == zone_id:
            status = str(each.get("Status", "COMPLETE"))
            if status in _GONE:
                return failed(f"the association of {zone_id} is in state {status}", fix=subject.restore)
            return passed(f"{zone_id}, {status}")
    return failed(f"{zone_id} is not associated with the Profile", fix=subject.restore)


@CHECKS.add(
    id="profile-vpcs",
    title="VPCs of the Route 53 Profile",
    wanted="the Profile is associated with every client VPC",
    meaning="Clients in a VPC that is not associated do not find Pinecone's private names.",
    applies=with_profile,
)
def _profile_vpcs(subject: Subject, profile_vpcs: list[Document]) -> Verdict:
    states = {str(each["ResourceId"]): str(each.get("Status", "COMPLETE")) for each in profile_vpcs}
    wanted = subject.link.client_vpc_ids
    problems = [f"{each} is not associated" for each in wanted if each not in states]
    problems += [f"{each} is in state {states[each]}" for each in wanted if states.get(each) in _GONE]
    return judged(problems, wanted=f"associated with {', '.join(wanted) or 'no VPC by the stack'}", fix=subject.restore)


@CHECKS.add(
    id="client-vpcs",
    title="Client VPCs of other accounts and Regions",
    wanted="the zone or the Profile is associated with each of them",
    meaning="Clients in a VPC that is not associated do not find Pinecone's private names.",
    applies=with_client_vpcs,
    reads=("endpoint",),
)
def _client_vpcs(subject: Subject, _: Document) -> Iterator[Verdict]:
    by_profile = subject.link.dns == "profile"
    have = {str(each["ResourceId"]) for each in items(subject.live.profile_vpcs)} if by_profile else _zone_vpcs(subject)
    missing = [each.id for each in subject.link.client_vpcs if each.id not in have]
    fix = f"pinekeep private-link associate --deployment {subject.name}"
    if not missing:
        yield passed(", ".join(each.id for each in subject.link.client_vpcs))
    elif by_profile:
        # Another account may have associated the Profile that is shared with it, which is not listed here.
        yield noted(f"no association with {', '.join(missing)} is seen from account {subject.account}", fix=fix)
    else:
        yield failed(f"{', '.join(missing)} is not associated with the hosted zone", fix=fix)


def _zone_vpcs(subject: Subject) -> set[str]:
    zone: Any = subject.live.zone
    return {str(each["VPCId"]) for each in zone.get("VPCs") or []} if isinstance(zone, dict) else set()


@CHECKS.add(
    id="resolver-state",
    title="The inbound resolver",
    wanted=f"an inbound endpoint of Route 53 Resolver, {_OPERATIONAL}",
    meaning="DNS servers outside AWS get no answer for Pinecone's private names.",
    sees_absence=True,
)
def _resolver(subject: Subject, resolver: Document | None) -> Verdict:
    if resolver is None:
        return failed("there is no such endpoint", fix=subject.make(subject.live.private_link_stack))
    problems: list[str] = []
    if resolver.get("Direction", "INBOUND") != "INBOUND":
        problems.append(f"it is an endpoint of direction {resolver['Direction']}")
    if resolver.get("Status") != _OPERATIONAL:
        told = resolver.get("StatusMessage")
        problems.append(f"it is in state {resolver.get('Status')}" + (f": {told}" if told else ""))
    own = (subject.live.endpoint or {}).get("VpcId") if isinstance(subject.live.endpoint, dict) else None
    if own and resolver.get("HostVPCId") not in (None, own):
        problems.append(f"it is in {resolver['HostVPCId']}, and the endpoint in {own}")
    return judged(
        problems,
        right=f"{resolver['Id']}, {_OPERATIONAL}",
        fix=f"wait while it is being created or changed; otherwise {subject.restore}",
    )


@CHECKS.add(
    id="resolver-addresses",
    title="Addresses of the inbound resolver",
    wanted=f"at least {aws.RESOLVER_ZONES_LEAST} addresses that answer",
    meaning="DNS servers outside AWS lose Pinecone's private names when the zone of the one address fails.",
)
def _addresses(subject: Subject, resolver_addresses: list[Document]) -> Verdict:
    attached = [str(each.get("Ip")) for each in resolver_addresses if each.get("Status", "ATTACHED") == "ATTACHED"]
    rest = [each for each in resolver_addresses if str(each.get("Ip")) not in attached]
    problems: list[str] = []
    if len(attached) < aws.RESOLVER_ZONES_LEAST:
        problems.append(f"{len(attached)} of {len(resolver_addresses)} addresses answer")
        problems += [f"{each.get('Ip')} is in state {each['Status']}" for each in rest]
    return judged(problems, right=", ".join(attached), fix=subject.restore)


@CHECKS.add(
    id="resolver-security-group",
    title="Who may query the inbound resolver",
    wanted=f"port {aws.DNS_PORT} over UDP and TCP from the configured DNS servers alone",
    meaning="A DNS server that is not allowed gets no answer; everyone else who is allowed learns the VPC's names.",
)
def _resolver_group(subject: Subject, resolver_groups: list[Document]) -> Verdict:
    resolver = subject.link.resolver
    cidrs = resolver.client_cidrs if resolver else []
    port = aws.DNS_PORT
    wanted = frozenset(Rule(protocol, port, port, cidr) for cidr in cidrs for protocol in ("udp", "tcp"))
    found = rules(resolver_groups, "IpPermissions")
    problems = [f"missing: {each}" for each in sorted(wanted - found, key=str) if not _covered(each, found)]
    problems += [f"also allowed: {each}" for each in sorted(found - wanted, key=str) if not _covered(each, wanted)]
    return judged(problems, right=", ".join(cidrs), fix=subject.restore)


def _covered(rule: Rule, by: frozenset[Rule]) -> bool:
    return any(each.covers(rule) for each in by)


@CHECKS.add(
    id="endpoint-addresses",
    title="IPv6 addresses of the endpoint",
    wanted="an IPv6 address in each subnet",
    meaning="Clients with IPv6 alone have no way to the endpoint in the zones without one.",
    applies=with_ipv6,
)
def _ipv6(subject: Subject, endpoint_interfaces: list[Document]) -> Verdict:
    without = [str(each["NetworkInterfaceId"]) for each in endpoint_interfaces if not each.get("Ipv6Addresses")]
    if not endpoint_interfaces:
        return failed("the endpoint has no network interface yet", fix="see the check of the endpoint's state")
    return judged(
        [f"no IPv6 address: {', '.join(without)}"] if without else [],
        right=f"{len(endpoint_interfaces)} IPv6 addresses",
        fix=subject.restore,
    )
