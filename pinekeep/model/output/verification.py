"""The output of `verify` and `preflight`."""

from typing import Literal

from pinekeep.model.output import OutputModel


class FindingOutput(OutputModel):
    """One check's result."""

    check: str
    """The check's stable name."""
    deployment: str
    """The deployment it is about."""
    what: str
    """What was looked at."""
    status: Literal["ok", "note", "failed", "unreadable"]
    """`note`: worth a word, and fails nothing.
    `unreadable`: it needs something that these credentials may not read, or AWS gave no answer."""
    found: str
    """What is so."""
    wanted: str
    """What should be so."""
    fix: str | None
    """What to do about it."""
    meaning: str | None = None
    """What it means for Pinecone, in one sentence; every failed check says it."""


class VerifyOutput(OutputModel):
    """What `verify` writes."""

    passed: bool
    """Whether every check was made and none failed."""
    findings: list[FindingOutput]
    """The checks, in order."""


class PreflightOutput(OutputModel):
    """What `preflight` writes."""

    clear: bool
    """Whether nothing stands in the way of a deployment: no finding is `failed`."""
    findings: list[FindingOutput]
    """What was looked at, in order."""
