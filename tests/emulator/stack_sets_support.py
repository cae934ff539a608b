"""Stack sets in tests: a template, waiting for operations, what they did."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

ADMINISTRATOR, FIRST, SECOND = "111122223333", "444455556666", "777788889999"
THIRD, DELEGATED, CLOSED = "100000000003", "100000000004", "100000000005"
ACCOUNTS: Final = [f"{200000000000 + number}" for number in range(4)]
SECONDS: Final = 20
ENDED: Final = ("SUCCEEDED", "FAILED", "STOPPED")
Place = tuple[str, str]


def template(
    *,
    rules: Mapping[str, Any] | None = None,
    resources: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
) -> str:
    """A queue with a name and a tag from parameters."""
    queue = {"QueueName": {"Ref": "Name"}, "Tags": [{"Key": "kind", "Value": {"Ref": "Kind"}}]}
    return json.dumps(
        {
            "Parameters": {
                "Name": {"Type": "String", "AllowedPattern": "[a-z0-9-]+"},
                "Kind": {"Type": "String", "Default": "plain", "AllowedValues": ["plain", "gold", "silver"]},
            },
            **({"Rules": rules} if rules else {}),
            "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": queue}, **(resources or {})},
            "Outputs": {"Name": {"Value": {"Ref": "Name"}}, "Kind": {"Value": {"Ref": "Kind"}}, **(outputs or {})},
        }
    )


def values(**given: str) -> list[dict[str, str]]:
    """Parameters in the form of a request."""
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]


def by_key(parameters: list[dict[str, str]]) -> dict[str, str]:
    """Parameters of an answer, by their keys."""
    return {each["ParameterKey"]: each["ParameterValue"] for each in parameters}


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    """The outputs of a stack's description."""
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def refused(call: Callable[[], Any], code: str, text: str = "") -> None:
    """Require that AWS refuses a call."""
    try:
        call()
    except ClientError as caught:
        error = caught.response["Error"]
        assert error["Code"] == code, error
        assert text in error["Message"], error
    else:
        raise AssertionError(f"not refused with {code}")


class Administrator:
    """Stack sets as an account sees them through a client. ``options``: what every call has, such as CallAs."""

    def __init__(self, client: Any, **options: Any) -> None:
        self.client = client
        self.options = options

    def create(self, name: str, **given: Any) -> str:
        """Make a set with a queue named like itself. Returns its ID."""
        given = {"TemplateBody": template(), "Parameters": values(Name=name), **given}
        return str(self.client.create_stack_set(StackSetName=name, **given, **self.options)["StackSetId"])

    def run(self, call: str, name: str, **given: Any) -> dict[str, Any]:
        """Call an operation and wait for its end. Returns its description."""
        started = getattr(self.client, call)(StackSetName=name, **given, **self.options)
        return self.ended(name, started["OperationId"])

    def ended(self, name: str, operation_id: str) -> dict[str, Any]:
        """Wait for an operation. Returns its description."""
        return self.until(name, operation_id, ENDED)

    def until(self, name: str, operation_id: str, statuses: tuple[str, ...]) -> dict[str, Any]:
        """Wait until an operation has one of some states. Returns its description."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            found = self.operation(name, operation_id)
            if found["Status"] in statuses:
                return found
            time.sleep(0.005)
        raise AssertionError(f"{operation_id} of {name} has none of {statuses} after {SECONDS} s")

    def operation(self, name: str, operation_id: str) -> dict[str, Any]:
        """An operation."""
        asked = {"StackSetName": name, "OperationId": operation_id, **self.options}
        return dict(self.client.describe_stack_set_operation(**asked)["StackSetOperation"])

    def results(self, name: str, operation_id: str) -> dict[Place, tuple[str, str]]:
        """The status and its reason of an operation, by account and Region."""
        pages = self.client.get_paginator("list_stack_set_operation_results").paginate(
            StackSetName=name, OperationId=operation_id, **self.options
        )
        return {
            (each["Account"], each["Region"]): (each["Status"], each.get("StatusReason", ""))
            for page in pages
            for each in page["Summaries"]
        }

    def states(self, name: str, operation_id: str) -> dict[Place, str]:
        """The status of an operation, by account and Region."""
        return {place: status for place, (status, _) in self.results(name, operation_id).items()}

    def instances(self, name: str, **given: Any) -> dict[Place, dict[str, Any]]:
        """The instances of a set, by account and Region."""
        pages = self.client.get_paginator("list_stack_instances").paginate(StackSetName=name, **given, **self.options)
        return {(each["Account"], each["Region"]): each for page in pages for each in page["Summaries"]}

    def instance(self, name: str, account: str, region: str = "us-east-1") -> dict[str, Any]:
        """An instance."""
        asked = {"StackInstanceAccount": account, "StackInstanceRegion": region, **self.options}
        return dict(self.client.describe_stack_instance(StackSetName=name, **asked)["StackInstance"])

    def listed(self, **given: Any) -> list[dict[str, Any]]:
        """The stack sets."""
        pages = self.client.get_paginator("list_stack_sets").paginate(**given, **self.options)
        return [each for page in pages for each in page["Summaries"]]


class Set:
    """A service-managed set over accounts of a unit."""

    def __init__(self, fleet: Administrator, unit: str, name: str, **given: Any) -> None:
        self.fleet, self.unit, self.name = fleet, unit, name
        fleet.create(name, PermissionModel="SERVICE_MANAGED", **given)

    def targets(self, accounts: list[str], regions: list[str]) -> dict[str, Any]:
        """The targets of a request."""
        chosen = {"OrganizationalUnitIds": [self.unit], "Accounts": accounts, "AccountFilterType": "INTERSECTION"}
        return {"DeploymentTargets": chosen, "Regions": regions}

    def start(self, call: str, accounts: list[str], regions: list[str], **given: Any) -> str:
        """Start an operation. Returns its ID."""
        asked = {"StackSetName": self.name, **self.targets(accounts, regions), **given}
        return str(getattr(self.fleet.client, call)(**asked)["OperationId"])

    def run(self, call: str, accounts: list[str], regions: list[str], **given: Any) -> dict[str, Any]:
        """Run an operation to its end."""
        return self.ended(self.start(call, accounts, regions, **given))

    def ended(self, operation_id: str) -> dict[str, Any]:
        """Wait for an operation."""
        return self.fleet.ended(self.name, operation_id)

    def status(self, operation_id: str) -> str:
        """The status of an operation."""
        return str(self.fleet.operation(self.name, operation_id)["Status"])

    def states(self, operation_id: str) -> dict[tuple[str, str], str]:
        """The status of an operation, by account and Region."""
        return self.fleet.states(self.name, operation_id)

    def stack(self, client: Callable[..., Any], account: str, region: str = "us-east-1") -> dict[str, Any]:
        """The stack of an instance."""
        stack_id = self.fleet.instance(self.name, account, region)["StackId"]
        return dict(client("cloudformation", account, region=region).describe_stacks(StackName=stack_id)["Stacks"][0])

    def wait_for(self, operation_id: str, states: dict[tuple[str, str], str]) -> None:
        """Wait until an operation's results are these."""
        deadline = time.monotonic() + SECONDS
        while (found := self.states(operation_id)) != states:
            assert time.monotonic() < deadline, found
            time.sleep(0.005)
