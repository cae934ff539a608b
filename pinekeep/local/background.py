"""An embedded AWS that lives on between commands: one a user, remembered in a state file."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pinekeep.local.client import DEFAULT_ACCOUNT, DEFAULT_REGION, Connection, check_account
from pinekeep.local.errors import LocalAwsError
from pinekeep.local.launch import STOP_SECONDS, ServerProcess, ask_identity

ANSWER_SECONDS = 5.0
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


@dataclass(frozen=True)
class BackgroundServer:
    """A detached server as the state file remembers it."""

    pid: int
    identity: str
    endpoint_url: str
    account: str
    region: str
    folder: str
    started_at: float

    @property
    def connection(self) -> Connection:
        """Where and as whom to reach it."""
        return Connection(
            endpoint_url=self.endpoint_url, account=self.account, region=self.region, folder=Path(self.folder)
        )


@dataclass(frozen=True)
class Started:
    """The server that runs now, and whether it did before."""

    server: BackgroundServer
    already_running: bool


@dataclass(frozen=True)
class Status:
    """The server that runs now, if any, and whether the state file spoke of one that is gone."""

    server: BackgroundServer | None
    stale: bool


@dataclass(frozen=True)
class Stopped:
    """The server that was ended, or None when none ran."""

    server: BackgroundServer | None


def state_file() -> Path:
    """Where the running server is remembered: `$XDG_STATE_HOME/pinekeep/local.json`."""
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "pinekeep" / "local.json"


def start(
    *,
    account: str = DEFAULT_ACCOUNT,
    region: str = DEFAULT_REGION,
    endpoint_services: Mapping[str, str] | None = None,
) -> Started:
    """Start a server that outlives this process, unless one runs already.

    In: as for `EmbeddedAws`. Out: the server; the one found keeps its own account and Region.
    Raises: LocalAwsError, when it does not start, or the one remembered does not answer.
    """
    check_account(account)
    with _locked():
        found = _find()
        if found.server is not None:
            return Started(server=found.server, already_running=True)
        _forget()
        process = ServerProcess(
            account=account, region=region, endpoint_services=endpoint_services or {}, detached=True
        )
        process.start()
        try:
            server = BackgroundServer(
                pid=process.pid,
                identity=process.identity,
                endpoint_url=f"http://127.0.0.1:{process.port}",
                account=account,
                region=region,
                folder=str(process.folder),
                started_at=time.time(),
            )
            _remember(server)
            process.release()
        except BaseException:
            process.end()
            _forget()
            raise
        return Started(server=server, already_running=False)


def status() -> Status:
    """Look whether the remembered server runs.

    Out: the server, if it does. Raises: LocalAwsError, when it runs and does not answer.
    """
    with _locked():
        return _find()


def stop() -> Stopped:
    """End the remembered server and delete its folder; nothing to do is fine.

    Out: the server that was ended, if any. Raises: LocalAwsError, when it does not end.
    """
    with _locked():
        try:
            server = _find().server
        except LocalAwsError:
            server = _recall()  # it hangs, but its command line says it is ours
        if server is not None:
            _end(server)
        _forget()
        return Stopped(server=server)


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    """Let two commands at the same time take turns."""
    folder = state_file().parent
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    with (folder / "local.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remember(server: BackgroundServer) -> None:
    target = state_file()
    draft = target.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "w") as file:
        json.dump(asdict(server), file, indent=2)
    draft.replace(target)


def _recall() -> BackgroundServer | None:
    try:
        return BackgroundServer(**json.loads(state_file().read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _forget() -> None:
    """Delete the state file, and the folder that a server which was killed could not delete itself."""
    server = _recall()
    if server is not None and Path(server.folder).name == f"pinekeep-{server.identity}":
        shutil.rmtree(server.folder, ignore_errors=True)
    state_file().unlink(missing_ok=True)


def _find() -> Status:
    server = _recall()
    if server is None:
        return Status(server=None, stale=state_file().exists())
    try:
        # A process ID may be another program's by now, and so may the port: ask who is there.
        answer = ask_identity(port=_port(server), timeout=ANSWER_SECONDS)
    except OSError:
        answer = None
        if _is_ours(server):
            raise LocalAwsError(
                f"the embedded AWS at {server.endpoint_url} (process {server.pid}) does not answer",
                hint="stop it and start it again",
            ) from None
    if answer == (server.identity, server.pid):
        return Status(server=server, stale=False)
    return Status(server=None, stale=True)


def _is_ours(server: BackgroundServer) -> bool:
    """Whether that process's command line carries the server's identity. False where that cannot be read."""
    try:
        return server.identity.encode() in Path(f"/proc/{server.pid}/cmdline").read_bytes()
    except OSError:
        return False


def _end(server: BackgroundServer) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(server.pid, number)
        if _is_gone(server):
            return
    raise LocalAwsError(
        f"the embedded AWS at {server.endpoint_url} does not end", hint=f"end process {server.pid} yourself"
    )


def _is_gone(server: BackgroundServer) -> bool:
    """Wait, at most a few seconds, until its port is closed: that much the system does for any dead process."""
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


def _port(server: BackgroundServer) -> int:
    return urlsplit(server.endpoint_url).port or 0
