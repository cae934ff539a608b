"""Verify deployments: run every check on their live state."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import DENIED, code_of, missing_permission, why_denied
from pinekeep.account.credentials.accounts import Accounts, shared
from pinekeep.account.credentials.identity import who_am_i
from pinekeep.account.reads.deployment import read_live
from pinekeep.account.reads.drift import Drift, Waiting, detect_drift
from pinekeep.account.reads.live import Live, NotAsked, Unreadable
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import stacks_of
from pinekeep.model.customers.packing import Packing
from pinekeep.model.facts import aws
from pinekeep.operations.verification.checks import (
    activity,
    customer_keys,
    decisions,
    endpoint,
    endpoint_conflicts,
    endpoint_dns,
    endpoint_security_group,
    external_id,
    key,
    key_grants,
    key_policy,
    network_acl,
    record,
    record_access,
    record_endpoint,
    resolution,
    revocation,
    role,
    stack,
    trust_policy,
)
from pinekeep.operations.verification.checks.check import CheckInfo, Subject, with_dns, with_key
from pinekeep.operations.verification.checks.finding import Finding

CHECKS: Final[tuple[CheckInfo, ...]] = tuple(
    check
    for module in (
        record,
        record_endpoint,
        record_access,
        stack,
        revocation,
        role,
        trust_policy,
        external_id,
        customer_keys,
        key,
        key_policy,
        key_grants,
        decisions,
        activity,
        endpoint,
        endpoint_security_group,
        network_acl,
        endpoint_dns,
        endpoint_conflicts,
        resolution,
    )
    for check in module.CHECKS
)
"""Every check, in the order in which its findings are reported."""

PROMISED: Final[tuple[CheckInfo, ...]] = tuple(each for each in CHECKS if each.promised)
"""The checks of what every deployment brings about, whatever was there before."""

SIDE_BY_SIDE: Final = 8
"""Deployments that are read in parallel; each makes several calls in parallel itself."""

ALSO: Final = (
    "parameters",
    "stack_policy",
    "activity",
    "last_usage",
    "grants",
    "replicas",
    "inline_documents",
    "attached_documents",
)
"""The fields that a verification reads in addition to those that are always read."""

ALSO_WITH_DRIFT: Final = ("vpc_endpoints", "vpc_zones", "client_vpcs", "dhcp_options", "resolver_rules")
"""The fields that it reads in addition where drift is requested."""

LOOK_UPS_MAX: Final = 2 * aws.LOOKUP_EVENTS_PER_SECOND
"""More deployments of an account and Region than this are not looked up in CloudTrail: AWS would make all wait."""

CALLS_MAX: Final = 16
"""AWS calls that one deployment takes at most, where all is as it should be, the key has no replicas and drift is not
asked for."""

_MOST: Final = f"a verification takes at most {CALLS_MAX} calls, and this deployment has most"

ClientsFor = Callable[[Deployment], Clients]


@dataclass(frozen=True, kw_only=True)
class Extent:
    """Whether to run IAM Access Analyzer too, and to detect drift and read what is left out otherwise."""

    access_analyzer: bool = False
    drift: bool = False
    waiting: Waiting = field(default_factory=Waiting)


def verify(
    deployments: Mapping[str, Deployment],
    *,
    pinecone_account: str | None,
    clients_for: ClientsFor,
    customers: Mapping[str, Packing] | None = None,
    by_record: Collection[str] = (),
    extent: Extent | None = None,
    now: datetime | None = None,
    checks: Sequence[CheckInfo] = CHECKS,
) -> list[Finding]:
    """Read the live state of deployments in parallel and check it. Changes nothing.

    Args:
        clients_for: called once for each deployment.
        customers: by deployment; needed where one has ``customer_keys``.
        by_record: the deployments whose role and key come from the record, because the file does not have them.

    Returns:
        The findings, in the order of the deployments and of the checks.

    Raises:
        AwsRefusedError: AWS cannot be asked at all, as opposed to a single read that is not allowed; or the credentials
            are of another account.
    """
    if not deployments:
        return []
    shared_clients = shared(clients_for)
    run = _Run(
        deployments=deployments,
        pinecone_account=pinecone_account,
        clients_for=shared_clients,
        accounts=Accounts(lambda each: who_am_i(shared_clients(each))),
        customers=customers or {},
        by_record=frozenset(by_record),
        extent=extent or Extent(),
        now=now or datetime.now(UTC),
        checks=checks,
    )
    pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="verify")
    try:
        return [finding for findings in pool.map(run.one, deployments) for finding in findings]
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One verification."""

    deployments: Mapping[str, Deployment]
    pinecone_account: str | None
    clients_for: ClientsFor
    accounts: Accounts
    customers: Mapping[str, Packing]
    by_record: frozenset[str]
    extent: Extent
    now: datetime
    checks: Sequence[CheckInfo]

    @cached_property
    def look_ups(self) -> Counter[tuple[str, str]]:
        """How many keys there are to look up in CloudTrail, by account and Region."""
        return Counter(_place(each) for each in self.deployments.values() if with_key(each))

    def one(self, name: str) -> list[Finding]:
        """Verify one deployment."""
        deployment = self.deployments[name]
        clients = self.clients_for(deployment)
        also = (*ALSO, *ALSO_WITH_DRIFT) if self.extent.drift else ALSO
        live = read_live(
            name=name,
            deployment=deployment,
            clients=clients,
            customers=self.customers.get(name),
            also=[field for field in also if any(field in each.reads for each in self.checks)],
            without=dict(self._without(deployment)),
            on_account=lambda seen: self.accounts.require(name, deployment, seen=seen),
        )
        if self.extent.drift:
            live = replace(live, **self._drift(name, deployment, live, clients))
        found = check(
            name=name,
            deployment=deployment,
            pinecone_account=self.pinecone_account,
            live=live,
            customers=self.customers.get(name),
            by_record=name in self.by_record,
            now=self.now,
            checks=self.checks,
        )
        if self.extent.access_analyzer:
            from pinekeep.operations.verification.analyzer.analysis import analyze  # noqa: PLC0415 - it uses the checks

            found += analyze(name=name, deployment=deployment, live=live, clients=clients)
        return found

    def _without(self, deployment: Deployment) -> Iterator[tuple[str, NotAsked]]:
        look_ups = self.look_ups[_place(deployment)]
        if look_ups > LOOK_UPS_MAX:
            yield (
                "activity",
                NotAsked(
                    f"{look_ups} deployments of one account and Region are verified at once, and CloudTrail answers "
                    f"{aws.LOOKUP_EVENTS_PER_SECOND} look-ups a second"
                ),
            )
        link = deployment.private_link
        if with_key(deployment) and link is not None and link.dns == "hosted-zone" and not self.extent.drift:
            for name in ("dns_support", "dns_hostnames"):
                yield name, NotAsked(_MOST)
        if with_key(deployment) and with_dns(deployment) and not self.extent.drift:
            yield "network_acls", NotAsked(_MOST)

    def _drift(self, name: str, deployment: Deployment, live: Live, clients: Clients) -> dict[str, Any]:
        """Detect drift of the stacks that exist, in parallel."""
        sides = {"cmek": live.cmek_stack, "private_link": live.private_link_stack}
        configured = [side for side in sides if getattr(deployment, side) is not None]
        stacks = dict(zip(configured, stacks_of(name, deployment), strict=True))
        with ThreadPoolExecutor(len(sides), thread_name_prefix=f"drift-{name}") as pool:
            found = {
                f"{side}_drift": pool.submit(_drift_of, clients, stack, self.extent.waiting)
                for side, stack in stacks.items()
                if isinstance(sides[side], dict)
            }
            return {side: each.result() for side, each in found.items()}


def _drift_of(clients: Clients, stack: str, waiting: Waiting) -> Drift | Unreadable:
    """Return a stack's drift, or what these credentials lack for it."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to import

    try:
        return detect_drift(clients, stack, waiting=waiting)
    except ClientError as error:
        if code_of(error) not in DENIED:
            raise
        named = missing_permission(error)
        return Unreadable(named if ":" in named else f"cloudformation:{named}", why_denied(error))


def _place(deployment: Deployment) -> tuple[str, str]:
    return deployment.account, deployment.region


def check(
    *,
    name: str,
    deployment: Deployment,
    pinecone_account: str | None,
    live: Live,
    customers: Packing | None = None,
    by_record: bool = False,
    now: datetime | None = None,
    checks: Sequence[CheckInfo] = CHECKS,
) -> list[Finding]:
    """Check what was read of one deployment; the arguments are those of :func:`verify`. Pure: makes no calls."""
    subject = Subject(
        name=name,
        deployment=deployment,
        pinecone_account=pinecone_account,
        live=live,
        customers=customers,
        by_record=by_record,
        now=now or datetime.now(UTC),
    )
    return [
        finding
        for info in checks
        for each in (subject.of_each_role if info.of_each_role else [subject])
        for finding in info.findings(each)
    ]
