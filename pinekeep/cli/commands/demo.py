"""``pinekeep demo``: the whole way, once, on an AWS that runs on this machine."""

import sys
from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Selection, log, selection_options, write, write_json

if TYPE_CHECKING:
    from pinekeep.model.output.handoff import HandoffOutput
    from pinekeep.model.output.local import DemoStepOutput

EXAMPLE = "quickstart.yaml"


@click.command("demo")
@selection_options
@click.option("--verbose", "-v", is_flag=True, help="Show what the CDK command line says as well.")
def command(selection: Selection, verbose: bool) -> int:
    """Show the whole way on an AWS that runs on this machine. Needs no account and no network.

    Deploys, verifies, hands over, plays Pinecone, shows what is refused, cuts off, restores, takes away.
    Without --config it shows the quickstart example.
    """
    from pinekeep.cli.reporting import report_error  # noqa: PLC0415
    from pinekeep.errors import ExitCode, PinekeepError  # noqa: PLC0415
    from pinekeep.model.config import load  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.output.local import DemoOutput  # noqa: PLC0415
    from pinekeep.model.resources import PROJECT  # noqa: PLC0415
    from pinekeep.operations.demonstration.pinecone import with_project  # noqa: PLC0415
    from pinekeep.operations.demonstration.scenario import Demonstration  # noqa: PLC0415
    from pinekeep.operations.demonstration.steps import Steps  # noqa: PLC0415

    configuration = selection.load() if selection.config else load(PROJECT / "examples" / EXAMPLE)
    deployments = selection.deployments(configuration)
    if not selection.config:
        deployments = {name: with_project(name, each) for name, each in deployments.items()}
    said: list[str] = []
    steps = Steps(show=_ignore if selection.as_json else _show)
    demonstration = Demonstration(
        configuration=configuration,
        deployments=deployments,
        steps=steps,
        show_handoff=_ignore if selection.as_json else _show_handoff,
        tell=log if verbose else said.append,
    )
    passed = False
    try:
        demonstration.run()
        passed = True
    except PinekeepError as error:
        if not steps.done or error.exit_code == ExitCode.WRONG_INPUT:
            raise
        log("\n".join(said[-_LAST_LINES:]))
        report_error(error)
    output = DemoOutput(passed=passed, seconds=round(steps.seconds, 1), steps=steps.done)
    if selection.as_json:
        write_json(output)
    else:
        verdict = "all as it should be" if passed else "NOT as it should be"
        write(f"\n{len(steps.done)} steps in {output.seconds:.0f} s, {verdict}")
    return ExitCode.FINE if passed else ExitCode.CHECK_FAILED


_LAST_LINES = 40


def _ignore(_: object) -> None:
    pass


def _show(step: "DemoStepOutput") -> None:
    mark = _marks()[0 if step.passed else 1]
    detail = f"  ({step.detail})" if step.detail else ""
    write(f"{mark} {step.seconds:6.2f} s  {step.step}{detail}")
    sys.stdout.flush()


def _show_handoff(handed: "HandoffOutput") -> None:
    from pinekeep.operations.handoff.console import as_text  # noqa: PLC0415

    write()
    write("\n".join(f"    {line}" if line else "" for line in as_text(handed).splitlines()))
    write()
    sys.stdout.flush()


def _marks() -> tuple[str, str]:
    """Return a tick and a cross, or words where they cannot be written."""
    try:
        "✓✗".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return "ok  ", "FAIL"
    return "✓", "✗"
