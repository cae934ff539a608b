"""How clients find the endpoint by name: its own private DNS name, or a private hosted zone."""

from collections.abc import Iterator
from typing import Final

from pinekeep.aws.answers import plain_name
from pinekeep.aws.live import Document, NotAsked
from pinekeep.checks.check import CheckInfo, Subject, with_dns, with_link, with_zone
from pinekeep.checks.finding import Verdict, failed, judged, noted, passed
from pinekeep.config.models import ExistingVpc, private_zone_of

_PRIVATE_DNS: Final = "the endpoint's private DNS name on or off, as configured"
_VPC_DNS: Final = "DNS resolution and DNS hostnames are on in the endpoint's VPC"
_ZONE: Final = "a private hosted zone of Pinecone's private names"
_VPCS: Final = "the zone is associated with every client VPC"
_RECORD: Final = "one wildcard record, an alias of the endpoint's regional name"


def private_dns(subject: Subject, endpoint: Document) -> Iterator[Verdict]:
    """The endpoint answers for Pinecone's private names if, and only if, it is configured to."""
    wanted = subject.link.dns == "endpoint"
    found = bool(endpoint.get("PrivateDnsEnabled"))
    words = {True: "the private DNS name is on", False: "the private DNS name is off"}
    if found == wanted:
        yield passed(words[wanted])
        return
    switch = "--private-dns-enabled" if wanted else "--no-private-dns-enabled"
    yield failed(
        words[found],
        wanted=words[wanted],
        fix=f"aws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint['VpcEndpointId']} {switch} "
        f"--region {subject.deployment.region}",
    )


def vpc_dns(subject: Subject, support: bool | NotAsked, hostnames: bool | NotAsked) -> Iterator[Verdict]:
    """The endpoint's VPC resolves names and gives names; private names need both."""
    if isinstance(support, NotAsked):
        if subject.live.endpoint is None:
            return
        fix = f"pinekeep verify --drift --deployment {subject.name}"
        yield noted(f"not looked at: {support.reason}", wanted=_VPC_DNS, fix=fix)
        return
    vpc = subject.link.vpc
    off = {
        "DNS resolution is off": (support, "--enable-dns-support"),
        "DNS hostnames are off": (hostnames, "--enable-dns-hostnames"),
    }
    wrong = {words: switch for words, (on, switch) in off.items() if not on}
    fix = subject.restore
    if isinstance(vpc, ExistingVpc):
        fix = "; ".join(f"aws ec2 modify-vpc-attribute --vpc-id {vpc.id} {switch}" for switch in wrong.values())
    yield judged(list(wrong), right=_VPC_DNS, wanted=_VPC_DNS, fix=fix)


def zone(subject: Subject, found: Document | None) -> Iterator[Verdict]:
    """The hosted zone is there, private, and of the right name."""
    name = private_zone_of(subject.deployment)
    wanted = f"private hosted zone {name}"
    if found is None:
        yield failed("there is no such zone", wanted=wanted, fix=subject.make(subject.live.private_link_stack))
        return
    hosted = found["HostedZone"]
    problems: list[str] = []
    if plain_name(hosted["Name"]) != plain_name(name):
        problems.append(f"its name is {hosted['Name'].rstrip('.')}")
    if not (hosted.get("Config") or {}).get("PrivateZone"):
        problems.append("it is public")
    fix = f"neither can be changed in a zone: delete it, then {subject.restore}"
    yield judged(problems, right=wanted, wanted=wanted, fix=fix)


def zone_vpcs(subject: Subject, found: Document, endpoint: Document) -> Iterator[Verdict]:
    """The zone is associated with the endpoint's VPC and every further client VPC."""
    vpc = subject.link.vpc
    own = vpc.id if isinstance(vpc, ExistingVpc) else str(endpoint["VpcId"])
    wanted = [own, *subject.link.client_vpc_ids]
    have = {each["VPCId"] for each in found.get("VPCs") or [] if each.get("VPCRegion") == subject.deployment.region}
    problems = [f"{each} is not associated" for each in wanted if each not in have]
    right = f"associated with {', '.join(wanted)}"
    yield judged(problems, right=right, wanted=right, fix=subject.restore)


def record(subject: Subject, records: list[Document], endpoint: Document) -> Iterator[Verdict]:
    """The zone's wildcard leads to the endpoint's regional name."""
    name = f"*.{private_zone_of(subject.deployment)}"
    entries = endpoint.get("DnsEntries") or []
    if not entries:
        yield failed(
            "the endpoint has no DNS name yet",
            wanted=f"{name} leads to it",
            fix="see the check of the endpoint's state",
        )
        return
    regional = plain_name(entries[0]["DnsName"])
    addresses = [each for each in records if each["Type"] in ("A", "AAAA", "CNAME")]
    problems = [told for each in addresses if (told := _record_problem(each, regional))]
    if not addresses:
        problems.append(f"there is no record {name}")
    right = f"{name} is an alias of {regional.rstrip('.')}"
    yield judged(problems, right=right, wanted=right, fix=subject.restore)


def _record_problem(found: Document, regional: str) -> str | None:
    target = (found.get("AliasTarget") or {}).get("DNSName")
    if found["Type"] == "A" and target and plain_name(target) == regional:
        return None
    if target:
        return f"the {found['Type']} record is an alias of {target.rstrip('.')}"
    values = ", ".join(str(each["Value"]) for each in found.get("ResourceRecords") or [])
    return f"the {found['Type']} record leads to {values or 'nothing'}"


CHECKS: Final = (
    CheckInfo(
        id="endpoint-private-dns",
        title="Private DNS name of the endpoint",
        wanted=_PRIVATE_DNS,
        meaning="Clients do not find Pinecone's private names, or find two answers to them.",
        reads=("endpoint",),
        applies=with_link,
        run=private_dns,
        promised=True,
    ),
    CheckInfo(
        id="vpc-dns",
        title="DNS of the endpoint's VPC",
        wanted=_VPC_DNS,
        meaning="Clients in the VPC do not find Pinecone's private names.",
        reads=("dns_support", "dns_hostnames"),
        applies=with_dns,
        run=vpc_dns,
    ),
    CheckInfo(
        id="hosted-zone",
        title="The private hosted zone",
        wanted=_ZONE,
        meaning="Clients do not find Pinecone's private names.",
        reads=("zone",),
        applies=with_zone,
        run=zone,
        sees_absence=True,
        promised=True,
    ),
    CheckInfo(
        id="hosted-zone-vpcs",
        title="VPCs of the private hosted zone",
        wanted=_VPCS,
        meaning="Clients in a VPC that is not associated do not find Pinecone's private names.",
        reads=("zone", "endpoint"),
        applies=with_zone,
        run=zone_vpcs,
        promised=True,
    ),
    CheckInfo(
        id="hosted-zone-record",
        title="Wildcard record of the private hosted zone",
        wanted=_RECORD,
        meaning="Pinecone's private names lead clients nowhere, or to something else than the endpoint.",
        reads=("records", "endpoint"),
        applies=with_zone,
        run=record,
        promised=True,
    ),
)
