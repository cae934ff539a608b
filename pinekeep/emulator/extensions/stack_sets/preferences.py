"""The preferences of an operation: how many accounts at once, and how many may fail."""

from dataclasses import dataclass

from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.stack_sets.protocol import Document

_PERCENT = 100
_EXCLUSIVE = (
    ("FailureToleranceCount", "FailureTolerancePercentage"),
    ("MaxConcurrentCount", "MaxConcurrentPercentage"),
)


@dataclass(frozen=True)
class Limits:
    """What an operation may do in one Region. ``tolerance``: failed accounts; ``concurrent``: accounts at once."""

    tolerance: int
    concurrent: int
    strict: bool

    def at_once(self, failures: int) -> int:
        """Return how many accounts may run after so many have failed."""
        return min(self.concurrent, self.tolerance + 1 - failures) if self.strict else self.concurrent


def checked(asked: Document | None, regions: list[str]) -> Document:
    """Return preferences as an operation keeps them. Raises RefusedError for contradictions."""
    preferences = dict(asked or {})
    for pair in _EXCLUSIVE:
        if all(each in preferences for each in pair):
            raise RefusedError("ValidationError", f"Specify only one of {' and '.join(pair)}")
    order = preferences.get("RegionOrder") or []
    if unknown := [each for each in order if each not in regions]:
        raise RefusedError("ValidationError", f"RegionOrder has Regions without a target: [{', '.join(unknown)}]")
    if len(set(order)) != len(order):
        raise RefusedError("ValidationError", "RegionOrder has a Region twice")
    return preferences


def in_order(preferences: Document, regions: list[str]) -> list[str]:
    """Return Regions in the order of an operation: those of RegionOrder first."""
    first = list(preferences.get("RegionOrder") or [])
    return [*first, *(each for each in regions if each not in first)]


def is_parallel(preferences: Document) -> bool:
    """Tell whether the Regions run side by side."""
    return preferences.get("RegionConcurrencyType") == "PARALLEL"


def limits(preferences: Document, accounts: int) -> Limits:
    """Return the limits in a Region with so many accounts."""
    tolerance = preferences.get("FailureToleranceCount")
    if tolerance is None:
        tolerance = accounts * preferences.get("FailureTolerancePercentage", 0) // _PERCENT
    concurrent = preferences.get("MaxConcurrentCount")
    if concurrent is None:
        percentage = preferences.get("MaxConcurrentPercentage")
        concurrent = 1 if percentage is None else max(1, accounts * percentage // _PERCENT)
    return Limits(tolerance, concurrent, preferences.get("ConcurrencyMode") != "SOFT_FAILURE_TOLERANCE")
