"""Reading the text of a file, whatever the path leads to."""

import io
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path as FilePath
from typing import BinaryIO, Final, TextIO

from pinekeep.model.config.problems import ConfigurationError, Position, refusal
from pinekeep.model.words import shown

MAX_BYTES: Final = 1024 * 1024
START_HINT: Final = "`pinekeep init` writes one to start from"
"""The hint where there is nothing to read."""
# All but what YAML calls printable: such characters can hide text or control the terminal.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_ENDS: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BEGINNING: Final = 4096
_BINARY_BEGINNINGS: Final = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


def read_text(path: FilePath, *, most: int = MAX_BYTES, start: str = START_HINT) -> str:
    """Return the text of a YAML file.

    ``most``: the bytes that it may have. ``start``: the hint where there is nothing to read. Raises ConfigurationError
    if it is no regular file, is too large, or is no text.
    """
    file = _shown(path)
    with _opened(path, file, "YAML", start) as stream:
        content = stream.read(most + 1)
    _require_size(file, len(content), most)
    _require_text(file, content, "YAML")
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


@contextmanager
def open_text(path: FilePath, *, most: int, kind: str, start: str) -> Generator[TextIO]:
    """Open a text file to be read line by line; line ends stay as they are. ``kind``: of the file, for messages.

    Raises ConfigurationError as :func:`read_text`.
    """
    file = _shown(path)
    with _opened(path, file, kind, start) as stream:
        _require_size(file, stream.seek(0, io.SEEK_END), most)
        stream.seek(0)
        _require_text(file, stream.read(_BEGINNING), kind)
        stream.seek(0)
        with io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
            try:
                yield text
            except UnicodeDecodeError:
                raise _not_utf_8(file, path, most) from None


def _not_utf_8(file: str, path: FilePath, most: int) -> ConfigurationError:
    """Return the error of a file whose text is not UTF-8, with the place of the first wrong byte."""
    content = path.read_bytes()[:most]
    try:
        content.decode("utf-8-sig")
        where = None
    except UnicodeDecodeError as error:
        where = place(content[: error.start].decode("utf-8-sig"))
    return refusal(file, "not-utf-8", "the text is not UTF-8", "save the file as UTF-8", where)


def _shown(path: FilePath) -> str:
    return str(path) if str(path).isprintable() else shown(str(path))


def _require_size(file: str, size: int, most: int) -> None:
    if size > most:
        raise refusal(file, "too-large", f"the file is larger than {most // 1024:,} KiB", "split it in two")


def _require_text(file: str, content: bytes, kind: str) -> None:
    for beginning, encoding in _BINARY_BEGINNINGS:
        if content.startswith(beginning):
            raise refusal(file, "not-utf-8", f"the text is {encoding}, expected UTF-8", "save the file as UTF-8")
    if b"\0" in content:
        raise refusal(file, "binary", "this is binary data, not text", f"name a {kind} file")


@contextmanager
def _opened(path: FilePath, file: str, kind: str, start: str) -> Generator[BinaryIO]:
    try:
        if path.is_dir():
            raise refusal(file, "not-a-file", "this is a directory, expected a file", "name the file in it")
        if not path.exists():
            raise refusal(file, "no-file", "the file does not exist", start)
        if not path.is_file():
            raise refusal(file, "not-a-file", "this is not a regular file", f"name a {kind} file")
        with path.open("rb") as stream:
            yield stream
    except OSError as error:
        hint = "check its permissions" if isinstance(error, PermissionError) else "name another file"
        raise refusal(file, "unreadable", f"the file cannot be read: {error.strerror}", hint) from None
    except ValueError as error:
        if isinstance(error, UnicodeDecodeError):
            raise
        raise refusal(file, "unreadable", "this is not a valid file name", "name another file") from None
