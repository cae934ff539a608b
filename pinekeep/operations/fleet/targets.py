"""The targets of a fleet, with the accounts of its organizational units as they are now."""

from collections.abc import Callable

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.organization import accounts_of_units
from pinekeep.errors import WrongInputError
from pinekeep.model.config import Configuration
from pinekeep.model.config.fleet.reading import read_targets
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.model.words import did_you_mean, listed, shown
from pinekeep.operations.fleet.members import Members


def fleet_of(configuration: Configuration, name: str | None) -> tuple[str, Fleet]:
    """Return a fleet of the file with its name. ``name``: None for the only one.

    Raises WrongInputError if the file has no fleet of this name, none at all, or several where none is named.
    """
    fleets = configuration.content.fleet
    if not fleets:
        raise WrongInputError(
            f"{configuration.path} has no fleet", hint="write one under `fleet`: docs/configuration.md has its settings"
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


def targets_of(
    configuration: Configuration, name: str, *, clients: Callable[[], Clients]
) -> tuple[FleetTargets, Members]:
    """Return the targets of a fleet, and the accounts of its organizational units.

    ``clients``: those of the administrator, called only if the fleet has units. Two calls for each unit, more for more
    than 20 accounts or units in it. Raises ConfigurationError with all problems of all rows; WrongInputError if a unit
    does not exist; AwsRefusedError if AWS refuses.
    """
    _, fleet = fleet_of(configuration, name)
    if not fleet.units:
        return read_targets(configuration, name), Members()
    members = Members(by_unit=accounts_of_units(clients(), fleet.units))
    return read_targets(configuration, name, members=members.active), members
