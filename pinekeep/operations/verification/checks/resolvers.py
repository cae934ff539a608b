"""The servers and rules that answer the DNS queries in the VPCs of the clients; looked at where drift is."""

from collections.abc import Iterator
from typing import Final

from pinekeep.account.reads.live import Document
from pinekeep.account.reads.resolvers import options_by_vpc
from pinekeep.model.config.models import private_zone_of
from pinekeep.operations.verification.checks import resolution
from pinekeep.operations.verification.checks.check import CheckInfo, Subject, with_dns
from pinekeep.operations.verification.checks.finding import Verdict


def servers(subject: Subject, vpcs: list[Document], options: list[Document]) -> Iterator[Verdict]:
    """The DHCP options of the VPCs name their own resolver alone."""
    yield from resolution.servers(
        options_by_vpc(vpcs, options),
        zone=private_zone_of(subject.deployment),
        region=subject.deployment.region,
        networks={each["VpcId"]: each["CidrBlock"] for each in vpcs if "CidrBlock" in each},
    )


def rules(subject: Subject, of_vpcs: dict[str, list[Document]]) -> Iterator[Verdict]:
    """No Resolver rule of the VPCs sends the names elsewhere."""
    yield from resolution.rules(of_vpcs, zone=private_zone_of(subject.deployment), region=subject.deployment.region)


CHECKS: Final = (
    CheckInfo(
        id="vpc-dns-servers",
        title="DNS servers of the VPCs",
        wanted=resolution.SERVERS,
        meaning=resolution.SERVERS_MEAN,
        reads=("client_vpcs", "dhcp_options"),
        applies=with_dns,
        run=servers,
    ),
    CheckInfo(
        id="vpc-resolver-rules",
        title="Resolver rules of the VPCs",
        wanted=resolution.RULES,
        meaning=resolution.RULES_MEAN,
        reads=("resolver_rules",),
        applies=with_dns,
        run=rules,
    ),
)
