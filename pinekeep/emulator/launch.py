"""Start one server process, know when it is ready, and end exactly that one."""

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
import time
from collections.abc import Mapping
from pathlib import Path

import pinekeep
from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.lifeline import DETACH_WORD, IDENTITY_PATH
from pinekeep.emulator.version import check_version

START_SECONDS = 30.0
STOP_SECONDS = 5.0
LOG_TAIL_LINES = 15
# What a Python process needs of the environment. Everything else stays out: AWS_*, PERSIST_STATE, LOCALSTACK_*…
KEPT_VARIABLES = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def ask_identity(*, port: int, timeout: float) -> tuple[str, int] | None:
    """Ask whoever listens on a loopback port who it is.

    Out: its identity and process ID, or None when it is not one of ours.
    Raises: OSError, when nobody answers in time (ConnectionRefusedError: nobody listens).
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


class DetachedProcess:
    """One server, from its folder to its end. Every step may be interrupted; `end` cleans up after any of them."""

    what = "the server"

    def __init__(self, *, detached: bool) -> None:
        self._lifeline: int | None = None
        self.identity = secrets.token_hex(16)
        # Named before it is made, so that an interrupt between the two cannot leave it behind unknown.
        self.folder = Path(tempfile.gettempdir()) / f"pinekeep-{self.identity}"
        self.port = 0
        self.pid = 0
        self._detached = detached
        self._process: subprocess.Popen[bytes] | None = None

    def __del__(self) -> None:
        # An interrupt may drop this object between any two lines: without its lifeline the server goes too.
        self._cut_lifeline()

    @property
    def log(self) -> Path:
        """The file with all that the server wrote."""
        return self.folder / "server.log"

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises: LocalAwsError, when it does not within 30 seconds; nothing is left behind then,
        nor after any other exception.
        """
        try:
            self._spawn()
            self._wait_until_ready()
        except BaseException:
            self.end()
            raise

    def release(self) -> None:
        """Let a detached server live on after this process."""
        if self._lifeline is not None:
            os.write(self._lifeline, DETACH_WORD + b"\n")
        self._cut_lifeline()
        if self._process is not None:
            self._process.wait()  # the one in between, which has ended long ago

    def end(self) -> None:
        """End the server, if it was started, and delete its folder. Calling it again does nothing."""
        try:
            self._cut_lifeline()
            self._end_process()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _spawn(self) -> None:
        self.folder.mkdir(mode=0o700)
        for name in ("tmp", "home"):
            (self.folder / name).mkdir()
        # Bound here and inherited there: nobody can take the port in between.
        listener = socket.create_server(("127.0.0.1", 0))
        reading, self._lifeline = os.pipe()
        try:
            self.port = listener.getsockname()[1]
            with self.log.open("wb") as log:
                self._process = subprocess.Popen(
                    self._command(fd=listener.fileno()),
                    stdin=reading,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self.folder,
                    env=self._environment(),
                    pass_fds=(listener.fileno(),),
                    start_new_session=True,  # Ctrl-C is for the parent; it ends the server in its own order
                )
        finally:
            os.close(reading)
            listener.close()

    def _command(self, *, fd: int) -> list[str]:
        """The command that serves on an inherited socket."""
        raise NotImplementedError

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        package_root = str(Path(pinekeep.__file__).resolve().parents[1])
        binaries = str(Path(sys.executable).parent)  # Lambda functions run on the Node beside this Python
        return {
            **kept,
            "PATH": os.pathsep.join([binaries, kept.get("PATH", os.defpath)]),
            "PYTHONPATH": os.pathsep.join(filter(None, [package_root, kept.get("PYTHONPATH")])),
            "PYTHONUNBUFFERED": "1",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
        }

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            try:
                # The socket listens already, so this waits for the answer; a dead server refuses at once.
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
            lines = self.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        said = "\n  ".join(lines[-LOG_TAIL_LINES:]) or "(nothing)"
        return LocalAwsError(f"{self.what} did not start: {why}", hint=f"its log says\n  {said}")

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


class ServerProcess(DetachedProcess):
    """An embedded AWS, from its folder to its end."""

    what = "the embedded AWS"

    def __init__(
        self,
        *,
        account: str,
        region: str,
        endpoint_services: Mapping[str, str],
        detached: bool,
    ) -> None:
        super().__init__(detached=detached)
        self._account = account
        self._region = region
        self._endpoint_services = endpoint_services

    def start(self) -> None:
        """As for every server. Raises: LocalAwsError, also when ministack is not the pinned version."""
        check_version()
        super().start()

    def _command(self, *, fd: int) -> list[str]:
        command = [sys.executable, "-m", "pinekeep.emulator.serve", f"--fd={fd}", f"--port={self.port}"]
        command += [f"--account={self._account}", f"--region={self._region}", f"--folder={self.folder}"]
        command += [f"--identity={self.identity}"]
        command += [f"--endpoint-services={json.dumps(dict(self._endpoint_services))}"]
        return [*command, "--detached"] if self._detached else command
