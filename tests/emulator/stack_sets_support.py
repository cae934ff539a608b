"""Stack sets in tests: an organization, a template, waiting for operations."""

import json
import time
from collections.abc import Mapping
from typing import Any, Final

ADMINISTRATOR, FIRST, SECOND = "111122223333", "444455556666", "777788889999"
SECONDS: Final = 20
ENDED: Final = ("SUCCEEDED", "FAILED", "STOPPED")


def template(*, rules: Mapping[str, Any] | None = None, **parameters: Mapping[str, Any]) -> str:
    """A queue with a name and a tag from parameters."""
    queue = {"QueueName": {"Ref": "Name"}, "Tags": [{"Key": "kind", "Value": {"Ref": "Kind"}}]}
    return json.dumps(
        {
            "Parameters": {
                "Name": {"Type": "String", "AllowedPattern": "[a-z0-9-]+"},
                "Kind": {"Type": "String", "Default": "plain", "AllowedValues": ["plain", "gold", "silver"]},
                **parameters,
            },
            **({"Rules": rules} if rules else {}),
            "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": queue}},
            "Outputs": {"Name": {"Value": {"Ref": "Name"}}, "Kind": {"Value": {"Ref": "Kind"}}},
        }
    )


def values(**given: str) -> list[dict[str, str]]:
    """Parameters in the form of a request."""
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]


def ended(client: Any, name: str, operation_id: str, **options: Any) -> dict[str, Any]:
    """An operation after its end."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = client.describe_stack_set_operation(StackSetName=name, OperationId=operation_id, **options)
        if found["StackSetOperation"]["Status"] in ENDED:
            return dict(found["StackSetOperation"])
        time.sleep(0.005)
    raise AssertionError(f"{operation_id} of {name} has not ended within {SECONDS} s")


def results(client: Any, name: str, operation_id: str, **options: Any) -> dict[tuple[str, str], tuple[str, str]]:
    """The status and its reason of an operation, by account and Region."""
    pages = client.get_paginator("list_stack_set_operation_results").paginate(
        StackSetName=name, OperationId=operation_id, **options
    )
    return {
        (each["Account"], each["Region"]): (each["Status"], each.get("StatusReason", ""))
        for page in pages
        for each in page["Summaries"]
    }


def instances(client: Any, name: str, **options: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """The instances of a set, by account and Region."""
    pages = client.get_paginator("list_stack_instances").paginate(StackSetName=name, **options)
    return {(each["Account"], each["Region"]): each for page in pages for each in page["Summaries"]}
