"""``pinekeep parameters``: the parameters of the released templates for the deployments of the file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinekeep.cli.commands.release import BUCKET_URL_HELP
from pinekeep.cli.options import Selection, log, spinner, verb, write

if TYPE_CHECKING:
    from pinekeep.model.output.release import StackParametersOutput


@verb("parameters")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder to write a parameter file for each stack to, as the AWS CLI takes it.",
)
@click.option("--bucket-url", metavar="URL", help=BUCKET_URL_HELP)
def command(selection: Selection, out: Path | None, bucket_url: str | None) -> None:
    """Print the parameters of the released templates.

    For each stack of the selected deployments: the released template, and its parameters with the values of the file.
    A deployment that no released template can express is refused: with these parameters, the template is the
    deployment's own.
    """
    from pinekeep.model.config.derived import stacks_of  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.naming import is_further_stack  # noqa: PLC0415
    from pinekeep.model.output.release import ParametersOutput  # noqa: PLC0415
    from pinekeep.model.words import listed  # noqa: PLC0415
    from pinekeep.operations.release.parameter_files import parameter_outputs  # noqa: PLC0415

    configuration, deployments = selection.read()
    with spinner("Synthesizing the templates"):
        stacks = parameter_outputs(configuration, deployments, folder=out, bucket_url=bucket_url)
    for name, deployment in deployments.items():
        if further := [each for each in stacks_of(name, deployment) if is_further_stack(each)]:
            log(f"{name}: there is no released template for {listed(further)}")
    selection.write(ParametersOutput(stacks=stacks), lambda: write(_text(stacks), verbatim=True))


def _text(stacks: "list[StackParametersOutput]") -> str:
    lines: list[str] = []
    for each in stacks:
        lines.append(f"{each.stack} in {each.account}, {each.region}: {each.template}")
        lines += [f"  {name}={value}" for name, value in each.parameters.items()]
        lines += [f"  {note}" for note in (each.launch_link, each.file) if note]
    return "\n".join(lines)
