"""``pinekeep recover``: import a retained key and role into a new stack."""

from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Selection, access_to, changing_options, confirm, log, spinner, verb, write

if TYPE_CHECKING:
    from pinekeep.model.output.deployment import RecoverOutput


@verb("recover")
@click.option(
    "--only",
    "part",
    type=click.Choice(["cmek", "storage"]),
    default="cmek",
    show_default=True,
    help="The stack: of role and key, or of the audit bucket and the roles of Pinecone's S3 account.",
)
@changing_options
def command(selection: Selection, part: str, yes: bool, dry_run: bool) -> None:
    """Import a retained key and role into a new stack.

    With `--only storage`: a retained audit bucket and its roles. For use after the stack was deleted; key, alias and
    role are retained then, and so are the audit bucket, its key and the roles of Pinecone's S3 account. Finds them
    by their names in the file, requires that they carry the deployment's tag and are what Pinecone was given, and
    has CloudFormation import them unchanged. `deploy` then adds the rest. Takes one deployment at a time.
    """
    from pinekeep.errors import WrongInputError  # noqa: PLC0415
    from pinekeep.model.output.deployment import RecoverOutput  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.recovery.recovery import Recovery  # noqa: PLC0415

    configuration, deployments = selection.read(to_deploy=True)
    if len(deployments) > 1:
        raise WrongInputError("exactly one deployment is recovered at a time", hint="name it with --deployment")
    ((name, deployment),) = deployments.items()
    access = access_to(deployments)
    access.require_accounts(deployments, changing=not dry_run)
    with spinner(f"Finding what was retained of {name}"):
        recovery = Recovery(configuration, name, deployment, part=part, access=access, tell=log)
    found = recovery.found
    handed_over = found.record.recorded_at if found.record else None
    for each in recovery.things:
        log(f"found {each}")
    if part == "cmek":
        log(f"recorded: handed over to Pinecone on {handed_over}" if handed_over else "no handover is recorded")
    if not dry_run:
        confirm(f"Import them into stack {recovery.stack} in {deployment.account}?", yes=yes)
        recovery.run()
    output = RecoverOutput(
        changed=not dry_run, deployment=name, stack=recovery.stack, things=recovery.things, handed_over_at=handed_over
    )
    selection.write(output, lambda: _show(output, dry_run=dry_run))


def _show(output: "RecoverOutput", *, dry_run: bool) -> None:
    for each in output.things:
        write(f"{each} {'would be' if dry_run else 'is'} in stack {output.stack}")
    log("nothing was changed" if dry_run else "next: `pinekeep plan`, then `pinekeep deploy`, which adds the rest")
