"""``pinekeep pinecone``: the Pinecone project, its API keys and its roles."""

import os
from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.fleet_projects import apply_projects, fleet_options, plan_projects, rotate_keys, show_status
from pinekeep.cli.options import Selection, access_to, changing_options, confirm, log, spinner, verb, write
from pinekeep.errors import ExitCode, WrongInputError

if TYPE_CHECKING:
    from pinekeep.cli.fleet_options import FleetSelection
    from pinekeep.model.output.pinecone import PineconeRotatedKey
    from pinekeep.pinecone.apply import PineconeSide

_READING: Final = "Reading Pinecone and Secrets Manager"
_remove_option: Final = click.option(
    "--remove-undeclared-roles",
    is_flag=True,
    help="Remove project roles that the file does not name; never your own, never the organization's.",
)


@click.group("pinecone")
def command() -> None:
    """Manage the Pinecone project, API keys and roles.

    Signs in to Pinecone with the service account in PINECONE_CLIENT_ID and PINECONE_CLIENT_SECRET, and to AWS with
    the default credentials. The values of API keys are stored in AWS Secrets Manager.
    """


@verb("plan", of=command)
@fleet_options
@_remove_option
def plan(selection: Selection, *, fleet: "FleetSelection | None", remove_undeclared_roles: bool) -> int:
    """Show what `apply` would change.

    Reads only. Exit code 1: something prevents `apply`, with --fleet in some account.
    """
    if fleet is not None:
        return plan_projects(fleet, remove_undeclared=remove_undeclared_roles)
    from pinekeep.cli.pinecone_text import plan_text  # noqa: PLC0415
    from pinekeep.model.output.pinecone import PineconePlanOutput  # noqa: PLC0415

    side = _side(selection)
    with side.admin, spinner(_READING):
        plans = side.plans(remove_undeclared=remove_undeclared_roles)
    outputs = [each.output() for each in plans]
    output = PineconePlanOutput(in_order=all(each.in_order for each in plans), deployments=outputs)
    selection.write(output, lambda: write(plan_text(outputs)))
    return ExitCode.CHECK_FAILED if any(each.problems for each in plans) else ExitCode.FINE


@verb("apply", of=command)
@fleet_options
@changing_options
@_remove_option
def apply(
    selection: Selection, *, fleet: "FleetSelection | None", yes: bool, dry_run: bool, remove_undeclared_roles: bool
) -> int:
    """Create and update the project, API keys and roles.

    The value of an API key is stored in AWS Secrets Manager and is never shown. A second run changes nothing; after a
    crash, a further run completes the work. With --fleet, each deployed account gets a project of its own, one after
    another; exit code 1: an account was left out, or failed.
    """
    if fleet is not None:
        return apply_projects(fleet, yes=yes, dry_run=dry_run, remove_undeclared=remove_undeclared_roles)
    from pinekeep.cli.pinecone_text import plan_text  # noqa: PLC0415
    from pinekeep.model.output.pinecone import PineconeApplyOutput  # noqa: PLC0415

    side = _side(selection)
    with side.admin:
        with spinner(_READING):
            plans = side.plans(remove_undeclared=remove_undeclared_roles)
        outputs = [each.output() for each in plans]
        log(plan_text(outputs))
        if problem := next((problem for each in plans for problem in each.problems), None):
            raise problem
        steps = sum(len(each.steps) for each in plans)
        changing = steps > 0 and not dry_run
        if changing:
            confirm(f"Make {'this change' if steps == 1 else f'these {steps} changes'} in Pinecone?", yes=yes)
            for each in plans:
                side.apply(each)
    output = PineconeApplyOutput(changed=changing, deployments=outputs)
    selection.write(output, lambda: write(_done(steps, changing=changing, dry_run=dry_run)))
    return ExitCode.FINE


@verb("rotate", of=command)
@fleet_options
@click.option("--key", "keys", metavar="NAME", multiple=True, help="An API key in the file.  [default: all]")
@click.option("--keep-old", is_flag=True, help="Keep the old key until the command is run again without this option.")
@changing_options
def rotate(
    selection: Selection,
    *,
    fleet: "FleetSelection | None",
    keys: tuple[str, ...],
    keep_old: bool,
    yes: bool,
    dry_run: bool,
) -> int:
    """Rotate API keys.

    A new key is created, stored and tried before the old one is deleted. After a crash, a further run completes the
    rotation. Use --keep-old for clients that read the value only once. With --fleet, exit code 1: an account was left
    out, or failed.
    """
    if fleet is not None:
        return rotate_keys(fleet, keys, keep_old=keep_old, yes=yes, dry_run=dry_run)
    from pinekeep.cli.pinecone_text import rotated_text  # noqa: PLC0415
    from pinekeep.model.output.pinecone import PineconeRotateOutput  # noqa: PLC0415
    from pinekeep.pinecone.rotation import rotate as exchange  # noqa: PLC0415
    from pinekeep.pinecone.rotation import rotations  # noqa: PLC0415

    side = _side(selection)
    with side.admin:
        with spinner(_READING):
            found = rotations(side, keys)
        outputs = [each.output(keep_old=keep_old) for each in found]
        log(rotated_text(outputs))
        changing = bool(found) and not dry_run
        if changing:
            confirm(f"Rotate {', '.join(each.state.wanted.name for each in found)}?", yes=yes)
            outputs = [each.output(keep_old=keep_old, done=exchange(side, each, keep_old=keep_old)) for each in found]
    output = PineconeRotateOutput(changed=changing, keys=outputs)
    text = "\n".join(map(_rotated, outputs)) if changing else "nothing was changed"
    selection.write(output, lambda: write(text))
    return ExitCode.FINE


@verb("status", of=command)
@fleet_options
def status(selection: Selection, *, fleet: "FleetSelection | None") -> int:
    """Show the project, its indexes and its API keys.

    Reads only. Exit code 1: something is not as the file says.
    """
    if fleet is not None:
        return show_status(fleet)
    from pinekeep.cli.pinecone_text import status_text  # noqa: PLC0415
    from pinekeep.pinecone.status import status as status_of  # noqa: PLC0415

    side = _side(selection)
    with side.admin, spinner(_READING):
        output = status_of(side.deployments, side.admin, side.clients_for)
    selection.write(output, lambda: write(status_text(output)))
    return ExitCode.FINE if output.passed else ExitCode.CHECK_FAILED


def _done(steps: int, *, changing: bool, dry_run: bool) -> str:
    if changing:
        return f"done: {steps} {'change' if steps == 1 else 'changes'}"
    return "nothing was changed" if dry_run and steps else "nothing to do: Pinecone is as the file says"


def _rotated(key: "PineconeRotatedKey") -> str:
    rotated = f"rotated {key.key}: the secret {key.secret} has the new key ({key.new_id})"
    if key.old_deleted or not key.old_ids:
        return rotated
    return f"{rotated}; the old key still works: `pinekeep pinecone rotate --key {key.key}` deletes it"


def _side(selection: Selection) -> "PineconeSide":
    """Return Pinecone's side of the selected deployments that have a ``pinecone`` section.

    Raises WrongInputError if none has, or without a service account; AwsRefusedError if credentials are refused.
    """
    from pinekeep.pinecone.apply import PineconeSide  # noqa: PLC0415
    from pinekeep.pinecone.client import PineconeAdmin  # noqa: PLC0415
    from pinekeep.pinecone.credentials import ServiceAccount  # noqa: PLC0415

    _, deployments = selection.read()
    found = {name: each for name, each in deployments.items() if each.pinecone is not None}
    if not found:
        raise WrongInputError(
            f"{', '.join(deployments)} has no pinecone section, so there is nothing to manage",
            hint="add pinecone: {project: NAME} to a deployment; docs/pinecone.md describes it",
        )
    account = ServiceAccount.of_the_environment(os.environ)
    access = access_to(found)
    access.require_accounts(found)
    return PineconeSide(found, PineconeAdmin(account), access.clients_for, tell=log)
