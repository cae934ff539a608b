"""``pinekeep synth``: write the templates."""

from pathlib import Path

import click

from pinekeep.cli.options import Selection, selection_options, spinner, write, write_json


@click.command("synth")
@selection_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("cdk.out"),
    show_default=True,
    help="The folder to write the cloud assembly to.",
)
@click.option("--nag", is_flag=True, help="Hold the templates against the security rules of cdk-nag as well.")
def command(selection: Selection, out: Path, nag: bool) -> None:
    """Write the CloudFormation templates. Needs no credentials and no network.

    The same bytes as `cdk synth` writes for the same file.
    """
    from pinekeep.model.output.configuration import SynthOutput  # noqa: PLC0415
    from pinekeep.operations.synthesis.assembly import synthesize  # noqa: PLC0415 - imports pydantic

    configuration = selection.load(to_deploy=True)
    deployments = selection.deployments(configuration)
    with spinner("Writing the templates"):
        templates = synthesize(configuration, deployments, folder=out, nag=nag)
    output = SynthOutput(folder=str(out), templates=templates)
    if selection.as_json:
        write_json(output)
        return
    for template in templates:
        write(str(out / template), verbatim=True)
