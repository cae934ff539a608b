"""``pinekeep restore``: let Pinecone in again."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.options import Selection, confirm, log, selection_options, spinner, write, write_json

if TYPE_CHECKING:
    from pinekeep.model.output.revocation import RestoredOutput


@click.command("restore", short_help="Let Pinecone in again after a revocation.")
@selection_options
@click.option("--enable-key", is_flag=True, help="Enable the key even if `revoke` did not note that it disabled it.")
@click.option("--cancel-deletion", is_flag=True, help="Cancel a pending deletion of the key, and enable it.")
@click.option("--yes", "-y", is_flag=True, help="Go ahead without asking.")
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and change nothing.")
def command(selection: Selection, enable_key: bool, cancel_deletion: bool, yes: bool, dry_run: bool) -> int:
    """Find out what of a revocation is in force, and undo that and nothing else.

    Where the file has several deployments, name each with --deployment.
    """
    from pinekeep.account.credentials.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.account.credentials.identity import who_am_i  # noqa: PLC0415
    from pinekeep.account.record.orphans import recall  # noqa: PLC0415
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.model.output.revocation import RestoreOutput  # noqa: PLC0415
    from pinekeep.operations.revocation.methods import Method, require_named, require_possible  # noqa: PLC0415
    from pinekeep.operations.revocation.restore import Restoration  # noqa: PLC0415

    loaded = selection.load()
    selected = require_named(selection.deployments(loaded), selection.names)
    access = Access.of_the_user(selected)
    recalled = recall(loaded, selected, access=access)
    configuration, deployments = recalled.configuration, recalled.deployments
    for name, deployment in deployments.items():
        require_possible(name, deployment, Method.ROLE, adopted_key=False)
    access.require_accounts(deployments, changing=not dry_run)
    planned = [
        Restoration(
            name=name,
            deployment=deployment,
            clients=(clients := access.clients_for(deployment)),
            customers=configuration.rosters.packings.get(name),
            by=who_am_i(clients).arn,
            enable_key=enable_key,
            cancel_deletion=cancel_deletion,
        ).plan()
        for name, deployment in deployments.items()
    ]
    if any(each.changes for each in planned) and not dry_run and not yes:
        for each in planned:
            _show(each.preview(), log)
        confirm(f"Let Pinecone in again to {', '.join(deployments)}?", yes=False)
    if dry_run:
        results = [each.preview() for each in planned]
    else:
        with spinner("Letting in, then looking whether it is so"):
            results = [each.carry_out() for each in planned]
    statuses = {step.status for each in results for step in each.steps}
    output = RestoreOutput(changed="done" in statuses, deployments=results)
    if selection.as_json:
        write_json(output)
    else:
        for result in results:
            _show(result, write)
        if output.changed:
            log("next: `pinekeep verify`")
    if "failed" in statuses:
        return ExitCode.AWS_REFUSED
    return ExitCode.CHECK_FAILED if "left" in statuses else ExitCode.FINE


def _show(result: "RestoredOutput", say: Callable[[str], None]) -> None:
    from pinekeep.cli.commands.revoke import step_words  # noqa: PLC0415

    say(f"{result.deployment}: {_VERDICTS[result.let_in] if result.steps else 'nothing of a revocation is in force'}")
    for step in result.steps:
        say(f"  {step_words(step)}")
    for grant in result.not_restored:
        say(f"  not brought back: the grant that `pinekeep revoke` ended ({grant}); whoever needs it makes it again")


_VERDICTS: Final = {
    None: "would be let in again",
    True: "Pinecone is let in again",
    False: "Pinecone is NOT let in again",
}
