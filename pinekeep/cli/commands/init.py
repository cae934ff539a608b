"""``pinekeep init``: write a configuration file to start from."""

import uuid
from pathlib import Path

import click

from pinekeep.cli.options import DEFAULT_FILE, Selection, log, selection_options, write, write_json


@click.command("init", short_help="Write a configuration file to start from.")
@selection_options
def command(selection: Selection) -> None:
    """Write a configuration file to start from, with an external ID of your own. Overwrites nothing.

    --deployment gives the deployment in it its name.
    """
    from pinekeep.errors import WrongInputError  # noqa: PLC0415
    from pinekeep.model.config.starter import DEFAULT_NAME, require_deployment_name, starter_file  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.output.configuration import InitOutput  # noqa: PLC0415

    if len(selection.names) > 1:
        raise WrongInputError("the file to start from has one deployment", hint="name one; add the others by hand")
    name = require_deployment_name(selection.names[0]) if selection.names else DEFAULT_NAME
    path = selection.config or Path(DEFAULT_FILE)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(starter_file(str(uuid.uuid4()), name=name))
    except FileExistsError:
        raise WrongInputError(
            f"{path} exists already, and its external ID may be in use",
            hint="name another file with --config, or edit this one",
        ) from None
    except OSError as error:
        raise WrongInputError(f"{path} cannot be written: {error.strerror}") from None
    if selection.as_json:
        write_json(InitOutput(file=str(path)))
        return
    write(f"wrote {path}")
    log("next: put your account numbers in, then `pinekeep check`")
