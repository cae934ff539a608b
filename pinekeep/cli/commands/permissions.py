"""``pinekeep permissions``: the least-privilege IAM policies of users, pipelines and CloudFormation."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.options import Selection, log, verb, write, write_json
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
    "private-link",
    "private-link-probe",
    "audit",
    "monitoring",
    "fleet",
    "pinecone",
    "recover",
    "destroy",
    "revoke",
    "restore",
    "offboard",
    "execution",
    "boundary",
)
"""As in :data:`pinekeep.decisions.privileges.PURPOSES`; repeated so that ``--help`` need not import it."""


@verb("permissions")
@click.option("--for", "purpose", type=click.Choice(PURPOSES), help="The purpose of the policies.  [default: all]")
@click.option("--out", type=click.Path(path_type=Path), help="A folder to write the policies to, one file each.")
def command(selection: Selection, purpose: str | None, out: Path | None) -> None:
    """Print least-privilege IAM policies.

    Needs no credentials and no network access. Each policy is for one purpose:

    \b
      a command  whoever runs it
      execution  CloudFormation, in place of AdministratorAccess
      boundary   the permissions boundary of the roles in the stacks
    """
    from pinekeep.decisions.privileges import PURPOSES as ALL  # noqa: PLC0415
    from pinekeep.decisions.privileges import policies_for  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.output.access import PermissionsOutput, PolicyOutput  # noqa: PLC0415

    configuration = selection.load()
    fleets = configuration.content.fleet if not selection.names else {}
    # A file with fleets alone has no deployments to select.
    selects = bool(selection.names or configuration.deployments or not fleets)
    deployments = selection.deployments(configuration) if selects else {}
    policies = [
        PolicyOutput(
            name=made.name, purpose=made.purpose, account=made.account, region=made.region, document=made.document
        )
        for each in ALL
        if purpose in (None, each)
        for made in policies_for(each, deployments, fleets=fleets)
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
