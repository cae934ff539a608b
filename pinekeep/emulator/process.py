"""A server in a process of its own: start, readiness and end.

The parent holds the other end of the server's standard input. When that closes, the server deletes its folder and
exits, so a crash of the parent leaves nothing behind. The line `detach` releases the server.
"""

import contextlib
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import pinekeep
from pinekeep.emulator.errors import LocalAwsError
from pinekeep.model.resources import nodejs

Kind = Literal["aws", "pinecone"]

NAMES: Final[Mapping[Kind, str]] = {"aws": "the embedded AWS", "pinecone": "the stand-in for Pinecone"}
START_SECONDS = 30.0
STOP_SECONDS = 5.0
LOG_TAIL_LINES = 15
IDENTITY_PATH = "/_pinekeep/identity"
DETACH_WORD = b"detach"
# The variables that a Python process needs. All others are left out: AWS_*, PERSIST_STATE, LOCALSTACK_*…
KEPT_VARIABLES = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def ask_identity(*, port: int, timeout: float) -> tuple[str, int] | None:
    """Return the identity and process ID of the server on a loopback port; None for a foreign server.

    Raises: OSError, when there is no answer in time (ConnectionRefusedError: nothing listens).
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", IDENTITY_PATH)
        answer = json.loads(connection.getresponse().read())
        return str(answer["identity"]), int(answer["pid"])
    except (http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        if isinstance(error, ConnectionError):
            raise
        return None
    finally:
        connection.close()


class ServerProcess:
    """A server process with a private folder. `end` cleans up after an interrupt at any step.

    Secrets go into ``environment``: ``settings`` are passed on the command line. ``detached``: it can outlive us.
    """

    def __init__(
        self,
        kind: Kind,
        *,
        settings: Mapping[str, object] | None = None,
        environment: Mapping[str, str] | None = None,
        detached: bool = False,
    ) -> None:
        self._lifeline: int | None = None
        self.identity = secrets.token_hex(16)
        # Named before it is created, so an interrupt in between cannot leave an unknown folder.
        self.folder = Path(tempfile.gettempdir()) / f"pinekeep-{self.identity}"
        self.port = 0
        self.pid = 0
        self._kind = kind
        self._settings = {**(settings or {}), "kind": kind, "identity": self.identity, "detached": detached}
        self._extra = environment or {}
        self._detached = detached
        self._process: subprocess.Popen[bytes] | None = None

    def __del__(self) -> None:
        # An interrupt can drop this object at any line. The server exits once its lifeline is closed.
        self._cut_lifeline()

    @property
    def endpoint_url(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server and wait. Raises LocalAwsError after 30 seconds without an answer, and leaves nothing."""
        try:
            self._spawn()
            self._wait_until_ready()
        except BaseException:
            self.end()
            raise

    def release(self) -> None:
        """Let a detached server outlive this process."""
        if self._lifeline is not None:
            os.write(self._lifeline, DETACH_WORD + b"\n")
        self._cut_lifeline()
        if self._process is not None:
            self._process.wait()  # the intermediate process, which has exited already

    def end(self) -> None:
        """Stop the server and delete its folder. Idempotent."""
        try:
            self._cut_lifeline()
            self._end_process()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _spawn(self) -> None:
        self.folder.mkdir(mode=0o700)
        for name in ("tmp", "home"):
            (self.folder / name).mkdir()
        # Bound here and inherited by the server: no other process can take the port in between.
        listener = socket.create_server(("127.0.0.1", 0))
        reading, self._lifeline = os.pipe()
        try:
            self.port = listener.getsockname()[1]
            with (self.folder / "server.log").open("wb") as log:
                self._process = subprocess.Popen(
                    self._command(fd=listener.fileno()),
                    stdin=reading,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self.folder,
                    env=self._environment(),
                    pass_fds=(listener.fileno(),),
                    start_new_session=True,  # Ctrl-C reaches the parent alone, which stops the server itself
                )
        finally:
            os.close(reading)
            listener.close()

    def _command(self, *, fd: int) -> list[str]:
        settings = {**self._settings, "fd": fd, "port": self.port, "folder": str(self.folder)}
        return [sys.executable, "-m", "pinekeep.emulator.serve", json.dumps(settings)]

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        package_root = str(Path(pinekeep.__file__).resolve().parents[1])
        node = nodejs()  # Lambda functions run on it
        binaries = [*([str(node / "bin")] if node else []), str(Path(sys.executable).parent)]
        return {
            **kept,
            "PATH": os.pathsep.join([*binaries, kept.get("PATH", os.defpath)]),
            "PYTHONPATH": os.pathsep.join(filter(None, [package_root, kept.get("PYTHONPATH")])),
            "PYTHONUNBUFFERED": "1",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            **self._extra,
        }

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            try:
                # The socket listens already, so this waits for the answer. A dead server refuses at once.
                answer = ask_identity(port=self.port, timeout=left)
            except ConnectionRefusedError:
                raise self._not_started("it ended at once") from None
            except OSError:
                continue
            if answer is not None and answer[0] == self.identity:
                self.pid = answer[1]
                return
        raise self._not_started(f"it did not answer within {START_SECONDS:.0f} s")

    def _not_started(self, why: str) -> LocalAwsError:
        try:
            lines = (self.folder / "server.log").read_text(errors="replace").strip().splitlines()
        except OSError:
            lines = list[str]()
        said = "\n  ".join(lines[-LOG_TAIL_LINES:]) or "(nothing)"
        return LocalAwsError(f"{NAMES[self._kind]} did not start: {why}", hint=f"its log says\n  {said}")

    def _cut_lifeline(self) -> None:
        lifeline, self._lifeline = self._lifeline, None
        if lifeline is not None:
            os.close(lifeline)

    def _end_process(self) -> None:
        process = self._process
        if process is None:
            return
        try:
            process.terminate()
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            self._process = None


# --- The server's side ---


def begin(*, folder: Path, detached: bool) -> None:
    """Daemonize if `detached`, then exit and delete the folder on SIGTERM or when the lifeline closes."""
    if detached:
        if os.fork():
            os._exit(0)
        os.setsid()
    signal.signal(signal.SIGTERM, lambda *_: _exit(folder))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch_parent, args=(folder,), name="watch-parent", daemon=True).start()


def _watch_parent(folder: Path) -> None:
    if sys.stdin.buffer.readline().strip() != DETACH_WORD:
        _exit(folder)


def _exit(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if os.getpgrp() == os.getpid():
        # Lambda workers share the process group and would be orphaned.
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(0)
