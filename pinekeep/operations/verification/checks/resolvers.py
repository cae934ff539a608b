"""The servers and rules that answer the DNS queries in the VPCs of the clients; looked at where drift is."""

from collections.abc import Iterator
from typing import Final

from pinekeep.account.reads.live import Document
from pinekeep.account.reads.resolvers import options_by_vpc
from pinekeep.model.config.models import private_zone_of
from pinekeep.operations.verification.checks import resolution
from pinekeep.operations.verification.checks.check import Subject, registry, with_dns
from pinekeep.operations.verification.checks.finding import Verdict

CHECKS: Final = registry(applies=with_dns)


@CHECKS.add(
    id="vpc-dns-servers",
    title="DNS servers of the VPCs",
    wanted=resolution.SERVERS,
    meaning=resolution.SERVERS_MEAN,
    reads=("client_vpcs", "dhcp_options"),
)
def _servers(subject: Subject, vpcs: list[Document], options: list[Document]) -> Iterator[Verdict]:
    yield from resolution.servers(
        options_by_vpc(vpcs, options),
        zone=private_zone_of(subject.deployment),
        region=subject.deployment.region,
        networks={each["VpcId"]: each["CidrBlock"] for each in vpcs if "CidrBlock" in each},
    )


@CHECKS.add(
    id="vpc-resolver-rules",
    title="Resolver rules of the VPCs",
    wanted=resolution.RULES,
    meaning=resolution.RULES_MEAN,
    reads=("resolver_rules",),
)
def _rules(subject: Subject, of_vpcs: dict[str, list[Document]]) -> Iterator[Verdict]:
    yield from resolution.rules(of_vpcs, zone=private_zone_of(subject.deployment), region=subject.deployment.region)
