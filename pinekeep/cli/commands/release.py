"""``pinekeep release``: CloudFormation templates with parameters, for accounts without the CDK."""

from pathlib import Path

import click

from pinekeep import __version__
from pinekeep.cli.options import Command, log, spinner, write, write_json

BUCKET_URL_HELP = "The address in S3 of the folder with the templates, for launch links."


@click.command("release", cls=Command)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to write to.")
@click.option("--bucket-url", metavar="URL", help=BUCKET_URL_HELP)
@click.option("--json", "as_json", is_flag=True, help="Write the result to stdout as JSON.")
def command(out: Path, bucket_url: str | None, as_json: bool) -> None:
    """Write CloudFormation templates with parameters.

    One for each shape of deployments, for people who do not run the CDK, with a page that explains the parameters, a
    stack policy and checksums. Needs no configuration file, no credentials and no network access.
    """
    from pinekeep.model.output.release import ReleaseOutput  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.release.writing import write_release  # noqa: PLC0415

    with spinner("Synthesizing the templates"):
        files = [str(path) for path in write_release(out, bucket_url=bucket_url)]
    if as_json:
        write_json(ReleaseOutput(version=__version__, files=files))
        return
    write("\n".join(files), verbatim=True)
    log("Upload the folder to a bucket of yours to launch the templates from the CloudFormation console")
