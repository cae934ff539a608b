"""The output of `fleet status`."""

from datetime import datetime

from pinekeep.model.output import OutputModel


class StackSetOutput(OutputModel):
    """A stack set."""

    name: str
    """Its name."""
    id: str
    """Its ID."""
    is_ours: bool
    """Whether it has the fleet's tag."""
    permissions: str
    """`service-managed` or `self-managed`."""
    automatic_deployment: bool
    """Whether it deploys by itself to accounts that join its organizational units."""
    managed_execution: bool
    """Whether operations that do not conflict run side by side."""
    version: str | None
    """The version of Pinekeep that wrote its template; null where the template does not say."""
    shape: str | None
    """The released template's name; null where the template does not say."""


class StackSetOperationOutput(OutputModel):
    """One operation of a stack set."""

    id: str
    """Its ID."""
    action: str
    """CREATE, UPDATE, DELETE or DETECT_DRIFT."""
    status: str
    """RUNNING, QUEUED, STOPPING, STOPPED, SUCCEEDED or FAILED."""
    is_ours: bool
    """Whether Pinekeep started it."""
    created: datetime | None
    """When it began, in UTC."""
    ended: datetime | None
    """When it ended, in UTC; null while it goes on."""
    failed: int | None
    """The number of instances that failed; null where AWS does not say."""


class FleetInstanceOutput(OutputModel):
    """One instance of a stack set, or a target without one."""

    account: str
    """The account."""
    region: str
    """The Region."""
    status: str
    """CURRENT, OUTDATED or INOPERABLE; MISSING for a target without an instance."""
    detail: str | None = None
    """The result of the last operation, such as FAILED."""
    reason: str | None = None
    """AWS's reason for the status."""
    hint: str | None = None
    """What to do about it, where that is known."""
    in_file: bool
    """Whether it is a target of the file."""
    stack_id: str | None = None
    """The ARN of the stack; null where there is none."""
    operation: str | None = None
    """The ID of the last operation."""
    drift: str | None = None
    """DRIFTED, IN_SYNC, NOT_CHECKED or UNKNOWN, as the last detection found."""
    drift_checked_at: datetime | None = None
    """When drift was last detected, in UTC."""
    drifted: list[str] = []
    """The resources that were changed outside the stack, as the last detection found."""


class FleetStatusOutput(OutputModel):
    """What `fleet status` writes."""

    fleet: str
    """The fleet."""
    account: str
    """The account that administers the stack set."""
    region: str
    """The Region of the stack set."""
    stack_set: StackSetOutput | None
    """The stack set; null if there is none."""
    operations: list[StackSetOperationOutput]
    """The newest operations, the newest first."""
    counts: dict[str, int]
    """The number of instances by status."""
    not_in_file: int
    """The number of instances that are no targets of the file."""
    instances: list[FleetInstanceOutput]
    """The instances and the targets without one, by account and Region."""
