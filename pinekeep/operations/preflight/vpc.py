"""The configured VPCs: existence, owner, DNS, subnets, DNS servers and Resolver rules."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pinekeep.model.config.models import private_zone_of
from pinekeep.operations.preflight.check import Subject, new_in_existing_vpc, registry, with_existing_vpc, with_link
from pinekeep.operations.verification.checks import resolution
from pinekeep.operations.verification.checks.base import items, mapping
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged, noted, passed

_SUBNETS: Final = "subnets of the VPC, each in a zone of its own"
_AVAILABLE: Final = "available"


def _names_vpcs(subject: Subject) -> bool:
    """VPCs that the customer has: the endpoint's, or those of further clients."""
    return with_link(subject) and bool(vpc_ids(subject))


def with_dns(subject: Subject) -> bool:
    """VPCs that the customer has, in which names are to be resolved."""
    return _names_vpcs(subject) and subject.link.resolves


CHECKS: Final = registry(applies=with_dns)


@CHECKS.add(
    id="vpc-exists",
    title="The configured VPCs",
    wanted="every configured VPC, in the deployment's account and Region",
    meaning="The endpoint cannot be made in a VPC that is not there.",
    reads=("vpcs",),
    applies=_names_vpcs,
)
def _exists(subject: Subject) -> Verdict:
    found = mapping(subject.seen.vpcs)
    problems = [f"there is no {each}" for each in vpc_ids(subject) if each not in found]
    problems += [f"{name} is {each['State']}" for name, each in found.items() if _unavailable(each)]
    where = f"account {subject.account}, {subject.region}"
    return judged(
        [f"in {where}: {', '.join(problems)}"] if problems else [],
        right=", ".join(vpc_ids(subject)),
        fix="look the IDs up in the VPC console; a VPC that another account shares with this one is seen here, too",
    )


@CHECKS.add(
    id="vpc-owner",
    title="Owner of the endpoint's VPC",
    wanted="VPC and subnets of the deployment's own account",
    meaning="EC2 refuses an interface endpoint in a VPC that another account shares, and CloudFormation undoes the "
    "deployment.",
    reads=("vpcs",),
    uses=("subnets",),
    applies=with_existing_vpc,
)
def _owner(subject: Subject) -> Iterator[Verdict]:
    """The endpoint's VPC and subnets are the account's own. In a VPC that is shared with it, EC2 makes no endpoint.

    Sources: :data:`pinekeep.model.facts.aws.SHARED_VPC_PAGE`, :data:`pinekeep.model.facts.aws.SHARED_VPC_ERROR_PAGE`.
    """
    vpc, account = subject.existing_vpc, subject.account
    if vpc is None:
        return
    subnets = subject.seen.subnets if isinstance(subject.seen.subnets, list) else []
    things = {vpc.id: mapping(subject.seen.vpcs).get(vpc.id) or {}, **{each["SubnetId"]: each for each in subnets}}
    others = {name: str(each["OwnerId"]) for name, each in things.items() if each.get("OwnerId", account) != account}
    if not others:
        if vpc.id in mapping(subject.seen.vpcs):
            yield passed()
        return
    owners = ", ".join(dict.fromkeys(others.values()))
    yield failed(
        f"{', '.join(others)} {'belongs' if len(others) == 1 else 'belong'} to account {owners}, which shares "
        f"{'it' if len(others) == 1 else 'them'} with account {account}; EC2 lets nobody but the owner of a VPC make "
        "an interface endpoint in it",
        fix=f"have the endpoint made in account {owners}: move private_link to a deployment of that account. Clients "
        f"in the shared subnets reach it there, whichever account they are of. Or name a VPC of account {account}",
    )


@CHECKS.add(
    id="vpc-names",
    title="DNS of the configured VPCs",
    wanted="DNS resolution and DNS hostnames are on",
    meaning="EC2 refuses the private DNS name without both, and a private hosted zone answers nobody.",
    reads=("dns",),
)
def _dns(subject: Subject) -> Verdict | None:
    """The VPCs resolve names and give names. Once there is an endpoint this is for `verify` to judge."""
    dns_of = mapping(subject.seen.dns)
    if not dns_of:
        return None
    off: dict[str, list[str]] = {}
    for vpc_id, (support, hostnames) in dns_of.items():
        words = [word for word, on in (("resolution", support), ("hostnames", hostnames)) if not on]
        if words:
            off[vpc_id] = words
    if not off:
        return passed()
    found = "; ".join(f"of {vpc_id} DNS {' and '.join(words)} {_are(words)} off" for vpc_id, words in off.items())
    fix = "; ".join(
        f"aws ec2 modify-vpc-attribute --vpc-id {vpc_id} --enable-dns-{_OPTION[word]} --region {subject.region}"
        for vpc_id, words in off.items()
        for word in words
    )
    say = failed if subject.makes_endpoint else noted
    return say(found, fix=fix)


_OPTION: Final = {"resolution": "support", "hostnames": "hostnames"}


def _are(words: list[str]) -> str:
    return "is" if words == ["resolution"] else "are"


@CHECKS.add(
    id="subnets",
    title="The configured subnets",
    wanted=_SUBNETS,
    meaning="EC2 refuses an endpoint with two subnets in one zone, or with a subnet of another VPC.",
    reads=("subnets",),
    applies=with_existing_vpc,
)
def _subnets(subject: Subject) -> Verdict | None:
    vpc = subject.existing_vpc
    if vpc is None:
        return None
    found = {each["SubnetId"]: each for each in items(subject.seen.subnets)}
    problems = [f"there is no {each}" for each in vpc.subnet_ids if each not in found]
    elsewhere = {name: each["VpcId"] for name, each in found.items() if each["VpcId"] != vpc.id}
    problems += [f"{name} is in {other}, not in {vpc.id}" for name, other in elsewhere.items()]
    problems += [f"{name} is {each['State']}" for name, each in found.items() if _unavailable(each)]
    problems += [f"{name} has IPv6 addresses alone" for name, each in found.items() if each.get("Ipv6Native")]
    zones = Counter(each["AvailabilityZoneId"] for each in found.values())
    problems += [
        f"{' and '.join(sorted(name for name, each in found.items() if each['AvailabilityZoneId'] == zone))} are in "
        f"one zone, {zone}"
        for zone, number in zones.items()
        if number > 1
    ]
    return judged(
        problems,
        right=", ".join(f"{name} ({each['AvailabilityZoneId']})" for name, each in found.items()),
        wanted=_SUBNETS,
        fix="name one subnet of the VPC for each zone under private_link.vpc.subnet_ids",
    )


@CHECKS.add(
    id="subnet-addresses",
    title="Free addresses of the subnets",
    wanted="a free address in each subnet",
    meaning="The endpoint takes one address in each subnet.",
    reads=("subnets",),
    applies=new_in_existing_vpc,
)
def _addresses(subject: Subject) -> Verdict | None:
    found = {each["SubnetId"]: each["AvailableIpAddressCount"] for each in items(subject.seen.subnets)}
    if not found:
        return None
    return judged(
        [f"{name} has no free address" for name, free in found.items() if free < 1],
        right=", ".join(f"{name}: {free:,} free" for name, free in found.items()),
        fix="free an address, or name another subnet of the same zone",
    )


def _unavailable(found: Mapping[str, Any]) -> bool:
    return bool(found.get("State", _AVAILABLE) != _AVAILABLE)


def vpc_ids(subject: Subject) -> list[str]:
    """Return the VPCs that the configuration names: the endpoint's, and those of further clients."""
    own = [subject.link.vpc_id] if subject.link.vpc_id else []
    return [*own, *subject.link.client_vpc_ids]


@CHECKS.add(
    id="vpc-dns-servers",
    title="DNS servers of the configured VPCs",
    wanted=resolution.SERVERS,
    meaning=resolution.SERVERS_MEAN,
    reads=("dhcp_options",),
    blocks=False,
)
def _servers(subject: Subject) -> Iterator[Verdict]:
    found, vpcs = subject.seen.dhcp_options, subject.seen.vpcs
    if isinstance(found, Mapping) and found:
        known = vpcs if isinstance(vpcs, Mapping) else {}
        yield from resolution.servers(
            found,
            zone=private_zone_of(subject.deployment),
            region=subject.region,
            networks={vpc_id: each["CidrBlock"] for vpc_id, each in known.items() if "CidrBlock" in each},
        )


@CHECKS.add(
    id="vpc-resolver-rules",
    title="Resolver rules of the configured VPCs",
    wanted=resolution.RULES,
    meaning=resolution.RULES_MEAN,
    reads=("resolver_rules",),
    blocks=False,
)
def _rules(subject: Subject) -> Iterator[Verdict]:
    found = subject.seen.resolver_rules
    if isinstance(found, Mapping):
        zone = private_zone_of(subject.deployment)
        yield from resolution.rules(found, zone=zone, region=subject.region)
