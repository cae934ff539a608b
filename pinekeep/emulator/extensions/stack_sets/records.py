"""What the emulator keeps of stack sets, their instances and their operations."""

import asyncio
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from pinekeep.emulator.extensions.json_services import RefusedError

Document = dict[str, Any]
Place = tuple[str, str]
"""An account and a Region."""

SELF_MANAGED: Final = "SELF_MANAGED"
SERVICE_MANAGED: Final = "SERVICE_MANAGED"
ACTIVE_STATES: Final = ("RUNNING", "STOPPING", "QUEUED")


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass
class Instance:
    """A stack of a set in one account and Region. ``unit``: that of the targets in which the account was found."""

    account: str
    region: str
    unit: str | None = None
    stack_id: str | None = None
    overrides: dict[str, str] = field(default_factory=dict)
    status: str = "OUTDATED"
    detailed_status: str = "PENDING"
    reason: str | None = None
    last_operation_id: str | None = None
    drift_status: str = "NOT_CHECKED"
    drift_checked: datetime | None = None
    resource_drifts: dict[str, list[Document]] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Its account and Region."""
        return self.account, self.region


@dataclass
class Result:
    """What an operation did in one account and Region."""

    unit: str | None = None
    status: str = "PENDING"
    reason: str | None = None
    skipped: str | None = None


@dataclass
class Operation:
    """An operation of a set.

    ``accounts``: with the unit among the targets. ``overrides``: those to set on its instances, None to keep what they
    have. ``whole_set``: it conflicts with every other operation.
    """

    operation_id: str
    action: str
    regions: list[str]
    accounts: dict[str, str | None]
    preferences: Document
    places: list[Place]
    targets: Document | None = None
    overrides: list[Document] | None = None
    retain_stacks: bool | None = None
    whole_set: bool = False
    status: str = "QUEUED"
    reason: str | None = None
    created: datetime = field(default_factory=now)
    ended: datetime | None = None
    results: dict[Place, Result] = field(default_factory=dict)
    drift: Document | None = None

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self.status in ACTIVE_STATES

    @property
    def failed(self) -> int:
        """The number of its instances that failed."""
        return sum(each.status == "FAILED" for each in self.results.values())


@dataclass
class StackSet:
    """A stack set. ``generation`` counts the changes of what its instances are made of.

    ``automatic_targets``: units with the Regions in which accounts that enter them get instances.
    """

    account: str
    region: str
    name: str
    template_body: str
    template: Document
    parameters: dict[str, str]
    permission_model: str = SELF_MANAGED
    description: str | None = None
    capabilities: list[str] = field(default_factory=list)
    tags: list[Document] = field(default_factory=list)
    administration_role_arn: str | None = None
    execution_role_name: str | None = None
    auto_deployment: Document | None = None
    managed_execution: bool = False
    token: str | None = None
    status: str = "ACTIVE"
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    units: list[str] = field(default_factory=list)
    automatic_targets: dict[str, list[str]] = field(default_factory=dict)
    generation: int = 1
    instances: dict[Place, Instance] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    drift: Document | None = None

    @property
    def set_id(self) -> str:
        """Its unique ID."""
        return f"{self.name}:{self.uuid}"

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:aws:cloudformation:{self.region}:{self.account}:stackset/{self.set_id}"

    @property
    def is_service_managed(self) -> bool:
        """Whether StackSets makes the roles itself."""
        return self.permission_model == SERVICE_MANAGED

    @property
    def active_operations(self) -> list[Operation]:
        """Its operations that have not ended, in the order of their requests."""
        return [each for each in self.operations.values() if each.is_active]


sets: dict[str, StackSet] = {}
"""All stack sets, the deleted ones too, by ARN. A snapshot copies them."""
_tasks: set[asyncio.Task[Any]] = set()


def sets_of(account: str, region: str) -> list[StackSet]:
    """Return the sets of an account and Region, the deleted ones too, in the order of their creation."""
    return [each for each in sets.values() if (each.account, each.region) == (account, region)]


def known_set(account: str, region: str, name_or_id: str, *, only_service_managed: bool = False) -> StackSet:
    """Return an active set by its name, ID or ARN. Raises RefusedError (StackSetNotFoundException)."""
    for each in sets_of(account, region):
        named = each.status == "ACTIVE" and name_or_id in (each.name, each.set_id, each.arn)
        if named and (each.is_service_managed or not only_service_managed):
            return each
    raise RefusedError("StackSetNotFoundException", f"StackSet {name_or_id} not found")


def known_operation(stack_set: StackSet, operation_id: str) -> Operation:
    """Return an operation of a set. Raises RefusedError (OperationNotFoundException)."""
    found = stack_set.operations.get(operation_id)
    if found is None:
        raise RefusedError("OperationNotFoundException", f"Operation {operation_id} not found")
    return found


def start(work: Any) -> None:
    """Run a coroutine in the background, and keep it until it has ended."""
    task = asyncio.get_running_loop().create_task(work)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
