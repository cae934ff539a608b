"""``pinekeep local``: an AWS on this machine, to try things on."""

import shlex
from typing import TYPE_CHECKING

import click

from pinekeep.commands.common import Selection, log, selection_options, spinner, write, write_json

if TYPE_CHECKING:
    from pinekeep.local.background import BackgroundServer
    from pinekeep.outputs import LocalOutput

EXIT_NOT_RUNNING = 1


@click.group("local")
def command() -> None:
    """Run an AWS on this machine, to try things on.

    It lives in memory on the loopback interface and is gone with `local stop`.
    """


@command.command("start")
@selection_options
def start(selection: Selection) -> None:
    """Start it, bootstrapped for CDK, and write the variables to use it with.

    `eval "$(pinekeep local start)"` makes every AWS client of the shell talk to it. With --config it is made
    for the accounts and Regions of the deployments.
    """
    from pinekeep.cdk_cli import CdkCli  # noqa: PLC0415 - imports pydantic
    from pinekeep.config.bootstrap import bootstrap_of  # noqa: PLC0415
    from pinekeep.local import background  # noqa: PLC0415 - imports boto3
    from pinekeep.local.client import DEFAULT_ACCOUNT, DEFAULT_REGION  # noqa: PLC0415
    from pinekeep.local.services import endpoint_services  # noqa: PLC0415

    places: list[tuple[str, str, tuple[str, ...]]] = [(DEFAULT_ACCOUNT, DEFAULT_REGION, ())]
    if selection.config:
        deployments = list(selection.deployments(selection.load()).values())
        options = [tuple(bootstrap_of(each).options) for each in deployments]
        pairs = zip(deployments, options, strict=True)
        places = list(dict.fromkeys((each.account, each.region, with_) for each, with_ in pairs))
    account, region, _ = places[0]
    with spinner("Starting"):
        started = background.start(account=account, region=region, endpoint_services=endpoint_services())
    try:
        for each_account, each_region, with_options in places:
            with spinner(f"Bootstrapping account {each_account} in {each_region}"):
                environment = started.server.connection.environment(each_account)
                CdkCli(environment=environment, tell=lambda _: None).bootstrap(
                    account=each_account, region=each_region, options=with_options
                )
    except BaseException:
        if not started.already_running:
            background.stop()
        raise
    _tell(selection, started.server)
    log("it runs already" if started.already_running else "it runs; `pinekeep local stop` ends it")


@command.command("stop")
@selection_options
def stop(selection: Selection) -> None:
    """End it. Everything in it is gone."""
    from pinekeep.local import background  # noqa: PLC0415 - imports boto3

    stopped = background.stop()
    if selection.as_json:
        write_json(_output(None))
    log("it is stopped" if stopped.server else "none was running")


@command.command("status")
@selection_options
def status(selection: Selection) -> int:
    """Say whether it runs, and how to use it. Exit code 1 when it does not run."""
    from pinekeep.local import background  # noqa: PLC0415 - imports boto3

    server = background.status().server
    _tell(selection, server)
    if server is None:
        log("none is running; `pinekeep local start` starts one")
        return EXIT_NOT_RUNNING
    return 0


def _tell(selection: Selection, server: "BackgroundServer | None") -> None:
    output = _output(server)
    if selection.as_json:
        write_json(output)
        return
    for name, value in output.environment.items():
        write(f"export {name}={shlex.quote(value)}")


def _output(server: "BackgroundServer | None") -> "LocalOutput":
    from pinekeep.outputs import LocalOutput  # noqa: PLC0415 - imports pydantic

    if server is None:
        return LocalOutput(running=False, endpoint_url=None, pid=None, environment={})
    variables = server.connection.environment()
    return LocalOutput(
        running=True,
        endpoint_url=server.endpoint_url,
        pid=server.pid,
        environment={name: value for name, value in variables.items() if name.startswith(("AWS_", "CDK_"))},
    )
