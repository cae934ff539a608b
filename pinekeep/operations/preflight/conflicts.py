"""What answers to Pinecone's private names in the VPCs already: an endpoint, or a private hosted zone."""

from collections.abc import Iterator
from typing import Final

from pinekeep.account.reads.answers import plain_name
from pinekeep.account.reads.live import Document
from pinekeep.model.config.models import endpoint_service_of, private_zone_of
from pinekeep.model.facts import pinecone
from pinekeep.model.naming import bridge_zone
from pinekeep.operations.preflight.check import Subject, new_in_a_vpc, new_link, registry
from pinekeep.operations.verification.checks.base import items, mapping
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed

_GONE: Final = frozenset({"deleted", "deleting", "rejected", "failed", "expired"})


def _new_names(subject: Subject) -> bool:
    """Names that nobody has answered to yet, in VPCs that the customer has."""
    if not new_link(subject):
        return False
    return bool(subject.link.vpc_id or subject.link.client_vpc_ids) and subject.link.resolves


def _new_endpoint(subject: Subject) -> bool:
    """An endpoint that will be created."""
    return new_link(subject) and subject.link.adopted is None


CHECKS: Final = registry()


@CHECKS.add(
    id="endpoint-conflict",
    title="Other endpoints to Pinecone",
    wanted="no other endpoint to Pinecone in the VPC",
    meaning="EC2 lets one endpoint of a VPC answer to Pinecone's private names, and refuses the second.",
    reads=("endpoints",),
    applies=new_in_a_vpc,
)
def _endpoints(subject: Subject) -> Iterator[Verdict]:
    """No endpoint of the VPC leads to Pinecone already; one with the private DNS name on keeps another from it."""
    if subject.seen.endpoints is None:
        return
    name = endpoint_service_of(subject.deployment).service_name
    found = [
        each
        for each in items(subject.seen.endpoints)
        if each["ServiceName"] == name
        and str(each.get("State", "")).lower() not in _GONE
        and each["VpcEndpointId"] != subject.link.adopted
    ]
    if not found:
        yield passed()
    for each in found:
        here = f"{each['VpcEndpointId']} in {each['VpcId']} leads to Pinecone already"
        if each.get("PrivateDnsEnabled") and (subject.link.has_private_dns or subject.link.has_zone):
            yield failed(
                f"{here}, and answers to its private names",
                fix=f"two cannot answer in one VPC: adopt that endpoint (vpc: {{id: {each['VpcId']}, adopt: "
                f"{each['VpcEndpointId']}}}), or turn its private DNS name off (aws ec2 modify-vpc-endpoint "
                f"--no-private-dns-enabled --vpc-endpoint-id {each['VpcEndpointId']} --region {subject.region}), or "
                "write dns: none",
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
    wanted, bridge = plain_name(private_zone_of(subject.deployment)), None
    if subject.link.dns_bridge:
        bridge = plain_name(bridge_zone(wanted))
    taken = {bridge}
    if subject.link.has_private_dns or subject.link.has_zone:
        taken |= {wanted, f"*.{wanted}"}
    others = False
    for vpc_id, zones in zones_of.items():
        for zone in zones:
            name = plain_name(zone["Name"])
            if zone["HostedZoneId"] == subject.link.hosted_zone_id or _of_adopted_endpoint(subject, zone, vpc_id):
                continue
            told = f"{zone['HostedZoneId']} ({name.rstrip('.')}{_owner(zone)}) answers in {vpc_id} already"
            if name in taken:
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


def _of_adopted_endpoint(subject: Subject, zone: Document, vpc_id: str) -> bool:
    """Tell whether a zone is that of the adopted endpoint's own private DNS name, which is wanted there."""
    by_endpoint = (zone.get("Owner") or {}).get("OwningService")
    return bool(by_endpoint and subject.link.adopted and subject.link.has_private_dns and vpc_id == subject.link.vpc_id)


@CHECKS.add(
    id="project-endpoints",
    title="Endpoints of the Pinecone project",
    wanted=f"at most {pinecone.MAX_PRIVATE_ENDPOINTS_PER_PROJECT} endpoints in a Pinecone project",
    meaning="Pinecone refuses to register the endpoint that is one too many.",
    reads=("project_endpoints",),
    applies=_new_endpoint,
    blocks=False,
)
def _project_endpoints(subject: Subject) -> Verdict | None:
    """The account's endpoints and the new ones are not more than a project takes. Which are registered, AWS does not
    know."""
    if subject.seen.project_endpoints is None:
        return None
    found = [
        str(each["VpcEndpointId"])
        for each in items(subject.seen.project_endpoints)
        if str(each.get("State", "")).lower() not in _GONE
    ]
    more, most = len(subject.link.generations), pinecone.MAX_PRIVATE_ENDPOINTS_PER_PROJECT
    told = f"{len(found)} in account {subject.account}, {subject.region}, and {more} to be created"
    if len(found) + more <= most:
        return passed(told)
    return noted(
        f"{told}; a Pinecone project takes {most}",
        fix=f"see which of them are registered in the project ({pinecone.ENDPOINTS_CONSOLE_PATH}), and remove those "
        f"that nobody uses: {', '.join(found)}",
    )


def _owner(zone: Document) -> str:
    owner = zone.get("Owner") or {}
    by = owner.get("OwningService") or owner.get("OwningAccount")
    return f", of {by}" if by else ""
