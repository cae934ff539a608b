"""JSON as people review it: what fits on a line is on one, so that a template stays short."""

import json
from typing import Any, Final

LINE_MAX: Final = 120
_INDENT: Final = " "


def json_text(value: Any) -> str:
    """Return a value as JSON, in lines of at most :data:`LINE_MAX` characters where that is possible."""
    return _text(value, depth=0, before=0) + "\n"


def _text(value: Any, *, depth: int, before: int) -> str:
    """``before``: the characters that the line has already."""
    flat = json.dumps(value, ensure_ascii=False)
    if before + len(flat) < LINE_MAX or not value or not isinstance(value, (dict, list)):
        return flat
    inner, outer = _INDENT * (depth + 1), _INDENT * depth
    if isinstance(value, dict):
        lines = [_entry(name, each, depth + 1) for name, each in value.items()]
        return "{\n" + ",\n".join(inner + line for line in lines) + f"\n{outer}}}"
    lines = [_text(each, depth=depth + 1, before=len(inner)) for each in value]
    return "[\n" + ",\n".join(inner + line for line in lines) + f"\n{outer}]"


def _entry(name: str, value: Any, depth: int) -> str:
    head = f"{json.dumps(name, ensure_ascii=False)}: "
    return head + _text(value, depth=depth, before=len(_INDENT * depth) + len(head))
