"""``pinekeep local``: the AWS emulator and the stand-in for Pinecone."""

import os
from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Selection, log, spinner, verb, write

if TYPE_CHECKING:
    from pinekeep.emulator.background import BackgroundServer
    from pinekeep.emulator.stand_in.background import BackgroundStandIn
    from pinekeep.model.output.local import LocalOutput

EXIT_NOT_RUNNING = 1


@click.group("local")
def command() -> None:
    """Run an AWS emulator, and a stand-in for Pinecone.

    Both run on the loopback interface and keep everything in memory until `local stop`.
    """


@verb("start", of=command)
@click.option("--pinecone", "with_pinecone", is_flag=True, help="Also start a stand-in for Pinecone.")
def start(selection: Selection, with_pinecone: bool) -> None:
    """Start the emulator, bootstrapped for the CDK.

    Prints shell commands: `eval "$(pinekeep local start)"` directs every AWS client of the shell to the emulator, and
    unsets variables that would direct them elsewhere. With --config, it is bootstrapped for the accounts and Regions
    of the deployments. With --pinecone, `pinekeep pinecone` uses an empty stand-in, which is not Pinecone.
    """
    from pinekeep.emulator import background  # noqa: PLC0415 - imports boto3
    from pinekeep.emulator.client import DEFAULT_ACCOUNT, DEFAULT_REGION  # noqa: PLC0415
    from pinekeep.emulator.services import endpoint_services  # noqa: PLC0415
    from pinekeep.emulator.stand_in import background as pinecone  # noqa: PLC0415
    from pinekeep.model.config.bootstrap import bootstrap_of  # noqa: PLC0415
    from pinekeep.operations.synthesis.cdk_cli import CdkCli  # noqa: PLC0415 - imports pydantic

    places: list[tuple[str, str, tuple[str, ...]]] = [(DEFAULT_ACCOUNT, DEFAULT_REGION, ())]
    if selection.names and not selection.config:
        raise click.UsageError("--deployment selects deployments of --config, which is missing")
    if selection.config:
        selected = selection.deployments(selection.load()).values()
        found = ((each.account, each.region, tuple(bootstrap_of(each).options)) for each in selected)
        places = list(dict.fromkeys(found))
    account, region, _ = places[0]
    with spinner("Starting"):
        started = background.start(account=account, region=region, endpoint_services=endpoint_services())
    try:
        for each_account, each_region, with_options in places:
            with spinner(f"Bootstrapping account {each_account} in {each_region}"):
                environment = started.server.connection.environment(each_account)
                cdk = CdkCli(environment=environment, tell=lambda _: None)
                cdk.bootstrap(account=each_account, region=each_region, options=with_options)
        stand_in = pinecone.start() if with_pinecone else pinecone.status()
    except BaseException:
        if not started.already_running:
            background.stop()
        raise
    output = _output(started.server, stand_in)
    _write(selection, output)
    if set_now := [name for name in output.unset if name in os.environ]:
        log(f"unset in this shell: {', '.join(set_now)}; a new shell has them again")
    running = 'it is running; `eval "$(pinekeep local stop)"` stops it'
    log("it is running already" if started.already_running else running)


@verb("stop", of=command)
def stop(selection: Selection) -> None:
    """Stop both, and delete everything in them.

    `eval "$(pinekeep local stop)"` also unsets the variables that `local start` set.
    """
    from pinekeep.emulator import background  # noqa: PLC0415 - imports boto3
    from pinekeep.emulator.stand_in import background as pinecone  # noqa: PLC0415
    from pinekeep.model.output.local import LocalOutput  # noqa: PLC0415 - imports pydantic

    server, stand_in = background.stop(), pinecone.stop()
    unset = _left_behind(server, stand_in)
    _write(selection, LocalOutput(running=False, endpoint_url=None, pid=None, environment={}, unset=unset))
    log("stopped" if server or stand_in else "nothing was running")
    if server is None and stand_in is None and unset:
        log('this shell still uses one that is gone: `eval "$(pinekeep local stop)"` unsets that')


@verb("status", of=command)
def status(selection: Selection) -> int:
    """Show whether they are running, and how to use them.

    Exit code 1: the emulator is not running.
    """
    from pinekeep.emulator import background  # noqa: PLC0415 - imports boto3
    from pinekeep.emulator.stand_in import background as pinecone  # noqa: PLC0415

    server, stand_in = background.status().server, pinecone.status()
    _write(selection, _output(server, stand_in))
    if stand_in is not None:
        log(f"a stand-in for Pinecone is running at {stand_in.endpoint_url}")
    if server is None:
        log("no embedded AWS is running; `pinekeep local start` starts one")
        return EXIT_NOT_RUNNING
    return 0


def _write(selection: Selection, output: "LocalOutput") -> None:
    from pinekeep.emulator.shell import lines  # noqa: PLC0415

    text = lines(sets=output.environment, unsets=output.unset)
    selection.write(output, lambda: [write(line, verbatim=True) for line in text])


def _output(server: "BackgroundServer | None", stand_in: "BackgroundStandIn | None") -> "LocalOutput":
    from pinekeep.emulator.shell import KEPT_PREFIXES, interfering  # noqa: PLC0415
    from pinekeep.model.output.local import LocalOutput  # noqa: PLC0415 - imports pydantic

    of_aws = server.connection.environment() if server else {}
    variables = {name: value for name, value in of_aws.items() if name.startswith(KEPT_PREFIXES)}
    if stand_in:
        variables |= stand_in.environment
    return LocalOutput(
        running=server is not None,
        endpoint_url=server.endpoint_url if server else None,
        pid=server.pid if server else None,
        pinecone_url=stand_in.endpoint_url if stand_in else None,
        environment=variables,
        unset=interfering(os.environ, sets=variables) if server else [],
    )


def _left_behind(server: "BackgroundServer | None", stand_in: "BackgroundStandIn | None") -> list[str]:
    """Return the variables to unset now that both are gone, also if they were gone before."""
    from pinekeep.emulator.client import Connection  # noqa: PLC0415 - imports boto3
    from pinekeep.emulator.shell import ENDPOINT, is_here, left_behind  # noqa: PLC0415
    from pinekeep.model.facts import pinecone_api as api  # noqa: PLC0415

    names: list[str] = []
    if server or is_here(os.environ.get(ENDPOINT, "")):
        known = server.connection if server else Connection.unknown()
        was = known.environment()
        names += left_behind(
            os.environ, was={name: was[name] for name in was if name.startswith(("AWS_", "CDK_"))}, address=ENDPOINT
        )
    if stand_in or is_here(os.environ.get(api.CONTROLLER_HOST_VARIABLE, "")):
        set_ = (api.CLIENT_ID_VARIABLE, api.CLIENT_SECRET_VARIABLE, api.CONTROLLER_HOST_VARIABLE)
        was = stand_in.environment if stand_in else dict.fromkeys(set_, "")
        names += left_behind(os.environ, was=was, address=api.CONTROLLER_HOST_VARIABLE)
    return names
