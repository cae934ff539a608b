"""How a server begins and ends. Every wait ends on an event, bounded by a deadline."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pinekeep.emulator import process
from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.server import EmbeddedAws

pytestmark = pytest.mark.process

SECONDS = 10
PARENT = """
import sys
from pinekeep.emulator.server import EmbeddedAws
aws = EmbeddedAws().start()
print(aws.pid, aws.folder, flush=True)
sys.stdin.read()
"""
INTERRUPTED = """
import os, signal, sys
from pinekeep.emulator import process
from pinekeep.emulator.server import EmbeddedAws

def interrupt(self):
    print(self.folder, self._process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGINT)
    original(self)

original = process.ServerProcess.{step}
process.ServerProcess.{step} = interrupt
try:
    with EmbeddedAws():
        pass
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.stdin.read()
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[-1].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if holds():
            return True
        os.sched_yield()
    return False


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder of our own, to see that nothing stays in it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    monkeypatch.undo()
    tempfile.tempdir = None


def child(program: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_stopped_server_leaves_neither_process_nor_folder(temporary: Path) -> None:
    aws = EmbeddedAws()
    aws.start()
    pid, folder = aws.pid, aws.folder
    assert folder.parent == temporary
    assert folder.stat().st_mode & 0o777 == 0o700
    aws.stop()
    assert not is_alive(pid)
    assert list(temporary.iterdir()) == []
    aws.stop()


def test_a_server_started_twice_is_one_server() -> None:
    with EmbeddedAws() as aws:
        pid = aws.pid
        assert aws.start() is aws
        assert aws.pid == pid


def test_an_exception_in_the_block_ends_the_server(temporary: Path) -> None:
    pid = 0
    with pytest.raises(ZeroDivisionError), EmbeddedAws() as aws:
        pid = aws.pid
        raise ZeroDivisionError
    assert not is_alive(pid)
    assert list(temporary.iterdir()) == []


def test_two_servers_at_once_have_ports_and_contents_of_their_own() -> None:
    with EmbeddedAws() as one, EmbeddedAws() as two:
        assert one.endpoint_url != two.endpoint_url
        one.session().client("kms").create_key()
        assert two.session().client("kms").list_keys()["Keys"] == []


@pytest.mark.usefixtures("temporary")
def test_a_parent_that_is_killed_takes_the_server_and_its_folder_with_it() -> None:
    with child(PARENT) as parent:
        assert parent.stdout is not None
        pid, folder = parent.stdout.readline().split()
        assert is_alive(int(pid))
        parent.kill()
        parent.wait()
    assert eventually(lambda: not is_alive(int(pid)))
    assert not Path(folder).exists()


@pytest.mark.parametrize("step", ["_wait_until_ready", "_end_process"])
def test_ctrl_c_while_it_starts_or_stops_leaves_nothing(step: str, temporary: Path) -> None:
    with child(INTERRUPTED.format(step=step)) as parent:
        assert parent.stdout is not None
        folder, pid = parent.stdout.readline().split()
        if step == "_wait_until_ready":
            parent.stdout.readline()  # the second cleanup step prints nothing; this is "interrupted"
        assert eventually(lambda: not is_alive(int(pid)) and not Path(folder).exists())
        parent.communicate()
    assert list(temporary.iterdir()) == []


def test_a_server_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "STOP_SECONDS", 0.1)
    aws = EmbeddedAws().start()
    pid, folder = aws.pid, aws.folder
    os.kill(pid, signal.SIGSTOP)
    aws.stop()
    assert not is_alive(pid)
    assert not folder.exists()


def test_a_server_that_cannot_start_says_what_its_log_says(monkeypatch: pytest.MonkeyPatch, temporary: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no such luck')"]
    monkeypatch.setattr(process.ServerProcess, "_command", lambda _, **__: command)
    with pytest.raises(LocalAwsError) as caught:
        EmbeddedAws().start()
    assert caught.value.message == "the embedded AWS did not start: it ended at once"
    assert caught.value.hint == "its log says\n  no such luck"
    assert list(temporary.iterdir()) == []


def test_a_server_that_does_not_run_has_no_address() -> None:
    with pytest.raises(LocalAwsError, match=r"(?i)The embedded AWS is not running"):
        _ = EmbeddedAws().endpoint_url
