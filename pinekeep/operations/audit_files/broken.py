"""What of audit logs could not be read."""

from dataclasses import dataclass, field
from typing import Final

KEPT: Final = 1000
"""The most broken places that are kept; all are counted."""


@dataclass
class Broken:
    """The broken places: lines, elements or whole files that hold no event, or only a part of one.

    ``at``: the first of them, each with its file, its line where it has one, and the reason.
    """

    count: int = 0
    at: list[str] = field(default_factory=list)

    def reject(self, place: str, why: str) -> None:
        """Count a broken place, and keep it if it is among the first."""
        self.count += 1
        if len(self.at) < KEPT:
            self.at.append(f"{place}: {why}")
