"""A child process: told line by line, given up when it says nothing, gone with its parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pinekeep.account import process
from pinekeep.account.process import listening
from pinekeep.operations.synthesis.child import SilentError, node_with_lifeline, run_child
from pinekeep.operations.synthesis.toolchain import node

pytestmark = pytest.mark.process

PYTHON = sys.executable


def run(program: str, folder: Path, told: list[str], **settings: float) -> int:
    return run_child(
        [PYTHON, "-c", program], folder=folder, environment=os.environ, what="it", tell=told.append, **settings
    )


def runs(pid: int) -> bool:
    """Tell whether a process runs; one that is dead and not reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_a_child_says_is_told_and_its_exit_code_comes_back(tmp_path: Path) -> None:
    told: list[str] = []
    assert run("import sys; print('one'); print('two', file=sys.stderr); sys.exit(7)", tmp_path, told) == 7
    assert sorted(told) == ["one", "two"]


def test_a_child_that_says_nothing_is_ended(tmp_path: Path) -> None:
    begin = time.monotonic()
    told: list[str] = []
    with pytest.raises(SilentError, match="it said nothing for"):
        run("import os, time; print(os.getpid(), flush=True); time.sleep(60)", tmp_path, told, silence=2.0)
    assert time.monotonic() - begin < 20
    assert not runs(int(told[0]))


def test_a_child_that_goes_on_talking_is_not_ended(tmp_path: Path) -> None:
    program = "import time\nfor _ in range(10): print('here', flush=True); time.sleep(0.1)"
    assert run(program, tmp_path, [], silence=0.8) == 0


def test_it_is_told_that_a_child_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "TOLD_AFTER", 0.1)
    told: list[str] = []
    with listening(told.append):
        run("import time; time.sleep(0.6)", tmp_path, [])
    assert told
    assert told[0].startswith("waiting for it (")


def test_a_child_is_ended_when_what_hears_it_fails(tmp_path: Path) -> None:
    told: list[str] = []

    def fail(line: str) -> None:
        told.append(line)
        raise KeyboardInterrupt

    program = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        run_child([PYTHON, "-c", program], folder=tmp_path, environment=os.environ, what="it", tell=fail)
    assert not runs(int(told[0]))


PARENT = """
import os, sys
from pathlib import Path
from pinekeep.operations.synthesis.child import node_with_lifeline, run_child
script = "console.log(process.pid); setInterval(() => {{}}, 1000)"
run_child(node_with_lifeline([{node!r}, "-e", script]), folder=Path("."), environment=os.environ, what="it",
          tell=lambda line: print(line, flush=True))
"""


def test_node_ends_with_its_parent_however_hard_that_ends() -> None:
    path = node()
    assert path is not None
    parent = subprocess.Popen([PYTHON, "-c", PARENT.format(node=str(path))], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert runs(child)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    end = time.monotonic() + 10
    while runs(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not runs(child)
    parent.stdout.close()


def test_the_lifeline_keeps_nothing_running(tmp_path: Path) -> None:
    path = node()
    told: list[str] = []
    command = node_with_lifeline([str(path), "-e", "console.log('done')"])
    assert run_child(command, folder=tmp_path, environment=os.environ, what="it", tell=told.append) == 0
    assert told == ["done"]
