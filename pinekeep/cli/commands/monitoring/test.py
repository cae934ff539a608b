"""``pinekeep monitoring test``: a marked message through each path, and what arrived."""

from typing import TYPE_CHECKING, Final, cast

import click

from pinekeep.cli.options import Selection, access_to, confirm, log, spinner, verb, write
from pinekeep.errors import ExitCode, WrongInputError

if TYPE_CHECKING:
    from pinekeep.model.output.monitoring import DeliveryTestOutput
    from pinekeep.operations.monitoring.delivery import Path

_PATHS: Final = ("topic", "events", "global", "alarm", "slack")
_SECONDS: Final = 120
_SECONDS_MAX: Final = 900
_MARKS: Final = {"arrived": "ok", "missing": "failed", "skipped": "note"}


@verb("test")
@click.option(
    "--path", "paths", type=click.Choice(_PATHS), multiple=True, help="A path. Repeat for several.  [default: all]"
)
@click.option(
    "--timeout",
    type=click.IntRange(10, _SECONDS_MAX),
    default=_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for each message.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
def command(selection: Selection, *, paths: tuple[str, ...], timeout: int, yes: bool) -> int:
    """Send a message through each path of the notifications.

    The messages are marked, and those that arrived are shown. Subscribes a temporary SQS queue to the topics and
    removes it again; sets an alarm to ALARM and back. Everybody who is subscribed receives the messages. Exit code
    1: a message did not arrive.
    """
    from pinekeep.model.output.monitoring import DeliveryTestOutput, MonitoringTestOutput  # noqa: PLC0415
    from pinekeep.operations.monitoring.delivery import DeliveryTest, subscribers, topics_of  # noqa: PLC0415

    _, selected = selection.read()
    deployments = {name: each for name, each in selected.items() if each.monitoring is not None}
    if not deployments:
        raise WrongInputError("no deployment has monitoring", hint="add `monitoring: {}` to one, and deploy it")
    access = access_to(deployments)
    access.require_accounts(deployments, changing=True)
    wanted = cast("tuple[Path, ...]", paths or _PATHS)
    confirm(f"Send test messages to everybody who is notified about {', '.join(deployments)}?", yes=yes)
    results: list[DeliveryTestOutput] = []
    for name, deployment in deployments.items():
        clients = access.clients_for(deployment)
        topics = topics_of(name, clients)
        test = DeliveryTest(name=name, deployment=deployment, topics=topics, clients=clients, timeout=timeout)
        try:
            with spinner(f"Testing the notifications of {name}"):
                found = test.run(wanted)
        finally:
            for each in test.removed:
                log(f"removed queue {each}, which an earlier test had left")
            for each in test.left:
                log(f"not removed: {each}")
        notified = subscribers(name, topics, clients)
        results.append(
            DeliveryTestOutput(deployment=name, mark=test.mark, paths=found, subscribers=notified, left=test.left)
        )
    passed = not any(each.left or any(path.status == "missing" for path in each.paths) for each in results)
    output = MonitoringTestOutput(passed=passed, deployments=results)
    selection.write(output, lambda: [_show(each) for each in results])
    return ExitCode.FINE if passed else ExitCode.CHECK_FAILED


def _show(result: "DeliveryTestOutput") -> None:
    from pinekeep.cli.findings import mark_of  # noqa: PLC0415

    write(f"{result.deployment} (mark {result.mark})")
    width = max(len(each.path) for each in result.paths)
    for each in result.paths:
        took = f"arrived in {each.seconds} s" if each.status == "arrived" else each.status
        line = f"  {mark_of(_MARKS[each.status])} {each.path.ljust(width)}  {each.title}: {took}"
        write(f"{line}; {each.detail}" if each.detail else line)
        if each.fix:
            write(f"      fix: {each.fix}")
    if result.subscribers:
        write("  Beyond the topics, deliveries cannot be seen from here:")
    for each in result.subscribers:
        mark = mark_of("note" if each.status == "confirmed" else "failed")
        write(f"  {mark} {each.protocol} {each.endpoint}: {each.detail}", verbatim=True)
