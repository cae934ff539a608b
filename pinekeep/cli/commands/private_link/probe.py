"""``pinekeep private-link probe``: the client check inside the endpoint's VPC."""

import click

from pinekeep.cli.options import Selection, access_to, confirm, log, spinner, verb, write
from pinekeep.errors import ExitCode, WrongInputError


@verb("probe")
@click.option("--host", metavar="HOST", help="The host of the index, public or private.")
@click.option("--remove", is_flag=True, help="Only remove what an earlier run has left.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
def command(selection: Selection, *, host: str | None, remove: bool, yes: bool) -> int:
    """Run the client check inside the endpoint's VPC.

    Makes a Lambda function in the endpoint's subnets with a role and a security group, runs the check in it, and
    removes all of them. No API key is sent to it. Exit code 1: a step of the check failed.
    """
    from pinekeep.cli.findings import mark_of  # noqa: PLC0415
    from pinekeep.model.output.probe import ProbeOutput  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.connectivity.client_check import InputError, mark, parse_host  # noqa: PLC0415
    from pinekeep.operations.connectivity.probe import Probe, place_of  # noqa: PLC0415

    if (host is None) != remove:
        raise WrongInputError("give either --host or --remove", hint="pinekeep private-link probe --host INDEX_HOST")
    try:
        name_of_index = parse_host(host).name if host is not None else None
    except InputError as error:
        raise WrongInputError(error.message, hint=error.fix) from None
    _, selected = selection.read(only="private_link")
    deployments = {name: each for name, each in selected.items() if each.private_link is not None}
    if len(deployments) != 1:
        raise WrongInputError(
            f"the probe runs in the VPC of one deployment with an endpoint, and there are {len(deployments)} here",
            hint=f"add --deployment {next(iter(deployments), 'NAME')}",
        )
    ((name, deployment),) = deployments.items()
    access = access_to(deployments)
    access.require_accounts(deployments, changing=True)
    clients = access.clients_for(deployment)
    with spinner("Reading the endpoint"):
        place = place_of(name, clients)
    probe = Probe(name, deployment, place, clients)
    what = f"function, role and security group {probe.name} in {place.vpc_id}"
    confirm(f"Remove {what}?" if remove else f"Make, and remove again: {what}?", yes=yes)
    check, remaining = None, list[str]()
    try:
        if name_of_index is not None:
            with spinner("Checking in the VPC; this takes some minutes"):
                probe.remove()
                check = probe.run(name_of_index)
    finally:
        with spinner("Removing the probe"):
            remaining = probe.remove()
        if remaining:
            log(f"not removed yet, Lambda's network interfaces take minutes to go: {', '.join(remaining)}")
            log(f"remove them later: pinekeep private-link probe --remove --yes --deployment {name}")
    output = ProbeOutput(name=name, check=check, remaining=remaining)

    def show() -> None:
        for step in check.steps if check else ():
            shown = mark(step.status) if step.status == "skipped" else mark_of(step.status)
            write(f"  {shown} {step.step}: {step.found}", verbatim=True)
            if step.fix and step.status != "ok":
                write(f"      fix: {step.fix}", verbatim=True)
        write(f"verdict: {check.verdict}: {check.summary}" if check else "removed", verbatim=True)

    selection.write(output, show)
    return ExitCode.CHECK_FAILED if check is not None and not check.passed else ExitCode.FINE
