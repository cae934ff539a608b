"""The output of the commands of `audit`."""

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


class AuditReadingOutput(OutputModel):
    """What was read of audit logs."""

    files: int
    """The files that were read."""
    empty_files: int
    """How many of them are empty."""
    test_objects: int
    """Pinecone's test objects, which hold no events."""
    events: int
    """The events in the files, duplicates included."""
    incomplete: int
    """Events that lack an ID, a time, a principal, an action or a resource type."""
    unknown: int
    """Events of a kind that Pinecone does not document."""
    duplicates: int
    """Events of the result that occur more than once; each counts once."""
    spellings: dict[str, int]
    """The number of events with each spelling of `event.resource_id`."""
    broken: int
    """Places that could not be read, or only in part."""
    broken_at: list[str]
    """The first thousand of them: file, line, and reason."""


class AuditQueryOutput(OutputModel):
    """What `audit query NAME` writes."""

    query: str
    """The name of the query."""
    title: str
    """Its title."""
    question: str
    """The question that it answers."""
    note: str
    """What the result cannot tell."""
    parameters: dict[str, str | int]
    """The values of its parameters."""
    columns: list[str]
    """The columns of the rows."""
    rows: list[list[str | int | None]]
    """The rows. Times are in UTC."""
    more: bool
    """Whether there are more rows than the limit."""
    reading: AuditReadingOutput
    """What was read."""


class AuditParameterOutput(OutputModel):
    """A parameter of a saved query."""

    name: str
    """Its name."""
    type: str
    """`text`, `number` or `time zone`."""
    default: str | int | None
    """Its default; null where a value is required."""
    description: str
    """What it is."""


class AuditSavedQueryOutput(OutputModel):
    """A saved query."""

    name: str
    """Its name."""
    title: str
    """Its title."""
    question: str
    """The question that it answers."""
    parameters: list[AuditParameterOutput]
    """Its parameters."""
    columns: list[str]
    """The columns of its result."""


class AuditQueriesOutput(OutputModel):
    """What `audit query --list` writes."""

    queries: list[AuditSavedQueryOutput]
    """The saved queries."""
