"""Quotas: whether what the run would make still fits."""

from collections.abc import Iterator
from typing import Any, Final

from pinekeep.account.reads.live import Unreadable
from pinekeep.model.facts import quotas as facts
from pinekeep.operations.preflight.check import Subject, new_cmek, new_in_existing_vpc, new_key, registry
from pinekeep.operations.preflight.inventory import Count
from pinekeep.operations.verification.checks.finding import Verdict, failed, passed, unreadable

_WANTED: Final = "room for what the run creates"
_INTERFACE: Final = frozenset({"interface", "gatewayloadbalancer"})


def _makes_roles(subject: Subject) -> bool:
    """Roles that are not there yet."""
    return new_cmek(subject) or _makes_vpc(subject)


def _makes_vpc(subject: Subject) -> bool:
    """A VPC of its own that is not there yet."""
    return subject.in_its_account and subject.makes_vpc


CHECKS: Final = registry(wanted=_WANTED)


@CHECKS.add(
    id="quota-iam",
    title="Quotas of IAM",
    meaning="IAM refuses the role that is one too many, and CloudFormation rolls the deployment back.",
    reads=("account_summary",),
    applies=_makes_roles,
)
def _iam(subject: Subject) -> Iterator[Verdict]:
    found: Any = subject.seen.account_summary
    for what, number in (("Roles", subject.demand.roles), ("Policies", subject.demand.policies)):
        quota = (found or {}).get(f"{what}Quota")
        if not number or quota is None:
            continue
        words = {"Roles": "IAM roles of the account", "Policies": "managed policies of the account"}[what]
        yield _room(words, have=found[what], more=number, quota=quota)


@CHECKS.add(
    id="quota-keys",
    title="Quota of KMS keys",
    meaning="KMS refuses the key that is one too many, and CloudFormation rolls the deployment back.",
    reads=("keys",),
    uses=("key_quota",),
    applies=new_key,
)
def _keys(subject: Subject) -> Iterator[Verdict]:
    """The Region has room for the keys. KMS lists AWS's own among them, so this counts too many rather than too few."""
    more = subject.demand.keys.get(subject.region, 1)
    yield from counted(subject.seen.keys, subject.seen.key_quota, facts.KEYS, more=more)


@CHECKS.add(
    id="quota-vpcs",
    title="Quota of VPCs",
    meaning="EC2 refuses the VPC that is one too many; the default is five.",
    reads=("vpc_count",),
    uses=("vpc_quota",),
    applies=_makes_vpc,
)
def _vpcs(subject: Subject) -> Iterator[Verdict]:
    more = subject.demand.vpcs.get(subject.region, 1)
    yield from counted(subject.seen.vpc_count, subject.seen.vpc_quota, facts.VPCS, more=more)


@CHECKS.add(
    id="quota-endpoints",
    title="Quota of interface endpoints",
    meaning="EC2 refuses the endpoint that is one too many in a VPC.",
    reads=("endpoints",),
    uses=("endpoint_quota",),
    applies=new_in_existing_vpc,
)
def _endpoints(subject: Subject) -> Iterator[Verdict]:
    vpc, found = subject.existing_vpc, subject.seen.endpoints
    if vpc is None or not isinstance(found, list):
        return
    number = sum(str(each.get("VpcEndpointType", "")).lower() in _INTERFACE for each in found)
    more = subject.demand.endpoints.get(vpc.id, 1)
    yield from counted(Count(number), subject.seen.endpoint_quota, facts.ENDPOINTS_PER_VPC, more=more)


def counted(count: Any, quota: Any, fact: facts.Quota, *, more: int) -> Iterator[Verdict]:
    """Yield whether a quota has room for ``more``. ``quota`` is AWS's answer; without one, the default counts."""
    if not isinstance(count, Count):
        return
    told = isinstance(quota, int | float)
    closed = quota if isinstance(quota, Unreadable) else None
    yield _room(
        fact.name,
        have=count.number,
        more=more,
        quota=int(quota) if told else fact.default,
        at_least=not count.complete,
        source="" if told else f", which is AWS's default: your own quota {_why_not(quota)}",
        closed=closed,
        code=f"{fact.service} {fact.code}",
    )


def _why_not(quota: Any) -> str:
    return f"could not be read ({quota.permission})" if isinstance(quota, Unreadable) else "is not told"


def _room(
    what: str,
    *,
    have: int,
    more: int,
    quota: int,
    at_least: bool = False,
    source: str = "",
    code: str = "",
    closed: Unreadable | None = None,
) -> Verdict:
    found = f"{'at least ' if at_least else ''}{have:,} of {quota:,} {what}{source}"
    title = what[0].upper() + what[1:]
    if have + more <= quota and closed is not None:
        return unreadable(closed, found=found, what=title)
    if have + more <= quota:
        return passed(found, what=title)
    named = f" ({code})" if code else ""
    return failed(
        f"{found}; {more:,} more {'are' if more > 1 else 'is'} needed",
        fix=f"request a higher quota in Service Quotas{named}, or remove what is not used",
        what=title,
    )
