"""What a check found."""

from dataclasses import asdict, dataclass
from typing import Final, Literal

from pinekeep.account.reads.live import Unreadable

Status = Literal["ok", "note", "failed", "unreadable"]

PASSING: Final[frozenset[Status]] = frozenset({"ok", "note"})
"""The results with which a verification has passed."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a check says, before it is known whose check it is.

    Attributes:
        status: as in :class:`Finding`.
        found: as in :class:`Finding`.
        wanted: as in :class:`Finding`.
        fix: as in :class:`Finding`.
        what: as in :class:`Finding`; None stands for the check's title.
        meaning: as in :class:`Finding`, where what was found allows a more precise sentence than the check's own.
    """

    status: Status
    found: str
    wanted: str
    fix: str | None = None
    what: str | None = None
    meaning: str | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of one check of one deployment.

    Attributes:
        check: the check's stable name.
        deployment: the deployment it is about.
        what: what was looked at.
        status: ``note`` is worth a word and fails nothing; ``unreadable`` means that it needs a permission which
            these credentials lack, and has not passed.
        found: what is so.
        wanted: what should be so.
        fix: what to do about it, or None where it passed.
        meaning: what it means for Pinecone, in one sentence; every failed finding has one.
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


def passed(found: str, *, wanted: str | None = None, what: str | None = None) -> Verdict:
    """Say that things are as they should be; ``wanted`` left out is what was found."""
    return Verdict(status="ok", found=found, wanted=found if wanted is None else wanted, what=what)


def noted(
    found: str, *, wanted: str, fix: str | None = None, what: str | None = None, meaning: str | None = None
) -> Verdict:
    """Say what is worth a word and fails nothing; ``meaning`` as for what failed."""
    return Verdict(status="note", found=found, wanted=wanted, fix=fix, what=what, meaning=meaning)


def failed(found: str, *, wanted: str, fix: str, what: str | None = None, meaning: str | None = None) -> Verdict:
    """Say that things are not as they should be; ``meaning`` left out is the check's own."""
    return Verdict(status="failed", found=found, wanted=wanted, fix=fix, what=what, meaning=meaning)


def judged(
    problems: list[str], *, right: str, wanted: str, fix: str, what: str | None = None, meaning: str | None = None
) -> Verdict:
    """Say that there are problems, or none.

    Args:
        problems: what is wrong, each in words.
        right: what is found where there are none.
        wanted: what should be so.
        fix: what to do where there are some.
        what: what was looked at; None stands for the check's title.
        meaning: what the problems mean for Pinecone; None stands for the check's own sentence.
    """
    if problems:
        return failed("; ".join(problems), wanted=wanted, fix=fix, what=what, meaning=meaning)
    return passed(right, wanted=wanted, what=what)


def unreadable(read: Unreadable, *, wanted: str) -> Verdict:
    """Say that it could not be looked at, and what is missing for that."""
    return Verdict(status="unreadable", found=f"not readable without {read.permission}", wanted=wanted, fix=read.reason)
