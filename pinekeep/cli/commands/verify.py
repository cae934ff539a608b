"""``pinekeep verify``: is what runs in the account what the file says?"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Selection, log, selection_options, spinner, write, write_json

if TYPE_CHECKING:
    from pinekeep.operations.verification.checks.finding import Finding


@click.command("verify", short_help="Compare the live account with the file.")
@selection_options
@click.option("--all", "show_all", is_flag=True, help="Show what was found for the checks that passed, too.")
@click.option(
    "--access-analyzer",
    is_flag=True,
    help="Ask AWS's IAM Access Analyzer as well. AWS charges for some of its checks.",
)
@click.option("--drift", is_flag=True, help="Have CloudFormation look for what was changed by hand; takes a minute.")
@click.option("--watch", "watched", is_flag=True, help="Look again and again, until all is well or the time is up.")
@click.option(
    "--every", type=click.IntRange(1, 3600), default=15, show_default=True, metavar="SECONDS", help="With --watch."
)
@click.option(
    "--deadline", type=click.IntRange(1, 1440), default=60, show_default=True, metavar="MINUTES", help="With --watch."
)
@click.option("--until-used", is_flag=True, help="With --watch: until Pinecone has used the key, too.")
def command(
    *,
    selection: Selection,
    show_all: bool,
    access_analyzer: bool,
    drift: bool,
    watched: bool,
    every: int,
    deadline: int,
    until_used: bool,
) -> int:
    """Compare the live account with the file. Reads only; exit code 1 when a check failed or could not be made.

    --watch is for leaving open while you click in the Pinecone console: what is not well yet is shown on stderr, and
    the result is written once all is well or the time is up.
    """
    from pinekeep.account.credentials.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.account.record.orphans import recall  # noqa: PLC0415
    from pinekeep.cli.findings import show_findings  # noqa: PLC0415
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.model.output.verification import FindingOutput, VerifyOutput  # noqa: PLC0415
    from pinekeep.operations.verification.verify import Extent, verify  # noqa: PLC0415
    from pinekeep.operations.verification.watch import is_well  # noqa: PLC0415

    if watched and (drift or access_analyzer):
        raise click.UsageError("--watch looks often, so it goes without --drift and --access-analyzer")
    if until_used and not watched:
        raise click.UsageError("--until-used goes with --watch")
    configuration = selection.load()
    selected = selection.deployments(configuration)
    access = Access.of_the_user(selected)
    recalled = recall(configuration, selected, access=access)
    configuration, deployments = recalled.configuration, recalled.deployments

    def look() -> "list[Finding]":
        return access.reading(
            deployments,
            lambda clients_for: verify(
                deployments,
                pinecone_account=configuration.content.pinecone_account,
                clients_for=clients_for,
                customers=configuration.rosters.packings,
                by_record=recalled.names,
                extent=Extent(access_analyzer=access_analyzer, drift=drift),
            ),
        )

    if watched:
        findings = _watch(look, every=every, deadline=deadline * 60, until_used=until_used)
    else:
        with spinner(f"Reading {_few(list(deployments))}"):
            findings = look()
    output = VerifyOutput(
        passed=all(finding.passes for finding in findings),
        findings=[FindingOutput.model_validate(finding.as_json()) for finding in findings],
    )
    if selection.as_json:
        write_json(output)
    else:
        show_findings(output.findings, write=write, details_of_passed=show_all)
        counts = {status: sum(each.status == status for each in output.findings) for status in _STATUSES}
        notes = f", {counts['note']} to note" if counts["note"] else ""
        log(f"{counts['ok']} passed{notes}, {counts['failed']} failed, {counts['unreadable']} could not be made")
    return ExitCode.FINE if is_well(findings, used=until_used) else ExitCode.CHECK_FAILED


def _watch(look: "Callable[[], list[Finding]]", *, every: int, deadline: int, until_used: bool) -> "list[Finding]":
    from pinekeep.cli.watch_view import display_for_stderr  # noqa: PLC0415 - may import rich
    from pinekeep.operations.verification.watch import Schedule, is_well, watch  # noqa: PLC0415

    log(f"watching, every {every} s for at most {deadline // 60} minutes")
    with display_for_stderr() as display:
        return watch(
            look,
            schedule=Schedule(every=every, deadline=deadline),
            display=display,
            well=partial(is_well, used=until_used),
        )


def _few(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= _NAMED else f"{len(names)} deployments"


_NAMED = 5
_STATUSES = ("ok", "note", "failed", "unreadable")
