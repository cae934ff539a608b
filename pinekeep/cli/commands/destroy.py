"""``pinekeep destroy``: take the endpoint side away; the key's side always stays."""

import click

from pinekeep.cli.options import Selection, confirm, log, selection_options, write, write_json


@click.command("destroy", short_help="Take the endpoint away; key and role stay.")
@selection_options
@click.option("--yes", "-y", is_flag=True, help="Go ahead without asking.")
@click.option("--dry-run", is_flag=True, help="Tell what would be taken away, and change nothing.")
def command(selection: Selection, yes: bool, dry_run: bool) -> None:
    """Take away the private endpoint and what was made for it. Key, alias and role always stay.

    Notes first in the record of the handover that the endpoint is retired, so that another one can be made later. It
    also takes away an endpoint that the file does not have any more, and can be run again where it did not finish.
    """
    from pinekeep.account.credentials.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.account.record.recording import note_retirement, registered_endpoints  # noqa: PLC0415
    from pinekeep.model.facts import pinecone  # noqa: PLC0415
    from pinekeep.model.output.deployment import DestroyOutput  # noqa: PLC0415
    from pinekeep.operations.deployment.deployer import Deployer, kept  # noqa: PLC0415

    configuration = selection.load()
    deployments = selection.deployments(configuration)
    access = Access.of_the_user(deployments)
    access.require_accounts(deployments, changing=not dry_run)
    deployer = Deployer(configuration=configuration, deployments=deployments, access=access, tell=log)
    stacks = deployer.removable()
    registered = registered_endpoints(deployments, access=access)
    retired = [each for endpoints in registered.values() for each in endpoints]
    if (stacks or retired) and not dry_run:
        log("clients lose their private way to Pinecone; remove the endpoint in the Pinecone console too")
        confirm(f"Take away {', '.join([*stacks, *retired])}?", yes=yes)
        note_retirement({name: deployments[name] for name in registered}, access=access)
        deployer.remove(stacks)
    output = DestroyOutput(
        changed=bool(stacks or retired) and not dry_run,
        removed=stacks,
        retired=retired,
        kept=[thing for name, deployment in deployments.items() for thing in kept(name, deployment)],
    )
    if selection.as_json:
        write_json(output)
        return
    for stack in stacks:
        write(f"{'would take away' if dry_run else 'took away'} {stack}")
    for endpoint in retired:
        write(f"{'would note' if dry_run else 'noted'} as retired: {endpoint}")
    if not stacks and not retired:
        write("nothing to take away: no endpoint is deployed")
    for thing in output.kept:
        write(f"keeps {thing.what}: {thing.why}")
    if retired and not dry_run:
        log(f"next: remove {', '.join(retired)} in the Pinecone console ({pinecone.ENDPOINT_CONSOLE_PATH})")
