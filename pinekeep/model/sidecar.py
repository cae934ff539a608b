"""Files kept beside the configuration file and committed with it."""

import json
import os
from pathlib import Path
from typing import Any

from pinekeep.errors import WrongInputError


def read_sidecar(path: Path, *, max_bytes: int, hint: str) -> bytes | None:
    """Return a file beside the configuration, or None. Raises WrongInputError if it is unreadable or too large."""
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            # Reading a pipe would wait for whoever writes to it.
            raise WrongInputError(f"{path} is no regular file", hint=hint)
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WrongInputError(f"{path} cannot be read: {error.strerror}", hint=hint) from None
    if len(content) > max_bytes:
        raise WrongInputError(f"{path} is larger than {max_bytes // 1024} KiB", hint=hint)
    return content


def require_names_once(path: Path, content: bytes, *, hint: str) -> None:
    """Refuse JSON in which an object has a name twice (WrongInputError): readers could see another value."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise WrongInputError(f"{path} has the name {name!r} twice in one place", hint=hint)
            found[name] = value
        return found

    json.loads(content, object_pairs_hook=once)


def write_sidecar(path: Path, content: object) -> None:
    """Write a JSON file beside the configuration, whole or not at all. The same content gives the same bytes.

    Raises WrongInputError if the folder cannot be written; the file is as it was.
    """
    write_whole(path, json.dumps(content, indent=2) + "\n", mode=0o644)


def write_whole(path: Path, text: str, *, mode: int) -> None:
    """Write a file whole or not at all, with these permissions. Line ends stay as they are.

    Raises WrongInputError if the folder cannot be written, or the path is a device or a folder, which a file would
    replace; what was there stays as it was.
    """
    from tempfile import NamedTemporaryFile  # noqa: PLC0415 - takes long, and most only read

    if path.exists() and not path.is_file():
        raise WrongInputError(f"{path} is no regular file", hint="give the name of a file, in an existing folder")
    temporary: Path | None = None
    try:
        with NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8", newline=""
        ) as file:
            temporary = Path(file.name)
            temporary.chmod(mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        raise WrongInputError(
            f"{path} cannot be written: {error.strerror}", hint="give a file in a folder that you can write to"
        ) from None
