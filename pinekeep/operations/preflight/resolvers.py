"""Who answers the DNS queries of the clients in the VPCs that the configuration names."""

from collections.abc import Iterator, Mapping
from typing import Final

from pinekeep.model.config.models import private_zone_of
from pinekeep.operations.preflight.check import CheckInfo, Subject
from pinekeep.operations.preflight.vpc import with_dns
from pinekeep.operations.verification.checks import resolution
from pinekeep.operations.verification.checks.finding import Verdict


def servers(subject: Subject) -> Iterator[Verdict]:
    """The DHCP options of the VPCs name their own resolver alone."""
    found, vpcs = subject.seen.dhcp_options, subject.seen.vpcs
    if isinstance(found, Mapping) and found:
        known = vpcs if isinstance(vpcs, Mapping) else {}
        yield from resolution.servers(
            found,
            zone=private_zone_of(subject.deployment),
            region=subject.deployment.region,
            networks={vpc_id: each["CidrBlock"] for vpc_id, each in known.items() if "CidrBlock" in each},
        )


def rules(subject: Subject) -> Iterator[Verdict]:
    """No Resolver rule of the VPCs sends the names elsewhere."""
    found = subject.seen.resolver_rules
    if isinstance(found, Mapping):
        zone = private_zone_of(subject.deployment)
        yield from resolution.rules(found, zone=zone, region=subject.deployment.region)


CHECKS: Final = (
    CheckInfo(
        id="vpc-dns-servers",
        title="DNS servers of the configured VPCs",
        wanted=resolution.SERVERS,
        meaning=resolution.SERVERS_MEAN,
        reads=("dhcp_options",),
        applies=with_dns,
        run=servers,
        blocks=False,
    ),
    CheckInfo(
        id="vpc-resolver-rules",
        title="Resolver rules of the configured VPCs",
        wanted=resolution.RULES,
        meaning=resolution.RULES_MEAN,
        reads=("resolver_rules",),
        applies=with_dns,
        run=rules,
        blocks=False,
    ),
)
