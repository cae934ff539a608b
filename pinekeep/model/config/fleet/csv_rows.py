"""Rows from a CSV file, read line by line."""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path as FilePath
from typing import Any, Final, NamedTuple, TextIO

from pinekeep.model.config.fleet import columns
from pinekeep.model.config.fleet.rows import BYTES_MAX, ROWS_MAX, START, Row, Rows, too_many_rows
from pinekeep.model.config.problems import MAX_PROBLEMS, Path, Position, Problem, refusal
from pinekeep.model.config.reading import open_text
from pinekeep.model.facts import aws
from pinekeep.model.words import listed, plain, shown

_FORMULA: Final = ("=", "+", "-", "@")
_QUOTES: Final = (
    "\"'\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}"
    "\N{RIGHT SINGLE QUOTATION MARK}`"
)
_OTHER_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_NAMES_MAX: Final = 20
_FLAGS: Final = {"true": True, "false": False}
_AS_TEXT: Final = "format the column as text in the spreadsheet, and enter the value again"


def read_csv_rows(path: FilePath, file: str) -> Rows:
    """Return the rows of a CSV file. Raises as :func:`pinekeep.model.config.fleet.rows.read_rows`."""
    with open_text(path, most=BYTES_MAX, kind="CSV", start=START) as stream:
        reader = _Reader(path, file, stream)
        rows = reader.rows()
    return Rows(
        file,
        rows,
        frozenset(column.path for column in reader.settings.values()),
        tuple(reader.problems),
        reader.more,
        reader.position,
        reader.raw,
    )


class _Cell(NamedTuple):
    text: str
    line: int
    index: int
    path: Path


class _Reader:
    def __init__(self, path: FilePath, file: str, stream: TextIO) -> None:
        self._path = path
        self._file = file
        self._lines = 0
        self._last = 0, ""
        self._reader = csv.reader(self._counted(stream), strict=True)
        self._places: dict[int, str] = {}
        self.settings: dict[int, columns.Column] = {}
        self._index: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self.more = 0

    def rows(self) -> tuple[Row, ...]:
        """Read the header, then the rows."""
        records = self._records()
        line, header = next(records, (1, list[str]()))
        if not header:
            raise refusal(self._file, "fleet-file-empty", "the file contains no rows", START)
        self._header(line, header)
        found: list[Row] = []
        count = 0
        for line, cells in records:
            if not any(map(str.strip, cells)):
                continue  # spreadsheets write such rows below the last one
            count += 1
            if count > ROWS_MAX:
                raise too_many_rows(self._file, Position(line, 1))
            row = self._row(count, line, cells, len(header))
            if row is not None and columns.ACCOUNT in self._places.values():
                found.append(row)
        return tuple(found)

    def position(self, row: Row, path: Path) -> Position:
        """Return the position of a cell, or of the row where it has none for the path."""
        index = self._index.get(path)
        if index is None:
            return Position(row.line, 1)
        return Position(row.line, self._column(row.line, index))

    def raw(self, row: Row, path: Path) -> str | None:
        """Return a cell as text: what is no text was converted from one."""
        value = row.values.get(path)
        return None if value is None else str(value).lower()

    def _counted(self, stream: TextIO) -> Iterator[str]:
        for line in stream:
            self._lines += 1
            yield line

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each record with its first line; blank lines are none."""
        while True:
            first = self._lines + 1
            try:
                record = next(self._reader, None)
            except csv.Error as error:
                raise refusal(
                    self._file, "fleet-csv", f"invalid CSV: {_sentence(str(error))}", "write a quotation mark at both "
                    "ends of a cell, or at none", Position(first, 1),
                )  from None  # fmt: skip
            if record is None:
                return
            if record:
                yield first, record

    def _header(self, line: int, header: list[str]) -> None:
        names = [each.strip() for each in header]
        if len(names) == 1:
            for separator, word in _OTHER_SEPARATORS.items():
                if separator in names[0]:
                    raise refusal(
                        self._file, "fleet-csv-separator", f"the columns are separated by {word}, expected commas",
                        "save the file as CSV with commas", Position(line, 1),
                    )  # fmt: skip
        if all(_is_account(each) or not each for each in names) or _is_account(names[0]):
            raise refusal(
                self._file, "fleet-header", "the first line must name the columns, and this one is a row",
                f"write a first line such as account,{columns.EXTERNAL_ID}", Position(line, 1),
            )  # fmt: skip
        seen: dict[str, int] = {}
        for index, name in enumerate(names):
            where = Position(line, 1 if self._are_many else self._column(line, index))
            if name in seen:
                self._problem("fleet-column-twice", f"the column {plain(name)} is already column {seen[name] + 1}",
                              "keep one", (), where)  # fmt: skip
                continue
            seen[name] = index
            if not name:
                self._problem("fleet-column-empty", f"column {index + 1} has no name", "name it, or remove it", (),
                              where)  # fmt: skip
            elif name in columns.PLACE:
                self._places[index] = name
                self._index[(name,)] = index
            elif (column := columns.columns().get(name)) is None:
                self._unknown(name, where)
            elif column.kind == "mapping":
                self._problem("fleet-column-mapping", f"a cell cannot hold {name}",
                              "write the rows as YAML, in a file that ends in .yaml", (), where)  # fmt: skip
            else:
                self.settings[index] = column
                self._index[column.path] = index
        if columns.ACCOUNT not in seen:
            given = listed([plain(each) for each in names[:_NAMES_MAX]])
            message = f"there is no column account; the columns are {given}{', …' if len(names) > _NAMES_MAX else ''}"
            hint = "name the column of the account numbers account"
            self._problem("fleet-account-column", message, hint, (), Position(line, 1))

    def _unknown(self, name: str, where: Position) -> None:
        if self._are_many:
            self.more += 1  # looking for what was meant takes long
        else:
            self._problem(*columns.unknown(name), (), where)

    def _row(self, count: int, line: int, cells: list[str], width: int) -> Row | None:
        wrong = len(self.problems) + self.more
        if len(cells) != width:
            message = f"the row has {len(cells)} {'cell' if len(cells) == 1 else 'cells'}, the header has {width}"
            hint = "a value with a comma is written in quotes; several values are separated by spaces"
            self._problem("fleet-cells", message, hint, (), Position(line, 1))
            return None
        place: dict[str, Any] = {}
        for index, name in self._places.items():
            cell = _Cell(cells[index].strip(), line, index, (name,))
            if cell.text:
                self._check(cell)
                place[name] = cell.text
        values: dict[Path, Any] = {}
        for index, column in self.settings.items():
            cell = _Cell(cells[index].strip(), line, index, column.path)
            if cell.text:
                self._check(cell)
                values[column.path] = self._value(cell, column.kind)
        return Row(count, line, place, values) if len(self.problems) + self.more == wrong else None

    def _check(self, cell: _Cell) -> None:
        """Report what a spreadsheet, or a careless hand, makes of a value. It may be a secret, so it is not shown."""
        text = cell.text
        if text[0].isalnum() and text[-1].isalnum() and text.isprintable():
            if cell.path == (columns.ACCOUNT,) and _is_shortened(text):
                message = f"{plain(text)} is a number that a spreadsheet shortened; digits of the account are lost"
                hint = f"format the column as text, and enter the {aws.ACCOUNT_DIGITS} digits again"
                self._cell("fleet-account-shortened", message, hint, cell)
        elif text[0] in _FORMULA:
            message = f"a spreadsheet computes a value that begins with {text[0]}"
            self._cell("fleet-cell-formula", message, f"write the value itself; {_AS_TEXT}", cell)
        elif text[0] in _QUOTES or text[-1] in _QUOTES:
            mark = text[0] if text[0] in _QUOTES else text[-1]
            message = f"the quotation mark {mark} is part of the value"
            self._cell("fleet-cell-quotes", message, f"write the value alone; {_AS_TEXT}", cell)
        elif not text.isprintable():
            found = next(each for each in text if not each.isprintable())
            message = f"the value contains the character U+{ord(found):04X}"
            self._cell("fleet-cell-characters", message, "remove line ends and characters that cannot be seen", cell)

    def _value(self, cell: _Cell, kind: columns.Kind) -> Any:
        text = cell.text
        match kind:
            case "list":
                return text.split()
            case "word or list":
                return text if text == "all" else text.split()
            case "number" if text.isascii() and text.isdigit() and len(text) < aws.ACCOUNT_DIGITS:
                return int(text)
            case "number":
                message = f"expected a whole number, got {shown(text)}"
                self._cell("not-a-number", message, "write digits alone", cell)
            case "flag" if text.lower() in _FLAGS:
                return _FLAGS[text.lower()]
            case "flag":
                message = f"expected true or false, got {shown(text)}"
                self._cell("not-true-or-false", message, "write true or false", cell)
            case _:
                pass
        return text

    def _cell(self, code: str, message: str, hint: str, cell: _Cell) -> None:
        column = 1 if self._are_many else self._column(cell.line, cell.index)
        self._problem(code, message, hint, cell.path, Position(cell.line, column))

    @property
    def _are_many(self) -> bool:
        return len(self.problems) >= MAX_PROBLEMS

    def _problem(self, code: str, message: str, hint: str, path: Path, where: Position) -> None:
        if self._are_many:
            self.more += 1
        else:
            self.problems.append(Problem(code, message, hint, path, where, file=self._file))

    def _column(self, line: int, index: int) -> int:
        """Return the column where a cell begins."""
        text = self._line(line)
        quoted = False
        for column, character in enumerate(text, 1):
            if index == 0:
                return column
            quoted ^= character == '"'
            index -= character == "," and not quoted
        return max(1, len(text.rstrip("\r\n")) + 1) if index == 0 else 1

    def _line(self, line: int) -> str:
        """Return a line of the file. It is read again: few are asked for, and one of them several times."""
        if self._last[0] != line:
            with open_text(self._path, most=BYTES_MAX, kind="CSV", start=START) as stream:
                self._last = line, next(islice(stream, line - 1, line), "")
        return self._last[1]


def _is_account(text: str) -> bool:
    return text.isdigit() and len(text) == aws.ACCOUNT_DIGITS


def _is_shortened(text: str) -> bool:
    number, e, exponent = text.upper().partition("E")
    return bool(e) and number.replace(".", "").replace(",", "").isdigit() and exponent.lstrip("+").isdigit()


def _sentence(message: str) -> str:
    if "end of data" in message:
        return "a quotation mark is not closed"
    if "expected after" in message:
        return "a quotation mark stands inside a cell"
    if "larger than field limit" in message:
        return "a cell is too long"
    return message
