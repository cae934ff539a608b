"""``pinekeep audit report``: a page with charts."""

import re
from pathlib import Path
from typing import Final

import click

from pinekeep.cli.audit_sources import from_option, moment, source
from pinekeep.cli.options import Selection, log, spinner, verb, write
from pinekeep.errors import ExitCode, WrongInputError
from pinekeep.model.words import shown, visible

_HOURS_A_DAY: Final = 24


@verb("report")
@from_option
@click.option("--out", metavar="FILE.html", required=True, type=click.Path(path_type=Path), help="The file to write.")
@click.option("--since", metavar="TIME", help="Leave out earlier events: a date, a time, or an age.")
@click.option("--as-of", metavar="TIME", help="Leave out later events, and show the time in the report.")
@click.option("--time-zone", default="UTC", show_default=True, metavar="ZONE", help="The time zone of days and hours.")
@click.option(
    "--working-hours",
    default="8-18",
    show_default=True,
    metavar="FROM-TO",
    help="The working hours, from Monday to Friday.",
)
def command(
    *,
    selection: Selection,
    place: str | None,
    out: Path,
    since: str | None,
    as_of: str | None,
    time_zone: str,
    working_hours: str,
) -> int:
    """Write an HTML page with charts of the events.

    Events by day, actions by principal, failures, resource types, events outside working hours, unknown events, and the
    lines that could not be read. The page is one file without scripts that loads nothing. The same files give the same
    page.
    """
    from pinekeep.model.output.audit import AuditReportOutput  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.audit.report.counting import Counting, Extent  # noqa: PLC0415
    from pinekeep.operations.audit.report.figures import WorkingHours  # noqa: PLC0415
    from pinekeep.operations.audit.report.page import page  # noqa: PLC0415
    from pinekeep.operations.presentation.document import write_page  # noqa: PLC0415

    start, end = _hours(working_hours)
    _require_zone(time_zone)
    until = moment("--as-of", as_of)
    extent = Extent(since=moment("--since", since), until=until)
    name, store = source(selection, place)
    counting = Counting(working_hours=WorkingHours(start=start, end=end, zone=time_zone), extent=extent)
    with spinner(f"Reading {visible(name)}"):
        counting.read(store)
    if not counting.files:
        raise WrongInputError(f"there are no files at {visible(name)}", hint="check the folder, or the prefix")
    figures = counting.figures(sources=[name], as_of=None if until is None else f"{until:%Y-%m-%d %H:%M %Z}")
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
        log(f"broken lines, which are not counted: {figures.broken_total:,}; the report lists the first:")
        for each in broken_at[:5]:
            log(f"  {visible(each)}")
    return ExitCode.FINE


def _hours(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,2})-([0-9]{1,2})", text)
    if found is None or not int(found[1]) < int(found[2]) <= _HOURS_A_DAY:
        raise WrongInputError(
            f"--working-hours: the hours are two numbers from 0 to 24, the first one smaller, got {shown(text)}",
            hint="write --working-hours 8-18",
        )
    return int(found[1]), int(found[2])


def _require_zone(name: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongInputError(
            f"--time-zone: {shown(name)} is not a time zone of the IANA database",
            hint="use a name such as --time-zone Europe/Berlin",
        ) from None
