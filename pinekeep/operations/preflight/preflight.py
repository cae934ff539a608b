"""Check accounts before a deployment, each with its own credentials."""

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.accounts import credentials_key
from pinekeep.account.credentials.identity import Caller
from pinekeep.decisions.privileges.scope import makes_key, makes_vpc
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import storage_role_names_of
from pinekeep.model.config.private_link import ExistingVpc
from pinekeep.model.config.roles import planned_roles
from pinekeep.model.config.storage import NewBucket
from pinekeep.model.customers.packing import Packing
from pinekeep.operations.preflight import (
    adopted_endpoint,
    adopted_key,
    audit_logs,
    bootstrap,
    clients,
    conflicts,
    credentials,
    endpoint_service,
    inbound_resolver,
    monitoring,
    permissions,
    principals,
    quotas,
    stacks,
    vpc,
    zones_and_profiles,
)
from pinekeep.operations.preflight.check import CheckInfo, Demand, Subject, session_of
from pinekeep.operations.preflight.inventory import Seen, is_new
from pinekeep.operations.preflight.queries import Asker
from pinekeep.operations.preflight.reads import read_seen
from pinekeep.operations.verification.checks.finding import Finding

CHECKS: Final[tuple[CheckInfo, ...]] = tuple(
    check
    for module in (
        credentials,
        bootstrap,
        permissions,
        stacks,
        principals,
        adopted_key,
        audit_logs,
        monitoring,
        vpc,
        adopted_endpoint,
        endpoint_service,
        conflicts,
        zones_and_profiles,
        inbound_resolver,
        clients,
        quotas,
    )
    for check in module.CHECKS
)
"""Every check, in the order in which its findings are reported."""

SIDE_BY_SIDE: Final = 4


def preflight(
    deployments: Mapping[str, Deployment],
    *,
    pinecone_account: str | None,
    clients_for: Callable[[str], Clients],
    caller: Caller,
    own_clients_for: Callable[[str], Clients] | None = None,
    customers: Mapping[str, Packing] | None = None,
    now: datetime | None = None,
) -> list[Finding]:
    """Read the account and report what would make a deployment fail. Changes nothing.

    Args:
        caller: whose credentials they are. Of deployments in other accounts only that is reported.
        own_clients_for: gives the clients with which the bootstrap's roles are assumed, where these are others.
        customers: by deployment; needed where one has ``customer_keys``.

    Returns:
        The findings, in the order of the deployments and of :data:`CHECKS`. Only a ``failed`` one stands in the way.

    Raises:
        AwsRefusedError: AWS cannot be asked at all, as opposed to a single read that is not allowed.
    """
    if not deployments:
        return []
    asker = Asker(clients_for)
    own = Asker(own_clients_for) if own_clients_for else asker

    def read(name: str) -> Seen:
        deployment = deployments[name]
        if deployment.account != caller.account:
            return Seen()
        places = (customers or {}).get(name)
        return read_seen(name=name, deployment=deployment, caller=caller, asker=asker, own=own, customers=places)

    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="preflight") as pool:
        seen = dict(zip(deployments, pool.map(read, deployments), strict=True))
    demand = demand_of(deployments, seen, account=caller.account, customers=customers or {})
    session = session_of(own.clients(next(iter(deployments.values())).region).credentials())
    return [
        finding
        for name, deployment in deployments.items()
        for finding in check(
            Subject(
                name=name,
                deployment=deployment,
                pinecone_account=pinecone_account,
                caller=caller,
                session=session,
                now=now or datetime.now(UTC),
                seen=seen[name],
                customers=(customers or {}).get(name),
                demand=demand,
            )
        )
    ]


def check(subject: Subject) -> list[Finding]:
    """Check what was read of one deployment. Pure: asks nobody."""
    return [finding for info in CHECKS for finding in info.findings(subject)]


def demand_of(
    deployments: Mapping[str, Deployment], seen: Mapping[str, Seen], *, account: str, customers: Mapping[str, Packing]
) -> Demand:
    """Return how much deploying all of them would make in an account, besides what is there."""
    roles = policies = 0
    keys: Counter[str] = Counter()
    vpcs: Counter[str] = Counter()
    endpoints: Counter[str] = Counter()
    for name, deployment in deployments.items():
        if deployment.account != account:
            continue
        if deployment.cmek is not None and is_new(seen[name].cmek_stack):
            planned = planned_roles(name, deployment, customers.get(name))
            roles += len(planned)
            policies += sum(len(each.policies) for each in planned)
            keys[deployment.region] += makes_key(deployment)
        storage = storage_role_names_of(name, deployment)
        if storage and is_new(seen[name].storage_stack):
            roles, policies = roles + len(storage), policies + len(storage)
            logs = deployment.audit_logs
            makes = logs is not None and isinstance(logs.bucket, NewBucket) and logs.bucket.kms_key is None
            keys[deployment.region] += makes
        link = deployment.private_link
        if link is None or not is_new(seen[name].private_link_stack):
            continue
        if isinstance(link.vpc, ExistingVpc):
            endpoints[link.vpc.id] += 1
        if makes_vpc(deployment):
            roles, policies = roles + 1, policies + 1  # of the flow logs
            vpcs[deployment.region] += 1
    return Demand(roles=roles, policies=policies, keys=dict(keys), vpcs=dict(vpcs), endpoints=dict(endpoints))


_AT_ONCE: Final = 4


def preflight_accounts(
    deployments: Mapping[str, Deployment],
    *,
    pinecone_account: str | None,
    access: Access,
    customers: Mapping[str, Packing] | None = None,
) -> list[Finding]:
    """Run :func:`preflight` in each deployment's account; the findings are in the order of the deployments.

    Credentials of another account than a deployment's are told as a failed check.

    Raises:
        AwsRefusedError: AWS cannot be asked at all, there are no credentials, or a role may not be assumed.
    """
    groups: dict[tuple[Caller, object], dict[str, Deployment]] = {}
    for name, deployment in deployments.items():
        # One after another: what is asked of the user, is asked once at a time.
        caller = access.caller(deployment)
        groups.setdefault((caller, credentials_key(deployment)[:2]), {})[name] = deployment

    def look(item: tuple[tuple[Caller, object], dict[str, Deployment]]) -> list[Finding]:
        (caller, _), group = item
        first = next(iter(group.values()))
        there = {each.region: each for each in group.values() if each.account == caller.account}

        def clients_for(region: str) -> Clients:
            if region in there:
                return access.clients_for(there[region])
            return access.clients_for(first).in_region(region)

        return preflight(
            group,
            pinecone_account=pinecone_account,
            clients_for=clients_for,
            own_clients_for=lambda region: access.own_clients_for(first).in_region(region),
            caller=caller,
            customers=customers,
        )

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="preflight-accounts") as pool:
        found = [finding for findings in pool.map(look, groups.items()) for finding in findings]
    order = list(deployments)
    return sorted(found, key=lambda each: order.index(each.deployment))
