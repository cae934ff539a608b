"""``pinekeep fleet plan``: what ``fleet deploy`` would do to each account and Region."""

from typing import Final

import click

from pinekeep.cli.fleet_options import FleetSelection, fleet_verb
from pinekeep.cli.options import log, spinner, write

PLANNING: Final = "Comparing the stack set with the file"


@fleet_verb("plan")
@click.option("--markdown", is_flag=True, help="Write Markdown, for a pull request.")
def command(selection: FleetSelection, markdown: bool) -> int:
    """Show what `fleet deploy` would do to each account.

    Each account and Region is created, updated, retried, held back or left alone. Updates are classified by the rules
    of `plan`: the template and the parameters that an instance has are compared with the new ones, without calls to its
    account. Reads only. Exit code 1: a target is held back.
    """
    if markdown and selection.as_json:
        raise click.UsageError("--markdown and --json exclude each other")
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.operations.fleet.planning import plan_fleet  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.fleet.render import as_markdown, as_output, as_text, verdict  # noqa: PLC0415

    configuration = selection.load()
    name, fleet = selection.named(configuration)
    with spinner(PLANNING):
        clients = selection.clients(name, fleet)
        found, members = selection.targets(configuration, name, clients)
        plan = plan_fleet(
            found,
            clients=clients,
            members=members,
            narrowing=selection.narrowing,
            file=str(configuration.path),
        )
    selection.write(as_output(plan), lambda: write(as_markdown(plan) if markdown else as_text(plan)))
    for each in () if markdown or selection.as_json else plan.warnings:
        log(f"warning: {each}")
    said = verdict(plan)
    if said is not None and not selection.as_json:
        log()
        log(said)
    return ExitCode.CHECK_FAILED if plan.held_back else ExitCode.FINE
