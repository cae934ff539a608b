"""``pinekeep handoff``: what to put into the Pinecone console."""

import click

from pinekeep.commands.common import Selection, log, selection_options, write, write_json


@click.command("handoff", short_help="Say what the Pinecone console asks for.")
@selection_options
@click.option("--markdown", is_flag=True, help="Write Markdown, for a ticket or a runbook.")
def command(selection: Selection, markdown: bool) -> None:
    """Say what the Pinecone console asks for: each field in its order and words, and what to know before."""
    from pinekeep.aws.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.deployer import Deployer  # noqa: PLC0415
    from pinekeep.handoff import as_markdown, as_text, handoff  # noqa: PLC0415

    if markdown and selection.as_json:
        raise click.UsageError("--markdown and --json exclude each other")
    configuration = selection.load()
    deployments = selection.deployments(configuration)
    deployer = Deployer(configuration=configuration, deployments=deployments, access=Access.of_the_user(), tell=log)
    output = handoff(deployments, deployer.outputs(), customers=configuration.rosters.packings)
    if selection.as_json:
        write_json(output)
    else:
        write(as_markdown(output) if markdown else as_text(output))
