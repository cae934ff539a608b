"""HTML and SVG in which text is escaped unless it was made here."""

from html import escape
from typing import Final

from pinekeep.model.words import visible

_VOID: Final = frozenset({"meta", "br"})


class Html(str):
    """Markup, as opposed to text."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str | float | None) -> Html:
    """Return an element. Children that are not :class:`Html` are escaped, and so are the values of attributes.

    An attribute that is None is left out. Underscores in names become hyphens, one at the end is removed.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{given}>")
    return Html(f"<{name}{given}>{together(*children)}</{name}>")


def together(*children: str) -> Html:
    """Return the children one after the other, escaped where they are not markup."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))


def foreign(text: str) -> Html:
    """Return text that somebody else wrote: visible, escaped, and with a direction of its own."""
    return element("bdi", visible(text))


def number(value: int) -> str:
    """Return a number with its thousands apart."""
    return f"{value:,}"
