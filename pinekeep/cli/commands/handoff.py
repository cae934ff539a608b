"""``pinekeep handoff``: the values for the Pinecone console."""

from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Selection, access_to, log, verb, write

if TYPE_CHECKING:
    from pinekeep.model.output.handoff import RecordOutput


@verb("handoff")
@click.option("--markdown", is_flag=True, help="Write Markdown, for a ticket or a runbook.")
@click.option("--record", is_flag=True, help="Record in your account that Pinecone was given these values.")
@click.option(
    "--endpoint-registered-anew",
    is_flag=True,
    help="With --record: another endpoint was registered with Pinecone in place of the recorded one.",
)
@click.option("--dry-run", is_flag=True, help="With --record: show what would be recorded, and record nothing.")
def command(selection: Selection, markdown: bool, record: bool, endpoint_registered_anew: bool, dry_run: bool) -> None:
    """Print the values for the Pinecone console.

    Lists each field in the console's order and words, with what to know before you save. Once the values are saved
    there, --record stores them in a Systems Manager parameter of your account, which `plan` and `verify` compare with
    from then on. What can never change is also written to a file beside the configuration file, for `cdk deploy` and
    for users without credentials: commit it.
    """
    from pinekeep.account.record.recording import note_handoff  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.deployment.deployer import Deployer  # noqa: PLC0415
    from pinekeep.operations.handoff.afterwards import resolver_addresses  # noqa: PLC0415
    from pinekeep.operations.handoff.console import as_markdown, as_text, handoff  # noqa: PLC0415
    from pinekeep.operations.handoff.warnings import grant_warnings  # noqa: PLC0415

    if markdown and selection.as_json:
        raise click.UsageError("--markdown and --json exclude each other")
    if not record and (endpoint_registered_anew or dry_run):
        raise click.UsageError("--endpoint-registered-anew and --dry-run go with --record")
    configuration, deployments = selection.read()
    access = access_to(deployments)
    deployer = Deployer(configuration=configuration, deployments=deployments, access=access, tell=log)
    outputs = deployer.outputs()
    packings = configuration.rosters.packings
    warnings = grant_warnings(deployments, outputs, access=access, customers=packings)
    output = handoff(
        deployments,
        outputs,
        customers=packings,
        warnings=warnings,
        resolver_addresses=resolver_addresses(deployments, outputs, access=access),
    )
    noted = (
        note_handoff(
            deployments,
            outputs,
            access=access,
            dry_run=dry_run,
            endpoint_registered_anew=endpoint_registered_anew,
        )
        if record
        else []
    )
    if record:
        output = output.model_copy(update={"recorded": [each.as_output() for each in noted]})
    selection.write(output, lambda: write(as_markdown(output) if markdown else as_text(output), verbatim=markdown))
    for each in output.recorded:
        log(f"{each.deployment}: {_recorded(each, dry_run=dry_run)}")
    if record and not dry_run:
        from pinekeep.account.record.digest import remember_handovers  # noqa: PLC0415

        if written := remember_handovers(configuration, [each.record for each in noted]):
            log(f"wrote {written}: commit it; `cdk deploy` and `pinekeep plan` refuse to change what is in it")


def _recorded(recorded: "RecordOutput", *, dry_run: bool) -> str:
    if not recorded.changed:
        return f"{recorded.parameter} is unchanged since {recorded.recorded_at}"
    return f"{'would record' if dry_run else 'recorded'} in {recorded.parameter}: {', '.join(recorded.values)}"
