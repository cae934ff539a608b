"""``pinekeep check``: is the file right?"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Selection, selection_options, write, write_json

if TYPE_CHECKING:
    from pinekeep.model.config import Configuration, Deployment


@click.command("check", short_help="Say whether the file is right.")
@selection_options
def command(selection: Selection) -> None:
    """Say whether the configuration file is right, and what is not. Asks nobody else."""
    configuration = selection.load()
    deployments = selection.deployments(configuration)
    if selection.as_json:
        _write_json(configuration, deployments)
        return
    from pinekeep.model.config.derived import adopted_keys, stacks_of  # noqa: PLC0415 - imports pydantic

    write(f"{configuration.path} is right")
    for name, deployment in deployments.items():
        write(f"  {name}: account {deployment.account}, {deployment.region}")
        for stack in stacks_of(name, deployment):
            write(f"    {stack}")
    for name, key_arn, statements in adopted_keys(deployments):
        write(f"\nThe policy of {key_arn} ({name}) is yours to keep. It must have these statements:")
        write(json.dumps(statements, indent=2), verbatim=True)


def _write_json(configuration: "Configuration", deployments: "Mapping[str, Deployment]") -> None:
    # Making the models of the outputs takes as long as reading the file: only for those who want them.
    from pinekeep.cli.describe import describe, needed_statements  # noqa: PLC0415
    from pinekeep.model.output.configuration import CheckOutput, ProblemOutput  # noqa: PLC0415

    file = str(configuration.path)
    output = CheckOutput(
        file=file,
        deployments=describe(deployments),
        adopted_keys=needed_statements(deployments),
        warnings=[ProblemOutput(**problem.as_json(file)) for problem in configuration.warnings],
    )
    write_json(output)
