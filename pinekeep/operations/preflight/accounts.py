"""Run preflight in several accounts, each with its own credentials."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.accounts import credentials_key
from pinekeep.account.credentials.identity import Caller
from pinekeep.model.config import Deployment
from pinekeep.model.customers.packing import Packing
from pinekeep.operations.preflight.preflight import preflight
from pinekeep.operations.verification.checks.finding import Finding

_AT_ONCE: Final = 4


def preflight_accounts(
    deployments: Mapping[str, Deployment],
    *,
    pinecone_account: str | None,
    access: Access,
    customers: Mapping[str, Packing] | None = None,
) -> list[Finding]:
    """Run :func:`~.preflight.preflight` in each deployment's account; the findings are in the order of the deployments.

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
            return access.clients_for(there[region])

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
