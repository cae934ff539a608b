"""HTML and SVG in which text is escaped unless it was made here."""

from collections.abc import Sequence
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


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, caption: str, numbers: int) -> Html:
    """Return a table. ``numbers``: how many of the last columns hold numbers."""
    first = len(heads) - numbers

    def kind(index: int) -> str | None:
        return "number" if index >= first else None

    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(element("td", cell, class_=kind(index)) for index, cell in enumerate(row[1:], start=1)),
        )
        for row in rows
    ]
    made = element(
        "table",
        element("caption", caption),
        element(
            "thead",
            element("tr", *(element("th", head, scope="col", class_=kind(i)) for i, head in enumerate(heads))),
        ),
        element("tbody", *body),
    )
    return element("div", made, class_="scroll capped", tabindex="0", role="region", aria_label=caption)
