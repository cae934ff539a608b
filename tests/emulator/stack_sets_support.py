"""Stack sets in tests: an organization, a template, waiting for operations."""

import json
import time
from collections.abc import Mapping
from typing import Any, Final

from pinekeep.emulator.server import EmbeddedAws

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


def organize(aws: EmbeddedAws, units: Mapping[str, list[str]]) -> dict[str, str]:
    """Make an organization of an embedded AWS's account, with units and their accounts. Returns the IDs by name."""
    organizations = aws.session().client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    found = {"root": root}
    for path, accounts in units.items():
        parent, _, name = path.rpartition("/")
        made = organizations.create_organizational_unit(ParentId=found[parent or "root"], Name=name)
        found[path] = made["OrganizationalUnit"]["Id"]
        for account in accounts:
            join(aws, account)
            organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=found[path])
    return found


def join(aws: EmbeddedAws, account: str) -> None:
    """Let an account accept an invitation into the organization."""
    invited = (
        aws.session().client("organizations").invite_account_to_organization(Target={"Id": account, "Type": "ACCOUNT"})
    )
    aws.session(account).client("organizations").accept_handshake(HandshakeId=invited["Handshake"]["Id"])
