"""The output of `fleet deploy` and `fleet remove`."""

from typing import Literal

from pinekeep.model.output import OutputModel

InstanceResult = Literal[
    "created",
    "updated",
    "removed",
    "unchanged",
    "failed",
    "cancelled",
    "not-started",
    "held-back",
]


class FleetInstanceResult(OutputModel):
    """The result in one account and Region."""

    account: str
    """The account."""
    region: str
    """The Region."""
    result: InstanceResult
    """What was done, or why nothing was: `held-back` by the rules of `plan`, `not-started` because of failures before
    it, `cancelled` by StackSets."""
    stack_id: str | None = None
    """The ARN of the stack; null where there is none."""
    reason: str | None = None
    """Why it failed, as AWS says, or why it was held back."""
    hint: str | None = None
    """What to do about it, where that is known."""
    operation: str | None = None
    """The ID of the operation."""


class FleetDeployOutput(OutputModel):
    """What `fleet deploy` writes."""

    fleet: str
    """The fleet."""
    stack_set: str
    """The name of its stack set."""
    changed: bool
    """False for a dry run, and where there was nothing to change."""
    operations: int
    """The number of operations that were started."""
    instances: list[FleetInstanceResult]
    """The results by account and Region; empty for a dry run."""
    counts: dict[str, int]
    """The number of instances by result."""
    refused: str | None = None
    """The refusal of AWS after which no further operation could be started; exit code 3."""
    refused_fix: str | None = None
    """What to do about it, if that is known."""


class FleetKeptOutput(OutputModel):
    """One thing that stays in an account."""

    account: str
    """The account."""
    region: str
    """The Region."""
    what: str
    """What it is."""
    why: str
    """Why it stays, or how to delete it."""


class FleetRemoveOutput(OutputModel):
    """What `fleet remove` writes."""

    fleet: str
    """The fleet."""
    stack_set: str
    """The name of its stack set."""
    changed: bool
    """False for a dry run."""
    stacks_deleted: bool
    """Whether the stacks are deleted with their instances."""
    stack_set_deleted: bool
    """Whether the stack set was deleted, which needs that no instance is left."""
    instances: list[FleetInstanceResult]
    """The instances that leave, with the result of each; with a dry run, `not-started`."""
    kept: list[FleetKeptOutput]
    """What stays, and why."""
    deleted: list[str]
    """The types of the resources that are deleted with the stacks."""
