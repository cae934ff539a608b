"""``pinekeep deploy``: deploy the stacks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import (
    Selection,
    access_to,
    confirm,
    confirm_by_name,
    dry_run_option,
    log,
    only_option,
    spinner,
    verb,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pinekeep.account.credentials.access import Access
    from pinekeep.model.config import Configuration, Deployment
    from pinekeep.model.output.deployment import DeployOutput
    from pinekeep.model.output.plan import PlanOutput
    from pinekeep.operations.deployment.readback import ReadBack
    from pinekeep.operations.plan.phases import Phases
    from pinekeep.operations.plan.planning import Plan

_ACCEPT = "--accept-breaking"
_WAIT_MINUTES = 30


@verb("deploy")
@only_option
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation, unless the changes break Pinecone.")
@dry_run_option
@click.option("--revert-drift", is_flag=True, help="Also undo changes that were made outside the stacks.")
@click.option(
    "--wait",
    "minutes",
    metavar="[MINUTES]",
    type=click.IntRange(1, 24 * 60),
    is_flag=False,
    flag_value=_WAIT_MINUTES,
    help=f"Wait for a new endpoint to become available, and deploy its DNS too.  [default: {_WAIT_MINUTES} minutes]",
)
@click.option(
    _ACCEPT,
    "accepted",
    metavar="NAME",
    multiple=True,
    help="Deploy although it weakens a protection, or breaks Pinecone and no handover is recorded for this deployment. "
    "Repeat for several.",
)
def command(
    *,
    selection: Selection,
    only: str | None,
    yes: bool,
    dry_run: bool,
    revert_drift: bool,
    minutes: int | None,
    accepted: tuple[str, ...],
) -> int:
    """Deploy the stacks.

    Runs the preflight checks, shows the plan and asks for confirmation; then executes exactly the change sets that
    were shown, and reads back what the templates define. Exit code 1: something is not as defined.

    Changes that destroy the key, the role, the alias or the audit bucket are refused. Changes that break Pinecone are
    refused too, unless no handover is recorded and you type the deployment's name. Changes that weaken a protection of
    the audit logs or of the monitoring ask for the name.

    An endpoint that is not yet available is deployed without DNS. Deploy again when it is, or use --wait.

    Progress is written to stderr, the result to stdout.
    """
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.model.output.deployment import DeployOutput  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.output.verification import FindingOutput  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.deployment.deployer import Deployer  # noqa: PLC0415
    from pinekeep.operations.plan.phases import phases, refreshed  # noqa: PLC0415
    from pinekeep.operations.plan.render import waiting_output  # noqa: PLC0415

    configuration, deployments = selection.read(to_deploy=True, only=only)
    access = access_to(deployments)
    deployer = Deployer(configuration=configuration, deployments=deployments, access=access, tell=log)
    with spinner(f"Running the preflight checks of {', '.join(deployments)}"):
        deployer.look_first()
    round_ = _Round(configuration, access, selection, yes, dry_run, revert_drift, accepted)
    now = phases(deployments, access=access)
    done = round_.deploy(now)
    changed, left, late = done.changed, now.waiting, False
    if left and minutes is not None and not dry_run:
        late = _wait(now, deployments, access, minutes)
        if not late:
            now = phases(deployments, access=access)
            done, left = round_.deploy(now), now.waiting
            changed |= done.changed
    if left and not dry_run:
        left = refreshed(left, deployments, access=access)
    output = DeployOutput(
        changed=changed,
        stacks=[] if dry_run else deployer.results(),
        plan=done.plan,
        failing=[FindingOutput.model_validate(each.as_json()) for each in done.found.failed],
        unreadable=[FindingOutput.model_validate(each.as_json()) for each in done.found.unreadable],
        waiting=[waiting_output(each) for each in left],
    )
    selection.write(output, lambda: _show(output, dry_run=dry_run))
    _show_read_back(output)
    for each in output.waiting:
        log(f"left: {each.why}")
    failed = output.failing or late or (dry_run and done.plan.refused)
    return ExitCode.CHECK_FAILED if failed else ExitCode.FINE


@dataclass(frozen=True)
class _Done:
    """What one deployment did."""

    plan: "PlanOutput"
    found: "ReadBack"
    changed: bool


@dataclass(frozen=True)
class _Round:
    """Plans and executes deployments; twice where an endpoint is waited for."""

    configuration: "Configuration"
    access: "Access"
    selection: Selection
    yes: bool
    dry_run: bool
    revert_drift: bool
    accepted: tuple[str, ...]

    def deploy(self, now: "Phases") -> _Done:
        """Plan, ask, execute and read back the deployments of a phase."""
        from contextlib import ExitStack  # noqa: PLC0415

        from pinekeep.cli.commands.plan import PLANNING  # noqa: PLC0415
        from pinekeep.operations.deployment.execution import execute  # noqa: PLC0415
        from pinekeep.operations.deployment.readback import ReadBack, read_back  # noqa: PLC0415
        from pinekeep.operations.onboarding.handover import remember_places  # noqa: PLC0415
        from pinekeep.operations.plan.planning import planned  # noqa: PLC0415
        from pinekeep.operations.plan.render import (  # noqa: PLC0415
            as_output,
            as_text,
            has_nothing_to_report,
            verdict,
        )

        configuration, deployments, access = self.configuration, now.deployments, self.access
        with ExitStack() as until_the_end:
            with spinner(PLANNING):
                planning = planned(configuration, deployments, access=access, revert_drift=self.revert_drift, tell=log)
                plan = until_the_end.enter_context(planning)
            reviewed = as_output(plan, now.waiting)
            if self.dry_run or not all(has_nothing_to_report(each) for each in plan.deployments):
                (write if self.dry_run and not self.selection.as_json else log)(as_text(plan))
                log()
            changed = False
            if not self.dry_run:
                _require_leave(plan, deployments, yes=self.yes, accepted=self.accepted)
                changed = execute(plan, access=access, tell=log)
            elif said := verdict(plan):
                log(said)
        found = ReadBack()
        if not self.dry_run:
            remember_places(configuration, {name: each for name, each in deployments.items() if each.cmek is not None})
            found = read_back(configuration, deployments, access=access, changed=changed)
        return _Done(plan=reviewed, found=found, changed=changed)


def _wait(now: "Phases", deployments: "Mapping[str, Deployment]", access: "Access", minutes: int) -> bool:
    """Wait for the endpoints of a first phase; return whether one is still not available."""
    from pinekeep.operations.deployment.acceptance import wait_until_available  # noqa: PLC0415

    try:
        with spinner("Waiting for the endpoints to become available"):
            left = wait_until_available(now.waiting, deployments, access=access, minutes=minutes, tell=log)
    except KeyboardInterrupt:
        log("the endpoints stay as they are; run `pinekeep deploy` again when they are available")
        raise
    for each in left:
        log(f"{each.deployment}: endpoint {each.endpoint_id} is still in state {each.state} after {minutes} minutes")
    return bool(left)


def _require_leave(
    plan: "Plan", deployments: "Mapping[str, Deployment]", *, yes: bool, accepted: tuple[str, ...]
) -> None:
    """Require that the rules allow the plan and that the user confirms it."""
    from pinekeep.operations.plan.gate import (  # noqa: PLC0415 - imports pydantic
        reason_to_accept,
        require_deployable,
        to_be_accepted,
    )

    require_deployable(plan)
    for each in to_be_accepted(plan, accepted):
        why, when = reason_to_accept(each)
        confirm_by_name(each.name, why=why, otherwise=f"{when}: {_ACCEPT} {each.name}")
    if not plan.would_change:
        return
    accounts = ", ".join(sorted({f"{each.account} in {each.region}" for each in deployments.values()}))
    confirm(f"Deploy {', '.join(deployments)} to {accounts}?", yes=yes)


def _show(output: "DeployOutput", *, dry_run: bool) -> None:
    if dry_run:
        log("nothing was changed")
        return
    for stack in output.stacks if output.changed else ():
        write(stack.name)
        for key, value in stack.outputs.items():
            write(f"  {key} = {value}")
    if not output.failing:
        log("next: `pinekeep verify`, then `pinekeep handoff`" if output.changed else "nothing had to be changed")


def _show_read_back(output: "DeployOutput") -> None:
    """Report on stderr what is not as the templates define, with the fix of each."""
    for each in output.unreadable:
        log(f"not read back: {each.deployment}: {each.what}: {each.found}")
    for each in output.failing:
        log(f"not as the template says: {each.deployment}: {each.what}: {each.found}")
        log(f"  {each.fix}")
    if output.failing:
        done = "the deployment was made" if output.changed else "nothing was changed"
        count = len(output.failing)
        log(f"{done}, and {count} {'check' if count == 1 else 'checks'} of what it promises still fail")
