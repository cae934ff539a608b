"""From deployments to what several verbs tell about them."""

from collections.abc import Mapping

from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import adopted_keys, stacks_of
from pinekeep.model.output.configuration import DeploymentOutput, NeededStatements


def describe(deployments: Mapping[str, Deployment]) -> list[DeploymentOutput]:
    """Return the deployments with their stacks."""
    return [
        DeploymentOutput(
            name=name, account=deployment.account, region=deployment.region, stacks=stacks_of(name, deployment)
        )
        for name, deployment in deployments.items()
    ]


def needed_statements(deployments: Mapping[str, Deployment]) -> list[NeededStatements]:
    """Return, for each adopted key, the statements that its policy must have."""
    return [
        NeededStatements(deployment=name, key_arn=key_arn, statements=statements)
        for name, key_arn, statements in adopted_keys(deployments)
    ]
