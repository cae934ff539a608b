"""From deployments to what several verbs tell about them."""

from collections.abc import Mapping

from pinekeep.config import Deployment
from pinekeep.config.derived import stacks_of
from pinekeep.config.models import role_arn_of
from pinekeep.outputs import DeploymentOutput, NeededStatements
from pinekeep.policies.key import key_user_statements


def describe(deployments: Mapping[str, Deployment]) -> list[DeploymentOutput]:
    """Return the deployments with their stacks."""
    return [
        DeploymentOutput(
            name=name, account=deployment.account, region=deployment.region, stacks=stacks_of(name, deployment)
        )
        for name, deployment in deployments.items()
    ]


def adopted_keys(deployments: Mapping[str, Deployment]) -> list[NeededStatements]:
    """Return, for each adopted key, the statements that its policy must have."""
    return [
        NeededStatements(
            deployment=name,
            key_arn=deployment.cmek.key.adopt,
            statements=key_user_statements(role_arn_of(name, deployment)),
        )
        for name, deployment in deployments.items()
        if deployment.cmek is not None and deployment.cmek.key.adopt is not None
    ]
