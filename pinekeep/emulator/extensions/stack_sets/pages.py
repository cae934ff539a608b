"""Pages of lists."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.stack_sets.protocol import Document

_T = TypeVar("_T")

MOST: Final = 100
_TOKEN: Final = "page-"  # noqa: S105 - of a list


def page(found: Sequence[_T], asked: Document, summary: Callable[[_T], Document]) -> Document:
    """Return the page of summaries that a request asks for. Raises RefusedError for an unknown token."""
    token = asked.get("NextToken", f"{_TOKEN}0")
    number = token.removeprefix(_TOKEN)
    if not token.startswith(_TOKEN) or not number.isdigit():
        raise RefusedError("ValidationError", "Invalid NextToken")
    begin, size = int(number), asked.get("MaxResults", MOST)
    following = f"{_TOKEN}{begin + size}" if begin + size < len(found) else None
    return {"Summaries": [summary(each) for each in found[begin : begin + size]], "NextToken": following}
