"""``pinekeep init``: write a configuration file to start from."""

import uuid
from pathlib import Path

from pinekeep.cli.options import DEFAULT_FILE, Selection, log, verb, write


@verb("init")
def command(selection: Selection) -> None:
    """Write a configuration file to start from.

    The file contains a new external ID. An existing file is never overwritten. --deployment sets the name of the
    deployment in it.
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
    selection.write(InitOutput(file=str(path)), lambda: write(f"wrote {path}"))
    if not selection.as_json:
        log("next: put your account numbers in, then `pinekeep check`")
