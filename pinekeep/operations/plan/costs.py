"""What a deployment costs a month at AWS's list prices, as far as the configuration file shows it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pinekeep.decisions.privileges.monitoring_scope import makes_topic_key
from pinekeep.decisions.privileges.storage_scope import makes_audit_key, new_bucket
from pinekeep.model.config import Deployment
from pinekeep.model.config.private_link import AdoptedEndpoint, ExistingVpc, NewVpc, PrivateLink
from pinekeep.model.facts import prices
from pinekeep.model.facts.prices import HOURS_A_MONTH, Price

RESOLVER_INTERFACES_LEAST: Final = 2
BY_USE: Final = "by use"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One item of the bill.

    Attributes:
        what: the item.
        quantity: how much of it there is in a month, in words.
        monthly_usd: what it costs a month; None where that depends on the use, or is not known.
        price: the price of a unit, with its source.
    """

    what: str
    quantity: str
    monthly_usd: Decimal | None
    price: Price

    @property
    def words(self) -> str:
        """The item with its quantity, or with the price of a unit where the quantity depends on the use."""
        if self.monthly_usd is not None:
            return f"{self.what}: {self.quantity}"
        if self.price.usd is None:
            return f"{self.what}: the price per {self.price.per} is not known"
        return f"{self.what}: {self.price.usd} USD per {self.price.per}"


def costs_of(deployment: Deployment) -> list[Cost]:
    """Return what a deployment costs a month, without taxes, discounts and free tiers.

    Resources of others are left out: the keys of customers, and what an existing VPC costs.
    """
    parts = (_key, _endpoint, _storage, _monitoring, _secrets)
    return [cost for part in parts for cost in part(deployment)]


def total_of(costs: Sequence[Cost]) -> Decimal:
    """Return the sum of what is known to cost the same every month."""
    return sum((each.monthly_usd for each in costs if each.monthly_usd is not None), Decimal(0))


def _cost(what: str, price: Price, quantity: str, units: int) -> Cost:
    return Cost(
        what=what, quantity=quantity, monthly_usd=price.usd * units if price.usd is not None else None, price=price
    )


def _by_use(what: str, price: Price) -> Cost:
    return Cost(what=what, quantity=BY_USE, monthly_usd=None, price=price)


def _key(deployment: Deployment) -> Iterator[Cost]:
    cmek = deployment.cmek
    if cmek is None or not cmek.has_own_key:
        return
    yield _cost("KMS key", prices.KEY_MONTH, "the adopted one" if cmek.key.adopt else "1 key", 1)
    yield _by_use("first and second rotation of the key", prices.ROTATION_MONTH)


def _endpoint(deployment: Deployment) -> Iterator[Cost]:
    link = deployment.private_link
    if link is None:
        return
    zones = _zones(link)
    endpoints = len(link.generations)
    if zones is None:
        yield _by_use("interface endpoint", prices.ENDPOINT_HOUR)
    else:
        what = "interface endpoint" if endpoints == 1 else f"{endpoints} interface endpoints"
        quantity = f"{HOURS_A_MONTH} hours x {zones} Availability Zones"
        yield _cost(what, prices.ENDPOINT_HOUR, quantity, endpoints * zones * HOURS_A_MONTH)
    yield _by_use("data through the endpoint", prices.ENDPOINT_GB)
    yield from _dns(link, zones)
    if isinstance(link.vpc, NewVpc):
        yield _by_use("flow logs", prices.FLOW_LOGS_GB)


def _zones(link: PrivateLink) -> int | None:
    """Return the number of Availability Zones of the endpoint; None where the file does not show it."""
    match link.vpc:
        case ExistingVpc():
            return len(link.vpc.subnet_ids)
        case NewVpc():
            return len(link.vpc.availability_zones)
        case AdoptedEndpoint():
            return None


def _dns(link: PrivateLink, zones: int | None) -> Iterator[Cost]:
    hosted = link.has_zone + link.dns_bridge
    if hosted:
        words = f"{hosted} zone{'' if hosted == 1 else 's'}"
        yield _cost("private hosted zone", prices.HOSTED_ZONE_MONTH, words, hosted)
    if link.dns == "profile":
        quantity = f"{HOURS_A_MONTH} hours, for the whole account"
        yield _cost("Route 53 Profiles", prices.PROFILE_HOUR, quantity, HOURS_A_MONTH)
    if link.dns == "resolver-inbound":
        subnets = link.resolver.subnet_ids if link.resolver else None
        interfaces = len(subnets) if subnets else max(zones or 0, RESOLVER_INTERFACES_LEAST)
        quantity = f"{HOURS_A_MONTH} hours x {interfaces} network interfaces"
        yield _cost("Resolver inbound endpoint", prices.RESOLVER_HOUR, quantity, interfaces * HOURS_A_MONTH)


def _storage(deployment: Deployment) -> Iterator[Cost]:
    bucket = new_bucket(deployment)
    if bucket is None:
        return
    if makes_audit_key(deployment):
        yield _cost("KMS key of the audit logs", prices.KEY_MONTH, "1 key", 1)
    yield _by_use("audit logs and their access logs", prices.STORAGE_GB)


def _monitoring(deployment: Deployment) -> Iterator[Cost]:
    """Yield the costs of monitoring. How many alarms there are depends on what is watched."""
    monitoring = deployment.monitoring
    if monitoring is None:
        return
    if makes_topic_key(deployment):
        yield _cost("KMS key of the notifications", prices.KEY_MONTH, "1 key", 1)
    yield _by_use("alarms", prices.ALARM_MONTH)
    quiet = (
        (deployment.private_link, monitoring.alarms.endpoint_quiet_minutes),
        (deployment.audit_logs, monitoring.alarms.audit_quiet_minutes),
    )
    if any(part is not None and minutes is not None for part, minutes in quiet):
        yield _by_use("composite alarms", prices.COMPOSITE_ALARM_MONTH)
    if monitoring.dashboard:
        yield _by_use("dashboard", prices.DASHBOARD_MONTH)
    if monitoring.denied_use == "all-management-events":
        yield _by_use("management events that EventBridge matches", prices.MANAGEMENT_EVENTS)


def _secrets(deployment: Deployment) -> Iterator[Cost]:
    names = {each.secret for each in deployment.pinecone.api_keys} if deployment.pinecone else set()
    if names:
        words = f"{len(names)} secret{'' if len(names) == 1 else 's'}"
        yield _cost("secrets with API keys", prices.SECRET_MONTH, words, len(names))


def headline(costs: Sequence[Cost]) -> str:
    """Return the sum in words, with the Region and the day of the prices."""
    more = ", and by use" if any(each.monthly_usd is None for each in costs) else ""
    where = f"{prices.REGION}, as of {prices.AS_OF.isoformat()}"
    return f"Monthly cost at list price ({where}): {total_of(costs):.2f} USD{more}"


def cost_lines(costs: Sequence[Cost]) -> list[str]:
    """Return one line for each item: what it costs, right-aligned, and what it is."""
    amounts = [_amount(each) for each in costs]
    width = max(map(len, amounts), default=0)
    return [f"{amount:>{width}}  {each.words}" for amount, each in zip(amounts, costs, strict=True)]


def _amount(cost: Cost) -> str:
    if cost.monthly_usd is not None:
        return f"{cost.monthly_usd:.2f}"
    return UNKNOWN if cost.price.usd is None else BY_USE
