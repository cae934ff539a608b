"""The problems of a fleet's targets, each placed where its value is: in a row, or in the configuration file."""

from dataclasses import replace
from pathlib import Path as FilePath
from typing import Final

from pinekeep.model.config.fleet import columns
from pinekeep.model.config.fleet.accounts import Found, Wanted
from pinekeep.model.config.fleet.rows import Row, Rows
from pinekeep.model.config.fleet.validation import as_deployment, settings_path
from pinekeep.model.config.problems import MAX_PROBLEMS, Path, Position, Problem
from pinekeep.model.config.yaml_source import YamlSource, read_yaml

EXTERNAL_ID: Final[Path] = ("cmek", "trust", "external_id")
_GENERATE: Final = "`python3 -c 'import uuid; print(uuid.uuid4())'` generates one"
_HINTS: Final = {"external-id-case": "write it in lower case, unless Pinecone already has it in upper case"}
"""Hints for rows, by the code of the problem: the external ID of an account is not shown."""
_AS_TEXT: Final = "format the column as text in the spreadsheet, and write the 12 digits without spaces or hyphens"
_CSV_HINTS: Final = {"account-format": _AS_TEXT, "account-not-quoted": _AS_TEXT}


class Problems:
    """The problems of a fleet, of very many the first ones.

    ``configuration``: the configuration file. ``fleet``: the fleet's name.
    """

    def __init__(self, configuration: FilePath, fleet: str) -> None:
        self._configuration = configuration
        self._fleet = fleet
        self._rows = Rows("")
        self._file: YamlSource | None = None
        self._seen: set[object] = set()
        self._rows_counted: set[object] = set()
        self.found: list[Problem] = []
        self.more = 0

    @property
    def has_errors(self) -> bool:
        """Whether one of them is an error."""
        return any(each.severity == "error" for each in self.found)

    @property
    def are_many(self) -> bool:
        """Whether no more are kept, but only counted."""
        return len(self.found) >= MAX_PROBLEMS

    def add_rows(self, rows: Rows) -> None:
        """Add the problems of the rows, in which further problems will be placed."""
        self._rows = rows
        self.found += rows.problems
        self.more += rows.more

    def count(self, wanted: Wanted, number: int) -> None:
        """Count problems of a target that are not kept: for several Regions of a row, once."""
        row = wanted.row.number if wanted.row else wanted.account
        if row not in self._rows_counted:
            self._rows_counted.add(row)
            self.more += number

    def add_all(self, found: Found) -> None:
        """Add problems, each of a target."""
        for wanted, problem in found:
            self.add(wanted, problem)

    def add(self, wanted: Wanted, problem: Problem) -> None:
        """Add a problem of a target; its path is below the deployment."""
        row, path = wanted.row, problem.path
        self._rows_counted.add(row.number if row else wanted.account)
        at = _cell(row, path) if row else None
        if row and at is not None:
            hints = {**_HINTS, **_CSV_HINTS} if self._rows.columns is not None else _HINTS
            hint = hints.get(problem.code, problem.hint)
            self._append(replace(problem, hint=hint, position=self._rows.position(row, at), file=self._rows.file))
        elif path[:1] in ((), (columns.ACCOUNT,), (columns.REGION,)):
            below = () if wanted.index is None else ("accounts", wanted.index)
            self._append_in_file(problem, ("fleet", self._fleet, *below))
        elif path == (columns.ROLE_REGION,):
            self._append_in_file(problem, ("fleet", self._fleet, columns.ROLE_REGION))
        else:
            self._append_in_file(problem, settings_path(self._fleet, path))

    def add_missing(self, wanted: Wanted, path: Path) -> None:
        """Add the problem of a value that neither the settings nor the row have."""
        name = columns.dotted(path)
        make = f"; {_GENERATE}" if path == EXTERNAL_ID else ""
        row, code = wanted.row, "fleet-value-missing"
        if path == (columns.ACCOUNT,):
            self.add(wanted, Problem(code, "the account is missing", "write the 12 digits of the account", path))
        elif row is None and not self._rows.problems:  # otherwise, its row may be one of them
            message = f"{wanted.name} has no {name}"
            hint = "write a row for the account in the file of the fleet, or set it under settings"
            if path == EXTERNAL_ID:
                hint = (
                    f"`pinekeep fleet targets --fleet {self._fleet} --add {wanted.account}` writes a row with a new "
                    "one; if Pinecone has one of the account already, write that into a row yourself"
                )
            self.add(wanted, Problem(code, message, hint))
        elif row is not None and (self._rows.columns is None or path in self._rows.columns):
            message = "the value is missing, in this row and in the settings for all"
            hint = f"write it in this row, or under settings for all{make}"
            self._append(Problem(code, message, hint, path, self._rows.position(row, path), file=self._rows.file))
        elif not self._rows.problems:  # otherwise, the name of the column may be one of them
            message = "the value is missing: it is neither a column nor among the settings for all"
            hint = f"add the column {name}, or set it under settings{make}"
            self._append(Problem(code, message, hint, path, Position(1, 1), file=self._rows.file))

    def source_of(self, wanted: Wanted) -> YamlSource:
        """Return the settings of a target as those of a deployment in a file, with the texts of its row."""
        source = as_deployment(self._source(), self._fleet, {})
        row = wanted.row
        if row is None:
            return source
        own = ("deployments", self._fleet)
        places: list[Path] = [*row.values, *((name,) for name in row.place)]
        raw = {(*own, *path): text for path in places if (text := self._rows.raw(row, path)) is not None}
        positions = {(*own, *path): self._rows.position(row, path) for path in places}
        return replace(source, values={**source.values, **positions}, raw={**source.raw, **raw})

    def _append_in_file(self, problem: Problem, path: Path) -> None:
        # Once, though it may be found for many targets, each with its own account in the message.
        key = ("in the file", problem.code, path)
        if key not in self._seen:
            self._seen.add(key)
            self._append(replace(problem, path=path, position=self._source().position_of_value(path)))

    def _append(self, problem: Problem) -> None:
        key = (problem.code, problem.message, problem.file, problem.position)
        if key in self._seen:
            return
        if self.are_many:
            self.more += problem.severity == "error"
            return
        self._seen.add(key)
        self.found.append(problem)

    def _source(self) -> YamlSource:
        """Return the configuration file with its positions. It is read again, for problems alone."""
        if self._file is None:
            self._file = read_yaml(self._configuration)
        return self._file


def _cell(row: Row, path: Path) -> Path | None:
    """Return the path of the row's value that a problem is about, () for the row itself, or None."""
    if path[:1] == (columns.ACCOUNT,) or not path:
        return path
    if len(path) == 1 and path[0] in columns.PLACE:
        return path if path[0] in row.place else ()
    for end in range(1, len(path) + 1):
        if path[:end] in row.values:
            return path[:end]
    return next((each for each in row.values if each[: len(path)] == path), None)
