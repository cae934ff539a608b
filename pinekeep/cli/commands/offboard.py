"""``pinekeep offboard``: give up a key in gates, one a run."""

from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.options import Selection, access_to, confirm, confirm_by_name, log, spinner, verb, write
from pinekeep.errors import WrongInputError

if TYPE_CHECKING:
    from pinekeep.model.config import Configuration
    from pinekeep.model.output.revocation import OffboardOutput
    from pinekeep.operations.offboarding.gate import GateCheck
    from pinekeep.operations.offboarding.offboard import Offboarding

_ONE_AT_A_TIME: Final = "exactly one deployment is offboarded at a time"
_DAYS: Final = click.IntRange(1, 60)
"""As in :mod:`pinekeep.operations.offboarding.progress`; repeated so that ``--help`` need not import it."""


@verb("offboard")
@click.option("--status", is_flag=True, help="Show which gates are passed, and check nothing else.")
@click.option("--dry-run", is_flag=True, help="Show what the next gate finds and would change, and change nothing.")
@click.option("--back", is_flag=True, help="Undo the last gate.")
@click.option("--confirm", "confirmed", metavar="NAME", help="The deployment's name, instead of typing it.")
@click.option("--yes", "-y", is_flag=True, help="With --back: do not ask for confirmation.")
@click.option("--quiet-days", type=_DAYS, default=7, show_default=True, help="Days without use of the key (gate 3).")
@click.option("--cooling-days", type=_DAYS, default=7, show_default=True, help="Days as a disabled key (gate 5).")
@click.option("--alarm-topic", metavar="ARN", help="An SNS topic for attempts to use the disabled key (gate 4).")
def command(
    selection: Selection,
    *,
    status: bool,
    dry_run: bool,
    back: bool,
    confirmed: str | None,
    yes: bool,
    quiet_days: int,
    cooling_days: int,
    alarm_topic: str | None,
) -> int:
    """Give up a deployment's key for good.

    \b
      1 no index is left in Pinecone     4 the key is disabled, with an alarm
      2 the key is deleted in Pinecone   5 the key is scheduled for deletion in 30 days
      3 nobody has used the key          6 the stacks are deleted

    Each run checks the next of these gates, shows what it found, and asks for the deployment's name before it passes
    the gate. You can stop at any gate and continue later. --back undoes the last gate, until KMS deletes the key.

    Name one deployment. --status and --dry-run use the only one of the file.
    """
    import os  # noqa: PLC0415
    from functools import partial  # noqa: PLC0415

    from pinekeep.account.record.orphans import recall  # noqa: PLC0415 - imports pydantic
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.operations.offboarding.gate import DOES  # noqa: PLC0415
    from pinekeep.operations.offboarding.progress import Options, load_offboarding  # noqa: PLC0415

    if status + dry_run + back > 1:
        raise click.UsageError("--status, --dry-run and --back exclude each other")
    if yes and not back:
        raise click.UsageError("--yes goes with --back; a gate asks for the deployment's name: --confirm NAME")
    # A run that only reads does no harm, so the only deployment of a file need not be named for it.
    may_be_unnamed = (status or dry_run) and not selection.names
    if len(selection.names) != 1 and not may_be_unnamed:
        raise WrongInputError(_ONE_AT_A_TIME, hint="name it with --deployment")
    loaded = selection.load()
    deployments = selection.deployments(loaded)
    if len(deployments) != 1:
        raise WrongInputError(_ONE_AT_A_TIME, hint=f"name it with --deployment: {', '.join(deployments)}")
    access = access_to(deployments)
    configuration = recall(loaded, deployments, access=access).configuration
    (name,) = deployments
    options = Options(quiet_days=quiet_days, cooling_days=cooling_days, topic=alarm_topic)
    environ = dict(os.environ)
    load = partial(load_offboarding, configuration, name, access=access, options=options, environment=environ, tell=log)
    with spinner(f"Reading {name}"):
        offboarding = load()
    if status:
        return _tell(selection, _output(offboarding))
    if back:
        return _go_back(selection, name, offboarding, yes=yes)
    with spinner("Checking the next gate"):
        seen = offboarding.look()
    gate = offboarding.next_gate
    if seen is None or gate is None or seen.blocked or dry_run:
        _tell(selection, _output(offboarding, seen))
        if gate is None and not dry_run:
            _forget(configuration, name)
        return ExitCode.CHECK_FAILED if seen is not None and seen.blocked else ExitCode.FINE
    if confirmed is None:
        for line in seen.lines:
            log(f"  sees: {line}")
        confirm_by_name(name, why=f"this {DOES[gate]}", otherwise=f"give it with --confirm {name}")
        # The question may have been answered a while after it was asked.
        offboarding = load()
        seen = offboarding.look() if offboarding.next_gate is gate else None
        if seen is None or seen.blocked:
            _tell(selection, _output(offboarding, seen))
            return ExitCode.CHECK_FAILED
    elif confirmed != name:
        raise WrongInputError(f"--confirm says {confirmed!r}, and the deployment is {name}; nothing was changed")
    with spinner("Passing the gate"):
        after, done = offboarding.go_through(seen)
    _tell(selection, _output(after, seen, done=done, changed=True, looked_at=gate.value))
    if after.next_gate is None:
        _forget(configuration, name)
    return ExitCode.FINE


def _forget(configuration: "Configuration", name: str) -> None:
    """Remove a deployment that has passed all gates from the file beside the configuration."""
    from pinekeep.account.record.digest import forget_handover  # noqa: PLC0415 - imports pydantic

    if written := forget_handover(configuration, name):
        log(f"removed {name} from {written}: commit it")


def _go_back(selection: Selection, name: str, offboarding: "Offboarding", *, yes: bool) -> int:
    from pinekeep.operations.offboarding.gate import TITLES  # noqa: PLC0415

    gate = offboarding.step_back()
    if gate is None:
        log(f"{name}: no gate was passed, so there is none to undo")
        return _tell(selection, _output(offboarding))
    confirm(f"Undo this gate of {name}: {TITLES[gate]}?", yes=yes)
    after, done = offboarding.go_back()
    return _tell(selection, _output(after, done=[*done, f"undone: {TITLES[gate]}"], changed=True))


def _output(
    offboarding: "Offboarding",
    seen: "GateCheck | None" = None,
    *,
    done: list[str] | None = None,
    changed: bool = False,
    looked_at: str | None = None,
) -> "OffboardOutput":
    from pinekeep.model.output.revocation import OffboardOutput  # noqa: PLC0415
    from pinekeep.operations.offboarding.report import gate_outputs  # noqa: PLC0415

    gate = offboarding.next_gate
    return OffboardOutput(
        deployment=offboarding.state.deployment,
        changed=changed,
        done=done or [],
        gates=gate_outputs(offboarding.state),
        looked_at=looked_at or (gate.value if seen is not None and gate is not None else None),
        sees=list(seen.lines) if seen else [],
        blocked=seen.blocked if seen else None,
        hint=seen.hint if seen else None,
        not_before=seen.not_before.isoformat() if seen and seen.not_before else None,
    )


def _tell(selection: Selection, output: "OffboardOutput") -> int:
    from pinekeep.operations.offboarding.report import as_text  # noqa: PLC0415

    selection.write(output, lambda: write(as_text(output)))
    return 0
