"""``pinekeep init``: write a configuration file, or a CDK project, to start from."""

import uuid
from pathlib import Path

import click

from pinekeep.cli.options import DEFAULT_FILE, Selection, log, verb, write
from pinekeep.errors import WrongInputError


@verb("init")
@click.option(
    "--project",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write a CDK app that uses the constructs into this empty or new folder, instead of a configuration file.",
)
def command(selection: Selection, project: Path | None) -> None:
    """Write a configuration file to start from.

    The file contains a new external ID. An existing file is never overwritten. --deployment sets the name of the
    deployment in it; with --project, the name of the CDK app.
    """
    from pinekeep.model.config.starter import DEFAULT_NAME, require_deployment_name, starter_file  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.output.configuration import InitOutput  # noqa: PLC0415

    if len(selection.names) > 1:
        raise WrongInputError("the file to start from has one deployment", hint="name one; add the others by hand")
    name = require_deployment_name(selection.names[0]) if selection.names else DEFAULT_NAME
    external_id = str(uuid.uuid4())
    if project is None:
        path = selection.config or Path(DEFAULT_FILE)
        _write_file(path, starter_file(external_id, name=name))
        written, next_step = [path], "put your account numbers in, then `pinekeep check`"
    elif selection.config is not None:
        raise WrongInputError(
            "--project writes a CDK app, which has no configuration file", hint="leave out --config or --project"
        )
    else:
        from pinekeep.operations.project.writing import write_project  # noqa: PLC0415

        path = project / "app.py"
        written = write_project(project, name=name, external_id=external_id)
        next_step = f"put Pinecone's account number into {path}; {project / 'README.md'} has the steps"
    selection.write(InitOutput(file=str(path)), lambda: [write(f"wrote {each}") for each in written])
    if not selection.as_json:
        log(f"next: {next_step}")


def _write_file(path: Path, text: str) -> None:
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
