"""Listing the grants on a key, and its replicas: the ways to it that its policy does not show."""

from collections.abc import Callable, Mapping
from typing import Any, Final

PAGE: Final = 100
"""The most that one answer of ListGrants holds (KMS API reference: ListGrants)."""


def list_grants(call: Callable[..., Any], arn: str) -> Any:
    """Return all grants on a key, however many pages they fill.

    Args:
        call: makes the call ListGrants; what it returns other than an answer is returned as it is.
    """
    found: list[Any] = []
    asked: dict[str, Any] = {"KeyId": arn, "Limit": PAGE}
    while True:
        answer = call(**asked)
        if not isinstance(answer, Mapping):
            return answer
        found += answer.get("Grants") or []
        if not answer.get("Truncated"):
            return found
        asked["Marker"] = answer["NextMarker"]


def replicas_of(metadata: Mapping[str, Any]) -> list[str]:
    """Return the ARNs of the other keys of a multi-Region key: its replicas, or for a replica its primary, too.

    Args:
        metadata: ``KeyMetadata`` of DescribeKey.
    """
    topology = metadata.get("MultiRegionConfiguration") or {}
    others = [each["Arn"] for each in (topology.get("PrimaryKey"), *(topology.get("ReplicaKeys") or ())) if each]
    return [each for each in others if each != metadata["Arn"]]
