"""The output of `deploy`, `recover` and `destroy`."""

from pinekeep.model.output import OutputModel
from pinekeep.model.output.plan import PlanOutput, WaitingOutput
from pinekeep.model.output.verification import FindingOutput


class StackResult(OutputModel):
    """One stack after a deployment."""

    name: str
    """The stack's name."""
    deployment: str
    """The deployment it belongs to."""
    outputs: dict[str, str]
    """Its outputs."""


class DeployOutput(OutputModel):
    """What `deploy` writes."""

    changed: bool
    """False for a dry run, and where there was nothing to change."""
    stacks: list[StackResult]
    """The stacks, with what they put out; empty for a dry run."""
    plan: PlanOutput | None = None
    """What was to be done."""
    failing: list[FindingOutput] = []
    """The checks that fail afterwards although the templates promise what they look at; exit code 1 where any does."""
    unreadable: list[FindingOutput] = []
    """The checks that could not be made for want of permissions."""
    waiting: list[WaitingOutput] = []
    """The deployments whose DNS still waits for a second deployment."""


class RecoverOutput(OutputModel):
    """What `recover` writes."""

    changed: bool
    """False for a dry run."""
    deployment: str
    """The deployment."""
    stack: str
    """The stack that what is left is taken back into."""
    things: list[str]
    """What is taken back in: roles, key and alias."""
    handed_over_at: str | None
    """When it was noted that Pinecone was given them, in UTC; null where nothing was noted."""


class KeptOutput(OutputModel):
    """One thing that `destroy` keeps."""

    deployment: str
    """The deployment it belongs to."""
    what: str
    """What it is."""
    why: str
    """Why it is kept."""


class DestroyOutput(OutputModel):
    """What `destroy` writes."""

    changed: bool
    """False for a dry run, and where there was nothing to take away."""
    removed: list[str]
    """The stacks taken away, or that would be."""
    retired: list[str] = []
    """The endpoints that were registered with Pinecone and are noted as retired, or would be."""
    kept: list[KeptOutput]
    """What is kept, and why."""
