"""The output of `plan`."""

from typing import Literal

from pinekeep.model.output import OutputModel


class PlannedChangeOutput(OutputModel):
    """What would be done to one resource."""

    action: Literal["Add", "Modify", "Remove", "Import", "Dynamic", "SyncWithActual"]
    """CloudFormation's word for it."""
    lost: bool = False
    """Whether the resource was deleted behind the stack's back, and is made again."""
    resource: str
    """The resource's logical ID."""
    type: str
    """Its type."""
    physical_id: str | None
    """What it is now; null where it is not there yet."""
    replacement: Literal["True", "False", "Conditional"]
    """Whether another resource takes its place, or may."""
    properties: list[str]
    """What changes in it."""


class PlannedStackOutput(OutputModel):
    """What would be done to one stack."""

    name: str
    """The stack's name."""
    state: str | None
    """CloudFormation's word for its state; null where there is no such stack."""
    would_change: bool
    """Whether anything would be done."""
    blocked: str | None
    """What to do before it can be deployed over; null where it can be."""
    changes: list[PlannedChangeOutput]
    """What would be done to its resources."""


class PlannedFindingOutput(OutputModel):
    """One thing to know before a deployment."""

    kind: Literal["safe", "attention", "weakens", "breaks_pinecone", "destroys"]
    """What it is to Pinecone."""
    rule: str
    """The stable name of the rule that found it."""
    what: str
    """What is so."""
    why: str
    """Why that matters."""
    stack: str | None
    """The stack that it is about."""
    resource: str | None
    """The logical ID that it is about."""


class PlannedCostItemOutput(OutputModel):
    """One item of the monthly bill."""

    what: str
    """The item."""
    quantity: str
    """How much of it there is in a month, in words."""
    monthly_usd: float | None
    """What it costs a month; null where that depends on the use, or is not known."""
    unit_usd: float | None
    """The price of a unit; null where it is not known."""
    unit: str
    """The unit."""
    source: str
    """Where the price comes from, and when that was read."""


class PlannedCostOutput(OutputModel):
    """What a deployment costs a month at AWS's list prices, after the change."""

    region: str
    """The AWS Region of the prices, which is not the deployment's."""
    as_of: str
    """The day of the prices."""
    total_usd: float
    """The sum of what costs the same every month."""
    items: list[PlannedCostItemOutput]
    """The items."""


class PlannedDeploymentOutput(OutputModel):
    """What would be done for one deployment."""

    name: str
    """The deployment's name."""
    account: str
    """The AWS account."""
    region: str
    """The AWS Region."""
    kind: Literal["safe", "attention", "weakens", "breaks_pinecone", "destroys"]
    """The gravest kind of what was found."""
    handed_over_at: str | None
    """When it was noted that Pinecone was given its values, in UTC; null where nothing was noted."""
    stacks: list[PlannedStackOutput]
    """Its stacks, in the order in which they are deployed."""
    findings: list[PlannedFindingOutput]
    """What there is to know, the gravest first."""
    monthly_cost: PlannedCostOutput | None = None
    """What it costs a month after the change."""


class WaitingOutput(OutputModel):
    """One deployment whose DNS waits until its endpoint is available."""

    deployment: str
    """The deployment."""
    endpoint_id: str | None
    """The endpoint; null where it is not created yet."""
    state: str | None
    """EC2's word for its state; null where it is not created yet."""
    why: str
    """Why DNS waits, and what to do."""


class PlanOutput(OutputModel):
    """What `plan` writes."""

    kind: Literal["safe", "attention", "weakens", "breaks_pinecone", "destroys"]
    """The gravest kind of all deployments."""
    would_change: bool
    """Whether anything would be done."""
    refused: bool
    """Whether `deploy` would refuse, or ask for more than a yes."""
    deployments: list[PlannedDeploymentOutput]
    """The deployments."""
    waiting: list[WaitingOutput] = []
    """The deployments whose DNS waits for a second deployment. They are planned without DNS."""
