"""The policies of a configuration, from the functions that the templates are made with. Needs no synthesis."""

from typing import Final

from pinekeep.decisions.access.policies import Agreement, KeyPolicy, NamedPolicy, PolicySet, RolePolicies
from pinekeep.decisions.access.template import UNKNOWN_KEY_ID
from pinekeep.model import naming
from pinekeep.model.arns import KeyArn
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import numbered_role_arn
from pinekeep.model.config.models import Cmek, role_arn_of
from pinekeep.model.config.roles import PlannedRole, planned_roles
from pinekeep.model.customers.packing import Packing
from pinekeep.model.facts import aws
from pinekeep.model.policies.document import Policy
from pinekeep.model.policies.key import key_policy
from pinekeep.model.policies.permissions import customer_keys_policy
from pinekeep.model.policies.trust import trust_policy

STAND_IN_KEY: Final = "arn:aws:kms:{region}:{account}:key/00000000-0000-0000-0000-000000000000"
"""Stands for any key of a customer who grants the role every key of its account."""


def configured_policies(
    *,
    name: str,
    deployment: Deployment,
    pinecone_account: str,
    customers: Packing | None = None,
    adopted_policy: Policy | None = None,
    with_customer_keys: bool = True,
) -> PolicySet:
    """Return the policies of a deployment, as its templates would have them.

    Args:
        customers: the places of its customers; required where it has ``customer_keys``.
        adopted_policy: the wanted policy of an adopted key; None leaves the key undecided.
        with_customer_keys: whether to include the customers' keys, with the policies that their owners are asked for.

    Raises WrongInputError if the deployment has no role and no key; ValueError if its customers have no places.
    """
    agreed = Agreement.of(deployment, pinecone_account=pinecone_account)
    cmek = deployment.cmek
    if cmek is None:
        raise ValueError(f"deployment {name} has no cmek")
    roles = planned_roles(name, deployment, customers)
    keys = list(_own_keys(name, deployment, cmek, adopted_policy))
    if with_customer_keys:
        keys += customer_key_policies(name, deployment, customers)
    return PolicySet(
        name=name,
        origin="synthesized",
        account=deployment.account,
        region=deployment.region,
        agreed=agreed,
        roles=tuple(_role(each, deployment, cmek, pinecone_account) for each in roles),
        keys=tuple(keys),
    )


def _role(role: PlannedRole, deployment: Deployment, cmek: Cmek, pinecone_account: str) -> RolePolicies:
    boundary = deployment.permissions_boundary
    return RolePolicies(
        arn=role.arn,
        trust=trust_policy(
            pinecone_account=pinecone_account,
            regions=cmek.trust.regions,
            external_id=cmek.trust.presented_id,
            form=cmek.trust.form,
        ),
        permissions=tuple(
            NamedPolicy(
                name=arn.rsplit("/", 1)[-1],
                document=customer_keys_policy(resources, describe=cmek.describe_customer_keys),
            )
            for arn, resources in role.policies.items()
        ),
        boundary=NamedPolicy(name=boundary, document=None) if boundary else None,
    )


def _own_keys(name: str, deployment: Deployment, cmek: Cmek, adopted_policy: Policy | None) -> list[KeyPolicy]:
    if not cmek.has_own_key:
        return []
    if cmek.key.adopt is not None:
        return [KeyPolicy(arn=cmek.key.adopt, document=adopted_policy)]
    arn = KeyArn(
        partition=aws.PARTITION, region=deployment.region, account=deployment.account, key_id=UNKNOWN_KEY_ID.format(0)
    )
    document = key_policy(
        account=deployment.account,
        administrators=cmek.key.administrators,
        role=role_arn_of(name, deployment),
        multi_region=cmek.key.multi_region,
    )
    return [KeyPolicy(arn=str(arn), document=document)]


def customer_key_policies(name: str, deployment: Deployment, packing: Packing | None) -> list[KeyPolicy]:
    """Return the customers' keys with the policies that their owners are asked for; none without a packing."""
    if deployment.cmek is None or packing is None:
        return []
    keys: list[KeyPolicy] = []
    for customer in deployment.cmek.customer_keys:
        known_as = naming.customer_id(customer.name)
        role = numbered_role_arn(name, deployment, packing.places[known_as].role)
        asked_for = key_policy(account=customer.account, administrators=[], role=role)
        stand_in = STAND_IN_KEY.format(region=deployment.region, account=customer.account)
        arns = customer.key_arns or [stand_in]
        keys += [
            KeyPolicy(name=known_as if len(arns) == 1 else f"{known_as}-{number}", arn=arn, document=asked_for)
            for number, arn in enumerate(arns, start=1)
        ]
    return keys
