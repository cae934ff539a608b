"""The targets of a fleet, with the accounts of its organizational units as they are now."""

from collections.abc import Callable

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.organization import accounts_of_units
from pinekeep.model.config import Configuration
from pinekeep.model.config.fleet.reading import read_targets
from pinekeep.model.config.fleet.selection import fleet_of
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.operations.fleet.members import Members


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
