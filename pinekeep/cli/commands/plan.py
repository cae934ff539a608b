"""``pinekeep plan``: what ``deploy`` would change."""

from typing import Final

import click

from pinekeep.cli.options import Selection, access_to, log, only_option, spinner, verb, write

PLANNING: Final = "Asking CloudFormation what would change"


@verb("plan")
@only_option
@click.option("--markdown", is_flag=True, help="Write Markdown, for a pull request.")
@click.option("--revert-drift", is_flag=True, help="Also plan to undo changes that were made outside the stacks.")
def command(selection: Selection, only: str | None, markdown: bool, revert_drift: bool) -> int:
    """Show what `deploy` would change.

    Each change is classified as safe, attention, breaks Pinecone or destroys. CloudFormation computes a change set of
    each stack, which is deleted again; the policies are compared with the live ones, and the values with the recorded
    handover. Exit code 1: `deploy` would refuse, or --yes would not be enough.
    """
    if markdown and selection.as_json:
        raise click.UsageError("--markdown and --json exclude each other")
    from contextlib import ExitStack  # noqa: PLC0415

    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.operations.plan.phases import phases  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.plan.planning import planned  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.plan.render import as_markdown, as_output, as_text, verdict  # noqa: PLC0415

    configuration, deployments = selection.read(to_deploy=True, only=only)
    access = access_to(deployments)
    access.require_accounts(deployments)
    with ExitStack() as until_the_end:
        with spinner(PLANNING):
            now = phases(deployments, access=access)
            planning = planned(configuration, now.deployments, access=access, revert_drift=revert_drift, tell=log)
            plan = until_the_end.enter_context(planning)
        output = as_output(plan, now.waiting)
        text = as_markdown(plan, now.waiting) if markdown else as_text(plan)
        said = verdict(plan)
    selection.write(output, lambda: write(text))
    for each in () if markdown or selection.as_json else now.waiting:
        log()
        log(each.why)
    if said is not None and not selection.as_json:
        log()
        log(said)
    return ExitCode.CHECK_FAILED if output.refused else ExitCode.FINE
