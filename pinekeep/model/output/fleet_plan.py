"""The output of `fleet plan`."""

from typing import Literal

from pinekeep.model.output import OutputModel


class FleetFindingOutput(OutputModel):
    """One finding about an update of an instance."""

    kind: Literal["safe", "attention", "weakens", "breaks_pinecone", "destroys"]
    """Its effect on Pinecone."""
    rule: str
    """The stable name of the rule."""
    what: str
    """The change."""
    why: str
    """Its significance."""
    resource: str | None
    """The logical ID of the resource that changes."""


class FleetTargetOutput(OutputModel):
    """One account and Region."""

    account: str
    """The AWS account."""
    region: str | None
    """The AWS Region; null for an account of an organizational unit that needs a row first."""
    action: Literal["held_back", "update", "retry", "create", "incomplete", "skipped", "left_alone", "none"]
    """What `fleet deploy` does. `held_back`: nothing, because an update would break Pinecone or destroy something.
    `left_alone`: nothing, because the file no longer has the target."""
    kind: Literal["safe", "attention", "weakens", "breaks_pinecone", "destroys"]
    """The most severe kind of the findings."""
    reason: str | None
    """The reason for the action; null where the findings are the reason, or nothing happens."""
    remedy: str | None
    """What to do about it."""
    parameters: list[str]
    """The names of the parameters that change."""
    template: bool
    """Whether the template changes."""
    stack_id: str | None
    """The ARN of the stack; null before it is created."""
    status: str | None
    """CloudFormation's status of the instance; null before it is created."""
    place: str | None
    """The file and line of its row, if it has one."""
    findings: list[FleetFindingOutput]
    """The findings about the update, the most severe first."""


class FleetStackSetOutput(OutputModel):
    """The stack set, and what changes in it."""

    name: str
    """Its name."""
    account: str
    """The account that administers it."""
    region: str
    """Its Region."""
    exists: bool
    """Whether it exists."""
    template: bool
    """Whether its template changes."""
    tags: list[str]
    """The keys of the tags that change."""
    turns_off_automatic_deployment: bool
    """Whether automatic deployment, which somebody turned on, is turned off."""
    turns_on_managed_execution: bool
    """Whether managed execution is turned on."""


class FleetPlanOutput(OutputModel):
    """The plan of a fleet."""

    fleet: str
    """The fleet's name."""
    shape: str
    """The released template."""
    kind: Literal["safe", "attention", "weakens", "breaks_pinecone", "destroys"]
    """The most severe kind of all targets."""
    would_change: bool
    """Whether `fleet deploy` would change anything."""
    refused: bool
    """Whether a target is held back."""
    counts: dict[str, int]
    """The number of targets by action."""
    stack_set: FleetStackSetOutput
    """The stack set."""
    warnings: list[str]
    """What deserves attention, such as an operation that is under way, or what could not be checked."""
    targets: list[FleetTargetOutput]
    """The targets, the most severe first."""
