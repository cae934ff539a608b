"""The grants on a key and its replicas: access that the key policy does not show."""

from collections.abc import Callable, Mapping
from typing import Any, Final

PAGE: Final = 100
"""The most grants in one response of ListGrants (KMS API reference: ListGrants)."""


def list_grants(call: Callable[..., Any], arn: str) -> Any:
    """Return all grants on a key, from every page. What ``call`` (ListGrants) returns for a refusal is returned."""
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
    """Return the ARNs of a multi-Region key's other keys, a primary too, from ``KeyMetadata`` of DescribeKey."""
    topology = metadata.get("MultiRegionConfiguration") or {}
    others = [each["Arn"] for each in (topology.get("PrimaryKey"), *(topology.get("ReplicaKeys") or ())) if each]
    return [each for each in others if each != metadata["Arn"]]
