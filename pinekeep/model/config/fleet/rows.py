"""The rows of a fleet's file of targets: an account each, perhaps Regions, and the values that differ."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, Final

from pinekeep.model.config.problems import ConfigurationError, Path, Position, Problem, refusal
from pinekeep.model.words import shown

ROWS_MAX: Final = 10_000
BYTES_MAX: Final = 16 * 1024 * 1024
START: Final = (
    "write a line with the names of the columns, such as account,cmek.trust.external_id, and a row for each account; "
    "`pinekeep fleet targets --add ACCOUNT` writes rows, and creates the file"
)
"""The hint where there is no row to read."""
_YAML: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Row:
    """One row, as it is written.

    Attributes:
        number: its number among the rows, from 0.
        line: its line, from 1.
        place: account, region and role_region, those that are given.
        values: values of settings, by path.
    """

    number: int
    line: int
    place: Mapping[str, Any]
    values: Mapping[Path, Any]


@dataclass(frozen=True)
class Rows:
    """The rows of a file.

    Attributes:
        file: the file as messages name it.
        columns: the settings that the header of a CSV file names; None for YAML.
        problems: what is wrong with single cells and names. A row with such a problem is not among the rows.
        more: the number of further problems.
        position: returns the position of a value in a row, by its path; of a missing one, that of the row.
        raw: returns a value of a row as it is written, if it has one.
    """

    file: str
    rows: tuple[Row, ...] = ()
    columns: frozenset[Path] | None = None
    problems: tuple[Problem, ...] = ()
    more: int = 0
    position: Callable[[Row, Path], Position] = field(default=lambda row, _: Position(row.line, 1), repr=False)
    raw: Callable[[Row, Path], str | None] = field(default=lambda _row, _path: None, repr=False)


def read_rows(configuration: FilePath, name: str) -> Rows:
    """Return the rows of a file beside or below the configuration file.

    ``name``: the path in the configuration file, relative to it. Raises ConfigurationError if the file is elsewhere,
    cannot be read, or is damaged as a whole; single problems are in the result.
    """
    path = configuration.parent / name
    file = str(path) if str(path).isprintable() else shown(str(path))
    _require_below(path, configuration.parent, file)
    if path.suffix in _YAML:
        from pinekeep.model.config.fleet.yaml_rows import read_yaml_rows  # noqa: PLC0415 - for YAML alone

        return read_yaml_rows(path, file)
    from pinekeep.model.config.fleet.csv_rows import read_csv_rows  # noqa: PLC0415 - for CSV alone

    return read_csv_rows(path, file)


def _require_below(path: FilePath, folder: FilePath, file: str) -> None:
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # endless links; a name with a null byte
        inside = True  # reading it says why
    if not inside:
        raise refusal(
            file,
            "target-file-outside",
            "the file is outside of the folder of the configuration file",
            "keep it beside or below the configuration file; a symbolic link may not lead elsewhere",
        )


def too_many_rows(file: str, where: Position) -> ConfigurationError:
    """Return the error of a file with too many rows."""
    return refusal(
        file,
        "fleet-rows-many",
        f"a file of targets has at most {ROWS_MAX:,} rows, and this is one more",
        "split it, with a fleet for each part",
        where,
    )
