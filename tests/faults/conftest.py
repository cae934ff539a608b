"""A bootstrapped AWS behind a server that lets things go wrong, and the command as a process of its own."""

import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.services import endpoint_services
from tests.command_support import GOOD, Result
from tests.embedded import bootstrap
from tests.faults.proxy import FaultProxy
from tests.warm import Forker, Process, forker

CMEK_ONLY = GOOD[: GOOD.index("    private_link:")]
BOOTSTRAPPED = "bootstrapped"


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedAws]:
    """One for all tests of a worker."""
    with EmbeddedAws(endpoint_services=endpoint_services()) as aws:
        bootstrap(aws)
        aws.take_snapshot(BOOTSTRAPPED)
        yield aws


@pytest.fixture
def bootstrapped(server: EmbeddedAws) -> EmbeddedAws:
    """An AWS in which nothing was deployed. So tests share names, and with them the templates that are remembered."""
    server.restore_snapshot(BOOTSTRAPPED)
    return server


@dataclass
class Command:
    """The command, run as a user runs it: as a process, in a folder of its own, through the proxy."""

    folder: Path
    environment: Mapping[str, str]
    forker: Forker

    def start(self, *arguments: str, first: str = "") -> Process:
        return self.forker.start(*arguments, folder=self.folder, environment=self.environment, first=first)

    def __call__(self, *arguments: str) -> Result:
        return self.end(self.start(*arguments))

    @staticmethod
    def end(process: Process) -> Result:
        """Wait for the command's end; nothing of its family may run on after it, and no traceback may be shown."""
        out, err = process.communicate()
        assert "Traceback" not in out + err
        assert process.returncode is not None
        return Result(process.returncode, out, err)


def interrupt(process: Process, number: signal.Signals = signal.SIGINT) -> None:
    """Send a signal to the command and its children, as a terminal does."""
    os.killpg(process.pid, number)


def family_runs(process: Process) -> bool:
    """Tell whether anything of the command's process group still runs."""
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def proxy(bootstrapped: EmbeddedAws) -> FaultProxy:
    return FaultProxy(bootstrapped.endpoint_url)


@pytest.fixture(scope="session")
def warm() -> Iterator[Forker]:
    """One for all tests of a worker."""
    with forker() as started:
        yield started


@pytest.fixture
def command(bootstrapped: EmbeddedAws, proxy: FaultProxy, warm: Forker, tmp_path: Path) -> Iterator[Command]:
    folder = tmp_path / "here"
    scratch = tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    with proxy.serving() as address:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **bootstrapped.environment(),
            "AWS_ENDPOINT_URL": address,
            "PYTHONPATH": os.getcwd(),  # noqa: PTH109
            "TMPDIR": str(scratch),
        }
        yield Command(folder, environment, warm)


@pytest.fixture
def scratch(command: Command) -> Path:
    """Where the command and its children keep what is to be gone at the end."""
    return Path(command.environment["TMPDIR"])
