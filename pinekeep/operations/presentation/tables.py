"""Rows as a table for a terminal, and as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

Value = str | int | float | None
_CELL_MAX: Final = 60
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def table_text(columns: Sequence[str], rows: Iterable[Sequence[Value]], *, widest: int | None = _CELL_MAX) -> str:
    """Return rows for a terminal. Values stand as they are, but for control characters and very long ones.

    ``widest``: the most characters of a value; None for all.
    """
    cells = [[each.upper().replace("_", " ") for each in columns]]
    cells += [[_cell(each, widest) for each in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def table_csv(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """Return rows as CSV. A value that a spreadsheet would take for a formula gets an apostrophe in front."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_for_a_spreadsheet(each) for each in row] for row in rows)
    return written.getvalue()


def printable(text: str) -> str:
    """Return a text with its control characters written out."""
    return text if text.isprintable() else "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _cell(value: Value, widest: int | None) -> str:
    text = "-" if value is None else printable(str(value))
    return text if widest is None or len(text) <= widest else f"{text[: widest - 1]}…"


def _for_a_spreadsheet(value: Value) -> str | int | float:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
