"""Rows from a YAML file: a list of mappings, nested as in the configuration file or with the paths as names."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any, Final

from pinekeep.model.config.fleet import columns
from pinekeep.model.config.fleet.rows import BYTES_MAX, ROWS_MAX, Row, Rows, too_many_rows
from pinekeep.model.config.problems import MAX_PROBLEMS, Path, Position, Problem, refusal
from pinekeep.model.config.yaml_source import YamlSource, read_yaml

_VALUES_MAX: Final = 1_000_000
_START: Final = 'write a list of rows, such as - {account: "111122223333", cmek.trust.external_id: UUID}'


def read_yaml_rows(path: FilePath, file: str) -> Rows:
    """Return the rows of a YAML file. Raises as :func:`pinekeep.model.config.fleet.rows.read_rows`."""
    source = read_yaml(path, most_bytes=BYTES_MAX, most_values=_VALUES_MAX, start=_START)
    if not isinstance(source.data, list) or not source.data:
        what = "the file contains no rows" if not source.data else "a file of targets is a list of rows"
        code = "fleet-file-empty" if not source.data else "fleet-rows"
        raise refusal(file, code, what, _START, source.position_of_value(()))
    if len(source.data) > ROWS_MAX:
        raise too_many_rows(file, source.position_of_value((ROWS_MAX,)))
    return _Reader(file, source).rows()


class _Reader:
    def __init__(self, file: str, source: YamlSource) -> None:
        self._file = file
        self._source = source
        self._problems = [replace(each, path=each.path[1:], file=file) for each in source.problems]
        self._more = 0
        self._paths: dict[int, dict[Path, Path]] = {}
        """The path in the file of each value, by the number of its row."""

    def rows(self) -> Rows:
        unread = {path[0] for path in self._source.unread if path}
        found = [row for index, each in enumerate(self._source.data) if (row := self._row(index, each)) is not None]
        kept = tuple(row for index, row in found if index not in unread)
        return Rows(self._file, kept, None, tuple(self._problems), self._more, self._position, self._raw)

    def _position(self, row: Row, path: Path) -> Position:
        paths = self._paths[row.number]
        return self._source.position_of_value(paths[path]) if path in paths else Position(row.line, 1)

    def _raw(self, row: Row, path: Path) -> str | None:
        return self._source.raw.get(self._paths[row.number].get(path, ()))

    def _row(self, index: int, data: Any) -> tuple[int, Row] | None:
        if not isinstance(data, Mapping):
            self._problem("fleet-row", "a row is a mapping with the account and its values", _START, (), (index,))
            return None
        place: dict[str, Any] = {}
        values: dict[Path, Any] = {}
        paths: dict[Path, Path] = {}
        wrong = False
        for path, value, where in self._values(data, (), (index,)):
            if path in paths:
                first = self._source.position_of_value(paths[path]).line
                message = f"{columns.dotted(path)} is set twice, first in line {first}"
                self._problem("duplicate-key", message, "keep one", path, where)
                wrong = True
                continue
            paths[path] = where
            if value is None:
                continue  # the value for all
            if len(path) == 1 and path[0] in columns.PLACE:
                place[str(path[0])] = value
            elif columns.dotted(path) in columns.columns():
                values[path] = value
            elif path in columns.groups():
                hint = f"write the settings below it, or a name such as {self._example(path)}"
                self._problem("fleet-row", "this contains settings, and is no value itself", hint, path, where)
                wrong = True
            else:
                if len(self._problems) >= MAX_PROBLEMS:
                    self._more += 1  # looking for what was meant takes long
                else:
                    self._problem(*columns.unknown(columns.dotted(path)), path, where)
                wrong = True
        row = Row(index, self._source.position_of_value((index,)).line, place, values)
        self._paths[index] = paths
        return None if wrong else (index, row)

    @staticmethod
    def _example(path: Path) -> str:
        return next(each.name for each in columns.columns().values() if each.path[: len(path)] == path)

    def _values(self, data: Mapping[str, Any], prefix: Path, place: Path) -> Iterator[tuple[Path, Any, Path]]:
        """Yield path, value and place in the file of each setting."""
        for name, value in data.items():
            path = (*prefix, *name.split("."))
            where = (*place, name)
            if isinstance(value, Mapping) and path in columns.groups():
                yield from self._values(value, path, where)
            else:
                yield path, value, where

    def _problem(self, code: str, message: str, hint: str, path: Path, place: Path) -> None:
        if len(self._problems) >= MAX_PROBLEMS:
            self._more += 1
            return
        where = self._source.position_of_key(place)
        self._problems.append(Problem(code, message, hint, path, where, file=self._file))
