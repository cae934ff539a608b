"""``pinekeep fleet remove``: take instances out of the stack set of a fleet."""

from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.fleet_options import FleetSelection, fleet_verb
from pinekeep.cli.options import changing_options, confirm, confirm_by_name, log, spinner, write

if TYPE_CHECKING:
    from pinekeep.model.output.fleet_deployment import FleetRemoveOutput
    from pinekeep.operations.fleet.removal import Removal

_CONFIRM: Final = "--confirm"


@fleet_verb("remove")
@click.option("--all", "whole", is_flag=True, help="Remove all instances, and then the stack set.")
@click.option("--delete-stacks", is_flag=True, help="Delete the stacks, too; key, alias and role stay.")
@click.option(_CONFIRM, "confirmed", metavar="NAME", help="The fleet's name, instead of typing it when asked.")
@changing_options
def command(
    *, selection: FleetSelection, whole: bool, delete_stacks: bool, confirmed: str | None, yes: bool, dry_run: bool
) -> int:
    """Take accounts out of the stack set of a fleet.

    The stacks stay in their accounts, with key, alias and role. With `--delete-stacks` they are deleted, and with them
    an endpoint; key, alias and role always stay. An account that is still in the file is refused, unless all are
    removed. Exit code 1: an instance could not be removed.

    `--all` and `--delete-stacks` ask for the fleet's name.
    """
    from pinekeep.errors import ExitCode, WrongInputError  # noqa: PLC0415
    from pinekeep.operations.fleet.deployment import require_quiet  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.fleet.removing import read_removal, removal_output, remove  # noqa: PLC0415

    if whole == bool(selection.accounts or selection.regions):
        raise click.UsageError("name accounts with --account, or write --all")
    if not whole and not selection.accounts:
        raise click.UsageError("--region needs --account; write --all for every account")
    configuration = selection.load()
    name, fleet = selection.named(configuration)
    if confirmed not in (None, name):
        raise WrongInputError(f"{_CONFIRM} is not the name of the fleet, {name}", hint=f"write {_CONFIRM} {name}")
    with spinner("Reading the stack set"):
        clients = selection.clients(name, fleet)
        found, _ = selection.targets(configuration, name, clients)
        if not dry_run:
            require_quiet(found, clients=clients, tell=log)
        removal = read_removal(
            found,
            clients=clients,
            accounts=selection.accounts,
            regions=selection.regions,
            delete_stacks=delete_stacks,
        )
    if dry_run:
        output = removal_output(found, removal)
    else:
        for line in _loss(removal):
            log(line)
        _confirm(removal, name, yes=yes, confirmed=confirmed is not None)
        with spinner("Removing"):
            output = remove(found, removal, clients=clients, tell=log)
    selection.write(output, lambda: _show(output))
    bad = not dry_run and any(each.result != "removed" for each in output.instances)
    return ExitCode.CHECK_FAILED if bad else ExitCode.FINE


def _loss(removal: "Removal") -> list[str]:
    """Return what stops when the instances are removed."""
    if not removal.delete_stacks:
        return [
            "the stacks stay in their accounts as they are, outside the stack set; if an account returns to the file "
            "later, a new stack is created there, which fails while its role exists"
        ]
    gone = ", ".join(removal.deleted)
    lines = [f"deleted with the stacks: {gone}"] if gone else []
    if "AWS::EC2::VPCEndpoint" in removal.deleted:
        lines.append("clients lose their private connection to Pinecone; remove the endpoints in its console too")
    return lines


def _confirm(removal: "Removal", name: str, *, yes: bool, confirmed: bool) -> None:
    count = len(removal.stack_ids)
    what = f"{count} {'instance' if count == 1 else 'instances'}"
    if removal.whole or removal.delete_stacks:
        if not confirmed:
            deletes = " and deletes their stacks" if removal.delete_stacks else ""
            confirm_by_name(name, why=f"this removes {what}{deletes}", otherwise=f"{_CONFIRM} {name}", of="fleet")
        return
    confirm(f"Remove {what} from the stack set?", yes=yes)


def _show(output: "FleetRemoveOutput") -> None:
    from pinekeep.cli.fleet_results import write_results  # noqa: PLC0415

    if not output.changed:
        for each in output.instances:
            write(f"would remove {each.account} {each.region}")
    else:
        write_results(output.instances, quiet=())
    if output.stack_set_deleted:
        write(f"deleted stack set {output.stack_set}")
    if output.deleted and not output.changed:
        write(f"would delete: {', '.join(output.deleted)}")
    _show_kept(output)


def _show_kept(output: "FleetRemoveOutput") -> None:
    """Write what stays; each reason once."""
    for why in dict.fromkeys(each.why for each in output.kept):
        places: dict[str, list[str]] = {}
        for each in output.kept:
            if each.why == why:
                places.setdefault(each.what, []).append(f"{each.account} {each.region}")
        for what, found in places.items():
            write(f"keeps {what}" if len(places) > 1 else f"keeps {what} in {', '.join(found)}")
        write(f"  {why}")
