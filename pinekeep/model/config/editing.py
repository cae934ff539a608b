"""Changing a list of words in a configuration file, and nothing else of it: comments and formatting stay."""

import json
import os
import stat
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, Final

import yaml

from pinekeep.errors import WrongInputError
from pinekeep.model.config.problems import Path

_BY_HAND: Final = "write the list into the file yourself"


def with_list(text: str, path: Path, values: Sequence[str]) -> str:
    """Return a YAML text with other words in one of its lists. ``path``: of the list.

    Words that stay keep their place and their comments. Raises WrongInputError if anything else would change, as where
    the list is an alias of another one.
    """
    node = _node(text, path)
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise WrongInputError(f"{_shown(path)} is not a list in the file", hint=_BY_HAND)
    changed = _replaced(text, node, values)
    wanted = json.loads(json.dumps(_data(text)))  # what an alias stands for is a copy here
    part = wanted
    for each in path[:-1]:
        part = part[each]
    part[path[-1]] = list(values)
    if _data(changed) != wanted:
        raise WrongInputError(
            f"{_shown(path)} cannot be changed alone: other parts of the file would change with it", hint=_BY_HAND
        )
    return changed


def write_atomically(path: FilePath, text: str) -> None:
    """Replace a file's text at once, with its permissions kept. Raises WrongInputError if it cannot be written."""
    target = path.resolve()
    handle = None
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, mode)  # noqa: PTH101 - a name, as mkstemp gives it
            os.replace(temporary, target)  # noqa: PTH105
        except BaseException:
            FilePath(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise WrongInputError(
            f"{path} cannot be written ({error.strerror})", hint="change its permissions, or edit it yourself"
        ) from None


def _replaced(text: str, node: yaml.SequenceNode, values: Sequence[str]) -> str:
    items = node.value
    spans = [(each.start_mark.index, each.end_mark.index) for each in items]
    kept = min(len(items), len(values))
    edits = [(start, end, value) for (start, end), value in zip(spans, values, strict=False)]
    if len(values) > kept:
        start, end = spans[-1]
        before = ", " if node.flow_style else f"{_line_end(text)}{' ' * node.start_mark.column}- "
        edits[-1] = (start, end, values[kept - 1] + "".join(f"{before}{each}" for each in values[kept:]))
    elif len(items) > kept:
        edits.append((spans[kept - 1][1], spans[-1][1], ""))
    for start, end, value in reversed(edits):
        text = text[:start] + value + text[end:]
    return text


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _node(text: str, path: Path) -> yaml.Node | None:
    # The loader in Python, whose marks count characters.
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    for part in path:
        if not isinstance(node, yaml.MappingNode):
            return None
        node = next((value for key, value in node.value if key.value == part), None)
    return node


def _data(text: str) -> Any:
    found = yaml.load(text, Loader=_Words)  # noqa: S506 - every scalar is read as text
    return found if isinstance(found, Mapping) else {}


class _Words(yaml.BaseLoader):
    """Reads every scalar as text, so that two texts are compared as they are written. Merge keys stay keys."""


def _shown(path: Path) -> str:
    return ".".join(map(str, path))
