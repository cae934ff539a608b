"""The output of `audit report` and `audit tail`."""

from typing import Any

from pinekeep.model.output import OutputModel


class AuditReportOutput(OutputModel):
    """The result of `audit report`."""

    report: str
    """The file with the report."""
    source: str
    """Where the audit logs were read."""
    files: int
    """The number of files."""
    events: int
    """The number of events."""
    failed: int
    """The number of events that failed."""
    unknown: int
    """The number of events that Pinecone does not document."""
    broken: int
    """The number of places in the files that hold no event. What they hold is not counted."""
    broken_at: list[str]
    """The first of those places, each with the reason."""


class AuditTailOutput(OutputModel):
    """One line of `audit tail`: an event."""

    file: str
    """The file that holds the event."""
    event: dict[str, Any]
    """The event, as it is in the file."""
