"""``pinekeep preflight``: check whether a deployment would succeed."""

import click

from pinekeep.cli.options import Selection, access_to, log, spinner, verb, write, write_json


@verb("preflight")
@click.option("--all", "show_all", is_flag=True, help="Also show what was found where a check passed.")
def command(selection: Selection, show_all: bool) -> int:
    """Check whether a deployment would succeed.

    Reads only. Exit code 1: the deployment would fail or do harm. Findings that could not be read, or are only
    notes, do not count. `deploy` runs the same checks first.
    """
    from pinekeep.cli.findings import counted, show_findings  # noqa: PLC0415
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.operations.preflight.preflight import preflight_accounts  # noqa: PLC0415 - imports pydantic

    configuration, deployments = selection.read()
    access = access_to(deployments)
    with spinner(f"Reading {', '.join(deployments)}"):
        findings = preflight_accounts(
            deployments,
            pinecone_account=configuration.content.pinecone_account,
            access=access,
            customers=configuration.rosters.packings,
        )
    counts = counted(findings)
    clear = not counts["failed"]
    if selection.as_json:
        from pinekeep.model.output.verification import FindingOutput, PreflightOutput  # noqa: PLC0415 - slow to import

        found = [FindingOutput.model_validate(finding.as_json()) for finding in findings]
        write_json(PreflightOutput(clear=clear, findings=found))
    else:
        show_findings(findings, write=write, details_of_passed=show_all)
        log(
            f"{counts['failed']} failed, {counts['note']} to note, {counts['unreadable']} could not be read, "
            f"{counts['ok']} passed; nothing was changed"
        )
    return ExitCode.FINE if clear else ExitCode.CHECK_FAILED
