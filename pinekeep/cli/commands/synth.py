"""``pinekeep synth``: synthesize the templates."""

from pathlib import Path

import click

from pinekeep.cli.options import Selection, spinner, verb, write


@verb("synth")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("cdk.out"),
    show_default=True,
    help="The folder for the cloud assembly.",
)
@click.option("--nag", is_flag=True, help="Also check the templates against the security rules of cdk-nag.")
def command(selection: Selection, out: Path, nag: bool) -> None:
    """Synthesize the CloudFormation templates.

    Writes the same bytes as `cdk synth` does for the same file. Needs no credentials and no network access.
    """
    from pinekeep.model.output.configuration import SynthOutput  # noqa: PLC0415
    from pinekeep.operations.synthesis.assembly import synthesize  # noqa: PLC0415 - imports pydantic

    configuration, deployments = selection.read(to_deploy=True)
    with spinner("Synthesizing the templates"):
        templates = synthesize(configuration, deployments, folder=out, validate=True, nag=nag)
    files = "\n".join(str(out / template) for template in templates)
    selection.write(SynthOutput(folder=str(out), templates=templates), lambda: write(files, verbatim=True))
