"""How clients find the endpoint by name: its own private DNS name, or a private hosted zone."""

import json
import shlex
from collections.abc import Iterator
from typing import Final

from pinekeep.account.reads.answers import plain_name
from pinekeep.account.reads.live import Document, NotAsked
from pinekeep.model.config.models import private_zone_of
from pinekeep.operations.verification.checks.check import Subject, registry, with_dns, with_link, with_names, with_zone
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged, noted, passed

_ADDRESSES: Final = ("A", "AAAA", "CNAME")
_LEADING: Final = (*_ADDRESSES, "HTTPS", "SVCB")
"""The types of records that lead a client somewhere."""
_NO_DIFFERENCE: Final = "Clients reach the endpoint all the same."

CHECKS: Final = registry(applies=with_zone, promised=True)


@CHECKS.add(
    id="endpoint-private-dns",
    title="Private DNS name of the endpoint",
    wanted="the endpoint's private DNS name on or off, as configured",
    meaning="Clients do not find Pinecone's private names, or find two answers to them.",
    applies=with_link,
)
def _private_dns(subject: Subject, endpoint: Document) -> Verdict:
    wanted = subject.link.has_private_dns
    found = bool(endpoint.get("PrivateDnsEnabled"))
    words = {True: "the private DNS name is on", False: "the private DNS name is off"}
    if found == wanted:
        return passed(wanted=words[wanted])
    if subject.link.adopted and not subject.link.has_zone and found:
        return noted(f"{words[found]}: clients in the VPC need no DNS of yours", fix="write dns: endpoint")
    switch = "--private-dns-enabled" if wanted else "--no-private-dns-enabled"
    return failed(
        words[found],
        wanted=words[wanted],
        fix=f"aws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint['VpcEndpointId']} {switch} "
        f"--region {subject.region}",
    )


@CHECKS.add(
    id="vpc-dns",
    title="DNS of the endpoint's VPC",
    wanted="DNS resolution and DNS hostnames are on in the endpoint's VPC",
    meaning="Clients in the VPC do not find Pinecone's private names.",
    applies=with_dns,
    promised=False,
)
def _vpc_dns(subject: Subject, dns_support: bool | NotAsked, dns_hostnames: bool | NotAsked) -> Verdict | None:
    """The endpoint's VPC resolves names and gives names; private names need both."""
    if isinstance(dns_support, NotAsked):
        if subject.live.endpoint is None:
            return None
        return noted(f"not checked: {dns_support.reason}", fix=subject.run("verify --drift"))
    vpc_id = subject.link.vpc_id
    off = {
        "DNS resolution is off": (dns_support, "--enable-dns-support"),
        "DNS hostnames are off": (dns_hostnames, "--enable-dns-hostnames"),
    }
    wrong = {words: switch for words, (on, switch) in off.items() if not on}
    region = subject.region
    fix = subject.restore
    if vpc_id is not None:
        fix = "; ".join(
            f"aws ec2 modify-vpc-attribute --vpc-id {vpc_id} {switch} --region {region}" for switch in wrong.values()
        )
    return judged(list(wrong), fix=fix)


@CHECKS.add(
    id="hosted-zone",
    title="The private hosted zone",
    wanted="a private hosted zone of Pinecone's private names",
    meaning="Clients do not find Pinecone's private names.",
    sees_absence=True,
)
def _zone(subject: Subject, zone: Document | None) -> Verdict:
    name = private_zone_of(subject.deployment)
    wanted = f"private hosted zone {name}"
    if zone is None:
        return failed("there is no such zone", wanted=wanted, fix=subject.make(subject.live.private_link_stack))
    hosted = zone["HostedZone"]
    problems: list[str] = []
    if plain_name(hosted["Name"]) != plain_name(name):
        problems.append(f"its name is {hosted['Name'].rstrip('.')}")
    if not (hosted.get("Config") or {}).get("PrivateZone"):
        problems.append("it is public")
    fix = f"neither can be changed in a zone: delete it, then {subject.restore}"
    return judged(problems, wanted=wanted, fix=fix)


@CHECKS.add(
    id="hosted-zone-vpcs",
    title="VPCs of the private hosted zone",
    wanted="the zone is associated with every client VPC",
    meaning="Clients in a VPC that is not associated do not find Pinecone's private names.",
)
def _zone_vpcs(subject: Subject, zone: Document, endpoint: Document) -> Iterator[Verdict]:
    by_profile = subject.link.dns == "profile"
    own = subject.link.vpc_id or str(endpoint["VpcId"])
    wanted = [own, *([] if by_profile else subject.link.client_vpc_ids)]
    region = subject.region
    have = {each["VPCId"] for each in zone.get("VPCs") or [] if each.get("VPCRegion") == region}
    problems = [f"{each} is not associated" for each in wanted if each not in have]
    right = f"associated with {', '.join(wanted)}"
    zone_id = _zone_id(zone)
    fix = "; ".join(
        f"aws route53 associate-vpc-with-hosted-zone --hosted-zone-id {zone_id} --vpc VPCRegion={region},VPCId={each}"
        for each in wanted
        if each not in have
    )
    yield judged(problems, wanted=right, fix=fix)
    named = {(each, region) for each in wanted} | {
        (each.id, each.region or region) for each in subject.link.client_vpcs
    }
    told = [(str(each["VPCId"]), str(each.get("VPCRegion"))) for each in zone.get("VPCs") or []]
    further = [each for each in told if each not in named]
    if further and subject.link.hosted_zone_id is None:
        yield _further_vpcs(further, wanted=right, zone_id=zone_id, region=region)


def _further_vpcs(further: list[tuple[str, str]], *, wanted: str, zone_id: str, region: str) -> Verdict:
    told = ", ".join(vpc if where == region else f"{vpc} in {where}" for vpc, where in further)
    return noted(
        f"associated with {told} too, which the configuration does not name",
        wanted=wanted,
        what="Other VPCs of the private hosted zone",
        fix="name a VPC of yours under private_link.client_vpc_ids; take another one off: "
        + "; ".join(
            f"aws route53 disassociate-vpc-from-hosted-zone --hosted-zone-id {zone_id} "
            f"--vpc VPCRegion={where},VPCId={vpc}"
            for vpc, where in further
        ),
        meaning="Clients in that VPC are led to the endpoint's private addresses: where no route leads there, they "
        "reach Pinecone's private names no more. The security group lets in nobody besides for it.",
    )


def _zone_id(found: Document) -> str:
    return str(found["HostedZone"]["Id"]).rpartition("/")[2]


@CHECKS.add(
    id="hosted-zone-record",
    title="Wildcard record of the private hosted zone",
    wanted="one wildcard record, an alias of the endpoint's regional name, and no other",
    meaning="Pinecone's private names lead clients nowhere, or to something else than the endpoint.",
)
def _record(subject: Subject, records: list[Document], endpoint: Document) -> Iterator[Verdict]:
    zone_name = plain_name(private_zone_of(subject.deployment))
    wildcard = f"*.{zone_name}"
    shown = wildcard.rstrip(".")
    entries = endpoint.get("DnsEntries") or []
    if not entries:
        yield failed(
            "the endpoint has no DNS name yet",
            wanted=f"{shown} leads to it",
            fix="see the check of the endpoint's state",
        )
        return
    names = [plain_name(each["DnsName"]) for each in entries]
    yield judged(
        wildcard_problems(subject, records, names, wildcard=wildcard),
        wanted=f"{shown} is an alias of {names[0].rstrip('.')}",
        fix=subject.restore,
    )
    others = [each for each in records if _is_more_specific(each, zone_name, wildcard)]
    yield from _others(subject, others, names, wildcard=shown)


def wildcard_problems(subject: Subject, records: list[Document], names: list[str], *, wildcard: str) -> list[str]:
    """Return what is wrong with a zone's wildcard records. ``names``: the endpoint's DNS names, the regional first."""
    shown = wildcard.rstrip(".")
    at_wildcard = [each for each in records if plain_name(each["Name"]) == wildcard and each["Type"] in _LEADING]
    problems = [told for each in at_wildcard if (told := _record_problem(subject, each, names))]
    found = {each["Type"] for each in at_wildcard}
    if not found & set(_ADDRESSES):
        problems.append(f"there is no record {shown}")
    elif _kinds(subject) != ("A",) and "AAAA" not in found:
        problems.append(f"there is no record {shown} for IPv6 (AAAA)")
    return problems


def _kinds(subject: Subject) -> tuple[str, ...]:
    """Return the types of records that lead to the endpoint."""
    return ("A", "AAAA") if subject.link.ip_address_type == "dualstack" else ("A",)


def _is_more_specific(found: Document, zone_name: str, wildcard: str) -> bool:
    """Tell whether a record answers, or keeps the wildcard from answering, for names below the zone's own."""
    name = plain_name(found["Name"])
    return name != wildcard and name.endswith(f".{zone_name}")


def _others(subject: Subject, others: list[Document], names: list[str], *, wildcard: str) -> Iterator[Verdict]:
    """Yield what records besides the wildcard's do: a name that has one is not answered by the wildcard any more."""
    harmless = [each for each in others if _record_problem(subject, each, names) is None]
    harmful = [each for each in others if each not in harmless]
    what = f"Records besides {wildcard}"
    wanted = f"no record but {wildcard}"
    if harmful:
        told = [f"{_name(each)}: {_record_problem(subject, each, names)}" for each in harmful]
        yield failed(
            "; ".join(told),
            wanted=wanted,
            what=what,
            fix=f"delete them: {'; '.join(_deletion(subject, each) for each in harmful)}",
            meaning="An index whose name has a record of its own, or is below such a name, is led elsewhere than to "
            "the endpoint, or nowhere: the wildcard does not answer for it.",
        )
    elif harmless:
        told = [f"{_name(each)} leads to the endpoint too" for each in harmless]
        yield noted(f"another form of the same: {'; '.join(told)}", wanted=wanted, what=what, meaning=_NO_DIFFERENCE)


def _name(found: Document) -> str:
    return f"{plain_name(found['Name']).rstrip('.')} ({found['Type']})"


def _deletion(subject: Subject, found: Document) -> str:
    zone_id = _zone_id(subject.live.zone) if isinstance(subject.live.zone, dict) else ""
    batch = json.dumps({"Changes": [{"Action": "DELETE", "ResourceRecordSet": found}]}, separators=(",", ":"))
    return f"aws route53 change-resource-record-sets --hosted-zone-id {zone_id} --change-batch {shlex.quote(batch)}"


def _record_problem(subject: Subject, found: Document, names: list[str]) -> str | None:
    """Return what is wrong with a record that is to lead to the endpoint's regional name, the first of its names."""
    kind, target = found["Type"], (found.get("AliasTarget") or {}).get("DNSName")
    if kind in _kinds(subject) and target and plain_name(target) == names[0]:
        return None
    if target and plain_name(target) in names[1:]:
        return f"the {kind} record leads to the endpoint in one zone alone ({target.rstrip('.')})"
    if target:
        return f"the {kind} record is an alias of {target.rstrip('.')}"
    values = ", ".join(str(each["Value"]) for each in found.get("ResourceRecords") or [])
    if kind in ("HTTPS", "SVCB"):
        return f"the {kind} record tells clients to connect to {values or 'nothing'}"
    if kind in _ADDRESSES:
        return f"the {kind} record leads to {values or 'nothing'}"
    return f"the {kind} record keeps the wildcard from answering for this name"


_LAST_VPC: Final = "(AWS refuses it for a zone's last VPC: associate another one first, or delete the zone)"
"""What is to be said with the command that takes a zone off a VPC."""
_GONE: Final = frozenset({"deleted", "deleting", "rejected", "failed", "expired"})


@CHECKS.add(
    id="endpoint-rivals",
    title="Other endpoints and zones for Pinecone's private names",
    wanted="nothing else answers to Pinecone's private names in the VPCs",
    meaning="Clients are led where the other one leads, for all of Pinecone's private names or some of them.",
    applies=with_names,
    promised=False,
)
def _rivals(subject: Subject, vpc_endpoints: list[Document], vpc_zones: list[Document], endpoint: Document) -> Verdict:
    region = subject.region
    problems: list[str] = []
    fixes: list[str] = []
    for each in vpc_endpoints:
        ours = each["VpcEndpointId"] == endpoint["VpcEndpointId"]
        if not ours and each.get("PrivateDnsEnabled") and str(each.get("State", "")).lower() not in _GONE:
            problems.append(f"endpoint {each['VpcEndpointId']} answers to them in {each['VpcId']}")
            fixes.append(
                f"aws ec2 modify-vpc-endpoint --vpc-endpoint-id {each['VpcEndpointId']} --no-private-dns-enabled "
                f"--region {region}"
            )
    for each in filter(lambda one: _answers(subject, one), vpc_zones):
        owner = each.get("Owner") or {}
        problems.append(f"hosted zone {each['HostedZoneId']} ({each['Name'].rstrip('.')}) answers in {each['VPCId']}")
        if owner.get("OwningAccount") in (None, subject.account):
            fixes.append(
                f"aws route53 disassociate-vpc-from-hosted-zone --hosted-zone-id {each['HostedZoneId']} "
                f"--vpc VPCRegion={region},VPCId={each['VPCId']} {_LAST_VPC}"
            )
        else:
            fixes.append(f"ask account {owner['OwningAccount']}, whose zone {each['HostedZoneId']} is")
    return judged(problems, fix="; ".join(fixes))


def _answers(subject: Subject, zone: Document) -> bool:
    """Tell whether a zone that is not the deployment's own answers to some of the names; AWS's are the endpoints'."""
    own = (subject.live.zone, subject.live.bridge_zone)
    if zone["HostedZoneId"] in [_zone_id(each) for each in own if isinstance(each, dict)]:
        return False
    if (zone.get("Owner") or {}).get("OwningService"):
        return False
    name, wanted = plain_name(zone["Name"]), plain_name(private_zone_of(subject.deployment))
    return name == wanted or name.endswith(f".{wanted}")
