"""``pinekeep deploy``: put the stacks into the account."""

from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import (
    Selection,
    confirm,
    confirm_by_name,
    log,
    only_option,
    selection_options,
    spinner,
    write,
    write_json,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pinekeep.model.config import Deployment
    from pinekeep.model.output.deployment import DeployOutput
    from pinekeep.operations.plan.planning import Plan

_ACCEPT = "--accept-breaking"


@click.command("deploy", short_help="Put the stacks into the account.")
@selection_options
@only_option
@click.option("--yes", "-y", is_flag=True, help="Go ahead without asking, unless it would break Pinecone.")
@click.option("--dry-run", is_flag=True, help="Tell what would change, as `plan` does, and change nothing.")
@click.option("--revert-drift", is_flag=True, help="Undo what was changed behind the stacks' back, too.")
@click.option(
    _ACCEPT,
    "accepted",
    metavar="NAME",
    multiple=True,
    help="Go ahead with a deployment that breaks Pinecone, while nothing was handed over. May be given several times.",
)
def command(
    *, selection: Selection, only: str | None, yes: bool, dry_run: bool, revert_drift: bool, accepted: tuple[str, ...]
) -> int:
    """Put the stacks into the account, with the credentials that the AWS SDKs find.

    Looks first, tells what would change, and asks. What destroys the key, the role or the alias is refused. So is what
    breaks Pinecone, unless nothing was handed over yet and you type the deployment's name: a yes is not enough. The
    change sets that were shown are the ones that are executed. What the templates say is read back then, and exit code
    1 says that something is not so. The progress goes to stderr, the result to stdout.
    """
    from contextlib import ExitStack  # noqa: PLC0415

    from pinekeep.account.credentials.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.cli.commands.plan import LOOKING  # noqa: PLC0415
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.model.output.deployment import DeployOutput  # noqa: PLC0415
    from pinekeep.model.output.verification import FindingOutput  # noqa: PLC0415
    from pinekeep.operations.deployment.deployer import Deployer  # noqa: PLC0415
    from pinekeep.operations.deployment.execution import execute  # noqa: PLC0415
    from pinekeep.operations.deployment.readback import ReadBack, read_back  # noqa: PLC0415
    from pinekeep.operations.onboarding.handover import remember_places  # noqa: PLC0415
    from pinekeep.operations.plan.planning import planned  # noqa: PLC0415
    from pinekeep.operations.plan.render import as_output, as_text, has_nothing_to_report, verdict  # noqa: PLC0415

    configuration = selection.load(to_deploy=True)
    deployments = selection.deployments(configuration, only=only)
    access = Access.of_the_user(deployments)
    deployer = Deployer(configuration=configuration, deployments=deployments, access=access, tell=log)
    with spinner(f"Looking first at {', '.join(deployments)}"):
        deployer.look_first()
    with ExitStack() as until_the_end:
        with spinner(LOOKING):
            plan = until_the_end.enter_context(
                planned(configuration, deployments, access=access, revert_drift=revert_drift, tell=log)
            )
        reviewed = as_output(plan)
        if dry_run or not all(has_nothing_to_report(each) for each in plan.deployments):
            (write if dry_run and not selection.as_json else log)(as_text(plan))
            log()
        changed = False
        if not dry_run:
            _require_leave(plan, deployments, yes=yes, accepted=accepted)
            changed = execute(plan, access=access, tell=log)
        elif said := verdict(plan):
            log(said)
    found = ReadBack()
    if not dry_run:
        remember_places(configuration, {name: each for name, each in deployments.items() if each.cmek is not None})
        found = read_back(configuration, deployments, access=access, changed=changed)
    output = DeployOutput(
        changed=changed,
        stacks=[] if dry_run else deployer.results(),
        plan=reviewed,
        failing=[FindingOutput.model_validate(each.as_json()) for each in found.failed],
        unreadable=[FindingOutput.model_validate(each.as_json()) for each in found.unreadable],
    )
    if selection.as_json:
        write_json(output)
    else:
        _show(output, dry_run=dry_run)
    _show_read_back(output)
    return ExitCode.CHECK_FAILED if output.failing or (dry_run and reviewed.refused) else ExitCode.FINE


def _require_leave(
    plan: "Plan", deployments: "Mapping[str, Deployment]", *, yes: bool, accepted: tuple[str, ...]
) -> None:
    """See that the plan may be carried out: by the rules, and by the user."""
    from pinekeep.operations.plan.gate import require_deployable, to_be_accepted  # noqa: PLC0415 - imports pydantic

    require_deployable(plan)
    for each in to_be_accepted(plan, accepted):
        confirm_by_name(
            each.name,
            why="this breaks Pinecone if it was given anything yet; nothing is recorded",
            otherwise=f"if Pinecone was given nothing yet: {_ACCEPT} {each.name}",
        )
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
    """Say what is not as the templates promise, and what to do about each."""
    for each in output.unreadable:
        log(f"not read back: {each.deployment}: {each.what}: {each.found}")
    for each in output.failing:
        log(f"not as the template says: {each.deployment}: {each.what}: {each.found}")
        log(f"  {each.fix}")
    if output.failing:
        done = "the deployment was made" if output.changed else "nothing was changed"
        count = len(output.failing)
        log(f"{done}, and {count} {'check' if count == 1 else 'checks'} of what it promises still fail")
