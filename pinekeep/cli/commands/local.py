"""``pinekeep local``: an AWS on this machine, and a stand-in for Pinecone, to try things on."""

import os
from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Selection, log, selection_options, spinner, write, write_json

if TYPE_CHECKING:
    from pinekeep.emulator.background import BackgroundServer
    from pinekeep.emulator.stand_in.background import BackgroundStandIn
    from pinekeep.model.output.local import LocalOutput

EXIT_NOT_RUNNING = 1


@click.group("local")
def command() -> None:
    """Run an AWS on this machine, to try things on, and a stand-in for Pinecone.

    They live in memory on the loopback interface and are gone with `local stop`.
    """


@command.command("start")
@selection_options
@click.option("--pinecone", "with_pinecone", is_flag=True, help="Start a stand-in for Pinecone, too.")
def start(selection: Selection, with_pinecone: bool) -> None:
    """Start it, bootstrapped for CDK, and write the lines for the shell to use it with.

    `eval "$(pinekeep local start)"` makes every AWS client of the shell talk to it, and unsets what would lead them
    elsewhere. With --config it is made for the accounts and Regions of the deployments. With --pinecone,
    `pinekeep pinecone` talks to a stand-in, which is not Pinecone: it begins empty.
    """
    from pinekeep.emulator import background  # noqa: PLC0415 - imports boto3
    from pinekeep.emulator.client import DEFAULT_ACCOUNT, DEFAULT_REGION  # noqa: PLC0415
    from pinekeep.emulator.services import endpoint_services  # noqa: PLC0415
    from pinekeep.emulator.stand_in import background as pinecone  # noqa: PLC0415
    from pinekeep.model.config.bootstrap import bootstrap_of  # noqa: PLC0415
    from pinekeep.operations.synthesis.cdk_cli import CdkCli  # noqa: PLC0415 - imports pydantic

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
        stand_in = pinecone.start() if with_pinecone else pinecone.status()
    except BaseException:
        if not started.already_running:
            background.stop()
        raise
    output = _output(started.server, stand_in)
    _tell(selection, output)
    if set_now := [name for name in output.unset if name in os.environ]:
        log(f"unset in this shell: {', '.join(set_now)}; a new shell has them again")
    log("it runs already" if started.already_running else 'it runs; `eval "$(pinekeep local stop)"` ends it')


@command.command("stop")
@selection_options
def stop(selection: Selection) -> None:
    """End both. Everything in them is gone.

    `eval "$(pinekeep local stop)"` unsets in the shell what `local start` has set.
    """
    from pinekeep.emulator import background  # noqa: PLC0415 - imports boto3
    from pinekeep.emulator.stand_in import background as pinecone  # noqa: PLC0415
    from pinekeep.model.output.local import LocalOutput  # noqa: PLC0415 - imports pydantic

    server, stand_in = background.stop(), pinecone.stop()
    unset = _left_behind(server, stand_in)
    _tell(selection, LocalOutput(running=False, endpoint_url=None, pid=None, environment={}, unset=unset))
    log("it is stopped" if server or stand_in else "none was running")
    if server is None and stand_in is None and unset:
        log('this shell still points at one that is gone: `eval "$(pinekeep local stop)"` unsets that')


@command.command("status")
@selection_options
def status(selection: Selection) -> int:
    """Say whether they run, and how to use them. Exit code 1 when no AWS runs."""
    from pinekeep.emulator import background  # noqa: PLC0415 - imports boto3
    from pinekeep.emulator.stand_in import background as pinecone  # noqa: PLC0415

    server, stand_in = background.status().server, pinecone.status()
    _tell(selection, _output(server, stand_in))
    if stand_in is not None:
        log(f"a stand-in for Pinecone runs at {stand_in.endpoint_url}")
    if server is None:
        log("no embedded AWS is running; `pinekeep local start` starts one")
        return EXIT_NOT_RUNNING
    return 0


def _tell(selection: Selection, output: "LocalOutput") -> None:
    from pinekeep.emulator.shell import lines  # noqa: PLC0415

    if selection.as_json:
        write_json(output)
        return
    for line in lines(sets=output.environment, unsets=output.unset):
        write(line, verbatim=True)


def _output(server: "BackgroundServer | None", stand_in: "BackgroundStandIn | None") -> "LocalOutput":
    from pinekeep.emulator.shell import interfering  # noqa: PLC0415
    from pinekeep.model.output.local import LocalOutput  # noqa: PLC0415 - imports pydantic

    variables = _variables(server, stand_in)
    return LocalOutput(
        running=server is not None,
        endpoint_url=server.endpoint_url if server else None,
        pid=server.pid if server else None,
        pinecone_url=stand_in.endpoint_url if stand_in else None,
        environment=variables,
        unset=interfering(os.environ, sets=variables) if server else [],
    )


def _variables(server: "BackgroundServer | None", stand_in: "BackgroundStandIn | None") -> dict[str, str]:
    """Return what a start sets."""
    from pinekeep.emulator.shell import KEPT_PREFIXES  # noqa: PLC0415

    of_aws = server.connection.environment() if server else {}
    return {
        **{name: value for name, value in of_aws.items() if name.startswith(KEPT_PREFIXES)},
        **(stand_in.environment if stand_in else {}),
    }


def _left_behind(server: "BackgroundServer | None", stand_in: "BackgroundStandIn | None") -> list[str]:
    """Return what to unset now that both are gone, also where they had been gone before."""
    from pinekeep.emulator.client import Connection  # noqa: PLC0415 - imports boto3
    from pinekeep.emulator.shell import ENDPOINT, is_here, left_behind  # noqa: PLC0415
    from pinekeep.model.facts import pinecone_api as api  # noqa: PLC0415

    names: list[str] = []
    if server or is_here(os.environ.get(ENDPOINT, "")):
        known = server.connection if server else Connection.unknown()
        was = known.environment()
        names += left_behind(
            os.environ,
            was={name: was[name] for name in was if name.startswith(("AWS_", "CDK_"))},
            address=ENDPOINT,
        )
    if stand_in or is_here(os.environ.get(api.CONTROLLER_HOST_VARIABLE, "")):
        set_ = (api.CLIENT_ID_VARIABLE, api.CLIENT_SECRET_VARIABLE, api.CONTROLLER_HOST_VARIABLE)
        was = stand_in.environment if stand_in else dict.fromkeys(set_, "")
        names += left_behind(os.environ, was=was, address=api.CONTROLLER_HOST_VARIABLE)
    return names
