"""Verify deployments: run every check on their live state."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import DENIED, code_of, missing_permission, why_denied
from pinekeep.account.credentials.accounts import Accounts, shared
from pinekeep.account.credentials.identity import who_am_i
from pinekeep.account.reads.deployment import read_live
from pinekeep.account.reads.drift import Drift, Waiting, detect_drift
from pinekeep.account.reads.live import Live, NotAsked, Unreadable
from pinekeep.account.reads.permissions import with_needs
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.roles import planned_roles
from pinekeep.model.customers.packing import Packing
from pinekeep.model.facts import aws
from pinekeep.operations.verification.checks import (
    activity,
    audit_bucket,
    audit_files,
    customer_keys,
    decisions,
    dns_targets,
    endpoint,
    endpoint_dns,
    endpoint_security_group,
    external_id,
    key,
    key_grants,
    key_policy,
    monitoring,
    monitoring_alarms,
    monitoring_topic,
    network_acl,
    record,
    record_access,
    record_endpoint,
    resolution,
    revocation,
    role,
    stack,
    storage_roles,
    trust_policy,
)
from pinekeep.operations.verification.checks.check import CheckInfo, Subject, with_dns, with_key, with_zone
from pinekeep.operations.verification.checks.finding import Finding
from pinekeep.operations.verification.lock_proof import prove_lock

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
        dns_targets,
        resolution,
        monitoring,
        monitoring_topic,
        monitoring_alarms,
        storage_roles,
        audit_bucket,
        audit_files,
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
    "bridge_zone",
    "bridge_records",
    "profile_resources",
    "profile_vpcs",
    "resolver",
    "resolver_addresses",
    "resolver_groups",
    "endpoint_interfaces",
    "monitoring_stack",
    "event_rules",
    "global_rules",
    "topic",
    "subscriptions",
    "topic_key",
    "slack_channels",
    "trails",
    "alarms",
    "trail_log_group",
    "storage_stack",
    "storage_roles",
    "audit_bucket",
    "audit_versioning",
    "audit_lock",
    "audit_encryption",
    "audit_public_access",
    "audit_ownership",
    "audit_policy",
    "audit_key",
    "audit_files",
)
"""The fields that a verification reads in addition to those that are always read."""

ALSO_WITH_DRIFT: Final = ("vpc_endpoints", "vpc_zones", "client_vpcs", "dhcp_options", "resolver_rules")
"""The fields that it reads in addition where drift is requested."""

LOOK_UPS_MAX: Final = 2 * aws.LOOKUP_EVENTS_PER_SECOND
"""More deployments of an account and Region than this are not looked up in CloudTrail: AWS would make all wait."""

CALLS_MAX: Final = 17
"""AWS calls that one deployment takes at most, where all is as it should be, the key has no replicas and drift is not
asked for. A bridge zone and a Profile take two more each, an inbound resolver three, IPv6 one. Each role of Pinecone's
S3 account takes five more, audit logs eight, and one for each thousand of its files."""

_MOST: Final = f"a verification takes at most {CALLS_MAX} calls, and this deployment needs all of them for other checks"

ClientsFor = Callable[[Deployment], Clients]


@dataclass(frozen=True, kw_only=True)
class Extent:
    """What a verification does besides: IAM Access Analyzer; drift detection, with what is left out otherwise.

    ``prove_lock``: whether to ask S3 to delete a locked version of the newest audit log file, which it refuses.
    """

    access_analyzer: bool = False
    prove_lock: bool = False
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
    now = now or datetime.now(UTC)
    clients_of, extent = shared(clients_for), extent or Extent()
    accounts = Accounts(lambda each: who_am_i(clients_of(each)))
    also = fields_of(checks, drift=extent.drift)
    look_ups = Counter(_place(each) for each in deployments.values() if with_key(each))

    def one(name: str) -> list[Finding]:
        deployment, packing = deployments[name], (customers or {}).get(name)
        planned_roles(name, deployment, packing)  # raises before anything is asked of AWS
        clients = clients_of(deployment)
        live = read_live(
            name=name,
            deployment=deployment,
            clients=clients,
            customers=packing,
            also=also,
            without=left_out(deployment, look_ups=look_ups[_place(deployment)], drift=extent.drift),
            on_account=lambda seen: accounts.require(name, deployment, seen=seen),
        )
        if extent.drift:
            live = replace(live, **_drift(name, deployment, live, clients, extent.waiting))
        found = check(
            name=name,
            deployment=deployment,
            pinecone_account=pinecone_account,
            live=live,
            customers=packing,
            by_record=name in by_record,
            now=now,
            checks=checks,
        )
        if extent.access_analyzer:
            from pinekeep.operations.verification.analyzer.analysis import analyze  # noqa: PLC0415 - it uses the checks

            found += analyze(name=name, deployment=deployment, live=live, clients=clients)
        if extent.prove_lock:
            found += prove_lock(name=name, deployment=deployment, live=live, clients=clients, now=now)
        return found

    pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="verify")
    try:
        return [finding for findings in pool.map(one, deployments) for finding in findings]
    finally:
        pool.shutdown(cancel_futures=True)


def fields_of(checks: Iterable[CheckInfo], *, drift: bool = False) -> list[str]:
    """Return the fields that some checks read in addition to those that are always read."""
    wanted = with_needs(read for each in checks for read in each.reads)
    return [field for field in ((*ALSO, *ALSO_WITH_DRIFT) if drift else ALSO) if field in wanted]


def left_out(deployment: Deployment, *, look_ups: int = 1, drift: bool = False) -> dict[str, NotAsked]:
    """Return what is not read: look-ups that AWS would make wait, and what is left out without drift detection.

    ``look_ups``: the deployments of the same account and Region that are verified at once.
    """
    return dict(_left_out(deployment, look_ups=look_ups, drift=drift))


def _left_out(deployment: Deployment, *, look_ups: int, drift: bool) -> Iterator[tuple[str, NotAsked]]:
    if look_ups > LOOK_UPS_MAX:
        why = f"{look_ups} deployments of one account and Region are verified at once, and CloudTrail answers "
        yield "activity", NotAsked(f"{why}{aws.LOOKUP_EVENTS_PER_SECOND} look-ups a second")
    if not with_key(deployment) or drift:
        return
    if with_zone(deployment):
        yield from ((name, NotAsked(_MOST)) for name in ("dns_support", "dns_hostnames"))
    if with_dns(deployment):
        yield "network_acls", NotAsked(_MOST)


def _drift(name: str, deployment: Deployment, live: Live, clients: Clients, waiting: Waiting) -> dict[str, Any]:
    """Detect drift of the stacks that exist, in parallel."""
    sides = {"cmek": live.cmek_stack, "private_link": live.private_link_stack}
    names = {"cmek": naming.cmek_stack(name), "private_link": naming.private_link_stack(name)}
    stacks = {side: stack for side, stack in names.items() if getattr(deployment, side) is not None}
    with ThreadPoolExecutor(len(sides), thread_name_prefix=f"drift-{name}") as pool:
        found = {
            f"{side}_drift": pool.submit(_drift_of, clients, stack, waiting)
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
    return check_subject(subject, checks)


def check_subject(subject: Subject, checks: Iterable[CheckInfo] = CHECKS) -> list[Finding]:
    """Return the findings of some checks of a subject. Pure."""
    return [
        finding
        for info in checks
        for each in (subject.of_each_role if info.of_each_role else [subject])
        for finding in info.findings(each)
    ]
