"""``pinekeep revoke``: cut Pinecone off."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.options import Selection, confirm, log, selection_options, spinner, write, write_json

if TYPE_CHECKING:
    from pinekeep.model.output.revocation import CutOffStepOutput, RevokedOutput

METHODS: Final = ("role", "key", "both")
"""As in :class:`pinekeep.operations.revocation.methods.Method`, said again so that --help need not wait for it."""


@click.command("revoke", short_help="Cut Pinecone off from your keys.")
@selection_options
@click.option(
    "--how",
    type=click.Choice(METHODS),
    help="role: deny the role everything. key: disable the key.  [default: both for a key made here, else role]",
)
@click.option("--adopted-key", is_flag=True, help="Disable an adopted key, too, though others may use it.")
@click.option("--end-grants", is_flag=True, help="End the grants on the key and its replicas, too; for good.")
@click.option("--yes", "-y", is_flag=True, help="Go ahead without asking.")
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and change nothing.")
def command(
    *, selection: Selection, how: str | None, adopted_key: bool, end_grants: bool, yes: bool, dry_run: bool
) -> int:
    """Cut Pinecone off from your keys, prove it, and say what it may still hold.

    Nothing is lost but the grants that --end-grants ends: `pinekeep restore` lets it in again. Safe to run again, also
    after a part of it failed.
    Where the file has several deployments, name each with --deployment.
    """
    from pinekeep.account.credentials.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.account.credentials.identity import who_am_i  # noqa: PLC0415
    from pinekeep.account.record.orphans import recall  # noqa: PLC0415
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.model.output.revocation import RevokeOutput  # noqa: PLC0415
    from pinekeep.operations.revocation.methods import Method, default_method, require_named, require_possible  # noqa: PLC0415
    from pinekeep.operations.revocation.revoke import Revocation  # noqa: PLC0415

    loaded = selection.load()
    selected = require_named(selection.deployments(loaded), selection.names)
    access = Access.of_the_user(selected)
    recalled = recall(loaded, selected, access=access)
    configuration, deployments = recalled.configuration, recalled.deployments
    methods = {name: Method(how) if how else default_method(each) for name, each in deployments.items()}
    for name, deployment in deployments.items():
        require_possible(name, deployment, methods[name], adopted_key=adopted_key)
    access.require_accounts(deployments, changing=not dry_run)
    planned = [
        Revocation(
            name=name,
            deployment=deployment,
            method=methods[name],
            clients=(clients := access.clients_for(deployment)),
            customers=configuration.rosters.packings.get(name),
            pinecone_account=str(configuration.content.pinecone_account),
            by=who_am_i(clients).arn,
            end_grants=end_grants,
            adopted_key=adopted_key,
        ).plan()
        for name, deployment in deployments.items()
    ]
    changes = any(each.changes for each in planned)
    if changes and not dry_run and not yes:
        for each in planned:
            _show(each.preview(), log)
        confirm(f"Cut Pinecone off from {', '.join(deployments)}?", yes=False)
    if dry_run:
        results = [each.preview() for each in planned]
    else:
        with spinner("Cutting off, then looking whether it is so"):
            results = [each.carry_out() for each in planned]
    output = RevokeOutput(
        changed=any(step.status == "done" for each in results for step in each.steps), deployments=results
    )
    if selection.as_json:
        write_json(output)
    else:
        for result in results:
            _show(result, write)
        if not dry_run:
            log("next: `pinekeep restore` lets Pinecone in again")
    if any(step.status == "failed" for each in results for step in each.steps):
        return ExitCode.AWS_REFUSED
    return ExitCode.CHECK_FAILED if any(each.cut_off is False for each in results) else ExitCode.FINE


def _show(result: "RevokedOutput", say: Callable[[str], None]) -> None:
    say(f"{result.deployment}: {_verdict(result)}")
    for step in result.steps:
        say(f"  {step_words(step)}")
    for sentence in result.proof:
        say(f"  seen: {sentence}")
    say(f"  stops: {result.stops}")
    for sentence in result.goes_on:
        say(f"  goes on: {sentence}")


def _verdict(result: "RevokedOutput") -> str:
    if result.cut_off is False and result.sessions_cut_off:
        return "NOT all are cut off: Pinecone's role is, but others can still use the key, or it is not known whether"
    return _VERDICTS[result.cut_off]


_VERDICTS: Final = {None: "would be cut off", True: "Pinecone is cut off", False: "Pinecone is NOT cut off"}
_WORDS: Final = {
    "planned": "to be {action}",
    "done": "{action}",
    "already": "{action} already",
    "absent": "nothing to do",
    "left": "not {action}",
    "failed": "NOT {action}",
}


def step_words(step: "CutOffStepOutput") -> str:
    """Return one step in words."""
    words = f"{step.target}: {_WORDS[step.status].format(action=step.action)}"
    return f"{words} ({step.detail})" if step.detail else words
