"""Reads of the drift of stack instances, as the last detection found it.

Source: the API reference of AWS CloudFormation (ListStackInstanceResourceDrifts), docs.aws.amazon.com (checked
2026-11-30).
"""

from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.reads.drift import drifted_resource
from pinekeep.account.reads.stack_sets import PAGE, CallAs

_CHANGED: Final = ("MODIFIED", "DELETED")


def drifted_resources(
    clients: Clients, stack_set: str, *, account: str, region: str, operation: str, call_as: CallAs | None = None
) -> tuple[str, ...]:
    """Return the differences of an instance that an operation detected, one sentence for each resource.

    One call for 100. Raises AwsRefusedError if AWS refuses.
    """
    asked: dict[str, Any] = {
        "StackSetName": stack_set,
        "StackInstanceAccount": account,
        "StackInstanceRegion": region,
        "OperationId": operation,
        "StackInstanceResourceDriftStatuses": list(_CHANGED),
        "MaxResults": PAGE,
    }
    if call_as is not None:
        asked["CallAs"] = call_as
    found: list[str] = []
    with refusals_told(clients.region):
        client = clients.client("cloudformation")
        while True:
            page = client.list_stack_instance_resource_drifts(**asked)
            found += [drifted_resource(each) for each in page.get("Summaries") or ()]
            if not page.get("NextToken"):
                return tuple(found)
            asked["NextToken"] = page["NextToken"]
