"""Reading YAML from a file that may be anything, keeping the place of every value."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, Final

import yaml

from pinekeep.config.problems import ConfigurationError, Path, Position, Problem

MAX_BYTES: Final = 1024 * 1024
MAX_VALUES: Final = 100_000
"""How many values a file may hold once its aliases are written out."""
MAX_DEPTH: Final = 32

_MERGE: Final = "tag:yaml.org,2002:merge"
_KNOWN_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "value")
)
# The C loader is the same reader, many times faster; a few platforms lack it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class YamlSource:
    """A file's content and where each part of it stands.

    Attributes:
        data: the content as plain dictionaries, lists and scalars.
        raw: the scalars as they are written, by path.
    """

    file: str
    data: Any
    values: dict[Path, Position] = field(repr=False)
    keys: dict[Path, Position] = field(repr=False)
    raw: dict[Path, str] = field(repr=False)

    def position_of_value(self, path: Path) -> Position:
        """Return where a value stands; for one that is missing, where the name of what should hold it stands."""
        if path in self.values:
            return self.values[path]
        while path not in self.values:
            path = path[:-1]
        return self.position_of_key(path)

    def position_of_key(self, path: Path) -> Position:
        """Return where a key stands."""
        return self.keys.get(path) or self.values[path]


def read_yaml(path: FilePath) -> YamlSource:
    """Read a YAML file.

    Raises:
        ConfigurationError: the file cannot be read, or is not one YAML document of plain values.
    """
    file = str(path)
    text = _read_text(path)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise _refuse(file, "empty", "the file is empty", "`pinekeep init` writes one to start from")
        reader = _Reader(file, loader)
        data = reader.value(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Position(mark.line + 1, mark.column + 1) if mark else None
        said = " ".join(filter(None, (error.context, error.problem)))
        raise _refuse(file, "not-yaml", f"this is not YAML: {said}", "", where) from None
    except yaml.YAMLError as error:
        raise _refuse(file, "not-yaml", f"this is not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise _refuse(file, "too-deep", f"values nest deeper than {MAX_DEPTH} levels") from None
    finally:
        loader.dispose()
    if reader.problems:
        raise ConfigurationError(file, sorted(reader.problems, key=lambda each: each.position or Position(0, 0)))
    return YamlSource(file, data, reader.values, reader.keys, reader.raw)


def _read_text(path: FilePath) -> str:
    file = str(path)
    try:
        if path.is_dir():
            raise _refuse(file, "not-a-file", "this is a directory, not a file", "name the file in it")
        if not path.exists():
            raise _refuse(file, "no-file", "there is no such file", "`pinekeep init` writes one to start from")
        if not path.is_file():
            raise _refuse(file, "not-a-file", "this is not a regular file")
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _refuse(file, "unreadable", f"the file cannot be read: {error.strerror}") from None
    except ValueError:
        raise _refuse(repr(file), "unreadable", "this cannot be the name of a file") from None
    if len(content) > MAX_BYTES:
        raise _refuse(file, "too-large", f"the file is larger than {MAX_BYTES // 1024} KiB")
    if b"\0" in content:
        raise _refuse(file, "binary", "this is a binary file, not text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _refuse(file, "not-utf-8", "the text is not UTF-8", None, Position(line, 1)) from None


def _refuse(
    file: str, code: str, message: str, hint: str | None = None, where: Position | None = None
) -> ConfigurationError:
    return ConfigurationError(file, [Problem(code, message, hint or None, position=where)])


class _Reader:
    """Turns YAML nodes into plain values, noting places and refusing what could hurt or mislead."""

    def __init__(self, file: str, loader: Any) -> None:
        self.file = file
        self.loader = loader
        self.values: dict[Path, Position] = {}
        self.keys: dict[Path, Position] = {}
        self.raw: dict[Path, str] = {}
        self.problems: list[Problem] = []
        self._open: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Any:
        where = _position(node)
        self.values[path] = where
        if len(self.values) > MAX_VALUES:
            raise _refuse(
                self.file, "too-many-values",
                f"the file holds more than {MAX_VALUES:,} values once its aliases are written out",
                "write the values out, or split the file", where,
            )  # fmt: skip
        if len(path) > MAX_DEPTH:
            raise _refuse(self.file, "too-deep", f"values nest deeper than {MAX_DEPTH} levels", None, where)
        if id(node) in self._open:
            raise _refuse(self.file, "endless-alias", "an alias holds itself", None, where)
        if node.tag not in _KNOWN_TAGS:
            self._problem("tag", f"the tag {node.tag} is not allowed", path, where, "write a plain value")
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path, where)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
            return self._mapping(node, path) if isinstance(node, yaml.MappingNode) else None
        finally:
            self._open.discard(id(node))

    def _scalar(self, node: yaml.ScalarNode, path: Path, where: Position) -> Any:
        self.raw[path] = node.value
        try:
            return self.loader.construct_object(node)
        except (ValueError, OverflowError, yaml.YAMLError):
            self._problem("not-a-value", f"{node.value!r} is no value YAML knows", path, where, "put it in quotes")
            return None

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        own: dict[str, Position] = {}
        for key_node, value_node in self._pairs(node, path):
            where = _position(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem("key", "a name must be text", path, where)
                continue
            key: str = key_node.value
            if key in own:
                first = own[key].line
                self._problem(
                    "duplicate-key", f"{key!r} stands here twice; first in line {first}", (*path, key), where,
                    "keep one",
                )  # fmt: skip
                continue
            own[key] = where
            self.keys[*path, key] = where
            result[key] = self.value(value_node, (*path, key))
        return result

    def _pairs(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """Yield the mapping's own pairs, then what ``<<`` merges in and the mapping does not set itself."""
        merged: list[yaml.Node] = []
        taken: set[str] = set()
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged += value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
                continue
            taken.add(str(key_node.value))
            yield key_node, value_node
        for source in merged:
            if not isinstance(source, yaml.MappingNode):
                self._problem("merge", "<< takes a mapping", path, _position(source))
                continue
            if id(source) in self._open:
                raise _refuse(self.file, "endless-alias", "an alias holds itself", None, _position(source))
            self._open.add(id(source))
            for key_node, value_node in self._pairs(source, path):
                if str(key_node.value) not in taken:
                    taken.add(str(key_node.value))
                    yield key_node, value_node
            self._open.discard(id(source))

    def _problem(self, code: str, message: str, path: Path, where: Position, hint: str | None = None) -> None:
        self.problems.append(Problem(code, message, hint, path, where))


def _position(node: yaml.Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)
