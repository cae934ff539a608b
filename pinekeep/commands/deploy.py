"""``pinekeep deploy``: put the stacks into the account."""

import click

from pinekeep.commands.common import Selection, confirm, log, selection_options, spinner, write, write_json


@click.command("deploy", short_help="Put the stacks into the account.")
@selection_options
@click.option("--yes", "-y", is_flag=True, help="Go ahead without asking.")
@click.option("--dry-run", is_flag=True, help="Tell what would change, and change nothing.")
@click.option("--revert-drift", is_flag=True, help="Undo what was changed behind the stacks' back, too.")
def command(selection: Selection, yes: bool, dry_run: bool, revert_drift: bool) -> None:
    """Put the stacks into the account, with the credentials that the AWS SDKs find.

    Looks first, tells what would change, and asks. The progress goes to stderr, the result to stdout.
    """
    from pinekeep.aws.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.customers.handover import remember_places  # noqa: PLC0415
    from pinekeep.deployer import Deployer  # noqa: PLC0415
    from pinekeep.outputs import DeployOutput  # noqa: PLC0415

    configuration = selection.load()
    deployments = selection.deployments(configuration)
    deployer = Deployer(configuration=configuration, deployments=deployments, access=Access.of_the_user(), tell=log)
    with spinner(f"Looking first at {', '.join(deployments)}"):
        deployer.look_first()
    if dry_run or not yes:
        deployer.diff()
    if not dry_run:
        accounts = ", ".join(sorted({f"{each.account} in {each.region}" for each in deployments.values()}))
        confirm(f"Deploy {', '.join(deployments)} to {accounts}?", yes=yes)
        deployer.deploy(revert_drift=revert_drift)
        remember_places(configuration, deployments)
    output = DeployOutput(changed=not dry_run, stacks=[] if dry_run else deployer.results())
    if selection.as_json:
        write_json(output)
        return
    if dry_run:
        log("nothing was changed")
        return
    for stack in output.stacks:
        write(stack.name)
        for key, value in stack.outputs.items():
            write(f"  {key} = {value}")
    log("next: `pinekeep verify`, then `pinekeep handoff`")
