"""Reading the text of a file, whatever the path leads to."""

import re
from pathlib import Path as FilePath
from typing import Final

from pinekeep.model.config.problems import Position, refusal
from pinekeep.model.words import shown

MAX_BYTES: Final = 1024 * 1024
START_HINT: Final = "`pinekeep init` writes one to start from"
"""The hint where there is nothing to read."""
# All but what YAML calls printable: such characters can hide text or control the terminal.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_ENDS: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BINARY_BEGINNINGS: Final = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


def read_text(path: FilePath) -> str:
    """Return the text of a file. Raises ConfigurationError if it is no regular file, is too large, or is no text."""
    file = str(path) if str(path).isprintable() else shown(str(path))
    content = _read_bytes(path, file)
    if len(content) > MAX_BYTES:
        raise refusal(file, "too-large", f"the file is larger than {MAX_BYTES // 1024:,} KiB", "split it in two")
    for beginning, encoding in _BINARY_BEGINNINGS:
        if content.startswith(beginning):
            raise refusal(file, "not-utf-8", f"the text is {encoding}, expected UTF-8", "save the file as UTF-8")
    if b"\0" in content:
        raise refusal(file, "binary", "this is binary data, not text", "name a YAML file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig")
        raise refusal(file, "not-utf-8", "the text is not UTF-8", "save the file as UTF-8", place(before)) from None
    if found := _FORBIDDEN.search(text):
        raise refusal(
            file,
            "control-character",
            f"the character U+{ord(found.group()):04X} is not allowed in YAML",
            "remove it; in a text in double quotes it can be written with a backslash",
            place(text[: found.start()]),
        )
    return text


def place(before: str) -> Position:
    """Return the position after a text."""
    lines = _LINE_ENDS.split(before)
    return Position(len(lines), len(lines[-1]) + 1)


def _read_bytes(path: FilePath, file: str) -> bytes:
    try:
        if path.is_dir():
            raise refusal(file, "not-a-file", "this is a directory, expected a file", "name the file in it")
        if not path.exists():
            raise refusal(file, "no-file", "the file does not exist", START_HINT)
        if not path.is_file():
            raise refusal(file, "not-a-file", "this is not a regular file", "name a YAML file")
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        hint = "check its permissions" if isinstance(error, PermissionError) else "name another file"
        raise refusal(file, "unreadable", f"the file cannot be read: {error.strerror}", hint) from None
    except ValueError:
        raise refusal(file, "unreadable", "this is not a valid file name", "name another file") from None
