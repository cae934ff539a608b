"""``pinekeep fleet deploy``: deploy a fleet with StackSets."""

from typing import TYPE_CHECKING, Final

from pinekeep.cli.fleet_options import FleetSelection, fleet_verb
from pinekeep.cli.options import changing_options, confirm, log, spinner, write

if TYPE_CHECKING:
    from pinekeep.model.output.fleet_deployment import FleetDeployOutput
    from pinekeep.operations.fleet.plans import FleetPlan

_SHOWN: Final = 20


@fleet_verb("deploy")
@changing_options
def command(selection: FleetSelection, yes: bool, dry_run: bool) -> int:
    """Deploy a fleet with StackSets.

    Waits for the operations of earlier runs, shows the plan and asks for confirmation; then creates the stack set or
    updates it, and creates and updates its instances, several at the same time. Targets whose change would break
    Pinecone keep what they have, and the others go on. Exit code 1: a target failed or is held back.

    An interrupted run leaves its operations to AWS: run it again to continue. Nothing is removed.
    """
    from pinekeep.cli.commands.fleet.plan import PLANNING  # noqa: PLC0415
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.operations.fleet.deployment import deploy, require_quiet  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.fleet.planning import plan_fleet  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.fleet.render import as_output, as_text  # noqa: PLC0415

    configuration = selection.load()
    name, fleet = selection.named(configuration)
    with spinner(PLANNING):
        clients = selection.clients(name, fleet)
        found, members = selection.targets(configuration, name, clients)
        if not dry_run:
            require_quiet(found, clients=clients, tell=log)
        plan = plan_fleet(
            found,
            clients=clients,
            members=members,
            narrowing=selection.narrowing,
            file=str(configuration.path),
        )
    for each in plan.warnings:
        log(f"warning: {each}")
    if dry_run:
        selection.write(as_output(plan), lambda: write(as_text(plan)))
        log("nothing was changed")
        return ExitCode.CHECK_FAILED if plan.held_back else ExitCode.FINE
    if plan.would_change or plan.held_back:
        log(as_text(plan))
        log()
    if plan.would_change:
        if (limit := _limit(plan)) is not None:
            log(limit)
        confirm(_question(plan), yes=yes)
    with spinner("Deploying"):
        output = deploy(plan, clients=clients, tell=log)
    selection.write(output, lambda: _show(output))
    if output.refused is not None:
        log(f"error: {output.refused}")
        if output.refused_fix is not None:
            log(f"\nhint: {output.refused_fix}")
    return _exit_code(output)


def _question(plan: "FleetPlan") -> str:
    from pinekeep.operations.fleet.plans import DEPLOYED  # noqa: PLC0415

    places = plan.places(*DEPLOYED)
    accounts = len({account for account, _ in places})
    administrator = plan.found.fleet.administrator
    if not places:
        return f"Change stack set {plan.desired.stack_set} in {administrator.account}?"
    return (
        f"Deploy {plan.found.name} to {len(places)} {'stack' if len(places) == 1 else 'stacks'} in {accounts} "
        f"{'account' if accounts == 1 else 'accounts'}, with the stack set in {administrator.account}?"
    )


def _limit(plan: "FleetPlan") -> str | None:
    """Return what limits the accounts at the same time, if failures do."""
    from pinekeep.operations.fleet.plans import DEPLOYED  # noqa: PLC0415

    operation = plan.found.fleet.operation
    count = operation.failed_accounts + 1
    accounts = len({account for account, _ in plan.places(*DEPLOYED)})
    if operation.concurrency != "strict" or count >= min(operation.concurrent_accounts, accounts):
        return None
    at_once = "one account" if count == 1 else f"{count} accounts"
    return (
        f"{at_once} at a time, as {operation.failed_accounts} may fail: for more, raise failed_accounts, or write "
        "concurrency: soft"
    )


def _exit_code(output: "FleetDeployOutput") -> int:
    from pinekeep.errors import ExitCode  # noqa: PLC0415

    if output.refused is not None:
        return ExitCode.AWS_REFUSED
    bad = {"failed", "cancelled", "not-started", "held-back"} & output.counts.keys()
    return ExitCode.CHECK_FAILED if bad else ExitCode.FINE


def _show(output: "FleetDeployOutput") -> None:
    """Write the results: what failed with its reason, what was held back, and the counts."""
    from pinekeep.cli.fleet_results import write_results  # noqa: PLC0415

    write_results(output.instances, quiet={"unchanged"})
    write(", ".join(f"{count} {result}" for result, count in output.counts.items()) or "no targets")
    if {"failed", "cancelled", "not-started"} & output.counts.keys():
        log(f"next: resolve the failures, then continue: pinekeep fleet deploy --fleet {output.fleet}")
    elif output.changed:
        verbs = ", then ".join(f"`pinekeep fleet {verb} --fleet {output.fleet}`" for verb in ("verify", "handoff"))
        log(f"next: {verbs}")
    else:
        log("nothing was changed" if "held-back" in output.counts else "nothing had to be changed")
