"""Reads of stack sets, their instances and operations, by the account that administers them.

Source: the API reference of AWS CloudFormation, docs.aws.amazon.com (checked 2026-11-30).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import code_of, message_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.errors import AwsRefusedError
from pinekeep.model.facts.stack_sets import PRINCIPAL

CallAs = Literal["DELEGATED_ADMIN"]
"""How a delegated administrator calls CloudFormation. The management account, and self-managed sets, leave it out."""

PAGE: Final = 100
"""The most items of a response."""
NO_SUCH_SET: Final = "StackSetNotFoundException"
_NO_SUCH_INSTANCE: Final = "StackInstanceNotFoundException"
_DELETED: Final = "DELETED"
_NOT_DELEGATED: Final = "not a delegated administrator"
UNDER_WAY: Final = frozenset({"RUNNING", "STOPPING", "QUEUED"})
"""The statuses of operations that have not ended."""


@dataclass(frozen=True, kw_only=True)
class Drift:
    """The result of the last drift detection of a stack set. ``status``: DRIFTED, IN_SYNC or NOT_CHECKED."""

    status: str = "NOT_CHECKED"
    detection: str | None = None
    checked_at: datetime | None = None
    drifted: int = 0
    in_sync: int = 0
    failed: int = 0
    total: int = 0


@dataclass(frozen=True, kw_only=True)
class StackSet:
    """A stack set as CloudFormation describes it.

    Attributes:
        template: the template body.
        permission_model: SERVICE_MANAGED or SELF_MANAGED.
        auto_deployment: whether it deploys by itself to accounts that join its organizational units.
        managed_execution: whether operations that do not conflict run side by side, and others are queued.
        administration_role_arn: the role that StackSets assumes; None with service-managed permissions.
        units: the organizational units that it was deployed to.
        regions: the Regions with instances.
    """

    name: str
    id: str
    status: str
    template: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    permission_model: str = "SELF_MANAGED"
    auto_deployment: bool = False
    managed_execution: bool = False
    administration_role_arn: str | None = None
    execution_role_name: str | None = None
    units: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    drift: Drift = field(default_factory=Drift)


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """One instance of a stack set: a stack in an account and Region.

    Attributes:
        stack_id: the ARN of the stack; None before it is created.
        status: CURRENT, OUTDATED or INOPERABLE.
        detailed_status: the result of the last operation, such as SUCCEEDED, FAILED or SKIPPED_SUSPENDED_ACCOUNT.
        reason: CloudFormation's explanation of the status.
        unit: the organizational unit through which the account was addressed.
        drift: DRIFTED, IN_SYNC, NOT_CHECKED or UNKNOWN.
        last_operation: the ID of the operation that last addressed it.
    """

    account: str
    region: str
    stack_id: str | None = None
    status: str = "CURRENT"
    detailed_status: str | None = None
    reason: str | None = None
    unit: str | None = None
    drift: str | None = None
    drift_checked_at: datetime | None = None
    last_operation: str | None = None

    @property
    def place(self) -> tuple[str, str]:
        """The account and the Region."""
        return self.account, self.region


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation of a stack set. ``failed``: the number of instances that failed, as far as CloudFormation says."""

    id: str
    action: str
    status: str
    created: datetime | None = None
    ended: datetime | None = None
    reason: str | None = None
    failed: int | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether it has not ended: running, queued or being stopped."""
        return self.status in UNDER_WAY


@dataclass(frozen=True, kw_only=True, slots=True)
class OperationResult:
    """The result of an operation in one account and Region."""

    account: str
    region: str
    status: str
    reason: str | None = None
    unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class StackSetName:
    """One stack set of a listing."""

    name: str
    id: str
    permission_model: str | None = None


def read_stack_set(clients: Clients, name: str, *, call_as: CallAs | None = None) -> StackSet | None:
    """Return a stack set, None if there is none of that name. One call. Raises AwsRefusedError if AWS refuses."""
    with refusals_told(clients.region):
        try:
            found = _cloudformation(clients).describe_stack_set(StackSetName=name, **_as(call_as))["StackSet"]
        except Exception as error:
            if code_of(error) == NO_SUCH_SET:
                return None
            if call_as is not None and _NOT_DELEGATED in message_of(error):
                raise AwsRefusedError(
                    "the administrator's account is not a delegated administrator of StackSets",
                    hint="in the management account: aws organizations register-delegated-administrator "
                    f"--service-principal {PRINCIPAL} --account-id ACCOUNT; if the administrator is the management "
                    "account, write delegated: false",
                ) from None
            raise
    return None if found.get("Status") == _DELETED else _stack_set(found)


def list_stack_sets(clients: Clients, *, call_as: CallAs | None = None) -> list[StackSetName]:
    """Return the active stack sets of the account and Region. One call a page. Raises AwsRefusedError."""
    pages = _pages(clients, "list_stack_sets", Status="ACTIVE", **_as(call_as))
    return [
        StackSetName(name=each["StackSetName"], id=each["StackSetId"], permission_model=each.get("PermissionModel"))
        for each in pages
    ]


def list_instances(
    clients: Clients,
    name: str,
    *,
    call_as: CallAs | None = None,
    account: str | None = None,
    region: str | None = None,
) -> list[Instance]:
    """Return the instances of a stack set, of one account or Region if these are given. One call for 100 instances.

    Returns none if the stack set does not exist. Raises AwsRefusedError if AWS refuses.
    """
    asked = {"StackInstanceAccount": account, "StackInstanceRegion": region}
    asked = {key: value for key, value in asked.items() if value is not None}
    return [
        _instance(each) for each in _pages(clients, "list_stack_instances", StackSetName=name, **asked, **_as(call_as))
    ]


def list_operations(
    clients: Clients, name: str, *, call_as: CallAs | None = None, newest: int | None = None
) -> list[Operation]:
    """Return the operations of a stack set, the newest first; at most ``newest`` of them. One call for 100.

    Returns none if the stack set does not exist. Raises AwsRefusedError if AWS refuses.
    """
    found: list[Operation] = []
    for each in _pages(clients, "list_stack_set_operations", StackSetName=name, **_as(call_as)):
        found.append(_operation(each))
        if newest is not None and len(found) >= newest:
            break
    return found


def read_operation(clients: Clients, name: str, operation: str, *, call_as: CallAs | None = None) -> Operation:
    """Return one operation of a stack set. One call. Raises AwsRefusedError if AWS refuses, or does not know it."""
    with refusals_told(clients.region):
        client = _cloudformation(clients)
        found = client.describe_stack_set_operation(StackSetName=name, OperationId=operation, **_as(call_as))
    return _operation(found["StackSetOperation"])


def operation_results(
    clients: Clients, name: str, operation: str, *, call_as: CallAs | None = None
) -> list[OperationResult]:
    """Return the results of an operation, by account and Region. One call for 100. Raises AwsRefusedError."""
    pages = _pages(
        clients, "list_stack_set_operation_results", StackSetName=name, OperationId=operation, **_as(call_as)
    )
    return [
        OperationResult(
            account=each["Account"],
            region=each["Region"],
            status=each["Status"],
            reason=each.get("StatusReason") or (each.get("AccountGateResult") or {}).get("StatusReason"),
            unit=each.get("OrganizationalUnitId"),
        )
        for each in pages
    ]


def overrides_of(
    clients: Clients, name: str, *, account: str, region: str, call_as: CallAs | None = None
) -> dict[str, str] | None:
    """Return the parameters that an instance overrides; None if there is no such instance. One call.

    They may be secret: do not print them. Raises AwsRefusedError if AWS refuses.
    """
    with refusals_told(clients.region):
        try:
            found = _cloudformation(clients).describe_stack_instance(
                StackSetName=name, StackInstanceAccount=account, StackInstanceRegion=region, **_as(call_as)
            )
        except Exception as error:
            if code_of(error) in {NO_SUCH_SET, _NO_SUCH_INSTANCE}:
                return None
            raise
    return _values(found["StackInstance"].get("ParameterOverrides"))


def organizations_access(clients: Clients, *, call_as: CallAs | None = None) -> str:
    """Return whether StackSets has trusted access to the organization: ENABLED, DISABLED or DISABLED_PERMANENTLY.

    One call. Raises AwsRefusedError if AWS refuses.
    """
    with refusals_told(clients.region):
        return str(_cloudformation(clients).describe_organizations_access(**_as(call_as))["Status"])


def _cloudformation(clients: Clients) -> Any:
    return clients.client("cloudformation")


def _as(call_as: CallAs | None) -> dict[str, str]:
    return {} if call_as is None else {"CallAs": call_as}


def _pages(clients: Clients, operation: str, **arguments: Any) -> Iterator[Any]:
    """Yield the items of all pages; none if the stack set does not exist."""
    with refusals_told(clients.region):
        call = getattr(_cloudformation(clients), operation)
        arguments["MaxResults"] = PAGE
        try:
            while True:
                page = call(**arguments)
                yield from page["Summaries"]
                if not page.get("NextToken"):
                    return
                arguments["NextToken"] = page["NextToken"]
        except Exception as error:
            if code_of(error) != NO_SUCH_SET:
                raise


def _stack_set(found: Mapping[str, Any]) -> StackSet:
    drift = found.get("StackSetDriftDetectionDetails") or {}
    return StackSet(
        name=found["StackSetName"],
        id=found["StackSetId"],
        status=found.get("Status") or "ACTIVE",
        template=found.get("TemplateBody") or "",
        parameters=_values(found.get("Parameters")),
        tags={each["Key"]: each["Value"] for each in found.get("Tags") or ()},
        permission_model=found.get("PermissionModel") or "SELF_MANAGED",
        auto_deployment=bool((found.get("AutoDeployment") or {}).get("Enabled")),
        managed_execution=bool((found.get("ManagedExecution") or {}).get("Active")),
        administration_role_arn=found.get("AdministrationRoleARN"),
        execution_role_name=found.get("ExecutionRoleName"),
        units=tuple(found.get("OrganizationalUnitIds") or ()),
        regions=tuple(found.get("Regions") or ()),
        drift=Drift(
            status=drift.get("DriftStatus") or "NOT_CHECKED",
            detection=drift.get("DriftDetectionStatus"),
            checked_at=drift.get("LastDriftCheckTimestamp"),
            drifted=drift.get("DriftedStackInstancesCount") or 0,
            in_sync=drift.get("InSyncStackInstancesCount") or 0,
            failed=drift.get("FailedStackInstancesCount") or 0,
            total=drift.get("TotalStackInstancesCount") or 0,
        ),
    )


def _instance(found: Mapping[str, Any]) -> Instance:
    return Instance(
        account=found["Account"],
        region=found["Region"],
        stack_id=found.get("StackId") or None,
        status=found.get("Status") or "CURRENT",
        detailed_status=(found.get("StackInstanceStatus") or {}).get("DetailedStatus"),
        reason=found.get("StatusReason") or None,
        unit=found.get("OrganizationalUnitId") or None,
        drift=found.get("DriftStatus"),
        drift_checked_at=found.get("LastDriftCheckTimestamp"),
        last_operation=found.get("LastOperationId") or None,
    )


def _operation(found: Mapping[str, Any]) -> Operation:
    return Operation(
        id=found["OperationId"],
        action=found.get("Action") or "UPDATE",
        status=found["Status"],
        created=found.get("CreationTimestamp"),
        ended=found.get("EndTimestamp"),
        reason=found.get("StatusReason") or None,
        failed=(found.get("StatusDetails") or {}).get("FailedStackInstancesCount"),
    )


def _values(found: Any) -> dict[str, str]:
    return {each["ParameterKey"]: each.get("ParameterValue") or "" for each in found or ()}
