"""The command as a process of its own that starts at once: forked from one that has imported it already.

It differs from `python -m pinekeep` in nothing but the imports: it has its own process group, environment, folder and
standard streams. Templates that are not remembered are made as ever, with a Node of its own.
"""

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NoReturn

NOT_IMPORTED: Final = ("pinekeep.constructs", "pinekeep.emulator.extensions", "pinekeep.emulator.serve")
"""What needs aws_cdk, or patches the emulator when it is imported."""
STREAMS: Final = 3


class Process:
    """The few things of :class:`subprocess.Popen` that tests use."""

    def __init__(self, pid: int, connection: socket.socket, out: int, err: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._connection = connection
        self._pipes: tuple[int, ...] = (out, err)
        self._said: dict[int, bytes] = {out: b"", err: b""}

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._connection.settimeout(timeout or (None if timeout is None else 0.001))
            try:
                said = self._connection.recv(64)
            except TimeoutError:
                raise subprocess.TimeoutExpired("pinekeep", timeout or 0) from None
            assert said, "the process that forks commands has ended"
            self.returncode = int(said)
            self._connection.close()
        return self.returncode

    def communicate(self, timeout: float = 120) -> tuple[str, str]:
        end = time.monotonic() + timeout
        with selectors.DefaultSelector() as selector:
            for pipe in self._pipes:
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select(left := end - time.monotonic()):
                    if read := os.read(key.fd, 65536):
                        self._said[key.fd] += read
                    else:
                        selector.unregister(key.fd)
                if left <= 0:
                    raise subprocess.TimeoutExpired("pinekeep", timeout)
        self.wait(max(0.001, end - time.monotonic()))
        for pipe in self._pipes:
            os.close(pipe)
        pipes, self._pipes = self._pipes, ()
        out, err = (self._said[pipe].decode() for pipe in pipes or self._said)
        return out, err


class Forker:
    """Starts commands. One for each worker; see :func:`forker`."""

    def __init__(self, path: str) -> None:
        self._path = path

    def start(self, *arguments: str, folder: Path, environment: Mapping[str, str], first: str = "") -> Process:
        """Start `pinekeep` with arguments, in a session of its own, with nothing on its standard input.

        Args:
            arguments: the command line after the command's own name.
            folder: where it runs.
            environment: its environment.
            first: Python that is run in its process before it.
        """
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        connection.connect(self._path)
        nothing = os.open(os.devnull, os.O_RDONLY)
        (out, theirs_out), (err, theirs_err) = os.pipe(), os.pipe()
        request = {"arguments": arguments, "folder": str(folder), "environment": dict(environment), "first": first}
        socket.send_fds(connection, [json.dumps(request).encode()], [nothing, theirs_out, theirs_err])
        for each in (nothing, theirs_out, theirs_err):
            os.close(each)
        return Process(int(connection.recv(64)), connection, out, err)


@contextlib.contextmanager
def forker() -> Generator[Forker]:
    """Start the process that forks, and end it with the block."""
    with TemporaryDirectory(prefix="pinekeep-warm-") as folder:
        path = f"{folder}/socket"
        command = [sys.executable, "-c", "import sys; from tests.warm import serve; serve(sys.argv[1])", path]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert process.stdout
        try:
            assert process.stdout.readline() == b"ready\n"
            yield Forker(path)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def serve(path: str) -> None:
    """Import the command, then fork for each request until this process is killed. Returns in the children alone."""
    _import_everything()
    gc.collect()
    gc.freeze()  # so that a child neither copies nor visits what it shares
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    os.write(1, b"ready\n")
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            break
        connection.close()
    listener.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said, streams, _, _ = socket.recv_fds(connection, 1 << 20, STREAMS)
    if pid := os.fork():
        for each in streams:
            os.close(each)
        connection.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        connection.send(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    connection.close()
    _become(json.loads(said), streams)


def _become(request: Mapping[str, Any], streams: list[int]) -> NoReturn:
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["pinekeep", *request["arguments"]]
    exec(request["first"])  # noqa: S102 - it is a test that wrote it
    from pinekeep.__main__ import main  # noqa: PLC0415

    main()
    raise AssertionError("the command exits by itself")


def _import_everything() -> None:
    import boto3  # noqa: F401, PLC0415
    import botocore.session  # noqa: F401, PLC0415

    import pinekeep  # noqa: PLC0415

    root = Path(pinekeep.__path__[0])
    for path in sorted(root.rglob("*.py")):
        name = ".".join(("pinekeep", *path.relative_to(root).with_suffix("").parts)).removesuffix(".__init__")
        if not name.startswith(NOT_IMPORTED) and not name.endswith((".__main__", ".serve")):
            importlib.import_module(name)
    assert "aws_cdk" not in sys.modules, "a command would talk to the Node of another"
