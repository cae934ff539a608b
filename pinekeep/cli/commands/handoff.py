"""``pinekeep handoff``: what to put into the Pinecone console."""

from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Selection, log, selection_options, write, write_json

if TYPE_CHECKING:
    from pinekeep.model.output.handoff import RecordOutput


@click.command("handoff", short_help="Say what the Pinecone console asks for.")
@selection_options
@click.option("--markdown", is_flag=True, help="Write Markdown, for a ticket or a runbook.")
@click.option("--record", is_flag=True, help="Note in your account that Pinecone was given these values.")
@click.option(
    "--endpoint-registered-anew",
    is_flag=True,
    help="With --record: another endpoint was registered with Pinecone in place of the recorded one.",
)
@click.option("--dry-run", is_flag=True, help="With --record: tell what would be noted, and note nothing.")
def command(selection: Selection, markdown: bool, record: bool, endpoint_registered_anew: bool, dry_run: bool) -> None:
    """Say what the Pinecone console asks for: each field in its order and words, and what to know before.

    Once you have put the values in, --record notes them in a Systems Manager parameter of your account: `plan` and
    `verify` hold against it whatever comes later. What can never change is also written to a file beside the
    configuration, for `cdk deploy` and whoever has no credentials: commit it.
    """
    from pinekeep.account.credentials.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.account.record.recording import note_handoff  # noqa: PLC0415
    from pinekeep.operations.deployment.deployer import Deployer  # noqa: PLC0415
    from pinekeep.operations.handoff.console import as_markdown, as_text, handoff  # noqa: PLC0415
    from pinekeep.operations.handoff.warnings import grant_warnings  # noqa: PLC0415

    if markdown and selection.as_json:
        raise click.UsageError("--markdown and --json exclude each other")
    if not record and (endpoint_registered_anew or dry_run):
        raise click.UsageError("--endpoint-registered-anew and --dry-run go with --record")
    configuration = selection.load()
    deployments = selection.deployments(configuration)
    access = Access.of_the_user(deployments)
    deployer = Deployer(configuration=configuration, deployments=deployments, access=access, tell=log)
    outputs = deployer.outputs()
    packings = configuration.rosters.packings
    warnings = grant_warnings(deployments, outputs, access=access, customers=packings)
    output = handoff(deployments, outputs, customers=packings, warnings=warnings)
    if record:
        noted = note_handoff(
            deployments,
            outputs,
            access=access,
            dry_run=dry_run,
            endpoint_registered_anew=endpoint_registered_anew,
        )
        output = output.model_copy(update={"recorded": [each.as_output() for each in noted]})
    if selection.as_json:
        write_json(output)
    else:
        write(as_markdown(output) if markdown else as_text(output), verbatim=markdown)
    for each in output.recorded:
        log(f"{each.deployment}: {_told(each, dry_run=dry_run)}")
    if record and not dry_run:
        from pinekeep.account.record.digest import remember_handovers  # noqa: PLC0415

        if written := remember_handovers(configuration, [each.record for each in noted]):
            log(
                f"wrote {written}: commit it; by it `cdk deploy` and `pinekeep plan` refuse to change what Pinecone has"
            )


def _told(recorded: "RecordOutput", *, dry_run: bool) -> str:
    if not recorded.changed:
        return f"{recorded.parameter} says so already, since {recorded.recorded_at}"
    return f"{'would note' if dry_run else 'noted'} in {recorded.parameter}: {', '.join(recorded.values)}"
