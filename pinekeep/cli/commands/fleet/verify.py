"""``pinekeep fleet verify``: compare every account of a fleet with the file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pinekeep.cli.fleet_options import FleetSelection, fleet_verb
from pinekeep.cli.fleet_store import store_option, store_path
from pinekeep.cli.options import log, spinner, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pinekeep.model.config.fleet.targets import FleetTargets, Target
    from pinekeep.model.output.fleet_verification import FleetTargetOutput, FleetVerifyOutput
    from pinekeep.operations.fleet.verification.engine import Job
    from pinekeep.operations.fleet.verification.run import Verified

_SHOWN: Final = 50
"""Targets that are shown without --all."""


@fleet_verb("verify")
@store_option
@click.option("--resume", is_flag=True, help="Continue the last verification, if it did not finish.")
@click.option("--only-failed", is_flag=True, help="Verify only targets whose last result is not a pass.")
@click.option("--all", "show_all", is_flag=True, help="Show every target and note, not only what did not pass.")
def command(selection: FleetSelection, *, store: Path | None, resume: bool, only_failed: bool, show_all: bool) -> int:
    """Compare every account of the fleet with the file.

    Assumes the fleet's verification role in each account, makes the checks of `verify`, and keeps the results in a file
    for `fleet query` and `fleet report`. Changes nothing in AWS. An account that cannot be read does not stop the
    others. Ctrl-C keeps what is done; --resume continues it within 24 hours, with the same configuration. Exit code 1:
    a check failed or could not be made.
    """
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.model.config.fleet.handover import fleet_handover_path, read_fleet_handovers  # noqa: PLC0415
    from pinekeep.operations.fleet.verification import run as running  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.fleet.verification.render import verify_output  # noqa: PLC0415
    from pinekeep.operations.fleet.verification.store import Store  # noqa: PLC0415

    if resume and (only_failed or selection.accounts or selection.regions):
        raise click.UsageError("--resume continues a verification with its targets; leave the other options out")
    configuration = selection.load()
    name, fleet = selection.named(configuration)
    handovers = read_fleet_handovers(fleet_handover_path(configuration.path)).get(name, {})
    path = store_path(store, configuration.path)
    with spinner("Reading the stack set"):
        clients = selection.clients(name, fleet)
        found, _ = selection.targets(configuration, name, clients)
        job = running.job_of(found, clients, handovers=handovers)
    created = not path.exists()
    with Store.open(path) as opened:
        if created:
            log(f"the results are kept in {path}; do not commit it")
        digest = running.digest_of(found, running.files_of(configuration.path, fleet))
        narrowing = selection.narrowing
        previous = None
        if resume:
            previous = running.run_to_resume(opened, name, configuration=digest)
            targets = running.targets_to_resume(found, previous)
        else:
            targets = running.selected(found, narrowing, only_failed=only_failed, store=opened)
            for line in running.told_of_unfinished(opened, name, configuration=digest):
                log(line)
        if not targets:
            log("every target passed when it was last verified")

        verified = _verified(
            job,
            found,
            targets,
            store=opened,
            configuration=digest,
            complete=not narrowing and not only_failed,
            resume=previous,
        )
        output = verify_output(found, verified, store=path)
    selection.write(output, lambda: _show(output, show_all=show_all))
    if not selection.as_json:
        for each in output.incomplete:
            log(f"not verified, because its settings are incomplete: {each}")
        for each in output.extra:
            log(f"not verified, because it is no target of the fleet any more: {each}")
        counts = ", ".join(f"{count:,} {status}" for status, count in output.counts.items()) or "nothing to verify"
        log(f"{_count(len(output.targets))}: {counts}; ask for more with `pinekeep fleet query --list`")
    return ExitCode.FINE if output.passed else ExitCode.CHECK_FAILED


def _verified(job: "Job", fleet: "FleetTargets", targets: "Sequence[Target]", **how: Any) -> "Verified":
    from pinekeep.account.process import tell  # noqa: PLC0415
    from pinekeep.errors import PinekeepError  # noqa: PLC0415
    from pinekeep.operations.fleet.verification import run as running  # noqa: PLC0415 - imports pydantic

    def progress(_: object, done: int) -> None:
        tell(f"{done:,} of {len(targets):,}")

    with spinner(f"Verifying {_count(len(targets))} of {fleet.name}"):
        try:
            return running.verify_fleet(job, fleet, targets, progress=progress, **how)
        except (KeyboardInterrupt, PinekeepError):
            log(f"what was verified is kept; continue it: pinekeep fleet verify --fleet {fleet.name} --resume")
            raise
        finally:
            tell("")


def _count(targets: int) -> str:
    return f"{targets:,} target{'' if targets == 1 else 's'}"


def _show(output: "FleetVerifyOutput", *, show_all: bool) -> None:
    shown = [each for each in output.targets if show_all or each.status != "passed"]
    for each in shown if show_all else shown[:_SHOWN]:
        _show_target(each, show_all=show_all)
    if len(shown) > _SHOWN and not show_all:
        write(f"… and {len(shown) - _SHOWN:,} more targets; --all shows all, `pinekeep fleet query failing` lists them")


def _show_target(target: "FleetTargetOutput", *, show_all: bool) -> None:
    from pinekeep.cli.findings import mark_of  # noqa: PLC0415

    marks = {"passed": "ok", "missing": "failed"}
    write(f"{mark_of(marks.get(target.status, target.status))} {target.account} {target.region}: {target.status}")
    if target.reason:
        write(f"      {target.reason}")
    if target.fix:
        write(f"      fix: {target.fix}")
    for each in target.findings:
        if each.status == "note" and not show_all:
            continue
        write(f"    {mark_of(each.status)} {each.what}: found {each.found}; wanted {each.wanted}")
        if each.meaning:
            write(f"      means: {each.meaning}")
        if each.fix:
            write(f"      fix: {each.fix}")
