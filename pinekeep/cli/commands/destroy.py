"""``pinekeep destroy``: delete the endpoint, or the stacks of another part; key and role are kept."""

from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Selection, access_to, changing_options, confirm, log, verb, write

if TYPE_CHECKING:
    from pinekeep.model.output.deployment import DestroyOutput


@verb("destroy")
@click.option(
    "--only",
    "part",
    type=click.Choice(["private_link", "storage", "monitoring"]),
    default="private_link",
    show_default=True,
    help="The part whose stacks are deleted.",
)
@changing_options
def command(selection: Selection, part: str, yes: bool, dry_run: bool) -> None:
    """Delete the endpoint; keep the key and the role.

    With `--only`: the stacks of another part. Deletes them and everything in them, also where the file no longer has
    it. An endpoint is recorded as retired, so that another one can be registered later. Key, alias and role are
    always kept, and so are the audit bucket, its KMS key, the bucket of its access logs and the roles of Pinecone's
    S3 account. If it is interrupted, run it again.
    """
    from pinekeep.account.record.recording import note_retirement, registered_endpoints  # noqa: PLC0415
    from pinekeep.model.facts import pinecone  # noqa: PLC0415
    from pinekeep.model.output.deployment import DestroyOutput  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.deployment.deployer import Deployer  # noqa: PLC0415
    from pinekeep.operations.deployment.kept import kept  # noqa: PLC0415

    configuration, deployments = selection.read()
    access = access_to(deployments)
    access.require_accounts(deployments, changing=not dry_run)
    deployer = Deployer(configuration=configuration, deployments=deployments, access=access, tell=log)
    stacks = deployer.removable(part)
    registered = registered_endpoints(deployments, access=access) if part == "private_link" else {}
    retired = [each for endpoints in registered.values() for each in endpoints]
    changing = bool(stacks or retired) and not dry_run
    if stacks or retired:
        log(_loss(part))
    if changing:
        confirm(f"Delete {', '.join([*stacks, *retired])}?", yes=yes)
        note_retirement({name: deployments[name] for name in registered}, access=access)
        deployer.remove(stacks)
    keeps = [thing for name, deployment in deployments.items() for thing in kept(name, deployment, part)]
    output = DestroyOutput(changed=changing, removed=stacks, retired=retired, kept=keeps)
    selection.write(output, lambda: _show(output, part=part, dry_run=dry_run))
    if retired and not dry_run and not selection.as_json:
        log(f"next: remove {', '.join(retired)} in the Pinecone console ({pinecone.ENDPOINTS_CONSOLE_PATH})")


def _loss(part: str) -> str:
    """Return what stops when the stacks of a part are deleted, and what to do before."""
    from pinekeep.model.facts import pinecone  # noqa: PLC0415

    if part == "storage":
        return (
            "no stack manages the audit logs any more: roles, bucket and key remain, so Pinecone goes on writing until "
            f"audit logs are disabled in its console ({pinecone.AUDIT_LOGS_CONSOLE_PATH}); events that are not written "
            f"by then are lost, up to {pinecone.AUDIT_INTERVAL_MINUTES} minutes of them; `pinekeep recover --only "
            "storage` imports what remains into a stack again"
        )
    if part == "monitoring":
        return "nobody is notified any more when the key, the role, the endpoint or the audit bucket is changed"
    return "clients lose their private connection to Pinecone; remove the endpoint in the Pinecone console too"


_NOTHING = {
    "private_link": "no endpoint is deployed",
    "storage": "no stack of buckets and their roles is deployed",
    "monitoring": "no monitoring is deployed",
}


def _show(output: "DestroyOutput", *, part: str, dry_run: bool) -> None:
    for stack in output.removed:
        write(f"{'would delete' if dry_run else 'deleted'} {stack}")
    for endpoint in output.retired:
        write(f"{'would record' if dry_run else 'recorded'} as retired: {endpoint}")
    if not output.removed and not output.retired:
        write(f"nothing to delete: {_NOTHING[part]}")
    for thing in output.kept:
        write(f"keeps {thing.what}: {thing.why}")
