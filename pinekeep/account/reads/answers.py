"""Helpers for AWS responses, as boto3 returns them. What is not a response is returned as it is."""

from collections.abc import Iterable
from typing import Any, Final

from pinekeep.account.client.refusal_codes import code_of, message_of
from pinekeep.model.naming import Output

_ABSENT: Final = frozenset(
    {
        "NoSuchEntity",
        "NotFoundException",
        "NotFound",  # a topic
        "InvalidVpcEndpointId.NotFound",
        "InvalidGroup.NotFound",
        "InvalidVpcID.NotFound",
        "NoSuchHostedZone",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "InvalidServiceName",
        "NoSuchPublicAccessBlockConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
        "404",  # a HEAD request of S3
        "UnsupportedOperationException",  # the rotation of a key that cannot rotate
    }
)
"""The error codes for a resource that does not exist."""

_STACK_ARN_ACCOUNT: Final = 4


def output_of(stack: Any, output: Output) -> Any:
    """Return one output of a stack; None where it has none; an unreadable stack as it is."""
    return outputs_of(stack).get(output.value) if isinstance(stack, dict) else stack


def outputs_of(stack: dict[str, Any]) -> dict[str, str]:
    """Return the outputs of a stack by name."""
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs") or []}


def account_of(stacks: Iterable[Any]) -> str | None:
    """Return the account of the first stack that has an ARN; None where there is none."""
    for stack in stacks:
        parts = str(stack.get("StackId", "")).split(":") if isinstance(stack, dict) else []
        if len(parts) > _STACK_ARN_ACCOUNT:
            return parts[_STACK_ARN_ACCOUNT]
    return None


def physical_ids(resources: list[dict[str, Any]], kind: str) -> list[str]:
    """Return the IDs of a stack's existing resources of one type."""
    return [
        str(each["PhysicalResourceId"])
        for each in resources
        if each["ResourceType"] == kind
        and each.get("PhysicalResourceId")
        and each.get("ResourceStatus") != "DELETE_COMPLETE"
    ]


def plain_name(name: str) -> str:
    r"""Return a DNS name as Route 53 compares it: lower case, with a final dot, ``\052`` as ``*``."""
    return name.replace("\\052", "*").lower().rstrip(".") + "."


def says_absent(error: Exception) -> bool:
    """Return whether AWS reports that the resource does not exist."""
    code = code_of(error)
    return code in _ABSENT or (code == "ValidationError" and "does not exist" in message_of(error))


def part(answer: Any, name: str) -> Any:
    """Return a member of a response."""
    return answer.get(name) if isinstance(answer, dict) else answer


def first(answer: Any, name: str) -> Any:
    """Return the first item of a list in a response, None where it is empty."""
    found = part(answer, name)
    if isinstance(found, list):
        return found[0] if found else None
    return found
