"""Verdicts of checks, and the findings that a command reports."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal, TypedDict, Unpack

from pinekeep.account.reads.live import Unreadable

Status = Literal["ok", "note", "failed", "unreadable"]

PASSING: Final[frozenset[Status]] = frozenset({"ok", "note"})
"""The statuses with which a verification can pass."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A result before the check adds its own description; the fields are those of :class:`Finding`.

    Where a text is None, the check's own stands: for ``found`` what is wanted, for ``what`` the title.
    """

    status: Status
    found: str | None = None
    wanted: str | None = None
    fix: str | None = None
    what: str | None = None
    meaning: str | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of one check of one deployment: what was checked, the actual and the expected state.

    ``note`` is worth knowing and does not fail; ``unreadable`` needs a permission that these credentials lack, and does
    not pass. ``fix`` is None where the check passed; ``meaning``, the consequence for Pinecone in one sentence, every
    failed finding has.
    """

    check: str
    deployment: str
    what: str
    status: Status
    found: str
    wanted: str
    fix: str | None = None
    meaning: str | None = None

    @property
    def passes(self) -> bool:
        """Whether a verification with this finding can pass."""
        return self.status in PASSING

    def as_json(self) -> dict[str, str | None]:
        """Return the finding as plain values."""
        return asdict(self)


class Texts(TypedDict, total=False):
    """The texts of a verdict that take the place of the check's own."""

    wanted: str | None
    what: str | None


def passed(found: str | None = None, **texts: Unpack[Texts]) -> Verdict:
    """Return a verdict that passes; without ``found``, what is wanted was found."""
    return Verdict(status="ok", found=found, **texts)


def noted(found: str, *, fix: str | None = None, meaning: str | None = None, **texts: Unpack[Texts]) -> Verdict:
    """Return a verdict that is worth knowing and does not fail."""
    return Verdict(status="note", found=found, fix=fix, meaning=meaning, **texts)


def failed(found: str, *, fix: str, meaning: str | None = None, **texts: Unpack[Texts]) -> Verdict:
    """Return a verdict that fails."""
    return Verdict(status="failed", found=found, fix=fix, meaning=meaning, **texts)


def judged(
    problems: Sequence[str], *, fix: str, right: str | None = None, meaning: str | None = None, **texts: Unpack[Texts]
) -> Verdict:
    """Return a verdict that fails where there are problems; ``right`` is what is found where there are none."""
    return failed("; ".join(problems), fix=fix, meaning=meaning, **texts) if problems else passed(right, **texts)


def unreadable(read: Unreadable, *, found: str | None = None, **texts: Unpack[Texts]) -> Verdict:
    """Return the verdict on a value that needs a permission which is missing."""
    found = found or f"not readable without {read.permission}"
    return Verdict(status="unreadable", found=found, fix=read.reason, **texts)


def first(words: Sequence[str], most: int, *, separator: str = "; ", more: str = " and") -> str:
    """Return the first few of some words, and how many more there are."""
    rest = f"{more} {len(words) - most:,} more" if len(words) > most else ""
    return separator.join(words[:most]) + rest
