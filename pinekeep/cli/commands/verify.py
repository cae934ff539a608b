"""``pinekeep verify``: compare the live account with the configuration file."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click

from pinekeep.cli.options import F, Selection, access_to, log, spinner, verb, write

if TYPE_CHECKING:
    from pinekeep.operations.verification.checks.finding import Finding

_NAMED: Final = 5


def _watch_option(name: str, most: int, **attributes: Any) -> Callable[[F], F]:
    return click.option(name, type=click.IntRange(1, most), show_default=True, **attributes)


@verb("verify")
@click.option("--all", "show_all", is_flag=True, help="Also show what was found where a check passed.")
@click.option("--access-analyzer", is_flag=True, help="Also use IAM Access Analyzer. AWS charges for some checks.")
@click.option("--drift", is_flag=True, help="Also run CloudFormation drift detection. Takes about a minute.")
@click.option(
    "--prove-lock",
    is_flag=True,
    help="Also ask S3 to delete a locked version of the newest audit log file: it refuses.",
)
@click.option("--watch", "watched", is_flag=True, help="Repeat until every check passes or the deadline is reached.")
@_watch_option("--every", 3600, default=15, metavar="SECONDS", help="With --watch: the interval.")
@_watch_option("--deadline", 1440, default=60, metavar="MINUTES", help="With --watch: the deadline.")
@click.option("--until-used", is_flag=True, help="With --watch: repeat until Pinecone has used the key as well.")
def command(
    *,
    selection: Selection,
    show_all: bool,
    access_analyzer: bool,
    drift: bool,
    prove_lock: bool,
    watched: bool,
    every: int,
    deadline: int,
    until_used: bool,
) -> int:
    """Compare the live account with the file.

    Reads only; --prove-lock also tries to delete a file version that Object Lock keeps. Exit code 1: a check failed
    or could not be made. Leave --watch running while you work in the Pinecone
    console: it shows on stderr what does not pass yet, and writes the result at the end.
    """
    from pinekeep.account.record.orphans import recall  # noqa: PLC0415 - imports pydantic
    from pinekeep.cli.findings import counted, show_findings  # noqa: PLC0415
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.model.output.verification import FindingOutput, VerifyOutput  # noqa: PLC0415
    from pinekeep.operations.verification.verify import Extent, verify  # noqa: PLC0415
    from pinekeep.operations.verification.watch import is_well  # noqa: PLC0415

    if watched and (drift or access_analyzer or prove_lock):
        raise click.UsageError("--watch cannot be combined with --drift, --access-analyzer or --prove-lock")
    if until_used and not watched:
        raise click.UsageError("--until-used goes with --watch")
    configuration, selected = selection.read()
    access = access_to(selected)
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
                extent=Extent(access_analyzer=access_analyzer, drift=drift, prove_lock=prove_lock),
            ),
        )

    if watched:
        findings = _watch(look, every=every, deadline=deadline * 60, until_used=until_used)
    else:
        few = len(deployments) <= _NAMED
        with spinner(f"Reading {', '.join(deployments) if few else f'{len(deployments)} deployments'}"):
            findings = look()
    output = VerifyOutput(
        passed=all(finding.passes for finding in findings),
        findings=[FindingOutput.model_validate(finding.as_json()) for finding in findings],
    )
    selection.write(output, lambda: show_findings(output.findings, write=write, details_of_passed=show_all))
    if not selection.as_json:
        counts = counted(findings)
        notes = f", {counts['note']} to note" if counts["note"] else ""
        log(f"{counts['ok']} passed{notes}, {counts['failed']} failed, {counts['unreadable']} could not be made")
    return ExitCode.FINE if is_well(findings, used=until_used) else ExitCode.CHECK_FAILED


def _watch(look: "Callable[[], list[Finding]]", *, every: int, deadline: int, until_used: bool) -> "list[Finding]":
    from pinekeep.cli.watch_view import display_for_stderr  # noqa: PLC0415 - may import rich
    from pinekeep.operations.verification.watch import Schedule, is_well, watch  # noqa: PLC0415

    log(f"watching, every {every} s for at most {deadline // 60} minutes")
    schedule, well = Schedule(every=every, deadline=deadline), partial(is_well, used=until_used)
    with display_for_stderr() as display:
        return watch(look, schedule=schedule, display=display, well=well)
