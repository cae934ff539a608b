"""``pinekeep offboard``: the only way out, one gate at a time."""

from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.options import Selection, confirm, confirm_by_name, log, selection_options, spinner, write, write_json
from pinekeep.errors import WrongInputError

if TYPE_CHECKING:
    from pinekeep.model.config import Configuration
    from pinekeep.model.output.revocation import OffboardOutput
    from pinekeep.operations.offboarding.gate import GateCheck
    from pinekeep.operations.offboarding.offboard import Offboarding

_ONE_AT_A_TIME: Final = "exactly one deployment is offboarded at a time"
_DAYS: Final = click.IntRange(1, 60)
"""As in :mod:`pinekeep.operations.offboarding.progress`, said again so that --help need not wait for it."""


@click.command("offboard", short_help="Leave Pinecone: the key's way out, one gate at a time.")
@selection_options
@click.option("--status", is_flag=True, help="Tell how far it is; look at nothing else.")
@click.option("--dry-run", is_flag=True, help="Tell what the next gate sees and would do, and change nothing.")
@click.option("--back", is_flag=True, help="Take the last gate back.")
@click.option("--confirm", "confirmed", metavar="NAME", help="The deployment's name, in place of typing it when asked.")
@click.option("--yes", "-y", is_flag=True, help="With --back: go ahead without asking.")
@click.option("--quiet-days", type=_DAYS, default=7, show_default=True, help="Days without any use of the key.")
@click.option("--cooling-days", type=_DAYS, default=7, show_default=True, help="Days for which it stays disabled.")
@click.option("--alarm-topic", metavar="ARN", help="An SNS topic to tell when somebody tries to use the disabled key.")
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
    """Give up a deployment's key for good, in gates that are passed one a run.

    \b
      1 no index is left in Pinecone     4 the key is disabled, with an alarm
      2 the key is deleted in Pinecone   5 the key is to be deleted in 30 days
      3 nobody has used the key          6 the stacks are removed

    Name exactly one deployment; --status and --dry-run take the only one of a file. Each run looks at the next gate,
    tells what it sees, and asks for the deployment's name. Leave it when you like and run it again; --back takes the
    last gate back, up to the day on which KMS deletes the key.
    """
    import os  # noqa: PLC0415
    from functools import partial  # noqa: PLC0415

    from pinekeep.account.credentials.access import Access  # noqa: PLC0415 - imports pydantic
    from pinekeep.account.record.orphans import recall  # noqa: PLC0415
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.operations.offboarding.gate import DOES  # noqa: PLC0415
    from pinekeep.operations.offboarding.progress import Options, load_offboarding  # noqa: PLC0415

    if status + dry_run + back > 1:
        raise click.UsageError("--status, --dry-run and --back exclude each other")
    if yes and not back:
        raise click.UsageError("--yes goes with --back; a gate asks for the deployment's name: --confirm NAME")
    # Looking does no harm, so the only deployment of a file need not be named for it.
    may_be_unnamed = (status or dry_run) and not selection.names
    if len(selection.names) != 1 and not may_be_unnamed:
        raise WrongInputError(_ONE_AT_A_TIME, hint="name it with --deployment")
    loaded = selection.load()
    deployments = selection.deployments(loaded)
    if len(deployments) != 1:
        raise WrongInputError(_ONE_AT_A_TIME, hint=f"name it with --deployment: {', '.join(deployments)}")
    access = Access.of_the_user(deployments)
    configuration = recall(loaded, deployments, access=access).configuration
    (name,) = deployments
    load = partial(
        load_offboarding,
        configuration,
        name,
        access=access,
        options=Options(quiet_days=quiet_days, cooling_days=cooling_days, topic=alarm_topic),
        environment=dict(os.environ),
        tell=log,
    )
    with spinner(f"Reading {name}"):
        offboarding = load()
    if status:
        return _tell(selection, _output(offboarding))
    if back:
        return _go_back(selection, name, offboarding, yes=yes)
    with spinner("Looking"):
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
        # Whoever was asked may have taken a while.
        offboarding = load()
        seen = offboarding.look() if offboarding.next_gate is gate else None
        if seen is None or seen.blocked:
            _tell(selection, _output(offboarding, seen))
            return ExitCode.CHECK_FAILED
    elif confirmed != name:
        raise WrongInputError(f"--confirm says {confirmed!r}, and the deployment is {name}; nothing was changed")
    with spinner("Passing"):
        after, done = offboarding.go_through(seen)
    _tell(selection, _output(after, seen, done=done, changed=True, looked_at=gate.value))
    if after.next_gate is None:
        _forget(configuration, name)
    return ExitCode.FINE


def _forget(configuration: "Configuration", name: str) -> None:
    """Take a deployment that has passed all gates out of the file beside the configuration."""
    from pinekeep.account.record.digest import forget_handover  # noqa: PLC0415 - imports pydantic

    if written := forget_handover(configuration, name):
        log(f"removed {name} from {written}: commit it")


def _go_back(selection: Selection, name: str, offboarding: "Offboarding", *, yes: bool) -> int:
    from pinekeep.operations.offboarding.gate import TITLES  # noqa: PLC0415

    gate = offboarding.step_back()
    if gate is None:
        log(f"{name}: no gate was passed, so there is none to take back")
        return _tell(selection, _output(offboarding))
    confirm(f"Take back of {name}: {TITLES[gate]}?", yes=yes)
    after, done = offboarding.go_back()
    return _tell(selection, _output(after, done=[*done, f"took back: {TITLES[gate]}"], changed=True))


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

    if selection.as_json:
        write_json(output)
    else:
        write(as_text(output))
    return 0
