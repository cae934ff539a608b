"""The adopted endpoint: that it leads to Pinecone, and that its DNS is as configured."""

from collections.abc import Iterator
from typing import Any, Final

from pinekeep.account.reads.answers import plain_name
from pinekeep.account.reads.live import Document
from pinekeep.model.config.models import endpoint_service_of
from pinekeep.model.config.private_link import AdoptedEndpoint
from pinekeep.operations.preflight.check import Subject, registry, with_adopted_endpoint
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged, noted, passed

_USABLE: Final = frozenset({"available", "pending", "pendingacceptance"})
_ADOPT: Final = "private_link.vpc"

CHECKS: Final = registry(reads=("adopted_endpoint",), applies=with_adopted_endpoint)


@CHECKS.add(
    id="adopted-endpoint",
    title="The adopted endpoint",
    wanted="an interface endpoint to Pinecone's endpoint service, in the configured VPC",
    meaning="Clients would be led to something that does not lead to Pinecone.",
)
def _endpoint(subject: Subject) -> Verdict:
    found, vpc = _found(subject), _vpc(subject)
    if found is None:
        return failed(
            f"there is no endpoint {vpc.adopt} in account {subject.account}, {subject.region}",
            fix=f"`aws ec2 describe-vpc-endpoints --region {subject.region}` lists the endpoints: correct "
            f"{_ADOPT}.adopt",
        )
    service = endpoint_service_of(subject.deployment).service_name
    problems: list[str] = []
    if found.get("ServiceName") != service:
        problems.append(f"{vpc.adopt} leads to {found.get('ServiceName')}, not to {service}")
    if found.get("VpcEndpointType", "Interface") != "Interface":
        problems.append(f"{vpc.adopt} is of type {found['VpcEndpointType']}, not Interface")
    if found.get("VpcId") != vpc.id:
        problems.append(f"{vpc.adopt} is in {found.get('VpcId')}, not in {vpc.id}")
    if str(found.get("State", "available")).lower() not in _USABLE:
        problems.append(f"{vpc.adopt} is in state {found['State']}, from which it does not return")
    return judged(
        problems,
        right=f"{vpc.adopt} in {vpc.id}, {found.get('State', 'available')}",
        fix=f"correct {_ADOPT}.id and {_ADOPT}.adopt, or let Pinekeep create an endpoint: write subnet_ids in place of "
        "adopt",
    )


@CHECKS.add(
    id="adopted-endpoint-dns",
    title="DNS of the adopted endpoint",
    wanted="its private DNS name on or off as `dns` says, and the DNS entry that the file names",
    meaning="Clients would not find Pinecone's private names, or find two answers to them.",
)
def _dns(subject: Subject) -> Iterator[Verdict]:
    found = _found(subject)
    if found is None:
        return
    verdicts = [*_private_dns(subject, found), *_entry(subject, found), *_inbound_alone(subject, found)]
    yield from verdicts or [passed()]


def _private_dns(subject: Subject, found: Document) -> Iterator[Verdict]:
    link, on = subject.link, bool(found.get("PrivateDnsEnabled"))
    if on == link.has_private_dns:
        return
    modify = f"aws ec2 modify-vpc-endpoint --vpc-endpoint-id {found['VpcEndpointId']} --region {subject.region}"
    if link.has_private_dns:
        yield failed(
            f"the private DNS name of {found['VpcEndpointId']} is off, and dns is {link.dns}",
            fix=f"{modify} --private-dns-enabled; or write dns: hosted-zone",
        )
    elif link.has_zone:
        yield failed(
            f"the private DNS name of {found['VpcEndpointId']} is on, which conflicts with a hosted zone of that name "
            f"in {found['VpcId']}",
            fix=f"write dns: endpoint, or turn it off: {modify} --no-private-dns-enabled",
        )
    else:
        yield noted(
            f"the private DNS name of {found['VpcEndpointId']} is on, so clients in {found['VpcId']} resolve "
            "Pinecone's names without DNS of yours",
            fix="write dns: endpoint",
        )


def _entry(subject: Subject, found: Document) -> Iterator[Verdict]:
    vpc, entries = _vpc(subject), found.get("DnsEntries") or []
    if vpc.dns_name is None and vpc.dns_hosted_zone_id is None:
        return
    if not entries:
        yield failed(
            f"{found['VpcEndpointId']} has no DNS entry yet", fix="wait until it is available, then run preflight again"
        )
        return
    name, zone = str(entries[0].get("DnsName")), str(entries[0].get("HostedZoneId"))
    wrong: list[str] = []
    if vpc.dns_name is not None and plain_name(vpc.dns_name) != plain_name(name):
        wrong.append(f"dns_name is {vpc.dns_name}, and the first DNS entry of the endpoint is {name}")
    if vpc.dns_hosted_zone_id not in (None, zone):
        wrong.append(f"dns_hosted_zone_id is {vpc.dns_hosted_zone_id}, and that of the DNS entry is {zone}")
    if wrong:
        yield failed("; ".join(wrong), fix=f"write dns_name: {name} and dns_hosted_zone_id: {zone} under {_ADOPT}")


def _inbound_alone(subject: Subject, found: Document) -> Iterator[Verdict]:
    """Yield a refusal of an option that is made for services with gateway endpoints.

    Source: :data:`pinekeep.model.facts.aws.VPC_ENDPOINT_PAGE`.
    """
    if not (found.get("DnsOptions") or {}).get("PrivateDnsOnlyForInboundResolverEndpoint"):
        return
    yield failed(
        f"{found['VpcEndpointId']} has PrivateDnsOnlyForInboundResolverEndpoint: clients in {found['VpcId']} resolve "
        "Pinecone's names to public addresses",
        fix=f"aws ec2 modify-vpc-endpoint --vpc-endpoint-id {found['VpcEndpointId']} --region {subject.region} "
        "--dns-options PrivateDnsOnlyForInboundResolverEndpoint=false",
    )


def _found(subject: Subject) -> Document | None:
    found: Any = subject.seen.adopted_endpoint
    return found if isinstance(found, dict) else None


def _vpc(subject: Subject) -> AdoptedEndpoint:
    vpc = subject.link.vpc
    if not isinstance(vpc, AdoptedEndpoint):
        raise TypeError(f"deployment {subject.name} adopts no endpoint")
    return vpc
