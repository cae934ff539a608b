"""The decision tables of the live policies, grants and replicas of deployments. Reads only."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.reads.deployment import read_live
from pinekeep.account.reads.live import Live, LiveRole, NotAsked
from pinekeep.decisions.access.configured import customer_key_policies
from pinekeep.decisions.access.live import live_key, live_policies, live_role
from pinekeep.decisions.access.policies import KeyPolicy, PolicyError, PolicySet, RolePolicies
from pinekeep.decisions.access.table import Table, decision_table
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.storage_roles import planned_storage_roles
from pinekeep.model.customers.packing import Packing
from pinekeep.operations.access.live_storage import live_storage_policies, read_value

ALSO: Final = ("grants", "replicas", "inline_documents", "attached_documents")
"""What is read in addition to the basics of a deployment."""

WITHOUT: Final = {"rotation": NotAsked("who can use a key does not depend on it")}

SIDE_BY_SIDE: Final = 8


def live_tables(configuration: Configuration, deployments: Mapping[str, Deployment], *, access: Access) -> list[Table]:
    """Return the decision tables of each deployment, from the live policies: of CMEK, then of S3.

    Policies of customers' keys are undecided. Raises AwsRefusedError if AWS refuses or the credentials are of another
    account; PolicyError as :func:`policies_of`.
    """
    access.require_accounts(deployments)

    def read(name: str) -> list[PolicySet]:
        deployment = deployments[name]
        clients = access.clients_for(deployment)
        found = []
        if deployment.cmek is not None:
            found.append(_cmek(configuration, name, deployment, clients=clients))
        if planned_storage_roles(name, deployment):
            found.append(live_storage_policies(name, deployment, clients=clients))
        return found

    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="access") as pool:
        found = list(pool.map(read, deployments))
    return [decision_table(each) for policies in found for each in policies]


def _cmek(configuration: Configuration, name: str, deployment: Deployment, *, clients: Clients) -> PolicySet:
    # An endpoint gives no access to a key.
    alone = deployment.model_copy(update={"private_link": None})
    customers = configuration.rosters.packings.get(name)
    live = read_live(name=name, deployment=alone, clients=clients, customers=customers, also=ALSO, without=WITHOUT)
    account = str(configuration.content.pinecone_account)
    return policies_of(name, deployment, live, pinecone_account=account, customers=customers)


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
        role = read_value(each.role)
        if role is None:
            continue
        of_customers = {
            arn.rsplit("/", 1)[-1]: said for arn, said in (read_value(each.customer_policies) or {}).items()
        }
        attached = {**of_customers, **(read_value(each.attached_documents) or {})}
        found.append(live_role(role, inline=read_value(each.inline_documents) or {}, attached=attached))
    return found


def _keys(live: Live) -> list[KeyPolicy]:
    key = read_value(live.key)
    if key is None:
        return []
    grants = read_value(live.grants) or []
    return [
        live_key(arn=key["Arn"], policy=read_value(live.key_policy), grants=grants),
        *(
            live_key(
                arn=each.arn,
                policy=read_value(each.key_policy),
                grants=read_value(each.grants) or [],
                replica=each.region,
            )
            for each in read_value(live.replicas) or ()
        ),
    ]
