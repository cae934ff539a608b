"""``pinekeep check``: is the file right?"""

import json

import click

from pinekeep.commands.common import Selection, selection_options, write, write_json


@click.command("check", short_help="Say whether the file is right.")
@selection_options
def command(selection: Selection) -> None:
    """Say whether the configuration file is right, and what is not. Asks nobody else."""
    from pinekeep.commands.describe import adopted_keys, describe  # noqa: PLC0415 - imports pydantic
    from pinekeep.outputs import CheckOutput, ProblemOutput  # noqa: PLC0415

    configuration = selection.load()
    deployments = selection.deployments(configuration)
    output = CheckOutput(
        file=str(configuration.path),
        deployments=describe(deployments),
        adopted_keys=adopted_keys(deployments),
        warnings=[ProblemOutput(**problem.as_json(str(configuration.path))) for problem in configuration.warnings],
    )
    if selection.as_json:
        write_json(output)
        return
    write(f"{output.file} is right")
    for deployment in output.deployments:
        write(f"  {deployment.name}: account {deployment.account}, {deployment.region}")
        for stack in deployment.stacks:
            write(f"    {stack}")
    for key in output.adopted_keys:
        write(f"\nThe policy of {key.key_arn} ({key.deployment}) is yours to keep. It must have these statements:")
        write(json.dumps(key.statements, indent=2))
