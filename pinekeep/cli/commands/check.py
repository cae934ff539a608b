"""``pinekeep check``: validate the configuration file."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pinekeep.cli.options import Selection, verb, write, write_json

if TYPE_CHECKING:
    from pinekeep.model.config import Configuration, Deployment
    from pinekeep.model.output.configuration import CheckOutput


@verb("check")
def command(selection: Selection) -> None:
    """Validate the configuration file.

    Every problem is reported with its line and column. Needs no credentials and no network access.
    """
    configuration, deployments = selection.read()
    if selection.as_json:
        write_json(_output(configuration, deployments))
        return
    from pinekeep.model.config.derived import adopted_keys, stacks_of  # noqa: PLC0415 - imports pydantic

    write(f"{configuration.path} is valid")
    for name, deployment in deployments.items():
        write(f"  {name}: account {deployment.account}, {deployment.region}")
        for stack in stacks_of(name, deployment):
            write(f"    {stack}")
    for name, key_arn, statements in adopted_keys(deployments):
        write(f"\nPinekeep does not change the policy of {key_arn} ({name}). Add these statements to it:")
        write(json.dumps(statements, indent=2), verbatim=True)


def _output(configuration: "Configuration", deployments: "Mapping[str, Deployment]") -> "CheckOutput":
    # The output models take as long to import as the file takes to read.
    from pinekeep.model.config.derived import adopted_keys, stacks_of  # noqa: PLC0415
    from pinekeep.model.output import configuration as models  # noqa: PLC0415

    file = str(configuration.path)
    return models.CheckOutput(
        file=file,
        deployments=[
            models.DeploymentOutput(name=name, account=each.account, region=each.region, stacks=stacks_of(name, each))
            for name, each in deployments.items()
        ],
        adopted_keys=[
            models.NeededStatements(deployment=name, key_arn=key_arn, statements=statements)
            for name, key_arn, statements in adopted_keys(deployments)
        ],
        warnings=[models.ProblemOutput(**problem.as_json(file)) for problem in configuration.warnings],
    )
