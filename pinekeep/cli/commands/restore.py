"""``pinekeep restore``: restore Pinecone's access."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.options import Selection, changing_options, confirm, log, spinner, verb, write

if TYPE_CHECKING:
    from pinekeep.model.output.revocation import RestoredOutput


@verb("restore")
@click.option("--enable-key", is_flag=True, help="Enable the key even if `revoke` did not record disabling it.")
@click.option("--cancel-deletion", is_flag=True, help="Cancel a pending deletion of the key, and enable the key.")
@changing_options
def command(selection: Selection, enable_key: bool, cancel_deletion: bool, yes: bool, dry_run: bool) -> int:
    """Restore Pinecone's access.

    Finds what `pinekeep revoke` changed and undoes that, and nothing else. If the file has several deployments, name
    each with --deployment.
    """
    from pinekeep.account.credentials.identity import who_am_i  # noqa: PLC0415 - imports pydantic
    from pinekeep.cli.commands.revoke import named_deployments  # noqa: PLC0415
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.model.output.revocation import RestoreOutput  # noqa: PLC0415
    from pinekeep.operations.revocation.methods import Method, require_possible  # noqa: PLC0415
    from pinekeep.operations.revocation.restore import Restoration  # noqa: PLC0415

    access, recalled = named_deployments(selection)
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
        confirm(f"Restore Pinecone's access to {', '.join(deployments)}?", yes=False)
    if dry_run:
        results = [each.preview() for each in planned]
    else:
        with spinner("Restoring access and verifying"):
            results = [each.carry_out() for each in planned]
    statuses = {step.status for each in results for step in each.steps}
    output = RestoreOutput(changed="done" in statuses, deployments=results)
    selection.write(output, lambda: [_show(result, write) for result in results])
    if output.changed and not selection.as_json:
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
        say(f"  not restored: the grant that `pinekeep revoke` ended ({grant}); whoever needs it makes it again")


_VERDICTS: Final = {
    None: "access would be restored",
    True: "Pinecone's access is restored",
    False: "Pinecone's access is NOT restored",
}
