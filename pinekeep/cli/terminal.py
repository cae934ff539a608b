"""The capabilities of the terminal: colour, live displays and the width of a line."""

import os
import re
from collections.abc import Mapping
from typing import Final, TextIO

NO_COLOUR: Final = "NO_COLOR"
"""Any value but the empty one means no colour (no-color.org)."""
_DUMB: Final = frozenset({"dumb", "unknown"})
_NARROWEST: Final = 20
"""Narrower terminals get unwrapped lines."""
_HANGING: Final = "  "

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_PIECE: Final = re.compile(
    r"(?P<space>[ \t]*)(?P<word>"
    r"(?:\b(?:aws|cdk|pinekeep)(?: [a-z0-9-]+)+ --[^;`]*[^;`\s]|`[^`]*`)\S*"  # a command stays whole, to be pasted
    r"|\S*?(?=`[^`]*`)`[^`]*`\S*|\S+)"
)


def is_live(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether a stream goes to a terminal that can redraw what it has shown."""
    return stream.isatty() and environment.get("TERM", "") not in _DUMB


def has_colour(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether a stream goes to a terminal that should show colours."""
    return is_live(stream, environment) and not environment.get(NO_COLOUR)


def width_of(stream: TextIO, environment: Mapping[str, str] = os.environ) -> int | None:
    """Return the width of the stream's terminal in characters; None without a terminal."""
    if not stream.isatty():
        return None
    if (columns := environment.get("COLUMNS", "")).isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def fitted(text: str, width: int | None) -> str:
    """Return a text wrapped to ``width`` characters between words. Commands stay whole; wrapped lines are indented."""
    if width is None or width < _NARROWEST:
        return text
    return "\n".join(_fitted(line, width) for line in text.split("\n"))


def _fitted(line: str, width: int) -> str:
    if _length(line) <= width:
        return line
    indent = line[: len(line) - len(line.lstrip(" "))]
    lines: list[str] = []
    now = indent
    for piece in _PIECE.finditer(line.rstrip(), len(indent)):
        space, word = piece["space"], piece["word"]
        if now.strip() and _length(now) + len(space) + _length(word) > width:
            lines.append(now)
            now = indent + _HANGING + word
        else:
            now += (space if now.strip() else "") + word
    return "\n".join([*lines, now])


def _length(text: str) -> int:
    return len(_COLOUR.sub("", text))
