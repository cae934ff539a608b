"""``pinekeep recover``: take a key and a role whose stack is gone back into a stack."""

import click

from pinekeep.cli.options import Selection, confirm, log, selection_options, spinner, write, write_json


@click.command("recover", short_help="Take a key and a role whose stack is gone back into a stack.")
@selection_options
@click.option("--yes", "-y", is_flag=True, help="Go ahead without asking.")
@click.option("--dry-run", is_flag=True, help="Tell what would be taken back in, and change nothing.")
def command(selection: Selection, yes: bool, dry_run: bool) -> None:
    """Take a key, its alias and the role back into a stack after their stack was deleted: they were kept.

    Finds them by the names that the file gives them, sees that they carry the deployment's tag and are what Pinecone
    was given, and has CloudFormation import them. Nothing of them is changed; `deploy` then adds the rest. One
    deployment at a time.
    """
    from pinekeep.account.credentials.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.errors import WrongInputError  # noqa: PLC0415
    from pinekeep.model.output.deployment import RecoverOutput  # noqa: PLC0415
    from pinekeep.operations.recovery.recovery import Recovery  # noqa: PLC0415

    configuration = selection.load(to_deploy=True)
    deployments = selection.deployments(configuration)
    if len(deployments) > 1:
        raise WrongInputError("one deployment at a time is taken back in", hint="name it with --deployment")
    ((name, deployment),) = deployments.items()
    access = Access.of_the_user(deployments)
    access.require_accounts(deployments, changing=not dry_run)
    with spinner(f"Looking for what is left of {name}"):
        recovery = Recovery(configuration, name, deployment, access=access, tell=log)
    found = recovery.found
    handed_over = found.record.recorded_at if found.record else None
    for each in found.things:
        log(f"found {each}")
    log(f"recorded: handed over to Pinecone on {handed_over}" if handed_over else "no handover is recorded")
    if not dry_run:
        confirm(f"Take them back into stack {recovery.stack} in {deployment.account}?", yes=yes)
        recovery.run()
    output = RecoverOutput(
        changed=not dry_run, deployment=name, stack=recovery.stack, things=found.things, handed_over_at=handed_over
    )
    if selection.as_json:
        write_json(output)
        return
    for each in found.things:
        write(f"{each} {'would be' if dry_run else 'is'} in stack {recovery.stack}")
    log("nothing was changed" if dry_run else "next: `pinekeep plan`, then `pinekeep deploy`, which adds the rest")
