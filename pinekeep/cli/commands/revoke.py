"""``pinekeep revoke``: revoke Pinecone's access."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.options import Selection, access_to, changing_options, confirm, log, spinner, verb, write

if TYPE_CHECKING:
    from pinekeep.account.credentials.access import Access
    from pinekeep.account.record.orphans import Recalled
    from pinekeep.model.output.revocation import CutOffStepOutput, RevokedOutput

METHODS: Final = ("role", "key", "both")
"""As in :class:`pinekeep.operations.revocation.methods.Method`; repeated so that ``--help`` need not import it."""


@verb("revoke")
@click.option(
    "--how",
    type=click.Choice(METHODS),
    help="role: deny the role everything. key: disable the key.  "
    "[default: both for a key that Pinekeep created, else role]",
)
@click.option("--adopted-key", is_flag=True, help="Also disable an adopted key, which others may be using.")
@click.option("--end-grants", is_flag=True, help="Also end the grants on the key and its replicas, permanently.")
@changing_options
def command(
    *, selection: Selection, how: str | None, adopted_key: bool, end_grants: bool, yes: bool, dry_run: bool
) -> int:
    """Revoke Pinecone's access to your keys.

    Verifies that access is refused, and reports what Pinecone may still hold in memory. `pinekeep restore` restores
    everything except the grants that --end-grants ends. Safe to repeat, also after a partial failure. If the file has
    several deployments, name each with --deployment.
    """
    from pinekeep.account.credentials.identity import who_am_i  # noqa: PLC0415 - imports pydantic
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.model.output.revocation import RevokeOutput  # noqa: PLC0415
    from pinekeep.operations.revocation.methods import Method, default_method, require_possible  # noqa: PLC0415
    from pinekeep.operations.revocation.revoke import Revocation  # noqa: PLC0415

    access, recalled = named_deployments(selection)
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
    if any(each.changes for each in planned) and not dry_run and not yes:
        for each in planned:
            _show(each.preview(), log)
        confirm(f"Revoke Pinecone's access to {', '.join(deployments)}?", yes=False)
    if dry_run:
        results = [each.preview() for each in planned]
    else:
        with spinner("Revoking access and verifying"):
            results = [each.carry_out() for each in planned]
    statuses = {step.status for each in results for step in each.steps}
    output = RevokeOutput(changed="done" in statuses, deployments=results)
    selection.write(output, lambda: [_show(result, write) for result in results])
    if not dry_run and not selection.as_json:
        log("next: `pinekeep restore` restores access")
    if "failed" in statuses:
        return ExitCode.AWS_REFUSED
    return ExitCode.CHECK_FAILED if any(each.cut_off is False for each in results) else ExitCode.FINE


def named_deployments(selection: Selection) -> "tuple[Access, Recalled]":
    """Return access to and what is known of the deployments. Raises WrongInputError for several that are not named."""
    from pinekeep.account.record.orphans import recall  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.revocation.methods import require_named  # noqa: PLC0415

    loaded = selection.load()
    selected = require_named(selection.deployments(loaded), selection.names)
    access = access_to(selected)
    return access, recall(loaded, selected, access=access)


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
