"""The grants on a key and its replicas: access that the key policy does not show."""

from collections.abc import Callable, Mapping
from typing import Any, Final

PAGE: Final = 100
"""The most grants in one response of ListGrants (KMS API reference: ListGrants)."""


def list_grants(call: Callable[..., Any], arn: str) -> Any:
    """Return all grants on a key, from every page.

    ``call`` makes the call ListGrants. What it returns in place of a response is returned.
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
    """Return the ARNs of the other keys of a multi-Region key: the replicas, or for a replica the primary, too.

    ``metadata``: ``KeyMetadata`` of DescribeKey.
    """
    topology = metadata.get("MultiRegionConfiguration") or {}
    others = [each["Arn"] for each in (topology.get("PrimaryKey"), *(topology.get("ReplicaKeys") or ())) if each]
    return [each for each in others if each != metadata["Arn"]]
