"""``pinekeep monitoring fence``: a service control policy and a Guard Hook that protect key, alias and role."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Selection, log, verb, write

if TYPE_CHECKING:
    from pinekeep.model.output.monitoring import MonitoringFenceOutput


@verb("fence")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder to write to. Each account gets a folder of its own in it.",
)
def command(selection: Selection, *, out: Path) -> None:
    """Write an SCP and a Guard Hook for key, alias and role.

    A service control policy and a CloudFormation Guard Hook keep everyone but `monitoring.fence.administrators` from
    deleting or disabling the key and from changing the role, and everyone from a short waiting period. Nothing is
    sent to AWS: a page says what to attach where, and what it does not cover.
    """
    from pinekeep.operations.monitoring.fence import write_fence  # noqa: PLC0415 - imports pydantic

    configuration, deployments = selection.read()
    output = write_fence(configuration, deployments, folder=out)
    selection.write(output, lambda: write("\n".join(_files(output)), verbatim=True))
    if not selection.as_json:
        for each in output.deployments:
            exempt = ", ".join(each.administrators) or "nobody"
            log(f"{each.deployment}: exempt is {exempt}; a deletion waits {each.minimum_waiting_days} days at least")
        log(f"nothing was sent to AWS; {output.readme} says what to attach where")


def _files(output: "MonitoringFenceOutput") -> list[str]:
    found = [output.readme]
    for account in output.accounts:
        found += [policy.file for policy in account.policies]
        found += [file for hook in account.hooks for file in (hook.rules, hook.template)]
    return found
