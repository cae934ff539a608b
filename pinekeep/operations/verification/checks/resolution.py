"""DNS servers and Resolver rules of the clients' VPCs. Nothing here fails.

Sources: "DHCP option sets in Amazon VPC" and "Domain names that VPC Resolver creates autodefined system rules for"
(docs.aws.amazon.com, checked 2026-11-30): for each private hosted zone of a VPC there is a rule that goes before those
for less specific domains; a forwarding rule for the same domain, or for one below it, goes before that.
"""

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Final

from pinekeep.account.reads.live import Document
from pinekeep.account.reads.resolvers import Diversion, diversions, options_by_vpc, other_servers
from pinekeep.model.config.models import private_zone_of
from pinekeep.operations.verification.checks.check import Subject, registry, with_dns
from pinekeep.operations.verification.checks.finding import Verdict, noted, passed

SERVERS: Final = "clients of the VPCs ask the VPC's own resolver (AmazonProvidedDNS)"
RULES: Final = "no Resolver rule of the VPCs sends Pinecone's private names elsewhere"
SERVERS_MEAN: Final = (
    "Clients find Pinecone's private names only where those servers forward them to the VPC's own resolver."
)
RULES_MEAN: Final = "Clients are led where the servers of the rule lead, not to the endpoint."
_ABOVE_MEANS: Final = (
    "The private zone goes before the rule in every VPC in which it answers; in any other, the names are sent there."
)


def servers(
    options: Mapping[str, Document | None], *, zone: str, region: str, networks: Mapping[str, str]
) -> Iterator[Verdict]:
    """The DHCP options of each VPC name its own resolver alone.

    ``options`` has None where those of a VPC cannot be seen; ``networks`` is in CIDR notation, as far as known.
    """
    quiet = True
    for vpc_id, found in options.items():
        if found is None:
            quiet = False
            yield noted(
                f"the DHCP options of {vpc_id} cannot be seen from this account",
                fix="ask the VPC's owner which DNS servers its DHCP options name",
            )
            continue
        network = networks.get(vpc_id)  # the resolver's address is its base plus two
        named = other_servers(found, resolver=str(ip_network(network)[2]) if network else None)
        if not named:
            continue
        quiet = False
        yield noted(
            f"the DHCP options {found['DhcpOptionsId']} of {vpc_id} name other DNS servers: {', '.join(named)}",
            fix=f"have those servers forward {zone} to an inbound endpoint of Route 53 Resolver in {vpc_id}, or name "
            "AmazonProvidedDNS in the VPC's DHCP options (aws ec2 associate-dhcp-options --vpc-id "
            f"{vpc_id} --dhcp-options-id OPTIONS_WITH_AMAZONPROVIDEDDNS --region {region})",
        )
    if quiet:
        yield passed()


def rules(of_vpcs: Mapping[str, list[Document]], *, zone: str, region: str) -> Iterator[Verdict]:
    """No Resolver rule that is associated with a VPC sends the zone's names elsewhere."""
    told = [(vpc_id, each) for vpc_id, found in of_vpcs.items() for each in diversions(found, zone)]
    for vpc_id, each in told:
        yield noted(
            f"Resolver rule {each.rule} sends {_domain(each)} from {vpc_id} to {', '.join(each.targets) or 'others'}",
            fix=_fix(each, vpc_id, zone, region),
            meaning=_ABOVE_MEANS if each.extent == "above" else RULES_MEAN,
        )
    if not told:
        yield passed()


def _domain(each: Diversion) -> str:
    return "every name" if each.domain == "." else each.domain


def _fix(each: Diversion, vpc_id: str, zone: str, region: str) -> str:
    if each.extent == "above":
        return f"nothing, as long as the private zone answers in {vpc_id}; a SYSTEM rule for {zone} keeps it so"
    return (
        f"aws route53resolver disassociate-resolver-rule --vpc-id {vpc_id} --resolver-rule-id {each.rule} "
        f"--region {region}; or have its servers forward {zone} back to an inbound endpoint in {vpc_id}"
    )


CHECKS: Final = registry(applies=with_dns)


@CHECKS.add(id="vpc-dns-servers", title="DNS servers of the VPCs", wanted=SERVERS, meaning=SERVERS_MEAN)
def _servers(subject: Subject, client_vpcs: list[Document], dhcp_options: list[Document]) -> Iterator[Verdict]:
    yield from servers(
        options_by_vpc(client_vpcs, dhcp_options),
        zone=private_zone_of(subject.deployment),
        region=subject.region,
        networks={each["VpcId"]: each["CidrBlock"] for each in client_vpcs if "CidrBlock" in each},
    )


@CHECKS.add(id="vpc-resolver-rules", title="Resolver rules of the VPCs", wanted=RULES, meaning=RULES_MEAN)
def _rules(subject: Subject, resolver_rules: dict[str, list[Document]]) -> Iterator[Verdict]:
    yield from rules(resolver_rules, zone=private_zone_of(subject.deployment), region=subject.region)
