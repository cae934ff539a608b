"""``pinekeep fleet targets``: the accounts and Regions of a fleet, and new rows for further ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.fleet_options import FleetSelection, fleet_verb
from pinekeep.cli.options import dry_run_option, log, spinner, write

if TYPE_CHECKING:
    from pinekeep.model.config import Configuration
    from pinekeep.model.config.fleet.addition import Addition
    from pinekeep.model.config.fleet.targets import FleetTargets
    from pinekeep.model.output.fleet_targets import FleetTargetsOutput

_SHOWN: Final = 20


@fleet_verb("targets", narrowed=False)
@click.option("--units", "with_units", is_flag=True, help="Read the accounts of organizational units from AWS as well.")
@click.option("--add", "added", metavar="ACCOUNT", multiple=True, help="An account to add. Repeat for several.")
@click.option("--add-file", type=click.Path(path_type=Path), help="A text file of accounts to add, one a line.")
@click.option("--add-units", is_flag=True, help="Add the accounts of organizational units that have no row.")
@dry_run_option
def command(
    *,
    selection: FleetSelection,
    with_units: bool,
    added: tuple[str, ...],
    add_file: Path | None,
    add_units: bool,
    dry_run: bool,
) -> int:
    """List the accounts and Regions of a fleet.

    With --add, --add-file or --add-units, writes a row with a new external ID into the fleet's CSV file for each
    account that has none; the file is created if it does not exist. Existing rows stay as they are. Nothing is written
    if anything in the file is wrong. External IDs are not shown.
    """
    from pinekeep.errors import ExitCode  # noqa: PLC0415

    is_addition = bool(added or add_file or add_units)
    if dry_run and not is_addition:
        raise click.UsageError("--dry-run goes with --add, --add-file or --add-units")
    configuration = selection.load()
    name, _ = selection.named(configuration)
    addition = None
    if is_addition:
        wanted = _accounts(selection, configuration, added, add_file, add_units=add_units)
        addition = _add(configuration, name, wanted, dry_run=dry_run)
    shows_units = with_units or add_units
    found = None if addition is not None and dry_run else _targets(selection, configuration, with_units=shows_units)
    output = _output(configuration, name, found, addition, with_units=shows_units)
    selection.write(output, lambda: _show(output))
    if addition is not None:
        _tell(addition, dry_run=dry_run)
    return ExitCode.FINE


def _accounts(
    selection: FleetSelection,
    configuration: "Configuration",
    accounts: Sequence[str],
    file: Path | None,
    *,
    add_units: bool,
) -> list[str]:
    from pinekeep.model.config.fleet.accounts import MANAGEMENT  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.config.fleet.addition import read_accounts, require_accounts  # noqa: PLC0415

    require_accounts(accounts)
    found = [*accounts, *(read_accounts(file) if file is not None else ())]
    if add_units:
        targets = _targets(selection, configuration, with_units=True)
        found += [account for account, reason in targets.incomplete if reason != MANAGEMENT]
    return found


def _add(configuration: "Configuration", name: str, accounts: Sequence[str], *, dry_run: bool) -> "Addition":
    from pinekeep.model.config.fleet.addition import added_accounts  # noqa: PLC0415 - imports pydantic

    addition = added_accounts(configuration, name, accounts)
    if not dry_run:
        addition.write()
    return addition


def _targets(selection: FleetSelection, configuration: "Configuration", *, with_units: bool) -> "FleetTargets":
    from pinekeep.cli.reporting import report_problems  # noqa: PLC0415
    from pinekeep.model.config.fleet.reading import read_targets  # noqa: PLC0415 - imports pydantic

    name, fleet = selection.named(configuration)
    if with_units and fleet.units:
        with spinner("Reading the accounts of the organizational units"):
            found, _ = selection.targets(configuration, name, selection.clients(name, fleet))
        return found
    found = read_targets(configuration, name)
    report_problems(found.warnings, str(configuration.path))
    return found


def _output(
    configuration: "Configuration",
    name: str,
    found: "FleetTargets | None",
    addition: "Addition | None",
    *,
    with_units: bool,
) -> "FleetTargetsOutput":
    from pinekeep.model.output import fleet_targets as models  # noqa: PLC0415

    fleet = configuration.content.fleet[name]
    return models.FleetTargetsOutput(
        fleet=name,
        file=fleet.file,
        units=fleet.units,
        units_read=with_units,
        targets=[
            models.FleetTargetPlace(
                account=each.account, region=each.region, role_region=each.role_region, place=each.place
            )
            for each in (found.targets if found else ())
        ],
        incomplete=[
            models.FleetIncompleteAccount(account=account, reason=reason)
            for account, reason in (found.incomplete if found else ())
        ],
        added=list(addition.added if addition else ()),
        present=list(addition.present if addition else ()),
    )


def _show(output: "FleetTargetsOutput") -> None:
    if output.targets:
        accounts = len({each.account for each in output.targets})
        write(f"{output.fleet}: {_count(len(output.targets), 'target')} in {_count(accounts, 'account')}")
        for each in output.targets:
            role = "role" if each.role_region == each.region else "    " if each.role_region else ""
            write(f"  {each.account}  {each.region:<14}  {role}  {each.place or ''}".rstrip(), verbatim=True)
    elif not (output.incomplete or output.added or output.present):
        write(f"{output.fleet}: no targets")
    for each in output.incomplete:
        write(f"  {each.account}  no target: {each.reason}")
    if output.units and not output.units_read:
        log(f"the accounts of {', '.join(output.units)} are not listed; add --units to read them from AWS")


def _tell(addition: "Addition", *, dry_run: bool) -> None:
    """Report what was added, without the external IDs."""
    if addition.present:
        log(f"{_named(addition.present)}: already in {addition.path}, unchanged")
    if not addition.added:
        log("nothing to add")
        return
    rows = f"{_count(len(addition.added), 'row')} with a new external ID each"
    log(f"{'would add' if dry_run else 'added'} {rows} to {addition.path}: {_named(addition.added)}")
    if not dry_run:
        log("next: commit the file, then `pinekeep fleet plan`")


def _named(accounts: Sequence[str]) -> str:
    more = f" and {len(accounts) - _SHOWN:,} more" if len(accounts) > _SHOWN else ""
    return ", ".join(accounts[:_SHOWN]) + more


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
