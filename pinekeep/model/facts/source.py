"""Where a fact comes from."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Source:
    """A page that was read, and the day it was read.

    ``checked``: the day on which the fact was last compared with the page. ``path``: where on the site it is, where
    that is worth noting because pages there move.
    """

    title: str
    site: str
    checked: date
    path: str = ""

    def __str__(self) -> str:
        """Return the citation as one line."""
        return f"{self.title} ({self.site}, checked {self.checked.isoformat()})"
