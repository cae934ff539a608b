"""Other endpoints and hosted zones that answer Pinecone's private names in the VPCs of the clients.

Source: "Considerations when working with a private hosted zone" (docs.aws.amazon.com, checked 2026-11-29): of the zones
of a VPC the one with the longest name that a query ends in answers, and where it has no such record, nobody does.
"Disassociating VPCs from a private hosted zone" (same place, checked 2026-11-30): the last VPC of a zone is refused.
"""

from typing import Final

from pinekeep.account.reads.answers import plain_name
from pinekeep.account.reads.live import Document
from pinekeep.model.config.models import private_zone_of
from pinekeep.operations.verification.checks.check import Subject, registry, with_dns
from pinekeep.operations.verification.checks.finding import Verdict, judged

_LAST_VPC: Final = "(AWS refuses it for a zone's last VPC: associate another one first, or delete the zone)"
"""What is to be said with the command that takes a zone off a VPC."""
_GONE: Final = frozenset({"deleted", "deleting", "rejected", "failed", "expired"})


CHECKS: Final = registry()


@CHECKS.add(
    id="endpoint-rivals",
    title="Other endpoints and zones for Pinecone's private names",
    wanted="nothing else answers to Pinecone's private names in the VPCs",
    meaning="Clients are led where the other one leads, for all of Pinecone's private names or some of them.",
    reads=("vpc_endpoints", "vpc_zones", "endpoint"),
    applies=with_dns,
)
def _rivals(subject: Subject, endpoints: list[Document], zones: list[Document], endpoint: Document) -> Verdict:
    region = subject.deployment.region
    problems: list[str] = []
    fixes: list[str] = []
    for each in endpoints:
        ours = each["VpcEndpointId"] == endpoint["VpcEndpointId"]
        if not ours and each.get("PrivateDnsEnabled") and str(each.get("State", "")).lower() not in _GONE:
            problems.append(f"endpoint {each['VpcEndpointId']} answers to them in {each['VpcId']}")
            fixes.append(
                f"aws ec2 modify-vpc-endpoint --vpc-endpoint-id {each['VpcEndpointId']} --no-private-dns-enabled "
                f"--region {region}"
            )
    for each in filter(lambda one: _answers(subject, one), zones):
        owner = each.get("Owner") or {}
        problems.append(f"hosted zone {each['HostedZoneId']} ({each['Name'].rstrip('.')}) answers in {each['VPCId']}")
        if owner.get("OwningAccount") in (None, subject.deployment.account):
            fixes.append(
                f"aws route53 disassociate-vpc-from-hosted-zone --hosted-zone-id {each['HostedZoneId']} "
                f"--vpc VPCRegion={region},VPCId={each['VPCId']} {_LAST_VPC}"
            )
        else:
            fixes.append(f"ask account {owner['OwningAccount']}, whose zone {each['HostedZoneId']} is")
    return judged(problems, fix="; ".join(fixes))


def _answers(subject: Subject, zone: Document) -> bool:
    """Tell whether a zone that is not the deployment's own answers to some of the names; AWS's are the endpoints'."""
    own = subject.live.zone
    if isinstance(own, dict) and str(own["HostedZone"]["Id"]).rpartition("/")[2] == zone["HostedZoneId"]:
        return False
    if (zone.get("Owner") or {}).get("OwningService"):
        return False
    name, wanted = plain_name(zone["Name"]), plain_name(private_zone_of(subject.deployment))
    return name == wanted or name.endswith(f".{wanted}")
