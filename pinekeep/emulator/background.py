"""Servers that outlive a command, one per user and kind, recorded in a state file."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

from pinekeep.emulator.client import DEFAULT_ACCOUNT, DEFAULT_REGION, Connection
from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.process import NAMES, STOP_SECONDS, Kind, ServerProcess, ask_identity
from pinekeep.emulator.server import aws_process
from pinekeep.emulator.services import EndpointServices
from pinekeep.errors import WrongInputError

ANSWER_SECONDS = 5.0
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


@dataclass(frozen=True)
class RecordedServer:
    """A detached server as its state file records it. `started_at` is in seconds since the epoch."""

    pid: int
    identity: str
    endpoint_url: str
    folder: str
    started_at: float


S = TypeVar("S", bound=RecordedServer)


@dataclass(frozen=True)
class Status(Generic[S]):
    """The running server, if any, and whether the state file is of one that is gone."""

    server: S | None
    stale: bool


@dataclass(frozen=True)
class Started(Generic[S]):
    """The running server, and whether it ran before."""

    server: S
    already_running: bool


class Background(Generic[S]):
    """The background server of one kind, with its state file `$XDG_STATE_HOME/pinekeep/NAME.json`.

    Every method raises LocalAwsError, when a running server does not answer, start or end.
    """

    def __init__(self, name: str, record: type[S], *, kind: Kind) -> None:
        self._name = name
        self._record = record
        self._what = NAMES[kind]

    def start(self, make: Callable[[], tuple[ServerProcess, Mapping[str, Any]]]) -> Started[S]:
        """Start a detached server, unless one runs. ``make`` creates its process and the record's further fields."""
        with self._locked():
            running = self._find().server
            if running is not None:
                return Started(server=running, already_running=True)
            self._forget()
            process, fields = make()
            process.start()
            try:
                server = self._record(
                    pid=process.pid,
                    identity=process.identity,
                    endpoint_url=process.endpoint_url,
                    folder=str(process.folder),
                    started_at=time.time(),
                    **fields,
                )
                self._write(server)
                process.release()
            except BaseException:
                process.end()
                self._forget()
                raise
            return Started(server=server, already_running=False)

    def status(self) -> Status[S]:
        """Look for the running server."""
        with self._locked():
            return self._find()

    def stop(self) -> S | None:
        """End the server and delete its folder. Out: the server that was ended, if any."""
        with self._locked():
            try:
                server = self._find().server
            except LocalAwsError:
                server = self._read()  # it hangs, and its command line has our identity
            if server is not None:
                self._end(server)
            self._forget()
            return server

    @property
    def _file(self) -> Path:
        home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
        return Path(home) / "pinekeep" / f"{self._name}.json"

    @contextlib.contextmanager
    def _locked(self) -> Generator[None]:
        """Serialize concurrent commands."""
        try:
            self._file.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            lock = self._file.with_suffix(".lock").open("w")
        except OSError as error:
            raise WrongInputError(
                f"{self._file.parent} cannot be written: {error.strerror}", hint="set XDG_STATE_HOME to another folder"
            ) from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, server: S) -> None:
        draft = self._file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "w") as file:
            json.dump(asdict(server), file, indent=2)
        draft.replace(self._file)

    def _read(self) -> S | None:
        try:
            return self._record(**json.loads(self._file.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def _forget(self) -> None:
        """Delete the state file, and the folder that a killed server could not delete."""
        server = self._read()
        if server is not None and Path(server.folder).name == f"pinekeep-{server.identity}":
            shutil.rmtree(server.folder, ignore_errors=True)
        self._file.unlink(missing_ok=True)

    def _find(self) -> Status[S]:
        server = self._read()
        if server is None:
            return Status(server=None, stale=self._file.exists())
        try:
            # The process ID and the port may belong to another program by now, so the identity decides.
            answer = ask_identity(port=_port(server), timeout=ANSWER_SECONDS)
        except OSError:
            answer = None
            if _has_our_command_line(server):
                raise LocalAwsError(
                    f"{self._what} at {server.endpoint_url} (process {server.pid}) does not answer",
                    hint="stop it and start it again",
                ) from None
        if answer == (server.identity, server.pid):
            return Status(server=server, stale=False)
        return Status(server=None, stale=True)

    def _end(self, server: S) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(server.pid, number)
            if _is_gone(server):
                return
        raise LocalAwsError(
            f"{self._what} at {server.endpoint_url} does not end", hint=f"end process {server.pid} yourself"
        )


def _has_our_command_line(server: RecordedServer) -> bool:
    """Tell whether the process's command line has the server's identity. False where it cannot be read."""
    try:
        return server.identity.encode() in Path(f"/proc/{server.pid}/cmdline").read_bytes()
    except OSError:
        return False


def _is_gone(server: RecordedServer) -> bool:
    """Wait until the server's port is closed, which the system does for any dead process."""
    deadline = time.monotonic() + STOP_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        try:
            answer = ask_identity(port=_port(server), timeout=left)
        except ConnectionRefusedError:
            return True
        except OSError:
            continue
        if answer is None or answer[0] != server.identity:
            return True
    return False


def _port(server: RecordedServer) -> int:
    return urlsplit(server.endpoint_url).port or 0


# --- The embedded AWS ---


@dataclass(frozen=True)
class BackgroundServer(RecordedServer):
    """A detached embedded AWS."""

    account: str
    region: str

    @property
    def connection(self) -> Connection:
        """The address and the default caller."""
        return Connection(
            endpoint_url=self.endpoint_url, account=self.account, region=self.region, folder=Path(self.folder)
        )


_AWS: Final = Background("local", BackgroundServer, kind="aws")
status = _AWS.status
stop = _AWS.stop


def start(
    *, account: str = DEFAULT_ACCOUNT, region: str = DEFAULT_REGION, endpoint_services: EndpointServices | None = None
) -> Started[BackgroundServer]:
    """Start a detached embedded AWS, unless one runs, which keeps its account and Region. In: as for `EmbeddedAws`."""

    def make() -> tuple[ServerProcess, Mapping[str, Any]]:
        process = aws_process(account=account, region=region, endpoint_services=endpoint_services, detached=True)
        return process, {"account": account, "region": region}

    return _AWS.start(make)
