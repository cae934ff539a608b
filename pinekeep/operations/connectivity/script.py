"""The client check as a file for machines without Pinekeep."""

from pathlib import Path
from shlex import quote

from pinekeep.errors import WrongInputError
from pinekeep.operations.connectivity import client_check

NAME = "pinekeep_client_check.py"
"""What the documentation calls the file."""


def script() -> str:
    """Return the text of the script."""
    return Path(client_check.__file__).read_text(encoding="utf-8")


def write_script(path: Path) -> bool:
    """Write the script to a new file; return False if it is there already, unchanged.

    Raises:
        WrongInputError: there is another file, or it cannot be written.
    """
    text = script()
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        if _holds(path, text):
            return False
        raise WrongInputError(
            f"{path} exists already and is not this script",
            hint=f"choose another name, or remove it: rm {quote(str(path))}",
        ) from None
    except OSError as error:
        raise WrongInputError(
            f"{path} cannot be written: {error.strerror}", hint="give a file in a folder that exists, or - for stdout"
        ) from None
    return True


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False
