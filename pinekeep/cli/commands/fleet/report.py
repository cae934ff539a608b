"""``pinekeep fleet report``: a page of a fleet's results."""

from datetime import UTC, datetime
from pathlib import Path

import click

from pinekeep.cli.audit_sources import moment
from pinekeep.cli.fleet_options import FleetSelection, fleet_verb
from pinekeep.cli.fleet_store import fleet_of_results, store_option, store_path
from pinekeep.cli.options import spinner, write
from pinekeep.errors import ExitCode


@fleet_verb("report", narrowed=False)
@click.option("--out", metavar="FILE.html", required=True, type=click.Path(path_type=Path), help="The file to write.")
@store_option
@click.option("--since", metavar="TIME", help="Show what changed since a time.  [default: since the run before]")
def command(selection: FleetSelection, *, out: Path, store: Path | None, since: str | None) -> int:
    """Write an HTML page of the fleet's results.

    A summary, the status of each account and Region, what fails with the fix, what cannot be read, and what changed.
    The page is one file without scripts that loads nothing. Needs no credentials: it is of the last verification of
    each target.
    """
    from pinekeep.model.output.fleet_verification import FleetReportOutput  # noqa: PLC0415
    from pinekeep.operations.fleet.verification.asking import reading  # noqa: PLC0415
    from pinekeep.operations.fleet.verification.report.figures import figures_of  # noqa: PLC0415
    from pinekeep.operations.fleet.verification.report.page import page  # noqa: PLC0415
    from pinekeep.operations.fleet.verification.times import time_text  # noqa: PLC0415
    from pinekeep.operations.presentation.document import write_page  # noqa: PLC0415

    start = moment("--since", since)
    path = store_path(store, selection.config)
    with reading(path) as connection, spinner("Reading the results"):
        fleet = fleet_of_results(connection, selection.fleet, path)
        figures = figures_of(connection, fleet, since=time_text(start) if start else None, now=datetime.now(UTC))
    write_page(out, page(figures))
    output = FleetReportOutput(
        report=str(out),
        fleet=fleet,
        targets=len(figures.statuses),
        counts={status: count for status, count in figures.counts.items() if count},
        changes=len(figures.changes),
    )
    counts = ", ".join(f"{count:,} {status}" for status, count in output.counts.items())
    selection.write(output, lambda: write(f"{out}: {output.targets:,} targets, {counts}"))
    return ExitCode.FINE
