"""The output of `fleet targets`."""

from pinekeep.model.output import OutputModel


class FleetTargetPlace(OutputModel):
    """One account and Region of a fleet."""

    account: str
    """The AWS account."""
    region: str
    """The AWS Region."""
    role_region: str | None
    """The Region of the account whose stack has the role; null without `cmek`."""
    place: str | None
    """The file and line of its row; null for an account without a row."""


class FleetIncompleteAccount(OutputModel):
    """An account of an organizational unit that is no target yet."""

    account: str
    """The AWS account."""
    reason: str
    """What it lacks."""


class FleetTargetsOutput(OutputModel):
    """What `fleet targets` writes. It has no external IDs."""

    fleet: str
    """The fleet."""
    file: str | None
    """The file of the targets, if there is one."""
    units: list[str]
    """The organizational units of the fleet."""
    units_read: bool
    """Whether the accounts of the units are among the targets. They are read from AWS with `--units` alone."""
    targets: list[FleetTargetPlace]
    """The targets, by account, then by Region, the Region of the role first."""
    incomplete: list[FleetIncompleteAccount]
    """Accounts of units that need a row of their own."""
    added: list[str]
    """The accounts for which rows were added, each with a new external ID; with `--dry-run`, would be."""
    present: list[str]
    """The accounts to add that have a row already, which stays as it is."""
