"""Choosing one of the fleets of a file."""

from pinekeep.errors import WrongInputError
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.loading import Configuration
from pinekeep.model.words import did_you_mean, listed, shown


def fleet_of(configuration: Configuration, name: str | None) -> tuple[str, Fleet]:
    """Return a fleet of the file with its name. ``name``: None for the only one.

    Raises WrongInputError if the file has no fleet of this name, none at all, or several where none is named.
    """
    fleets = configuration.content.fleet
    if not fleets:
        raise WrongInputError(
            f"{configuration.path} has no fleet", hint="write one under `fleet`: docs/fleet.md has an example"
        )
    if name is None:
        if len(fleets) > 1:
            raise WrongInputError(
                f"{configuration.path} has {len(fleets)} fleets, and none is named",
                hint=f"name one: {listed(list(fleets))}",
            )
        name = next(iter(fleets))
    if name not in fleets:
        raise WrongInputError(
            f"{configuration.path} has no fleet {shown(name)}; it has {listed(list(fleets))}",
            hint=did_you_mean(name, list(fleets)),
        )
    return name, fleets[name]
