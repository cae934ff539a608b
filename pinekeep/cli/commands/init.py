"""``pinekeep init``: write a configuration file, or a CDK project, to start from."""

import uuid
from pathlib import Path

import click

from pinekeep.cli.options import DEFAULT_FILE, Selection, log, selection_options, write, write_json


@click.command("init", short_help="Write a configuration file to start from.")
@selection_options
@click.option(
    "--project",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write a CDK app that uses the constructs into this empty or new folder, in place of a configuration file.",
)
def command(selection: Selection, project: Path | None) -> None:
    """Write a configuration file to start from, with an external ID of your own. Overwrites nothing.

    --deployment gives the deployment in it its name; with --project, the CDK app.
    """
    from pinekeep.errors import WrongInputError  # noqa: PLC0415
    from pinekeep.model.config.starter import DEFAULT_NAME, require_deployment_name, starter_file  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.output.configuration import InitOutput  # noqa: PLC0415

    if len(selection.names) > 1:
        raise WrongInputError("the file to start from has one deployment", hint="name one; add the others by hand")
    name = require_deployment_name(selection.names[0]) if selection.names else DEFAULT_NAME
    external_id = str(uuid.uuid4())
    if project is not None:
        if selection.config is not None:
            raise WrongInputError(
                "--project writes a CDK app, which has no configuration file", hint="leave out --config or --project"
            )
        from pinekeep.operations.project.writing import write_project  # noqa: PLC0415

        written = write_project(project, name=name, external_id=external_id)
        path = project / "app.py"
    else:
        written = [selection.config or Path(DEFAULT_FILE)]
        path = written[0]
        _write_file(path, starter_file(external_id, name=name))
    if selection.as_json:
        write_json(InitOutput(file=str(path)))
        return
    for each in written:
        write(f"wrote {each}")
    if project is None:
        log("next: put your account numbers in, then `pinekeep check`")
    else:
        log(f"next: put Pinecone's account number into {path}; {project / 'README.md'} has the steps")


def _write_file(path: Path, text: str) -> None:
    from pinekeep.errors import WrongInputError  # noqa: PLC0415

    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise WrongInputError(
            f"{path} exists already, and its external ID may be in use",
            hint="name another file with --config, or edit this one",
        ) from None
    except OSError as error:
        raise WrongInputError(f"{path} cannot be written: {error.strerror}") from None
