"""The inbound endpoint of Route 53 Resolver: its subnets, and its quota."""

from collections.abc import Iterator
from typing import Final

from pinekeep.model.facts import aws, quotas
from pinekeep.operations.preflight.check import Subject, registry, with_link
from pinekeep.operations.preflight.inventory import Count
from pinekeep.operations.preflight.quotas import counted
from pinekeep.operations.verification.checks.base import items
from pinekeep.operations.verification.checks.finding import Verdict, judged


def _with_subnets(subject: Subject) -> bool:
    """An inbound resolver with subnets of its own."""
    return with_resolver(subject) and bool(subject.link.resolver and subject.link.resolver.subnet_ids)


def with_resolver(subject: Subject) -> bool:
    """An inbound endpoint of Route 53 Resolver."""
    return with_link(subject) and subject.link.resolver is not None


CHECKS: Final = registry(applies=with_resolver)


@CHECKS.add(
    id="resolver-subnets",
    title="Subnets of the inbound resolver",
    wanted="subnets of the endpoint's VPC in at least two zones, with a free address each",
    meaning="Route 53 Resolver refuses an endpoint with subnets of another VPC; with one zone, no name resolves while "
    "that zone fails.",
    reads=("resolver_subnets",),
    applies=_with_subnets,
)
def _subnets(subject: Subject) -> Verdict | None:
    resolver, vpc_id = subject.link.resolver, subject.link.vpc_id
    if resolver is None or resolver.subnet_ids is None:
        return None
    found = {str(each["SubnetId"]): each for each in items(subject.seen.resolver_subnets)}
    problems = [f"there is no {each}" for each in resolver.subnet_ids if each not in found]
    for name, each in found.items():
        if vpc_id is None:
            problems.append(f"{name} is in {each['VpcId']}, and the endpoint's VPC is not created yet")
        elif each["VpcId"] != vpc_id:
            problems.append(f"{name} is in {each['VpcId']}, not in {vpc_id}")
        if each.get("AvailableIpAddressCount", 1) < 1:
            problems.append(f"{name} has no free address")
    zones = {str(each["AvailabilityZoneId"]) for each in found.values()}
    if found and len(zones) < aws.RESOLVER_ZONES_LEAST:
        problems.append(f"all are in one zone, {min(zones)}")
    return judged(
        problems,
        right=", ".join(f"{name} ({each['AvailabilityZoneId']})" for name, each in found.items()),
        fix="change private_link.resolver.subnet_ids, or remove it to take the subnets of the endpoint",
    )


@CHECKS.add(
    id="quota-resolver",
    title="Quota of Resolver endpoints",
    wanted="room for what the run creates",
    meaning="Route 53 Resolver refuses the endpoint that is one too many, and CloudFormation rolls the deployment "
    "back.",
    reads=("resolver_count",),
    uses=("resolver_quota",),
)
def _quota(subject: Subject) -> Iterator[Verdict]:
    if isinstance(subject.seen.resolver_count, Count):
        yield from counted(subject.seen.resolver_count, subject.seen.resolver_quota, quotas.RESOLVER_ENDPOINTS, more=1)
