"""``pinekeep demo``: the whole life of a deployment on the embedded AWS."""

import sys
from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Selection, log, verb, write

if TYPE_CHECKING:
    from pinekeep.model.output.handoff import HandoffOutput
    from pinekeep.model.output.local import DemoStepOutput

EXAMPLE = "quickstart.yaml"
_LAST_LINES = 40


@verb("demo")
@click.option("--verbose", "-v", is_flag=True, help="Show the output of the CDK command line as well.")
def command(selection: Selection, verbose: bool) -> int:
    """Run a demonstration on an AWS emulator.

    Deploys and verifies the stacks, prints the values for Pinecone, acts as Pinecone, attempts what must be refused,
    revokes and restores access, and removes everything. Needs no account and no network access. Without --config, it
    uses the quickstart example, with audit logs and monitoring.
    """
    from pinekeep.cli.reporting import report_error  # noqa: PLC0415
    from pinekeep.errors import ExitCode, PinekeepError  # noqa: PLC0415
    from pinekeep.model.config import load  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.output.local import DemoOutput  # noqa: PLC0415
    from pinekeep.model.resources import PROJECT  # noqa: PLC0415
    from pinekeep.operations.demonstration.pinecone import with_project  # noqa: PLC0415
    from pinekeep.operations.demonstration.scenario import Demonstration  # noqa: PLC0415
    from pinekeep.operations.demonstration.steps import Steps  # noqa: PLC0415
    from pinekeep.operations.demonstration.watch import with_watch  # noqa: PLC0415

    configuration = selection.load() if selection.config else load(PROJECT / "examples" / EXAMPLE)
    deployments = selection.deployments(configuration)
    if not selection.config:
        deployments = {name: with_watch(name, with_project(name, each)) for name, each in deployments.items()}
    said: list[str] = []
    steps = Steps(show=(lambda _: None) if selection.as_json else _show)
    demonstration = Demonstration(
        configuration=configuration,
        deployments=deployments,
        steps=steps,
        show_handoff=(lambda _: None) if selection.as_json else _show_handoff,
        tell=log if verbose else said.append,
    )
    passed = True
    try:
        demonstration.run()
    except PinekeepError as error:
        passed = False
        if not steps.done or error.exit_code == ExitCode.WRONG_INPUT:
            raise
        log("\n".join(said[-_LAST_LINES:]))
        report_error(error)
    output = DemoOutput(passed=passed, seconds=round(steps.seconds, 1), steps=steps.done)
    verdict = "all as expected" if passed else "NOT as expected"
    selection.write(output, lambda: write(f"\n{len(steps.done)} steps in {output.seconds:.0f} s, {verdict}"))
    return ExitCode.FINE if passed else ExitCode.CHECK_FAILED


def _show(step: "DemoStepOutput") -> None:
    from pinekeep.cli.findings import mark_of  # noqa: PLC0415

    detail = f"  ({step.detail})" if step.detail else ""
    write(f"{mark_of('ok' if step.passed else 'failed')} {step.seconds:6.2f} s  {step.step}{detail}")
    sys.stdout.flush()


def _show_handoff(handed: "HandoffOutput") -> None:
    from pinekeep.operations.handoff.console import as_text  # noqa: PLC0415

    write()
    write("\n".join(f"    {line}" if line else "" for line in as_text(handed).splitlines()))
    write()
    sys.stdout.flush()
