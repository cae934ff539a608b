"""``pinekeep pinecone`` for the accounts of a fleet, in place of deployments."""

import os
from collections.abc import Callable
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from pinekeep.cli.fleet_options import FleetSelection
from pinekeep.cli.options import Selection, confirm, log, spinner, write
from pinekeep.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Generator

    from pinekeep.model.output.pinecone import FleetProjectsOutput, FleetRotationsOutput
    from pinekeep.operations.fleet.projects import FleetProjects

F = TypeVar("F", bound=Callable[..., Any])
_READING: Final = "Reading the fleet and Pinecone"


def fleet_options(function: F) -> F:
    """Add ``--fleet``, ``--account`` and ``--region``, passed on as ``fleet``: None without ``--fleet``."""

    @click.option("--fleet", "fleet_name", metavar="NAME", help="A fleet in the file, in place of deployments.")
    @click.option(
        "--account", "accounts", metavar="ID", multiple=True, help="With --fleet: an account. Repeat for several."
    )
    @click.option(
        "--region", "regions", metavar="REGION", multiple=True, help="With --fleet: a Region. Repeat for several."
    )
    @wraps(function)
    def wrapper(
        *,
        selection: Selection,
        fleet_name: str | None,
        accounts: tuple[str, ...],
        regions: tuple[str, ...],
        **options: Any,
    ) -> Any:
        if fleet_name is None:
            if accounts or regions:
                raise click.UsageError("--account and --region go with --fleet")
            return function(selection=selection, fleet=None, **options)
        if selection.names:
            raise click.UsageError("--fleet and --deployment exclude each other")
        fleet = FleetSelection(selection.config, fleet_name, selection.as_json, accounts, regions)
        return function(selection=selection, fleet=fleet, **options)

    return cast(F, wrapper)


def plan_projects(selection: FleetSelection, *, remove_undeclared: bool) -> int:
    """Show what `pinecone apply --fleet` would do. Returns 1 if something stands in the way anywhere."""
    from pinekeep.operations.fleet.projects import projects_output  # noqa: PLC0415 - imports pydantic

    with _side(selection) as side:
        with spinner(_READING):
            found = side.plans(remove_undeclared=remove_undeclared)
        output = projects_output(side.targets, found, changed=False)
    selection.write(output, lambda: write(projects_text(output), verbatim=True))
    return ExitCode.FINE if output.passed else ExitCode.CHECK_FAILED


def apply_projects(selection: FleetSelection, *, yes: bool, dry_run: bool, remove_undeclared: bool) -> int:
    """Create and update the projects, one target after another. Returns 1 if one was skipped or refused, or failed."""
    from pinekeep.operations.fleet.projects import projects_output  # noqa: PLC0415 - imports pydantic

    with _side(selection) as side:
        with spinner(_READING):
            found = side.plans(remove_undeclared=remove_undeclared)
        steps, places = sum(each.steps for each in found), sum(each.steps > 0 for each in found)
        changing = steps > 0 and not dry_run
        if changing:
            log(projects_text(projects_output(side.targets, found, changed=False)))
            changes = "this change" if steps == 1 else f"these {steps:,} changes"
            where = "1 account and Region" if places == 1 else f"{places:,} accounts and Regions"
            confirm(f"Make {changes} in Pinecone, for {where}?", yes=yes)
            for each in found:
                side.apply(each)
        output = projects_output(side.targets, found, changed=changing)
    selection.write(output, lambda: write(projects_text(output), verbatim=True))
    return ExitCode.FINE if output.passed else ExitCode.CHECK_FAILED


def show_status(selection: FleetSelection) -> int:
    """Show the project, the indexes and the API keys of each target. Returns 1 if something is not as the file says."""
    from pinekeep.cli.pinecone_text import deployment_text  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.fleet.project_status import project_statuses  # noqa: PLC0415

    with _side(selection) as side, spinner(_READING):
        output = project_statuses(side)

    def text() -> None:
        for each in output.targets:
            write(f"{each.account}/{each.region}")
            if each.status is not None:
                write(deployment_text(each.status))
            else:
                write(f"  FAIL {each.reason}" + (f"\n       {each.fix}" if each.fix else ""))

    selection.write(output, text)
    return ExitCode.FINE if output.passed else ExitCode.CHECK_FAILED


def rotate_keys(selection: FleetSelection, keys: tuple[str, ...], *, keep_old: bool, yes: bool, dry_run: bool) -> int:
    """Rotate API keys, one target after another. Returns 1 if one was left out, or failed."""
    from pinekeep.operations.fleet.key_rotation import (  # noqa: PLC0415 - imports pydantic
        fleet_rotations,
        rotate_target,
        rotations_output,
    )

    with _side(selection) as side:
        with spinner(_READING):
            found = fleet_rotations(side, keys)
        count = sum(len(each.rotations) for each in found)
        changing = count > 0 and not dry_run
        if changing:
            log(rotations_text(rotations_output(side.targets, found, keep_old=keep_old, changed=False)))
            confirm(f"Rotate {'this API key' if count == 1 else f'these {count:,} API keys'}?", yes=yes)
            for each in found:
                rotate_target(side, each, keep_old=keep_old)
        output = rotations_output(side.targets, found, keep_old=keep_old, changed=changing)
    selection.write(output, lambda: write(rotations_text(output), verbatim=True))
    return ExitCode.FINE if output.passed else ExitCode.CHECK_FAILED


def rotations_text(output: "FleetRotationsOutput") -> str:
    """Return the API keys of each account and Region with what is done, or was."""
    lines: list[str] = []
    for target in output.targets:
        for key in target.keys:
            lines.append(f"{target.account}/{target.region}: API key {key.key}, secret {key.secret}")
            if not output.changed:
                lines += [f"    do   {step}" for step in key.steps]
            else:
                kept = "; the old key still works" if key.old_ids and not key.old_deleted else ""
                lines.append(f"    rotated: the new key is {key.new_id}{kept}")
        if target.reason is not None:
            lines.append(f"{target.account}/{target.region}: FAIL {target.reason}")
        if target.fix is not None:
            lines.append(f"    {target.fix}")
    return "\n".join(lines) or "no account has an API key to rotate"


def projects_text(output: "FleetProjectsOutput") -> str:
    """Return the projects as a table, with the steps, notes and reasons of each below it."""
    rows = [(f"{each.account}/{each.region}", each.project, each.status) for each in output.targets]
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
    lines: list[str] = []
    for each, row in zip(output.targets, rows, strict=True):
        lines.append("  ".join(map(str.ljust, row, widths)).rstrip())
        if each.status in ("planned", "failed", "refused"):
            lines += [f"    do   {step.what}" for step in each.steps]
        lines += [f"    -    {note}" for note in each.notes]
        if each.reason is not None:
            lines.append(f"    {'-   ' if each.status == 'skipped' else 'FAIL'} {each.reason}")
        if each.fix is not None:
            lines.append(f"         {each.fix}")
    counts = {status: sum(each.status == status for each in output.targets) for status in _STATUSES}
    lines.append(", ".join(f"{count:,} {status}" for status, count in counts.items() if count))
    return "\n".join(lines)


_STATUSES: Final = ("applied", "planned", "in order", "skipped", "refused", "failed")


@contextmanager
def _side(selection: FleetSelection) -> "Generator[FleetProjects]":
    """Sign in to Pinecone, and read the fleet. Raises PinekeepError if either refuses."""
    from pinekeep.operations.fleet.projects import FleetProjects  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.fleet.reading import read_fleet  # noqa: PLC0415
    from pinekeep.pinecone.client import PineconeAdmin  # noqa: PLC0415
    from pinekeep.pinecone.credentials import ServiceAccount  # noqa: PLC0415

    configuration = selection.load()
    name, fleet = selection.named(configuration)
    account = ServiceAccount.of_the_environment(os.environ)
    clients = selection.clients(name, fleet)
    targets, _ = selection.targets(configuration, name, clients)
    reading = read_fleet(targets, clients, accounts=selection.accounts, regions=selection.regions)
    with PineconeAdmin(account) as admin:
        yield FleetProjects(
            targets=reading.targets,
            instances=reading.instances,
            admin=admin,
            verification_clients=reading.verification_clients,
            secret_clients=reading.secret_clients,
            tell=log,
        )
