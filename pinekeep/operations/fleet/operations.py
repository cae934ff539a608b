"""The operations of a fleet's stack set: what each acts on, and the calls that start, list and stop them.

Source: the API reference of AWS CloudFormation, docs.aws.amazon.com (checked 2026-11-30).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import THROTTLED, cleaned, code_of, message_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.reads import stack_sets
from pinekeep.account.reads.stack_sets import CallAs, Operation, OperationResult
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config.fleet.settings import FleetOperation
from pinekeep.operations.fleet.desired import CAPABILITIES, digest_of

UNITS_MAX: Final = 50
"""The most organizational units of a call."""
_BEGUN: Final = "OperationIdAlreadyExistsException"
_BUSY: Final = frozenset({"OperationInProgressException", "StaleRequestException"})
_QUOTA: Final = "LimitExceededException"
_REJECTED: Final = frozenset({"InvalidOperationException", "StackInstanceNotFoundException", "ValidationError"})
_READ_ALONE_MAX: Final = 5
"""Up to so many operations are read by themselves instead of the whole list."""
_ENDED: Final = "InvalidOperationException"
_MODES: Final = {"strict": "STRICT_FAILURE_TOLERANCE", "soft": "SOFT_FAILURE_TOLERANCE"}


class Action(StrEnum):
    """What an operation does to its instances, as messages call it."""

    CREATE = "create"
    UPDATE = "update"
    UPDATE_SET = "update the template of"
    SETTINGS = "update the settings of"
    DELETE = "remove"


@dataclass(frozen=True, kw_only=True)
class SetContent:
    """What a stack set deploys.

    Attributes:
        template: the template body; None keeps the present one, with its parameters.
        parameters: the values of the stack set itself; without a template, only their names count.
        tags: passed on to the stacks; None keeps them.
        administration_role_arn: of self-managed permissions, and so is the name of the execution role; None for AWS's.
        stops_auto_deployment: whether automatic deployment is turned off.
    """

    template: str | None = field(default=None, repr=False)
    parameters: Mapping[str, str] = field(repr=False)
    tags: Mapping[str, str] | None = None
    administration_role_arn: str | None = None
    execution_role_name: str | None = None
    stops_auto_deployment: bool = False


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The instances that one operation acts on: every account in every Region.

    Attributes:
        id: the ID of the operation; see :func:`.desired.new_operation_id`.
        regions: in the order in which they are deployed to.
        units: the organizational units or the root through which the accounts are addressed; none if self-managed.
        overrides: all parameters that the instances override; None leaves them. They may be secret.
        retain: for a removal, whether the stacks stay.
        content: for an update of the set, what it deploys from then on.
        after: the IDs of operations that must have succeeded in an account before this one begins there.
    """

    id: str
    action: Action
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    units: tuple[str, ...] = ()
    overrides: Mapping[str, str] | None = field(default=None, repr=False)
    retain: bool = True
    content: SetContent | None = None
    after: frozenset[str] = frozenset()

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """The accounts and Regions."""
        return tuple((account, region) for account in self.accounts for region in self.regions)

    def __str__(self) -> str:
        """Return what the operation does, in words."""
        if not self.accounts:
            return f"{self.action} the stack set"
        where = self.accounts[0] if len(self.accounts) == 1 else f"{len(self.accounts)} accounts"
        return f"{self.action} {where} in {', '.join(self.regions)}"


class BusyError(Exception):
    """The operation was not started: the stack set, or AWS, takes no further one for now. The argument says why."""


class QuotaError(BusyError):
    """A quota is used up, of instances or of what is under way; only the latter passes."""


class RejectedError(Exception):
    """AWS rejects the operation, and will again. The argument is the reason."""


class StackSets(Protocol):
    """The calls that run the operations of one stack set."""

    def start(self, batch: Batch, *, concurrent: int, failing: int) -> None:
        """Start an operation. A repeated call with the same ID starts it once.

        ``concurrent``: the accounts at the same time. ``failing``: the accounts that may fail in each Region before
        StackSets stops it. Raises BusyError, RejectedError, or AwsRefusedError where no operation can be started.
        """

    def operations(self, wanted: Collection[str]) -> Mapping[str, Operation]:
        """Return the operations of these IDs, without those that AWS does not list yet. Raises AwsRefusedError."""

    def operation(self, operation: str) -> Operation:
        """Return one operation, also one that is not listed yet. Raises AwsRefusedError."""

    def results(self, operation: str) -> Iterable[OperationResult]:
        """Return the results of an operation by account and Region. Raises AwsRefusedError."""

    def stop(self, operation: str) -> None:
        """Stop an operation: accounts that have not begun are left out. Raises AwsRefusedError."""


class StackSetCalls:
    """The calls for the stack set of a name, in the account and Region that administer it."""

    def __init__(
        self,
        clients: Clients,
        name: str,
        *,
        call_as: CallAs | None,
        service_managed: bool,
        limits: FleetOperation,
        sequential: bool,
    ) -> None:
        self._clients = clients
        self._name = name
        self._call_as = call_as
        self._service_managed = service_managed
        self._limits = limits
        self._sequential = sequential or limits.regions == "sequential"

    def create(self, content: SetContent, *, token: str) -> None:
        """Create the stack set, without instances. ``token``: a repeated call with it creates it once."""
        with refusals_told(self._clients.region):
            self._client.create_stack_set(
                **self._set(content),
                PermissionModel="SERVICE_MANAGED" if self._service_managed else "SELF_MANAGED",
                **({"AutoDeployment": {"Enabled": False}} if self._service_managed else {}),
                ClientRequestToken=token,
            )

    def delete(self) -> None:
        """Delete the stack set, which has no instance left. Raises AwsRefusedError if AWS refuses."""
        with refusals_told(self._clients.region):
            self._client.delete_stack_set(StackSetName=self._name, **self._as)

    def detect_drift(self, operation: str, *, concurrent: int, failing: int) -> None:
        """Start the detection of drift in all instances. Raises BusyError, RejectedError or AwsRefusedError."""
        preferences = {
            "RegionConcurrencyType": "PARALLEL",
            "MaxConcurrentCount": concurrent,
            "FailureToleranceCount": failing,
            "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE",
        }
        self._begin(
            self._client.detect_stack_set_drift,
            StackSetName=self._name,
            OperationId=operation,
            OperationPreferences=preferences,
            **self._as,
        )

    def start(self, batch: Batch, *, concurrent: int, failing: int) -> None:
        """Start an operation; see :class:`StackSets`."""
        asked: dict[str, Any] = {
            "StackSetName": self._name,
            "OperationId": batch.id,
            "OperationPreferences": self._preferences(batch, concurrent=concurrent, failing=failing),
            **(self._targets(batch) if batch.accounts else {}),
            **self._as,
        }
        if batch.overrides is not None:
            asked["ParameterOverrides"] = _parameters(batch.overrides)
        match batch.action:
            case Action.CREATE:
                self._begin(self._client.create_stack_instances, **asked)
            case Action.UPDATE:
                self._begin(self._client.update_stack_instances, **asked)
            case Action.DELETE:
                self._begin(self._client.delete_stack_instances, RetainStacks=batch.retain, **asked)
            case Action.UPDATE_SET | Action.SETTINGS:
                content = batch.content
                if content is None:
                    raise ValueError("an update of the stack set needs its content")
                self._begin(self._client.update_stack_set, **{**self._set(content), **asked})

    def operations(self, wanted: Collection[str]) -> Mapping[str, Operation]:
        """Return the operations of these IDs. One call if all are among the 100 newest.

        A few older ones are read by themselves: the list holds the operations of months.
        """
        found: dict[str, Operation] = {}
        for newest in (max(stack_sets.PAGE, len(wanted)), None):
            listed = stack_sets.list_operations(self._clients, self._name, call_as=self._call_as, newest=newest)
            found = {each.id: each for each in listed if each.id in wanted}
            older = [each for each in wanted if each not in found]
            if not older or newest is None or len(listed) < newest:
                break
            if len(older) <= _READ_ALONE_MAX:
                return {**found, **{each: self.operation(each) for each in older}}
        return found

    def operation(self, operation: str) -> Operation:
        """Return one operation, also one that is not listed yet. One call."""
        return stack_sets.read_operation(self._clients, self._name, operation, call_as=self._call_as)

    def results(self, operation: str) -> list[OperationResult]:
        """Return the results of an operation. One call for 100."""
        return stack_sets.operation_results(self._clients, self._name, operation, call_as=self._call_as)

    def stop(self, operation: str) -> None:
        """Stop an operation; one that has ended meanwhile is left as it is."""
        with refusals_told(self._clients.region):
            try:
                self._client.stop_stack_set_operation(StackSetName=self._name, OperationId=operation, **self._as)
            except Exception as error:
                if code_of(error) != _ENDED:
                    raise

    @property
    def _client(self) -> Any:
        return self._clients.client("cloudformation")

    @property
    def _as(self) -> dict[str, str]:
        return {} if self._call_as is None else {"CallAs": self._call_as}

    def _set(self, content: SetContent) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "StackSetName": self._name,
            "Capabilities": list(CAPABILITIES),
            "ManagedExecution": {"Active": True},
            **self._as,
        }
        if content.template is None:
            asked["UsePreviousTemplate"] = True
            asked["Parameters"] = [{"ParameterKey": key, "UsePreviousValue": True} for key in content.parameters]
        else:
            asked["TemplateBody"] = content.template
            asked["Parameters"] = _parameters(content.parameters)
        if content.tags is not None:
            asked["Tags"] = [{"Key": key, "Value": value} for key, value in content.tags.items()]
        if content.administration_role_arn is not None:
            asked["AdministrationRoleARN"] = content.administration_role_arn
        if content.execution_role_name is not None:
            asked["ExecutionRoleName"] = content.execution_role_name
        if content.stops_auto_deployment:
            asked["AutoDeployment"] = {"Enabled": False}
        return asked

    def _targets(self, batch: Batch) -> dict[str, Any]:
        accounts, regions = list(batch.accounts), list(batch.regions)
        if not self._service_managed:
            return {"Accounts": accounts, "Regions": regions}
        targets = {
            "OrganizationalUnitIds": list(batch.units),
            "Accounts": accounts,
            "AccountFilterType": "INTERSECTION",
        }
        return {"DeploymentTargets": targets, "Regions": regions}

    def _preferences(self, batch: Batch, *, concurrent: int, failing: int) -> dict[str, Any]:
        return {
            "RegionConcurrencyType": "SEQUENTIAL" if self._sequential else "PARALLEL",
            **({"RegionOrder": list(batch.regions)} if batch.regions else {}),
            "MaxConcurrentCount": concurrent,
            "FailureToleranceCount": failing,
            "ConcurrencyMode": _MODES[self._limits.concurrency],
        }

    def _begin(self, call: Any, **asked: Any) -> None:
        with refusals_told(self._clients.region):
            try:
                call(**asked)
            except Exception as error:
                code = code_of(error)
                if code == _BEGUN:
                    return  # an earlier attempt of this call reached AWS
                if code == _QUOTA:
                    raise QuotaError(cleaned(message_of(error)) or code) from None
                if code in _BUSY | THROTTLED:
                    raise BusyError(cleaned(message_of(error)) or code) from None
                if code in _REJECTED:
                    raise RejectedError(cleaned(message_of(error)) or code) from None
                raise


def _parameters(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def refuse_others(operations: Iterable[Operation], *, name: str, region: str) -> None:
    """Refuse to go on while an operation that this program did not start is under way.

    Raises AwsRefusedError with the operation's ID, and what to do.
    """
    for each in operations:
        if each.is_under_way and digest_of(each.id) is None:
            raise AwsRefusedError(
                f"operation {each.id} of stack set {name} is {each.status}, and pinekeep did not start it",
                hint="wait until it has ended, and see what it did: aws cloudformation describe-stack-set-operation "
                f"--stack-set-name {name} --operation-id {each.id} --region {region}",
            )
