"""``pinekeep preflight``: what would go wrong with a deployment, before anything is changed."""

import click

from pinekeep.cli.options import Selection, log, selection_options, spinner, write, write_json


@click.command("preflight")
@selection_options
@click.option("--all", "show_all", is_flag=True, help="Show what was found where all is well, too.")
def command(selection: Selection, show_all: bool) -> int:
    """Find what would go wrong with a deployment. Reads only; exit code 1 when something stands in the way.

    What could not be looked at, and what is merely worth knowing, is told and stands in nobody's way. `deploy` does
    the same first.
    """
    from pinekeep.account.credentials.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.cli.findings import show_findings  # noqa: PLC0415
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.operations.preflight.accounts import preflight_accounts  # noqa: PLC0415

    configuration = selection.load()
    deployments = selection.deployments(configuration)
    access = Access.of_the_user(deployments)
    with spinner(f"Looking at {', '.join(deployments)}"):
        findings = preflight_accounts(
            deployments,
            pinecone_account=configuration.content.pinecone_account,
            access=access,
            customers=configuration.rosters.packings,
        )
    clear = all(finding.status != "failed" for finding in findings)
    if selection.as_json:
        from pinekeep.model.output.verification import FindingOutput, PreflightOutput  # noqa: PLC0415 - slow to import

        found = [FindingOutput.model_validate(finding.as_json()) for finding in findings]
        write_json(PreflightOutput(clear=clear, findings=found))
    else:
        show_findings(findings, write=write, details_of_passed=show_all)
        counts = {status: sum(each.status == status for each in findings) for status in _STATUSES}
        log(
            f"{counts['failed']} in the way, {counts['note']} to note, {counts['unreadable']} could not be looked at, "
            f"{counts['ok']} as they should be; nothing was changed"
        )
    return ExitCode.FINE if clear else ExitCode.CHECK_FAILED


_STATUSES = ("ok", "note", "failed", "unreadable")
