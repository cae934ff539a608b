"""A server that lives on between commands: one a user, remembered in a state file."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.launch import STOP_SECONDS, ask_identity

ANSWER_SECONDS = 5.0
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


@dataclass(frozen=True)
class RememberedServer:
    """A detached server as the state file remembers it."""

    pid: int
    identity: str
    endpoint_url: str
    folder: str
    started_at: float


S = TypeVar("S", bound=RememberedServer)


@dataclass(frozen=True)
class Found(Generic[S]):
    """The server that runs now, if any, and whether the state file spoke of one that is gone."""

    server: S | None
    stale: bool


def state_folder() -> Path:
    """Where running servers are remembered: `$XDG_STATE_HOME/pinekeep`."""
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "pinekeep"


class Memory(Generic[S]):
    """The memory of one kind of server. In: its file's name, what is kept there, and what it is called."""

    def __init__(self, name: str, kind: type[S], *, what: str) -> None:
        self._name = name
        self._kind = kind
        self._what = what

    @property
    def file(self) -> Path:
        """The state file."""
        return state_folder() / f"{self._name}.json"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Let two commands at the same time take turns."""
        folder = state_folder()
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        with (folder / f"{self._name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def remember(self, server: S) -> None:
        """Write the state file, readable by its owner alone."""
        draft = self.file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "w") as file:
            json.dump(asdict(server), file, indent=2)
        draft.replace(self.file)

    def recall(self) -> S | None:
        """What the state file says, whether that server runs or not."""
        try:
            return self._kind(**json.loads(self.file.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def forget(self) -> None:
        """Delete the state file, and the folder that a server which was killed could not delete itself."""
        server = self.recall()
        if server is not None and Path(server.folder).name == f"pinekeep-{server.identity}":
            shutil.rmtree(server.folder, ignore_errors=True)
        self.file.unlink(missing_ok=True)

    def find(self) -> Found[S]:
        """Look whether the remembered server runs. Raises: LocalAwsError, when it runs and does not answer."""
        server = self.recall()
        if server is None:
            return Found(server=None, stale=self.file.exists())
        try:
            # A process ID may be another program's by now, and so may the port: ask who is there.
            answer = ask_identity(port=_port(server), timeout=ANSWER_SECONDS)
        except OSError:
            answer = None
            if _is_ours(server):
                raise LocalAwsError(
                    f"{self._what} at {server.endpoint_url} (process {server.pid}) does not answer",
                    hint="stop it and start it again",
                ) from None
        if answer == (server.identity, server.pid):
            return Found(server=server, stale=False)
        return Found(server=None, stale=True)

    def stop(self) -> S | None:
        """End the remembered server and delete its folder; nothing to do is fine.

        Out: the server that was ended, if any. Raises: LocalAwsError, when it does not end.
        """
        with self.locked():
            try:
                server = self.find().server
            except LocalAwsError:
                server = self.recall()  # it hangs, but its command line says it is ours
            if server is not None:
                self._end(server)
            self.forget()
            return server

    def _end(self, server: S) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(server.pid, number)
            if _is_gone(server):
                return
        raise LocalAwsError(
            f"{self._what} at {server.endpoint_url} does not end", hint=f"end process {server.pid} yourself"
        )


def _is_ours(server: RememberedServer) -> bool:
    """Whether that process's command line carries the server's identity. False where that cannot be read."""
    try:
        return server.identity.encode() in Path(f"/proc/{server.pid}/cmdline").read_bytes()
    except OSError:
        return False


def _is_gone(server: RememberedServer) -> bool:
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


def _port(server: RememberedServer) -> int:
    return urlsplit(server.endpoint_url).port or 0
