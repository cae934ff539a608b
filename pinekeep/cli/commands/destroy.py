"""``pinekeep destroy``: delete the endpoint; key and role are kept."""

from typing import TYPE_CHECKING

from pinekeep.cli.options import Selection, access_to, changing_options, confirm, log, verb, write

if TYPE_CHECKING:
    from pinekeep.model.output.deployment import DestroyOutput


@verb("destroy")
@changing_options
def command(selection: Selection, yes: bool, dry_run: bool) -> None:
    """Delete the endpoint; keep the key and the role.

    Deletes the endpoint's stack and everything in it, also where the file no longer has an endpoint, and records the
    endpoint as retired, so that another one can be registered later. Key, alias and role are always kept. If it is
    interrupted, run it again.
    """
    from pinekeep.account.record.recording import note_retirement, registered_endpoints  # noqa: PLC0415
    from pinekeep.model.facts import pinecone  # noqa: PLC0415
    from pinekeep.model.output.deployment import DestroyOutput  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.deployment.deployer import Deployer, kept  # noqa: PLC0415

    configuration, deployments = selection.read()
    access = access_to(deployments)
    access.require_accounts(deployments, changing=not dry_run)
    deployer = Deployer(configuration=configuration, deployments=deployments, access=access, tell=log)
    stacks = deployer.removable()
    registered = registered_endpoints(deployments, access=access)
    retired = [each for endpoints in registered.values() for each in endpoints]
    changing = bool(stacks or retired) and not dry_run
    if changing:
        log("clients lose their private connection to Pinecone; remove the endpoint in the Pinecone console too")
        confirm(f"Delete {', '.join([*stacks, *retired])}?", yes=yes)
        note_retirement({name: deployments[name] for name in registered}, access=access)
        deployer.remove(stacks)
    keeps = [thing for name, deployment in deployments.items() for thing in kept(name, deployment)]
    output = DestroyOutput(changed=changing, removed=stacks, retired=retired, kept=keeps)
    selection.write(output, lambda: _show(output, dry_run=dry_run))
    if retired and not dry_run and not selection.as_json:
        log(f"next: remove {', '.join(retired)} in the Pinecone console ({pinecone.ENDPOINTS_CONSOLE_PATH})")


def _show(output: "DestroyOutput", *, dry_run: bool) -> None:
    for stack in output.removed:
        write(f"{'would delete' if dry_run else 'deleted'} {stack}")
    for endpoint in output.retired:
        write(f"{'would record' if dry_run else 'recorded'} as retired: {endpoint}")
    if not output.removed and not output.retired:
        write("nothing to delete: no endpoint is deployed")
    for thing in output.kept:
        write(f"keeps {thing.what}: {thing.why}")
