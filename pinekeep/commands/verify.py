"""``pinekeep verify``: is what runs in the account what the file says?"""

import click

from pinekeep.commands.common import Selection, log, selection_options, spinner, write, write_json


@click.command("verify")
@selection_options
@click.option("--all", "show_all", is_flag=True, help="Show what was found for the checks that passed, too.")
@click.option(
    "--access-analyzer",
    is_flag=True,
    help="Ask AWS's IAM Access Analyzer as well. AWS charges for some of its checks.",
)
@click.option("--drift", is_flag=True, help="Have CloudFormation look for what was changed by hand; takes a minute.")
def command(selection: Selection, show_all: bool, access_analyzer: bool, drift: bool) -> int:
    """Compare the live account with the file. Reads only; exit code 1 when a check failed or could not be made."""
    from pinekeep.aws.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.checks.verify import Extent, verify  # noqa: PLC0415
    from pinekeep.commands.findings import show_findings  # noqa: PLC0415
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.outputs import FindingOutput, VerifyOutput  # noqa: PLC0415

    configuration = selection.load()
    deployments = selection.deployments(configuration)
    access = Access.of_the_user()
    with spinner(f"Reading {', '.join(deployments)}"):
        findings = verify(
            deployments,
            pinecone_account=configuration.content.pinecone_account,
            clients_for=lambda deployment: access.clients_for(deployment.region),
            customers=configuration.rosters.packings,
            extent=Extent(access_analyzer=access_analyzer, drift=drift),
        )
    output = VerifyOutput(
        passed=all(finding.passes for finding in findings),
        findings=[FindingOutput.model_validate(finding.as_json()) for finding in findings],
    )
    if selection.as_json:
        write_json(output)
    else:
        show_findings(output, write=write, details_of_passed=show_all)
        counts = {status: sum(each.status == status for each in output.findings) for status in _STATUSES}
        notes = f", {counts['note']} to note" if counts["note"] else ""
        log(f"{counts['ok']} passed{notes}, {counts['failed']} failed, {counts['unreadable']} could not be made")
    return ExitCode.FINE if output.passed else ExitCode.CHECK_FAILED


_STATUSES = ("ok", "note", "failed", "unreadable")
