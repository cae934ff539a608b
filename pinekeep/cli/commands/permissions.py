"""``pinekeep permissions``: the policies of whoever deploys, reads or takes away, and of CloudFormation."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.options import Selection, log, selection_options, write, write_json
from pinekeep.errors import WrongInputError

if TYPE_CHECKING:
    from pinekeep.model.output.access import PolicyOutput

PURPOSES: Final = (
    "preflight",
    "plan",
    "deploy",
    "verify",
    "access",
    "handoff",
    "pinecone",
    "recover",
    "destroy",
    "revoke",
    "restore",
    "offboard",
    "execution",
    "boundary",
)
"""As in :data:`pinekeep.decisions.privileges.PURPOSES`, said again so that --help need not wait for it."""


@click.command("permissions", short_help="Write the least-privilege policies.")
@selection_options
@click.option("--for", "purpose", type=click.Choice(PURPOSES), help="What the policies are for.  [default: everything]")
@click.option("--out", type=click.Path(path_type=Path), help="A folder to write each policy to, as a file of its name.")
def command(selection: Selection, purpose: str | None, out: Path | None) -> None:
    """Write the least-privilege policies for the deployments. Asks nobody else.

    \b
      a verb     whoever runs it
      execution  CloudFormation, in place of AdministratorAccess
      boundary   at most, the roles that the stacks make
    """
    from pinekeep.decisions.privileges import PURPOSES as ALL  # noqa: PLC0415
    from pinekeep.decisions.privileges import policies_for  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.output.access import PermissionsOutput, PolicyOutput  # noqa: PLC0415

    deployments = selection.deployments(selection.load())
    policies = [
        PolicyOutput(
            name=made.name,
            purpose=made.purpose,
            account=made.account,
            region=made.region,
            document=made.document,
        )
        for each in ALL
        if purpose in (None, each)
        for made in policies_for(each, deployments)
    ]
    if out is not None:
        _write_files(policies, out)
    if selection.as_json:
        write_json(PermissionsOutput(policies=policies))
    elif out is None:
        for policy in policies:
            log(f"{policy.name} (account {policy.account})")
            write(_text(policy), verbatim=True)
    if not policies:
        log("nothing is needed")


def _write_files(policies: "list[PolicyOutput]", folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for policy in policies:
            path = folder / f"{policy.account}-{policy.name}.json"
            path.write_text(_text(policy) + "\n")
            log(f"wrote {path}")
    except OSError as error:
        raise WrongInputError(f"{folder} cannot be written: {error.strerror}") from None


def _text(policy: "PolicyOutput") -> str:
    return json.dumps(policy.document, indent=2)
