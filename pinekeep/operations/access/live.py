"""The decision tables of the live policies, grants and replicas of deployments. Reads only."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from pinekeep.account.credentials.access import Access
from pinekeep.account.reads.deployment import read_live
from pinekeep.account.reads.live import Live, LiveRole, NotAsked, Unreadable
from pinekeep.decisions.access.configured import customer_key_policies
from pinekeep.decisions.access.live import live_key, live_policies, live_role
from pinekeep.decisions.access.policies import KeyPolicy, PolicyError, PolicySet, RolePolicies
from pinekeep.decisions.access.table import Table, decision_table
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.customers.packing import Packing

ALSO: Final = ("grants", "replicas", "inline_documents", "attached_documents")
"""What is read in addition to the basics of a deployment."""

WITHOUT: Final = {"rotation": NotAsked("who can use a key does not depend on it")}

SIDE_BY_SIDE: Final = 8


def live_tables(configuration: Configuration, deployments: Mapping[str, Deployment], *, access: Access) -> list[Table]:
    """Return each deployment's decision table, from the live policies. Policies of customers' keys are undecided.

    Raises AwsRefusedError if AWS refuses or the credentials are of another account; PolicyError as :func:`policies_of`.
    """
    access.require_accounts(deployments)
    packings = configuration.rosters.packings

    def read(name: str) -> Live:
        deployment = deployments[name]
        # An endpoint gives no access to a key.
        alone = deployment.model_copy(update={"private_link": None})
        clients = access.clients_for(deployment)
        return read_live(
            name=name, deployment=alone, clients=clients, customers=packings.get(name), also=ALSO, without=WITHOUT
        )

    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="access") as pool:
        found = dict(zip(deployments, pool.map(read, deployments), strict=True))
    account = str(configuration.content.pinecone_account)
    policies = (
        policies_of(name, deployments[name], live, pinecone_account=account, customers=packings.get(name))
        for name, live in found.items()
    )
    return [decision_table(each) for each in policies]


def policies_of(
    name: str, deployment: Deployment, live: Live, *, pinecone_account: str, customers: Packing | None
) -> PolicySet:
    """Return the policies, grants and replicas that were read of a deployment, with :data:`ALSO`.

    Raises AwsRefusedError if one could not be read; PolicyError if there is no role or a policy is invalid.
    """
    roles = list(_roles(live))
    if not roles:
        raise PolicyError(
            f"{name}: there is no role in account {deployment.account}, so there is no access to decide about",
            hint=f"deploy it: pinekeep deploy --deployment {name}; without --live the templates are decided from",
        )
    theirs = customer_key_policies(name, deployment, customers)
    return live_policies(
        name=name,
        deployment=deployment,
        pinecone_account=pinecone_account,
        roles=roles,
        keys=[*_keys(live), *(replace(each, document=None) for each in theirs)],
    )


def _roles(live: Live) -> list[RolePolicies]:
    found = []
    every: tuple[Live | LiveRole, ...] = (live, *live.further_roles)
    for each in every:
        role = _read(each.role)
        if role is None:
            continue
        of_customers = {arn.rsplit("/", 1)[-1]: said for arn, said in (_read(each.customer_policies) or {}).items()}
        attached = {**of_customers, **(_read(each.attached_documents) or {})}
        found.append(live_role(role, inline=_read(each.inline_documents) or {}, attached=attached))
    return found


def _keys(live: Live) -> list[KeyPolicy]:
    key = _read(live.key)
    if key is None:
        return []
    grants = _read(live.grants) or []
    return [
        live_key(arn=key["Arn"], policy=_read(live.key_policy), grants=grants),
        *(
            live_key(arn=each.arn, policy=_read(each.key_policy), grants=_read(each.grants) or [], replica=each.region)
            for each in _read(live.replicas) or ()
        ),
    ]


def _read(value: Any) -> Any:
    if isinstance(value, Unreadable):
        raise AwsRefusedError(f"AWS does not allow {value.permission}", hint=value.reason)
    return value
