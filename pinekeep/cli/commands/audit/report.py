"""``pinekeep audit report``: a page with charts."""

from datetime import datetime
from pathlib import Path
from typing import Final

import click

from pinekeep.cli.audit_sources import Moment, from_option, source
from pinekeep.cli.options import Selection, log, spinner, verb, write
from pinekeep.errors import ExitCode, WrongInputError

_HOURS: Final = (8, 18)


@verb("report")
@from_option
@click.option("--out", metavar="FILE.html", required=True, type=click.Path(path_type=Path), help="The file to write.")
@click.option("--since", type=Moment(), metavar="TIME", help="Leave out earlier events: a date, a time, or an age.")
@click.option("--as-of", type=Moment(), metavar="TIME", help="Leave out later events, and show the time in the report.")
@click.option("--time-zone", default="UTC", show_default=True, metavar="ZONE", help="The time zone of days and hours.")
@click.option(
    "--working-hours",
    type=(click.IntRange(0, 24), click.IntRange(0, 24)),
    default=_HOURS,
    show_default=True,
    metavar="FROM TO",
    help="The working hours from Monday to Friday.",
)
def command(
    *,
    selection: Selection,
    place: str | None,
    out: Path,
    since: datetime | None,
    as_of: datetime | None,
    time_zone: str,
    working_hours: tuple[int, int],
) -> int:
    """Write an HTML page with charts of the events.

    Events by day, actions by principal, failures, resource types, events outside working hours, unknown events, and the
    lines that could not be read. The page is one file without scripts that loads nothing. The same files give the same
    page.
    """
    from pinekeep.model.output.audit import AuditReportOutput  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.words import visible  # noqa: PLC0415
    from pinekeep.operations.audit.report.counting import Counting, Extent  # noqa: PLC0415
    from pinekeep.operations.audit.report.figures import WorkingHours  # noqa: PLC0415
    from pinekeep.operations.audit.report.page import page, write_page  # noqa: PLC0415

    start, end = working_hours
    if start >= end:
        raise click.UsageError(f"--working-hours: {start} is not before {end}")
    name, store = source(selection, place)
    _require_zone(time_zone)
    counting = Counting(
        working_hours=WorkingHours(start=start, end=end, zone=time_zone), extent=Extent(since=since, until=as_of)
    )
    with spinner(f"Reading {visible(name)}"):
        counting.read(store)
    if not counting.files:
        raise WrongInputError(f"there are no files at {visible(name)}", hint="check the folder, or the prefix")
    figures = counting.figures(sources=[name], as_of=None if as_of is None else f"{as_of:%Y-%m-%d %H:%M %Z}")
    write_page(out, page(figures))
    broken_at = [f"{each.file}{'' if each.line is None else f':{each.line}'}: {each.reason}" for each in figures.broken]
    output = AuditReportOutput(
        report=str(out),
        source=name,
        files=figures.files,
        events=figures.events,
        failed=figures.failed,
        unknown=figures.unknown.total,
        broken=figures.broken_total,
        broken_at=broken_at,
    )
    selection.write(
        output,
        lambda: write(
            f"{out}: {figures.events:,} events in {figures.files:,} files, {figures.failed:,} failed, "
            f"{figures.unknown.total:,} unknown"
        ),
    )
    if figures.broken_total:
        log(f"{figures.broken_total:,} broken lines are not counted; the report lists the first:")
        for each in broken_at[:5]:
            log(f"  {visible(each)}")
    return ExitCode.FINE


def _require_zone(name: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415

    from pinekeep.model.words import shown  # noqa: PLC0415

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongInputError(
            f"--time-zone: {shown(name)} is not a time zone of the IANA database",
            hint="use a name such as --time-zone Europe/Berlin",
        ) from None
