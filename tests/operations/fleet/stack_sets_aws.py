"""An AWS with one stack set and an organization, in memory. Requests are validated by botocore."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any, Final

import boto3
from botocore import xform_name

from pinekeep.account.client.clients import Clients
from pinekeep.operations.fleet.desired import Desired, Place, new_operation_id
from tests.operations.fleet.fleets import ADMINISTRATOR

SET_ID = "Pinekeep-search-Cmek:0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
ROOT = "r-ab12"


def refuse(code: str, message: str = "refused") -> dict[str, Any]:
    """An answer with an error."""
    return {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}


@dataclass
class Aws:
    """The state, and the calls in order: the operation with its parameters.

    ``units``: those below a unit. ``parents``: the unit of an account. ``page``: the items of a response. ``refused``:
    an error code by operation, with a message after a colon.
    """

    stack_sets: dict[str, dict[str, Any]] = field(default_factory=dict)
    instances: dict[str, dict[Place, dict[str, Any]]] = field(default_factory=dict)
    operations: list[dict[str, Any]] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)
    units: dict[str, list[str]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    management: str = ADMINISTRATOR
    delegated: list[str] = field(default_factory=list)
    access: str = "ENABLED"
    quotas: dict[str, float] = field(
        default_factory=lambda: {"Stack instances per stack set": 100000, "Stack sets per administrator account": 1000}
    )
    page: int = 2
    refused: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def called(self) -> list[str]:
        """The operations that were called, sorted."""
        return sorted(name for name, _ in self.calls)

    def clients(self) -> Clients:
        """The clients of the administrator."""
        return Clients(_Session(self), "us-east-1")

    # --- What is there ---

    def deploy(self, desired: Desired, places: Iterable[Place] | None = None, **stack_set: Any) -> None:
        """Deploy a fleet as it should be, in some places or all."""
        name = desired.stack_set
        self.stack_sets[name] = {
            "StackSetName": name,
            "StackSetId": SET_ID,
            "Status": "ACTIVE",
            "TemplateBody": desired.template,
            "Parameters": _parameters(desired.parameters),
            "Tags": [{"Key": key, "Value": value} for key, value in desired.tags.items()],
            "PermissionModel": "SERVICE_MANAGED",
            "AutoDeployment": {"Enabled": False},
            "ManagedExecution": {"Active": True},
            **stack_set,
        }
        for place in desired.instances if places is None else places:
            wanted = desired.instances[place]
            self.put(name, place, wanted.overrides, new_operation_id(wanted.digest))

    def put(self, name: str, place: Place, overrides: Mapping[str, str], operation: str, **given: Any) -> None:
        """Put an instance into a stack set."""
        account, region = place
        self.instances.setdefault(name, {})[place] = {
            "StackSetId": SET_ID,
            "Account": account,
            "Region": region,
            "StackId": f"arn:aws:cloudformation:{region}:{account}:stack/StackSet-{name}-1/1",
            "Status": "CURRENT",
            "StackInstanceStatus": {"DetailedStatus": "SUCCEEDED"},
            "LastOperationId": operation,
            "ParameterOverrides": _parameters(overrides),
            **given,
        }

    # --- Calls ---

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Answer a call."""
        self.calls.append((operation, asked))
        if operation in self.refused:
            return refuse(*self.refused[operation].split(": ", 1))
        found: dict[str, Any] = getattr(self, f"_{xform_name(operation)}")(asked)
        return {"ResponseMetadata": {"HTTPStatusCode": 200}, **found}

    def _paged(self, key: str, items: list[Any], asked: Mapping[str, Any]) -> dict[str, Any]:
        begin = int(asked.get("NextToken", 0))
        more = {"NextToken": str(begin + self.page)} if begin + self.page < len(items) else {}
        return {key: items[begin : begin + self.page], **more}

    def _get_caller_identity(self, _: Any) -> dict[str, Any]:
        return {"Account": ADMINISTRATOR, "Arn": f"arn:aws:iam::{ADMINISTRATOR}:user/somebody"}

    def _describe_stack_set(self, asked: Any) -> dict[str, Any]:
        found = self.stack_sets.get(asked["StackSetName"])
        return {"StackSet": found} if found else refuse("StackSetNotFoundException")

    def _list_stack_sets(self, asked: Any) -> dict[str, Any]:
        found = [{"StackSetName": name, "StackSetId": each["StackSetId"]} for name, each in self.stack_sets.items()]
        return self._paged("Summaries", found, asked)

    def _list_stack_instances(self, asked: Any) -> dict[str, Any]:
        name = asked["StackSetName"]
        if name not in self.stack_sets:
            return refuse("StackSetNotFoundException")
        hidden = {"ParameterOverrides"}
        listed = [
            {key: value for key, value in each.items() if key not in hidden}
            for each in self.instances.get(name, {}).values()
        ]
        return self._paged("Summaries", listed, asked)

    def _list_stack_set_operations(self, asked: Any) -> dict[str, Any]:
        if asked["StackSetName"] not in self.stack_sets:
            return refuse("StackSetNotFoundException")
        return self._paged("Summaries", self.operations, asked)

    def _describe_stack_instance(self, asked: Any) -> dict[str, Any]:
        found = self.instances[asked["StackSetName"]].get((asked["StackInstanceAccount"], asked["StackInstanceRegion"]))
        return {"StackInstance": found} if found else refuse("StackInstanceNotFoundException")

    def _describe_organizations_access(self, _: Any) -> dict[str, Any]:
        return {"Status": self.access}

    def _describe_organization(self, _: Any) -> dict[str, Any]:
        return {"Organization": {"Id": "o-ab12", "MasterAccountId": self.management, "FeatureSet": "ALL"}}

    def _list_accounts(self, asked: Any) -> dict[str, Any]:
        return self._paged("Accounts", [{"Id": each, "State": state} for each, state in self.accounts.items()], asked)

    def _describe_account(self, asked: Any) -> dict[str, Any]:
        state = self.accounts.get(asked["AccountId"])
        return {"Account": {"Id": asked["AccountId"], "State": state}} if state else refuse("AccountNotFoundException")

    def _list_accounts_for_parent(self, asked: Any) -> dict[str, Any]:
        unit = asked["ParentId"]
        found = [{"Id": each, "Status": state} for each, state in self.accounts.items() if self.parents[each] == unit]
        return self._paged("Accounts", found, asked) if unit in self.units else refuse("ParentNotFoundException")

    def _list_organizational_units_for_parent(self, asked: Any) -> dict[str, Any]:
        return self._paged("OrganizationalUnits", [{"Id": each} for each in self.units[asked["ParentId"]]], asked)

    def _list_roots(self, _: Any) -> dict[str, Any]:
        return {"Roots": [{"Id": ROOT}]}

    def _list_delegated_administrators(self, _: Any) -> dict[str, Any]:
        return {"DelegatedAdministrators": [{"Id": each} for each in self.delegated]}

    def _list_service_quotas(self, asked: Any) -> dict[str, Any]:
        found = [{"QuotaName": name, "Value": value} for name, value in self.quotas.items()]
        return self._paged("Quotas", found, asked)

    def _list_aws_default_service_quotas(self, _: Any) -> dict[str, Any]:
        return {"Quotas": []}


class _Session:
    def __init__(self, aws: Aws) -> None:
        _HERE["aws"] = aws

    def client(self, service_name: str, *, region_name: str, config: Any) -> Any:
        del config
        return _client(service_name, region_name)


_HERE: Final[dict[str, Aws]] = {}
"""The AWS that answers. Clients are made once for all tests, as making one takes longer than a plan."""


@cache
def _client(service: str, region: str) -> Any:
    made: Any = boto3.Session("a", "b").client(service, region_name=region)  # pyrefly: ignore[no-matching-overload] # any service

    def remember(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["asked"] = dict(params)

    def answer(model: Any, context: dict[str, Any], **_: Any) -> Any:
        found = _HERE["aws"].answer(model.name, context["asked"])
        return SimpleNamespace(status_code=found["ResponseMetadata"]["HTTPStatusCode"]), found

    made.meta.events.register("before-parameter-build", remember)
    made.meta.events.register("before-call", answer)
    return made


def _parameters(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
