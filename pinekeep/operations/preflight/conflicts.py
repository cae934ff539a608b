"""What answers to Pinecone's private names in the VPCs already: an endpoint, or a private hosted zone."""

from collections.abc import Iterator
from typing import Final

from pinekeep.account.reads.answers import plain_name
from pinekeep.account.reads.live import Document
from pinekeep.model.config.models import endpoint_service_of, private_zone_of
from pinekeep.model.facts import pinecone
from pinekeep.operations.preflight.check import Subject, new_in_existing_vpc, new_link, registry
from pinekeep.operations.verification.checks.base import items, mapping
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed

_GONE: Final = frozenset({"deleted", "deleting", "rejected", "failed", "expired"})


def _new_names(subject: Subject) -> bool:
    """Names that nobody has answered to yet, in VPCs that the customer has."""
    vpcs = subject.deployment.private_link is not None and (subject.existing_vpc or subject.link.client_vpc_ids)
    return new_link(subject) and bool(vpcs) and subject.link.dns != "none"


CHECKS: Final = registry()


@CHECKS.add(
    id="endpoint-conflict",
    title="Other endpoints to Pinecone",
    wanted="no other endpoint to Pinecone in the VPC",
    meaning="EC2 lets one endpoint of a VPC answer to Pinecone's private names, and refuses the second.",
    reads=("endpoints",),
    applies=new_in_existing_vpc,
)
def _endpoints(subject: Subject) -> Iterator[Verdict]:
    """No endpoint of the VPC leads to Pinecone already; one with the private DNS name on keeps another from it."""
    if subject.seen.endpoints is None:
        return
    name = endpoint_service_of(subject.deployment).service_name
    found = [
        each
        for each in items(subject.seen.endpoints)
        if each["ServiceName"] == name and str(each.get("State", "")).lower() not in _GONE
    ]
    if not found:
        yield passed()
    for each in found:
        here = f"{each['VpcEndpointId']} in {each['VpcId']} leads to Pinecone already"
        if each.get("PrivateDnsEnabled") and subject.link.dns != "none":
            yield failed(
                f"{here}, and answers to its private names",
                fix="two cannot answer in one VPC: use that endpoint and leave private_link out, or turn its private "
                f"DNS name off (aws ec2 modify-vpc-endpoint --no-private-dns-enabled --vpc-endpoint-id "
                f"{each['VpcEndpointId']} --region {subject.region}), or write dns: none",
            )
        else:
            yield noted(
                here,
                fix=f"one is enough; a Pinecone project takes {pinecone.MAX_PRIVATE_ENDPOINTS_PER_PROJECT} of them",
            )


@CHECKS.add(
    id="hosted-zone-conflict",
    title="Private hosted zones for Pinecone's names",
    wanted="no other private hosted zone for Pinecone's private names",
    meaning="A VPC takes one zone of a name: EC2 or Route 53 refuses the second, or clients are led elsewhere.",
    reads=("hosted_zones",),
    applies=_new_names,
)
def _hosted_zones(subject: Subject) -> Iterator[Verdict]:
    """No private hosted zone of the same name answers in a VPC; those of names below it answer for a part."""
    zones_of = mapping(subject.seen.hosted_zones)
    if not zones_of:
        return
    wanted = plain_name(private_zone_of(subject.deployment))
    others = False
    for vpc_id, zones in zones_of.items():
        for zone in zones:
            name = plain_name(zone["Name"])
            told = f"{zone['HostedZoneId']} ({name.rstrip('.')}{_owner(zone)}) answers in {vpc_id} already"
            if name in (wanted, f"*.{wanted}"):
                others = True
                yield failed(
                    told,
                    fix=f"two zones of one name cannot answer in one VPC: take that one off {vpc_id} (aws route53 "
                    f"disassociate-vpc-from-hosted-zone --hosted-zone-id {zone['HostedZoneId']} --vpc "
                    f"VPCRegion={subject.region},VPCId={vpc_id}; AWS refuses it for a zone's last VPC, so associate "
                    "another one first, or delete the zone), or write dns: none and point it at the new endpoint",
                )
            elif name.endswith(f".{wanted}"):
                others = True
                yield noted(told, fix="the names below it lead where that zone says, whatever the new endpoint answers")
    if not others:
        yield passed()


def _owner(zone: Document) -> str:
    owner = zone.get("Owner") or {}
    by = owner.get("OwningService") or owner.get("OwningAccount")
    return f", of {by}" if by else ""
