"""What a terminal can show: colour, pictures that move, and how wide a line may be."""

import os
import re
from collections.abc import Mapping
from typing import Final, TextIO

NO_COLOUR: Final = "NO_COLOR"
"""Anything but nothing in it means no colour (no-color.org)."""
_DUMB: Final = frozenset({"dumb", "unknown"})
_NARROWEST: Final = 20
"""Narrower terminals are not fitted to: there would be more ends of lines than words."""
_HANGING: Final = "  "

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_PIECE: Final = re.compile(
    r"(?P<space>[ \t]*)(?P<word>"
    r"(?:\b(?:aws|cdk|pinekeep)(?: [a-z0-9-]+)+ --[^;`]*[^;`\s]|`[^`]*`)\S*"  # a command stays whole, to be pasted
    r"|\S*?(?=`[^`]*`)`[^`]*`\S*|\S+)"
)


def is_live(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether a stream goes to a terminal that can change what it has shown."""
    return stream.isatty() and environment.get("TERM", "") not in _DUMB


def has_colour(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether a stream goes to a terminal that is to show colours."""
    return is_live(stream, environment) and not environment.get(NO_COLOUR)


def width_of(stream: TextIO, environment: Mapping[str, str] = os.environ) -> int | None:
    """Return how many characters a line of a stream may have; None where it goes to no terminal."""
    if not stream.isatty():
        return None
    if (told := environment.get("COLUMNS", "")).isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def fitted(text: str, width: int | None) -> str:
    """Return a text in lines that fit, broken between words alone. A command in it is not broken at all.

    Args:
        text: one line or more; each keeps its indentation, and what of it goes on is indented further.
        width: how many characters a line may have; None for any number.
    """
    if width is None or width < _NARROWEST:
        return text
    return "\n".join(_fitted(line, width) for line in text.split("\n"))


def _fitted(line: str, width: int) -> str:
    if _length(line) <= width:
        return line
    indent = line[: len(line) - len(line.lstrip(" "))]
    lines, now = [], indent
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
