"""Who answers the DNS queries of the clients in the VPCs that the configuration names."""

from collections.abc import Iterator, Mapping
from typing import Final

from pinekeep.model.config.models import private_zone_of
from pinekeep.operations.preflight.check import Subject, registry
from pinekeep.operations.preflight.vpc import with_dns
from pinekeep.operations.verification.checks import resolution
from pinekeep.operations.verification.checks.finding import Verdict

CHECKS: Final = registry(applies=with_dns, blocks=False)


@CHECKS.add(
    id="vpc-dns-servers",
    title="DNS servers of the configured VPCs",
    wanted=resolution.SERVERS,
    meaning=resolution.SERVERS_MEAN,
    reads=("dhcp_options",),
)
def _servers(subject: Subject) -> Iterator[Verdict]:
    found, vpcs = subject.seen.dhcp_options, subject.seen.vpcs
    if isinstance(found, Mapping) and found:
        known = vpcs if isinstance(vpcs, Mapping) else {}
        yield from resolution.servers(
            found,
            zone=private_zone_of(subject.deployment),
            region=subject.deployment.region,
            networks={vpc_id: each["CidrBlock"] for vpc_id, each in known.items() if "CidrBlock" in each},
        )


@CHECKS.add(
    id="vpc-resolver-rules",
    title="Resolver rules of the configured VPCs",
    wanted=resolution.RULES,
    meaning=resolution.RULES_MEAN,
    reads=("resolver_rules",),
)
def _rules(subject: Subject) -> Iterator[Verdict]:
    found = subject.seen.resolver_rules
    if isinstance(found, Mapping):
        zone = private_zone_of(subject.deployment)
        yield from resolution.rules(found, zone=zone, region=subject.deployment.region)
