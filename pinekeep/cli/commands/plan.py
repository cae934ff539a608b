"""``pinekeep plan``: what a deployment would do, in words that a reviewer can sign."""

import click

from pinekeep.cli.options import Selection, log, only_option, selection_options, spinner, write, write_json

LOOKING: str = "Asking CloudFormation what would change"


@click.command("plan", short_help="Say what a deployment would do.")
@selection_options
@only_option
@click.option("--markdown", is_flag=True, help="Write Markdown, for a pull request.")
@click.option("--revert-drift", is_flag=True, help="Plan to undo what was changed behind the stacks' back, too.")
def command(selection: Selection, only: str | None, markdown: bool, revert_drift: bool) -> int:
    """Say what a deployment would do: each change sorted into safe, attention, breaks Pinecone and destroys.

    Has CloudFormation work out a change set of each stack, holds the policies against the live ones and the values
    against the record of the handover, and deletes the change sets again. Exit code 1 where `deploy` would refuse, or
    ask for more than a yes.
    """
    if markdown and selection.as_json:
        raise click.UsageError("--markdown and --json exclude each other")
    from contextlib import ExitStack  # noqa: PLC0415

    from pinekeep.account.credentials.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.operations.plan.planning import planned  # noqa: PLC0415
    from pinekeep.operations.plan.render import as_markdown, as_output, as_text, verdict  # noqa: PLC0415

    configuration = selection.load(to_deploy=True)
    deployments = selection.deployments(configuration, only=only)
    access = Access.of_the_user(deployments)
    access.require_accounts(deployments)
    with ExitStack() as until_the_end:
        with spinner(LOOKING):
            plan = until_the_end.enter_context(
                planned(configuration, deployments, access=access, revert_drift=revert_drift, tell=log)
            )
        output = as_output(plan)
        text = as_markdown(plan) if markdown else as_text(plan)
        said = verdict(plan)
    if selection.as_json:
        write_json(output)
    else:
        write(text)
        if said is not None:
            log()
            log(said)
    return ExitCode.CHECK_FAILED if output.refused else ExitCode.FINE
