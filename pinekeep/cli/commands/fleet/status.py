"""``pinekeep fleet status``: the stack set of a fleet, its instances and operations."""

import click

from pinekeep.cli.fleet_options import FleetSelection, fleet_verb
from pinekeep.cli.options import spinner, write


@fleet_verb("status", narrowed=False)
@click.option("--all", "full", is_flag=True, help="Show every instance, not only those that need attention.")
@click.option("--detect-drift", is_flag=True, help="Detect changes made outside the stacks now, and wait.")
def command(selection: FleetSelection, full: bool, detect_drift: bool) -> int:
    """Show the stack set of a fleet and its instances.

    Shows the operations that are under way, the instances that are not current, with AWS's reason and what to do, the
    targets without an instance, the instances that are no targets, and what the last detection of drift found. Changes
    nothing. Exit code 1: something needs attention.
    """
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.operations.fleet.deployment import calls_for  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.fleet.desired import call_as, part_of, stack_set_name  # noqa: PLC0415
    from pinekeep.operations.fleet.observed import read_observed  # noqa: PLC0415
    from pinekeep.operations.fleet.status import (  # noqa: PLC0415 - imports pydantic
        detect_drift as detect,
    )
    from pinekeep.operations.fleet.status import (  # noqa: PLC0415
        drift_of,
        last_detection,
        needs_attention,
        status_output,
        status_text,
    )

    configuration = selection.load()
    name, fleet = selection.named(configuration)
    with spinner("Reading the stack set"):
        clients = selection.clients(name, fleet)
        found, _ = selection.targets(configuration, name, clients)
        stack_set, as_whom = stack_set_name(name, part_of(found)), call_as(found)
        observed = read_observed(clients, stack_set, call_as=as_whom)
        if detect_drift and observed.stack_set is not None and observed.instances:
            detect(
                calls_for(found, clients),
                observed.stack_set,
                len(observed.instances),
                concurrent=fleet.operation.concurrent_accounts,
            )
            observed = read_observed(clients, stack_set, call_as=as_whom)
        drifted = drift_of(observed, clients=clients, call_as=as_whom, operation=last_detection(observed))
    output = status_output(
        name, fleet, observed, targets=[(each.account, each.region) for each in found.targets], drifted=drifted
    )
    selection.write(output, lambda: status_text(output, write, full=full))
    return ExitCode.CHECK_FAILED if needs_attention(output) else ExitCode.FINE
