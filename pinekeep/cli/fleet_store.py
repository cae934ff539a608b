"""The file of results that ``fleet verify``, ``query`` and ``report`` use."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.options import DEFAULT_FILE
from pinekeep.errors import WrongInputError
from pinekeep.model.words import did_you_mean, listed, shown

if TYPE_CHECKING:
    import sqlite3

store_option: Final = click.option(
    "--store",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file of results.  [default: beside the configuration file]",
)


def store_path(store: Path | None, config: Path | None) -> Path:
    """Return the file of results."""
    from pinekeep.operations.fleet.verification.store_file import store_beside  # noqa: PLC0415

    return store or store_beside(config or Path(DEFAULT_FILE))


def fleet_of_results(connection: "sqlite3.Connection", asked: str | None, path: Path) -> str:
    """Return the fleet that is asked for, or the only one. Raises WrongInputError if it has no results."""
    from pinekeep.operations.fleet.verification.asking import fleets_in  # noqa: PLC0415

    known = fleets_in(connection)
    if asked is None and len(known) == 1:
        return known[0]
    if not known:
        raise WrongInputError(f"{path} has no results yet", hint="run pinekeep fleet verify")
    if asked is None:
        raise WrongInputError(f"{path} has results of {listed(known)}", hint=f"add --fleet {known[0]}")
    if asked not in known:
        raise WrongInputError(
            f"{path} has no results of a fleet {shown(asked)}; it has those of {listed(known)}",
            hint=did_you_mean(asked, known),
        )
    return asked
