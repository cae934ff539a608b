"""The output of `fleet handoff`."""

from pinekeep.model.output import OutputModel
from pinekeep.model.output.handoff import FieldOutput


class FleetHandoffTarget(OutputModel):
    """The values of one account and Region to enter in the Pinecone console."""

    account: str
    """The account."""
    region: str
    """The Region."""
    project: str | None
    """The name of the Pinecone project, if the file has it."""
    title: str
    """What the page does."""
    fields: list[FieldOutput]
    """The fields, in the page's order."""
    warnings: list[str]
    """What to know before, of this account and Region alone."""


class FleetHandoffMissing(OutputModel):
    """An account and Region without values to enter."""

    account: str
    """The account."""
    region: str | None
    """The Region; null where an account of an organizational unit has no complete row."""
    reason: str
    """Why there are none."""
    fix: str | None
    """What to do about it."""


class FleetRecordOutput(OutputModel):
    """What was recorded with `--record`, or would be."""

    file: str
    """The file beside the configuration file."""
    changed: bool
    """Whether the file says something that it did not say before."""
    targets: int
    """The number of accounts and Regions that were recorded, or already are."""


class FleetHandoffOutput(OutputModel):
    """What `fleet handoff` writes."""

    fleet: str
    """The fleet's name."""
    console: str
    """The address of the Pinecone console."""
    path: str | None
    """Where the page is in the console; null without any values."""
    warnings: list[str]
    """What to know before, for each account and Region."""
    targets: list[FleetHandoffTarget]
    """The values, by account, then by Region."""
    missing: list[FleetHandoffMissing]
    """The accounts and Regions without values."""
    recorded: FleetRecordOutput | None = None
    """With `--record`: what was recorded, or would be."""
