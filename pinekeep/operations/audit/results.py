"""The result of a query as output, as a table for a terminal, and as CSV."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from pinekeep.model.audit.queries import QUERIES
from pinekeep.model.output import audit as output
from pinekeep.operations.audit.local import LogFiles
from pinekeep.operations.audit.querying import Result
from pinekeep.operations.presentation.tables import printable, table_csv, table_text

BROKEN_SHOWN: Final = 20
LOCAL_TIME: Final = "local_time"
"""The column of times in the time zone that was asked for; all others are UTC."""


def query_output(result: Result, files: LogFiles) -> output.AuditQueryOutput:
    """Return the result of a query as output."""
    counts, broken = result.counts, result.scan.broken
    return output.AuditQueryOutput(
        query=result.query.name,
        title=result.query.title,
        question=result.query.question,
        note=result.query.note,
        parameters=dict(result.values),
        columns=list(result.query.columns),
        rows=[
            [_value(each, local=name == LOCAL_TIME) for name, each in zip(result.query.columns, row, strict=True)]
            for row in result.rows
        ],
        more=result.more,
        reading=output.AuditReadingOutput(
            files=len(files.files),
            empty_files=result.scan.empty,
            test_objects=files.test_objects,
            events=counts.events,
            incomplete=counts.incomplete,
            unknown=counts.unknown,
            duplicates=counts.duplicates,
            spellings=counts.spellings,
            broken=broken.count,
            broken_at=broken.at,
        ),
    )


def queries_output() -> output.AuditQueriesOutput:
    """Return the saved queries as output."""
    return output.AuditQueriesOutput(
        queries=[
            output.AuditSavedQueryOutput(
                name=each.name,
                title=each.title,
                question=each.question,
                parameters=[
                    output.AuditParameterOutput(
                        name=one.name, type=one.kind, default=one.default, description=one.description
                    )
                    for one in each.parameters
                ],
                columns=list(each.columns),
            )
            for each in QUERIES.values()
        ]
    )


def queries_text(found: output.AuditQueriesOutput) -> str:
    """Return the saved queries for a terminal."""
    width = max(len(each.name) for each in found.queries)
    lines = []
    for each in found.queries:
        lines.append(f"{each.name.ljust(width)}  {each.question}")
        for one in each.parameters:
            default = "required" if one.default is None else f"default: {one.default!r}"
            lines.append(f"{'':{width}}  --param {one.name}=…  {one.description} ({default})")
    return "\n".join(lines)


def result_text(found: output.AuditQueryOutput) -> str:
    """Return the result for a terminal. Values stand as they are, but for control characters and very long ones."""
    if not found.rows:
        return "no events"
    return table_text(found.columns, found.rows)


def result_csv(found: output.AuditQueryOutput) -> str:
    """Return the result as CSV; see :func:`pinekeep.operations.presentation.tables.table_csv`."""
    return table_csv(found.columns, found.rows)


def reading_lines(found: output.AuditQueryOutput) -> Iterable[str]:
    """Yield what was read, and what was not, line by line."""
    read = found.reading
    yield f"{read.events:,} {_plural(read.events, 'event')} in {read.files:,} {_plural(read.files, 'file')}"
    if found.more:
        yield f"the first {len(found.rows):,} rows are shown; --limit 0 shows all"
    if found.note:
        yield f"note: {found.note}"
    if read.test_objects:
        yield f"Pinecone's test object was left out ({read.test_objects:,})"
    if read.duplicates:
        yield f"{read.duplicates:,} {_plural(read.duplicates, 'duplicate')} with the ID of another event left out"
    if read.incomplete:
        yield f"{read.incomplete:,} {_plural(read.incomplete, 'event')} without ID, time, principal, action or type"
    if read.unknown:
        yield f"{read.unknown:,} {_plural(read.unknown, 'event')} of a kind that is not documented"
    if read.incomplete or read.unknown:
        yield "`pinekeep audit query unknown` with the same --from shows them"
    right, *wrong = read.spellings
    for each in wrong:
        if read.spellings[each]:
            yield f"{read.spellings[each]:,} events spell {right} as {each}"
    if read.broken:
        yield f"{read.broken:,} {_plural(read.broken, 'place')} could not be read:"
        yield from (f"  {printable(each)}" for each in read.broken_at[:BROKEN_SHOWN])
        if read.broken > BROKEN_SHOWN:
            yield f"  … and {read.broken - BROKEN_SHOWN:,} more"


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"


def _value(value: Any, *, local: bool) -> str | int | None:
    """Return a value as output. ``local``: whether a time is of a time zone that is not UTC."""
    match value:
        case None | int():
            return value
        case datetime():
            return value.isoformat(timespec="milliseconds") + ("" if local else "Z")
        case date():
            return value.isoformat()
        case _:
            # A lone half of a surrogate pair cannot be written as UTF-8.
            return str(value).encode("utf-8", "replace").decode()
