"""``pinekeep pinecone``: Pinecone's own side, through its API."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Selection, confirm, log, selection_options, spinner, write, write_json

if TYPE_CHECKING:
    from pinekeep.account.client.clients import Clients
    from pinekeep.model.config import Deployment
    from pinekeep.pinecone.apply import PineconeSide
    from pinekeep.pinecone.client import PineconeAdmin

_REMOVE_HELP = "Take roles in the project away that the file does not name; never our own, never the organization's."


@click.group("pinecone", short_help="Look after the Pinecone project and its API keys.")
def command() -> None:
    """Look after Pinecone's own side: the project, its API keys, and who has which role.

    Signs in with the service account in PINECONE_CLIENT_ID and PINECONE_CLIENT_SECRET, and to AWS, where the
    values of API keys go, with the credentials that the AWS SDKs find.
    """


@command.command("plan", short_help="Say what there is to do, in words.")
@selection_options
@click.option("--remove-undeclared-roles", is_flag=True, help=_REMOVE_HELP)
def plan(selection: Selection, remove_undeclared_roles: bool) -> int:
    """Say what there is to do, in words. Reads only; exit code 1 when something stands in the way."""
    from pinekeep.cli.pinecone_text import plan_text  # noqa: PLC0415
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.model.output.pinecone import PineconePlanOutput  # noqa: PLC0415

    side = _side(selection)
    with side.admin, spinner(_READING):
        plans = side.plans(remove_undeclared=remove_undeclared_roles)
    told = [each.output() for each in plans]
    if selection.as_json:
        write_json(PineconePlanOutput(in_order=all(each.in_order for each in plans), deployments=told))
    else:
        write(plan_text(told))
    return ExitCode.CHECK_FAILED if any(each.problems for each in plans) else ExitCode.FINE


@command.command("apply", short_help="Make Pinecone's side as the file says.")
@selection_options
@click.option("--yes", "-y", is_flag=True, help="Go ahead without asking.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--remove-undeclared-roles", is_flag=True, help=_REMOVE_HELP)
def apply(selection: Selection, yes: bool, dry_run: bool, remove_undeclared_roles: bool) -> None:
    """Make Pinecone's side as the file says: the project, its API keys, and who has which role.

    The value of an API key goes straight into AWS Secrets Manager, and is shown to nobody. Run twice, the second
    time changes nothing; run again after a crash, it goes on from where it was.
    """
    from pinekeep.cli.pinecone_text import plan_text  # noqa: PLC0415
    from pinekeep.model.output.pinecone import PineconeApplyOutput  # noqa: PLC0415

    side = _side(selection)
    with side.admin:
        with spinner(_READING):
            plans = side.plans(remove_undeclared=remove_undeclared_roles)
        told = [each.output() for each in plans]
        log(plan_text(told))
        if problem := next((problem for each in plans for problem in each.problems), None):
            raise problem
        steps = sum(len(each.steps) for each in plans)
        changing = steps > 0 and not dry_run
        if changing:
            confirm(f"Do {'this' if steps == 1 else f'these {steps} things'} at Pinecone?", yes=yes)
            for each in plans:
                side.apply(each)
    if selection.as_json:
        write_json(PineconeApplyOutput(changed=changing, deployments=told))
    else:
        write(_done(steps, changing=changing, dry_run=dry_run))


@command.command("rotate", short_help="Exchange API keys for new ones.")
@selection_options
@click.option("--key", "keys", metavar="NAME", multiple=True, help="An API key of the file.  [default: all]")
@click.option("--keep-old", is_flag=True, help="Leave the old key until the command is run again without this.")
@click.option("--yes", "-y", is_flag=True, help="Go ahead without asking.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def rotate(selection: Selection, keys: tuple[str, ...], keep_old: bool, yes: bool, dry_run: bool) -> None:
    """Exchange API keys for new ones: made, stored, tried, and only then the old ones deleted.

    A crash in between loses nothing; run again, it goes on from where it was. Clients that keep the value they read
    once need --keep-old, and time.
    """
    from pinekeep.cli.pinecone_text import rotated_text  # noqa: PLC0415
    from pinekeep.model.output.pinecone import PineconeRotateOutput  # noqa: PLC0415
    from pinekeep.pinecone.rotation import rotate as exchange  # noqa: PLC0415
    from pinekeep.pinecone.rotation import rotations  # noqa: PLC0415

    side = _side(selection)
    with side.admin:
        with spinner(_READING):
            found = rotations(side, keys)
        told = [each.output(keep_old=keep_old) for each in found]
        log(rotated_text(told))
        if found and not dry_run:
            confirm(f"Exchange {', '.join(each.state.wanted.name for each in found)}?", yes=yes)
            told = [each.output(keep_old=keep_old, done=exchange(side, each, keep_old=keep_old)) for each in found]
    if selection.as_json:
        write_json(PineconeRotateOutput(changed=bool(found) and not dry_run, keys=told))
        return
    if dry_run or not found:
        write("nothing was changed")
    for key in told if not dry_run else ():
        old = (
            ""
            if key.old_deleted or not key.old_ids
            else f"; the old one is still there: `pinekeep pinecone rotate --key {key.key}` deletes it"
        )
        write(f"exchanged {key.key}: the secret {key.secret} gives the new one ({key.new_id}){old}")


@command.command("status", short_help="Say how the project, its indexes and its keys are.")
@selection_options
def status(selection: Selection) -> int:
    """Say how the project, its indexes and its API keys are. Reads only; exit code 1 when something is amiss."""
    from pinekeep.cli.pinecone_text import status_text  # noqa: PLC0415
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.pinecone.status import status as status_of  # noqa: PLC0415

    deployments = _deployments(selection)
    admin, clients_for = _sign_in(deployments)
    with admin, spinner(_READING):
        output = status_of(deployments, admin, clients_for)
    if selection.as_json:
        write_json(output)
    else:
        write(status_text(output))
    return ExitCode.FINE if output.passed else ExitCode.CHECK_FAILED


_READING = "Reading Pinecone and Secrets Manager"


def _done(steps: int, *, changing: bool, dry_run: bool) -> str:
    if changing:
        return f"done: {steps} {'thing' if steps == 1 else 'things'}"
    return "nothing was changed" if dry_run and steps else "nothing to do: Pinecone is as the file says"


def _deployments(selection: Selection) -> "dict[str, Deployment]":
    """Return the deployments asked for that have a ``pinecone`` section.

    Raises:
        WrongInputError: none has.
    """
    from pinekeep.errors import WrongInputError  # noqa: PLC0415

    deployments = selection.deployments(selection.load())
    found = {name: each for name, each in deployments.items() if each.pinecone is not None}
    if not found:
        raise WrongInputError(
            f"{', '.join(deployments)} has no pinecone section, so there is nothing to look after",
            hint="add pinecone: {project: NAME} to a deployment; docs/pinecone.md tells what goes in",
        )
    return found


def _side(selection: Selection) -> "PineconeSide":
    """Return Pinecone's side of the deployments asked for."""
    from pinekeep.pinecone.apply import PineconeSide  # noqa: PLC0415

    deployments = _deployments(selection)
    admin, clients_for = _sign_in(deployments)
    return PineconeSide(deployments, admin, clients_for, tell=log)


def _sign_in(deployments: "dict[str, Deployment]") -> "tuple[PineconeAdmin, Callable[[Deployment], Clients]]":
    """Return Pinecone's Admin API, and what gives the AWS clients of a deployment.

    Raises:
        WrongInputError: there is no service account in the environment.
        AwsRefusedError: Pinecone or AWS does not let us in.
    """
    from pinekeep.account.credentials.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.pinecone.client import PineconeAdmin  # noqa: PLC0415
    from pinekeep.pinecone.credentials import ServiceAccount  # noqa: PLC0415

    account = ServiceAccount.of_the_environment(os.environ)
    access = Access.of_the_user(deployments)
    access.require_accounts(deployments)
    return PineconeAdmin(account), access.clients_for
