"""What follows from a deployment's settings."""

from collections.abc import Sequence

from pinekeep import naming
from pinekeep.arns import role_arn
from pinekeep.config.models import CustomerKey, Deployment, role_name_of
from pinekeep.customers.packing import CustomerKeys
from pinekeep.policies.permissions import account_keys_arn


def stacks_of(name: str, deployment: Deployment) -> list[str]:
    """Return the names of a deployment's stacks, in the order in which they are deployed."""
    names = []
    if deployment.cmek is not None:
        names.append(naming.cmek_stack(name))
    if deployment.private_link is not None:
        names.append(naming.private_link_stack(name))
    return names


def customer_keys_of(deployment: Deployment) -> list[CustomerKeys]:
    """Return what a deployment's customers bring, in the order of the file."""
    customers: Sequence[CustomerKey] = deployment.cmek.customer_keys if deployment.cmek else ()
    return [
        CustomerKeys(naming.customer_id(each.name), tuple(each.key_arns or [account_keys_arn(each.account)]))
        for each in customers
    ]


def numbered_role_name(name: str, deployment: Deployment, number: int) -> str:
    """Return the name of one of a deployment's roles."""
    return naming.further_role_name(role_name_of(name, deployment), number)


def numbered_role_arn(name: str, deployment: Deployment, number: int) -> str:
    """Return the ARN of one of a deployment's roles. Known before anything is deployed."""
    return role_arn(account=deployment.account, role_name=numbered_role_name(name, deployment, number))
