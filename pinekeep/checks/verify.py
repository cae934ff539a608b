"""Verifying deployments: every check there is, on what is live."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from pinekeep.aws.clients import Clients
from pinekeep.aws.live import Live
from pinekeep.aws.reading import read_live
from pinekeep.checks import (
    adopted_key_policy,
    customer_keys,
    endpoint,
    endpoint_dns,
    endpoint_security_group,
    external_id,
    key,
    key_alias,
    key_policy,
    role,
    stack,
    trust_policy,
)
from pinekeep.checks.check import CheckInfo, Subject
from pinekeep.checks.finding import Finding
from pinekeep.config import Deployment
from pinekeep.customers.packing import Packing

CHECKS: Final[tuple[CheckInfo, ...]] = (
    *stack.CHECKS,
    *role.CHECKS,
    *trust_policy.CHECKS,
    *external_id.CHECKS,
    *customer_keys.CHECKS,
    *key.CHECKS,
    *key_alias.CHECKS,
    *key_policy.CHECKS,
    *adopted_key_policy.CHECKS,
    *endpoint.CHECKS,
    *endpoint_security_group.CHECKS,
    *endpoint_dns.CHECKS,
)
"""Every check, in the order in which its findings are told."""

SIDE_BY_SIDE: Final = 4

ClientsFor = Callable[[Deployment], Clients]


def verify(
    deployments: Mapping[str, Deployment],
    *,
    pinecone_account: str | None,
    clients_for: ClientsFor,
    customers: Mapping[str, Packing] | None = None,
    access_analyzer: bool = False,
) -> list[Finding]:
    """Read what is live and check it, deployments side by side. Changes nothing.

    Args:
        deployments: the deployments by name.
        pinecone_account: Pinecone's own AWS account; None is right where no deployment has a key.
        clients_for: gives the clients of a deployment's account and Region. Called in several threads.
        customers: the places of the customers, by deployment; needed where one has ``customer_keys``.
        access_analyzer: whether to ask AWS's own IAM Access Analyzer, too.

    Returns:
        The findings, in the order of the deployments and of :data:`CHECKS`.

    Raises:
        AwsRefusedError: AWS cannot be asked at all, as opposed to a single read that is not allowed.
    """
    if not deployments:
        return []

    def one(name: str) -> list[Finding]:
        deployment = deployments[name]
        places = (customers or {}).get(name)
        clients = clients_for(deployment)
        live = read_live(name=name, deployment=deployment, clients=clients, customers=places)
        found = check(name=name, deployment=deployment, pinecone_account=pinecone_account, live=live, customers=places)
        if access_analyzer:
            from pinekeep.analyzer.analyze import analyze  # noqa: PLC0415 - it uses the checks

            found += analyze(name=name, deployment=deployment, live=live, clients=clients)
        return found

    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="verify") as pool:
        return [finding for findings in pool.map(one, deployments) for finding in findings]


def check(
    *,
    name: str,
    deployment: Deployment,
    pinecone_account: str | None,
    live: Live,
    customers: Packing | None = None,
) -> list[Finding]:
    """Check what was read of one deployment. Pure: asks nobody.

    Args:
        name: the deployment's name.
        deployment: its settings.
        pinecone_account: Pinecone's own AWS account.
        live: what was read.
        customers: the places of its customers; needed where it has ``customer_keys``.
    """
    subject = Subject(
        name=name, deployment=deployment, pinecone_account=pinecone_account, live=live, customers=customers
    )
    return [
        finding
        for info in CHECKS
        for each in (subject.of_each_role if info.of_each_role else [subject])
        for finding in info.findings(each)
    ]
