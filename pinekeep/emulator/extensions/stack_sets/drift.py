"""The drift of a whole set, counted over its instances."""

from collections import Counter
from typing import Final

from pinekeep.emulator.extensions.stack_sets.protocol import Document
from pinekeep.emulator.extensions.stack_sets.records import Operation, StackSet, now

_IN_PROGRESS: Final = ("PENDING", "RUNNING")


def details(stack_set: StackSet, operation: Operation) -> Document:
    """Return the details of a drift detection, finished or not."""
    if operation.drift is not None:
        return operation.drift
    return _counted(stack_set, operation, "IN_PROGRESS")


def conclude(stack_set: StackSet, operation: Operation, *, tolerated: bool) -> None:
    """Record what a drift detection found, in itself and in its set."""
    if operation.status == "STOPPING":
        status = "STOPPED"
    elif not tolerated:
        status = "FAILED"
    else:
        status = "PARTIAL_SUCCESS" if operation.failed else "COMPLETED"
    operation.drift = stack_set.drift = _counted(stack_set, operation, status)


def _counted(stack_set: StackSet, operation: Operation, status: str) -> Document:
    results = Counter(each.status for each in operation.results.values())
    checked = [place for place, each in operation.results.items() if each.status == "SUCCEEDED"]
    found = Counter(stack_set.instances[each].drift_status for each in checked if each in stack_set.instances)
    drifted = "DRIFTED" if found["DRIFTED"] else "IN_SYNC" if found["IN_SYNC"] else "NOT_CHECKED"
    return {
        "DriftStatus": drifted,
        "DriftDetectionStatus": status,
        "LastDriftCheckTimestamp": now(),
        "TotalStackInstancesCount": len(operation.results),
        "DriftedStackInstancesCount": found["DRIFTED"],
        "InSyncStackInstancesCount": found["IN_SYNC"],
        "InProgressStackInstancesCount": sum(results[each] for each in _IN_PROGRESS),
        "FailedStackInstancesCount": results["FAILED"],
    }
