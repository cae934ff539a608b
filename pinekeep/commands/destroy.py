"""``pinekeep destroy``: take the endpoint side away; the key's side always stays."""

import click

from pinekeep.commands.common import Selection, confirm, log, selection_options, write, write_json


@click.command("destroy", short_help="Take the endpoint away; key and role stay.")
@selection_options
@click.option("--yes", "-y", is_flag=True, help="Go ahead without asking.")
@click.option("--dry-run", is_flag=True, help="Tell what would be taken away, and change nothing.")
def command(selection: Selection, yes: bool, dry_run: bool) -> None:
    """Take away the private endpoint and what was made for it. Key, alias and role always stay."""
    from pinekeep.aws.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.deployer import Deployer, kept  # noqa: PLC0415
    from pinekeep.outputs import DestroyOutput  # noqa: PLC0415

    configuration = selection.load()
    deployments = selection.deployments(configuration)
    deployer = Deployer(configuration=configuration, deployments=deployments, access=Access.of_the_user(), tell=log)
    stacks = deployer.removable()
    if stacks and not dry_run:
        log("clients lose their private way to Pinecone; remove the endpoint in the Pinecone console too")
        confirm(f"Take away {', '.join(stacks)}?", yes=yes)
        deployer.remove(stacks)
    output = DestroyOutput(
        changed=bool(stacks) and not dry_run,
        removed=stacks,
        kept=[thing for name, deployment in deployments.items() for thing in kept(name, deployment)],
    )
    if selection.as_json:
        write_json(output)
        return
    for stack in stacks:
        write(f"{'would take away' if dry_run else 'took away'} {stack}")
    if not stacks:
        write("nothing to take away: no endpoint is deployed")
    for thing in output.kept:
        write(f"keeps {thing.what}: {thing.why}")
