"""Reading YAML with the position of every value; harmful and ambiguous content is refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, Final

import yaml

from pinekeep.model.config.problems import MAX_PROBLEMS, ConfigurationError, Path, Position, Problem, refusal
from pinekeep.model.config.reading import MAX_BYTES, START_HINT, read_text
from pinekeep.model.words import plain, shown

MAX_VALUES: Final = 100_000
"""The maximum number of values after the expansion of aliases."""
MAX_DEPTH: Final = 32

_STANDARD: Final = "tag:yaml.org,2002:"
_NULL: Final = f"{_STANDARD}null"
_MERGE: Final = f"{_STANDARD}merge"
_KNOWN_TAGS: Final = frozenset(
    f"{_STANDARD}{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "value")
)
# The C loader is the same reader, many times faster; a few platforms lack it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class YamlSource:
    """The content of a file, with the position of each part.

    Attributes:
        data: the content as plain dictionaries, lists and scalars.
        raw: the scalars as they are written, by path.
        problems: the problems found while reading. Values that could not be read are None in the data.
        unread: the paths of those values.
    """

    file: str
    data: Any
    values: dict[Path, Position] = field(repr=False)
    keys: dict[Path, Position] = field(repr=False)
    raw: dict[Path, str] = field(repr=False)
    problems: tuple[Problem, ...] = ()
    unread: frozenset[Path] = frozenset()

    def position_of_value(self, path: Path) -> Position:
        """Return the position of a value; of a missing one, the position of the key that should contain it."""
        if path in self.values:
            return self.values[path]
        while path not in self.values:
            path = path[:-1]
        return self.position_of_key(path)

    def position_of_key(self, path: Path) -> Position:
        """Return the position of a key."""
        return self.keys.get(path) or self.position_of_value(path)


def read_yaml(
    path: FilePath, *, most_bytes: int = MAX_BYTES, most_values: int = MAX_VALUES, start: str = START_HINT
) -> YamlSource:
    """Read a YAML file.

    ``most_bytes``: the bytes that it may have. ``most_values``: the values, after the expansion of its aliases.
    ``start``: the hint where there is nothing to read. Raises ConfigurationError if the file cannot be read, or is not
    a single YAML document.
    """
    text = read_text(path, most=most_bytes, start=start)
    file = str(path)
    try:
        _look_over(file, text, most_values)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None or node.tag == _NULL:
                where = _position(node) if node else None
                raise refusal(file, "empty", "the file contains no settings", start, where)
            reader = _Reader(file, loader, most_values)
            data = reader.value(node, ())
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        from pinekeep.model.config.sentences import yaml_problem  # noqa: PLC0415 - for an invalid file alone

        raise ConfigurationError(file, [yaml_problem(error, text)]) from None
    return YamlSource(
        file, data, reader.values, reader.keys, reader.raw, tuple(reader.problems), frozenset(reader.unread)
    )


def _look_over(file: str, text: str, most_values: int) -> None:
    """Refuse too deep or too large content before it is built: the reader recurses beyond Python's limits."""
    loader = _Loader(text)
    depth = values = documents = 0
    try:
        while loader.check_event():
            event = loader.get_event()
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise refusal(
                        file, "several-documents", "a second document begins here, expected one",
                        "one file can contain any number of deployments", _position(event),
                    )  # fmt: skip
            elif isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            values += isinstance(event, yaml.NodeEvent)
            if depth > MAX_DEPTH:
                raise _too_deep(file, _position(event))
            if values > 2 * most_values:  # names count here, too
                raise _too_many(file, most_values, _position(event))
    finally:
        loader.dispose()


def _too_deep(file: str, where: Position) -> ConfigurationError:
    message = f"values nest deeper than {MAX_DEPTH} levels"
    return refusal(file, "too-deep", message, "no setting is nested that deep; check the brackets", where)


def _too_many(file: str, most: int, where: Position) -> ConfigurationError:
    message = f"the file has more than {most:,} values after the expansion of its aliases"
    return refusal(file, "too-many-values", message, "write fewer aliases, or split the file", where)


class _Reader:
    """Converts YAML nodes to plain values, and records positions and problems."""

    def __init__(self, file: str, loader: Any, most_values: int) -> None:
        self.file = file
        self._most_values = most_values
        self.loader = loader
        self.values: dict[Path, Position] = {}
        self.keys: dict[Path, Position] = {}
        self.raw: dict[Path, str] = {}
        self.problems: list[Problem] = []
        self.unread: set[Path] = set()
        self._open: set[int] = set()
        self._steps = 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        where = _position(node)
        self.values[path] = where
        self._step(where)
        if len(path) > MAX_DEPTH:
            raise _too_deep(self.file, where)
        if node.tag not in _KNOWN_TAGS:
            self._problem(
                "tag",
                f"the tag {plain(node.tag.replace(_STANDARD, '!!'))} is not allowed",
                path,
                where,
                "write a plain value",
            )
            self.unread.add(path)
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path, where)
        self._enter(node)
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self._open.discard(id(node))

    def _scalar(self, node: yaml.ScalarNode, path: Path, where: Position) -> Any:
        self.raw[path] = node.value
        try:
            return self.loader.construct_object(node)
        except (ValueError, TypeError, AttributeError, LookupError, OverflowError, yaml.YAMLError):
            self._problem(
                "not-a-value", f"YAML cannot read {shown(node.value)} as a value", path, where,
                "put it in quotes",
            )  # fmt: skip
            self.unread.add(path)
            return None

    def _mapping(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        own: dict[str, Position] = {}
        for key_node, value_node in self._pairs(node, path, 0):
            where = _position(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem("name", "a setting's name must be text", path, where, "write text")
                continue
            key: str = key_node.value
            if key in own:
                self._problem(
                    "duplicate-key", f"{plain(key)} is set twice, first in line {own[key].line}", (*path, key), where,
                    "keep one",
                )  # fmt: skip
                continue
            own[key] = where
            self.keys[*path, key] = where
            result[key] = self.value(value_node, (*path, key))
        return result

    def _pairs(self, node: yaml.Node, path: Path, depth: int) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """Yield the mapping's own pairs, then what ``<<`` merges in and the mapping does not set itself."""
        merged: list[yaml.Node] = []
        taken: set[str] = set()
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged += value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
                continue
            if isinstance(key_node, yaml.ScalarNode):
                taken.add(key_node.value)
            yield key_node, value_node
        for source in merged:
            where = _position(source)
            self._step(where)
            if not isinstance(source, yaml.MappingNode):
                self._problem("merge", "<< takes a mapping, or a list of mappings", path, where, "write <<: *name")
                continue
            if depth >= MAX_DEPTH:
                raise _too_deep(self.file, where)
            self._enter(source)
            for key_node, value_node in self._pairs(source, path, depth + 1):
                self._step(where)
                if not isinstance(key_node, yaml.ScalarNode) or key_node.value not in taken:
                    taken.add(str(key_node.value))
                    yield key_node, value_node
            self._open.discard(id(source))

    def _enter(self, node: yaml.Node) -> None:
        if id(node) in self._open:
            raise refusal(
                self.file, "endless-alias", "an alias (*name) stands inside what it stands for", "write the values out",
                _position(node),
            )  # fmt: skip
        self._open.add(id(node))

    def _step(self, where: Position) -> None:
        self._steps += 1
        if self._steps > self._most_values:
            raise _too_many(self.file, self._most_values, where)

    def _problem(self, code: str, message: str, path: Path, where: Position, hint: str) -> None:
        self.problems.append(Problem(code, message, hint, path, where))
        if len(self.problems) > MAX_PROBLEMS:
            raise ConfigurationError(self.file, self.problems)


def _position(node: yaml.Node | yaml.Event) -> Position:
    mark = node.start_mark
    return Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)
