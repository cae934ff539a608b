"""The four kinds of change, from harmless to never."""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a change is to Pinecone."""

    SAFE = "safe"
    ATTENTION = "attention"
    BREAKS = "breaks_pinecone"
    DESTROYS = "destroys"

    @property
    def rank(self) -> int:
        """How grave it is; the larger, the graver."""
        return list(Kind).index(self)

    @property
    def words(self) -> str:
        """What a person reads."""
        return _WORDS[self]


_WORDS: Final = {
    Kind.SAFE: "safe",
    Kind.ATTENTION: "attention",
    Kind.BREAKS: "breaks Pinecone",
    Kind.DESTROYS: "destroys",
}

WHAT_DEPLOY_DOES: Final = {
    Kind.SAFE: "asks, and goes ahead with `--yes`",
    Kind.ATTENTION: "asks, and goes ahead with `--yes`",
    Kind.BREAKS: "refuses; while nothing has been handed over to Pinecone, it goes ahead when the deployment's name is "
    "typed, or given with `--accept-breaking NAME`",
    Kind.DESTROYS: "refuses, always",
}
"""How ``deploy`` answers each."""
