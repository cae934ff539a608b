"""Words for messages: quoted values, lists and suggestions."""

from collections.abc import Sequence
from typing import Final
from unicodedata import category

_SHOWN_MAX: Final = 60
_GUESSED_MAX: Final = 80
"""Nobody misspells a word into something longer, and guessing at long text takes long."""
_VISIBLE_MAX: Final = 120
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""The Unicode categories that show nothing, or change how the text around them is shown."""


def shown(value: object) -> str:
    """Return a value as it may stand in a message: quoted, on one line, no control characters, not too long."""
    text = value if isinstance(value, str) else str(value)
    return repr(text) if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]!r}… ({len(text):,} characters)"


def plain(text: str) -> str:
    """Return a text as it stands in the file, in quotes only where it could be taken for something else."""
    return text if text.isprintable() and 0 < len(text) <= _SHOWN_MAX else shown(text)


def visible(text: str) -> str:
    """Return text with what cannot be seen written out (U+202E as ``\\u202e``), and shortened.

    Marks that turn the direction of the text could make a name look like another one.
    """
    if len(text) > _VISIBLE_MAX:
        text = text[: _VISIBLE_MAX - 1] + "…"
    return "".join(_written_out(each) if category(each) in _HIDDEN else each for each in text)


def listed(words: Sequence[str]) -> str:
    """Return the words with commas between them."""
    return ", ".join(words)


def nearest(given: str, known: Sequence[str]) -> str | None:
    """Return the known word that was probably meant, or None when none is near."""
    if len(given) > _GUESSED_MAX:
        return None
    from difflib import get_close_matches  # noqa: PLC0415 - imported only where something is wrong already

    near = get_close_matches(given.lower(), known, n=1, cutoff=0.6)
    return near[0] if near else None


def did_you_mean(given: str, known: Sequence[str]) -> str | None:
    """Return a question naming the nearest known word, or None when none is near."""
    near = nearest(given, known)
    return f"did you mean {near}?" if near else None


def _written_out(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the last of four digits
