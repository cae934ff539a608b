"""A local AWS with the quickstart deployed, and commands that find nothing to change in it."""

import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.measuring import Command, measure
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.services import endpoint_services
from pinekeep.model.resources import PROJECT
from pinekeep.operations.synthesis.cdk_cli import CdkCli
from pinekeep.operations.synthesis.cdk_installation import cdk_command

QUICKSTART: Final = PROJECT / "examples" / "quickstart.yaml"
_QUIET: Final = ("--no-notices", "--no-version-reporting")


@contextmanager
def quickstart(folder: Path) -> Generator[Mapping[str, str]]:
    """Provide the environment of a local AWS with the quickstart deployed."""
    with EmbeddedAws(endpoint_services=endpoint_services()) as aws:
        CdkCli(environment=aws.environment(), tell=lambda _: None).bootstrap(account=aws.account, region=aws.region)
        variables = {key: value for key, value in aws.environment().items() if key.startswith(("AWS_", "CDK_"))}
        environment = {**variables, "PYTHONPATH": str(PROJECT), "XDG_CACHE_HOME": str(folder / "cache")}
        measure(ours("deploy", "--yes").within(environment))
        yield environment


def ours(*arguments: str) -> Command:
    """Return one of our commands for the quickstart, with cached templates after the first run."""
    return Command([sys.executable, "-m", "pinekeep", *arguments, "--config", str(QUICKSTART)])


def ours_anew(*arguments: str) -> Command:
    """Return the same without a cache, as after a change of the file."""
    return Command(ours(*arguments).arguments, {"XDG_CACHE_HOME": "/dev/null"})


def theirs(folder: Path, *arguments: str) -> Command:
    """Return a command of the CDK CLI for the same stacks."""
    app = ("--app", f"{sys.executable} {PROJECT / 'app.py'}", "--output", str(folder / "cdk.out"))
    context = ("-c", f"config={QUICKSTART}")
    return Command([*cdk_command(), *arguments, *app, *context, *_QUIET])
