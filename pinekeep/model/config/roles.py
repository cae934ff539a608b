"""The roles that a deployment is to have, with the policies that are to be attached to them."""

from collections.abc import Mapping
from dataclasses import dataclass

from pinekeep.model import naming
from pinekeep.model.arns import policy_arn, role_arn
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import numbered_role_name
from pinekeep.model.customers.packing import Packing
from pinekeep.model.policies.grant_holders import Holders


@dataclass(frozen=True)
class PlannedRole:
    """A role that Pinecone assumes, by number from 1. ``policies``: the keys by ARN of each policy to be attached."""

    number: int
    name: str
    arn: str
    policies: Mapping[str, tuple[str, ...]]


def planned_roles(name: str, deployment: Deployment, customers: Packing | None) -> tuple[PlannedRole, ...]:
    """Return a deployment's roles by number; none without ``cmek``. Raises ValueError if customers have no places."""
    if deployment.cmek is None:
        return ()
    contents: list[tuple[tuple[str, ...], ...]] = [()]
    if deployment.cmek.customer_keys:
        if customers is None:
            raise ValueError(f"the customers of deployment {name} have no places")
        contents = [content.policies for content in customers.roles]
    roles = []
    for number, policies in enumerate(contents, start=1):
        role_name = numbered_role_name(name, deployment, number)
        prefix = naming.customer_policies(role_name)
        roles.append(
            PlannedRole(
                number=number,
                name=role_name,
                arn=role_arn(account=deployment.account, role_name=role_name, path=deployment.iam_path),
                policies={
                    policy_arn(
                        account=deployment.account, policy_name=f"{prefix}-{index}", path=deployment.iam_path
                    ): resources
                    for index, resources in enumerate(policies, start=1)
                    if resources
                },
            )
        )
    return tuple(roles)


def grant_holders(name: str, deployment: Deployment, customers: Packing | None) -> Holders:
    """Return who may hold grants on a deployment's own key. Raises ValueError if customers have no places."""
    return Holders(
        account=deployment.account,
        role_arns=tuple(each.arn for each in planned_roles(name, deployment, customers)),
        adopted=deployment.cmek is not None and deployment.cmek.key.adopt is not None,
    )
