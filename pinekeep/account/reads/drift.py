"""CloudFormation drift detection."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pinekeep.account.client.clients import Clients

POLL_SECONDS: Final = 2.0
DEADLINE_SECONDS: Final = 300.0
_CHANGED: Final = ("MODIFIED", "DELETED")
_SHOWN: Final = 4


@dataclass(frozen=True)
class Drift:
    """The result of drift detection.

    Attributes:
        status: ``IN_SYNC``, ``DRIFTED``, ``UNKNOWN``, or None where detection did not finish.
        changes: the differences, one sentence for each resource.
        reason: why detection did not finish.
    """

    status: str | None
    at: datetime | None = None
    changes: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class Waiting:
    """The sleep and clock functions, in seconds."""

    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


def detect_drift(clients: Clients, stack: str, *, waiting: Waiting | None = None) -> Drift:
    """Detect the drift of a stack now, and wait. Changes nothing. Raises ClientError if AWS refuses."""
    wait = waiting or Waiting()
    cloudformation = clients.client("cloudformation")
    started = cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
    end = wait.clock() + DEADLINE_SECONDS
    while True:
        found = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=started)
        if found["DetectionStatus"] != "DETECTION_IN_PROGRESS":
            break
        if wait.clock() >= end:
            return Drift(None, reason=f"CloudFormation was still detecting drift after {DEADLINE_SECONDS:.0f} seconds")
        wait.sleep(POLL_SECONDS)
    if found["DetectionStatus"] != "DETECTION_COMPLETE":
        return Drift(None, reason=str(found.get("DetectionStatusReason") or "CloudFormation gives no reason"))
    changes = () if found["StackDriftStatus"] == "IN_SYNC" else tuple(_changes(cloudformation, stack))
    return Drift(str(found["StackDriftStatus"]), found.get("Timestamp"), changes)


def _changes(cloudformation: Any, stack: str) -> Iterator[str]:
    arguments: dict[str, Any] = {"StackName": stack, "StackResourceDriftStatusFilters": list(_CHANGED)}
    while True:
        answer = cloudformation.describe_stack_resource_drifts(**arguments)
        for each in answer["StackResourceDrifts"]:
            yield drifted_resource(each)
        if not answer.get("NextToken"):
            return
        arguments["NextToken"] = answer["NextToken"]


def drifted_resource(resource: Mapping[str, Any]) -> str:
    """Return a drifted resource in words, without values: they may be long or sensitive."""
    name = f"{resource['LogicalResourceId']} ({resource['ResourceType']})"
    if resource["StackResourceDriftStatus"] == "DELETED":
        return f"{name} was deleted"
    paths = [str(each.get("PropertyPath")).lstrip("/") for each in resource.get("PropertyDifferences") or []]
    return f"{name} differs in {_few(paths) or 'something that CloudFormation does not name'}"


def _few(words: Sequence[str]) -> str:
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return ", ".join(words[:_SHOWN]) + more
