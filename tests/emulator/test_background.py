import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pinekeep.emulator import background
from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.errors import WrongInputError

pytestmark = pytest.mark.process


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state file of our own, and no server left at the end."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    yield tmp_path / "pinekeep" / "local.json"
    background.stop()


def test_a_server_in_the_background_is_started_found_and_stopped(state: Path) -> None:
    started = background.start(account="222233334444")
    assert not started.already_running
    assert state.stat().st_mode & 0o777 == 0o600
    assert background.status() == background.Status(server=started.server, stale=False)
    connection = started.server.connection
    assert connection.session().client("sts").get_caller_identity()["Account"] == "222233334444"
    assert background.stop() == started.server
    assert not Path(started.server.folder).exists()
    assert not state.exists()
    assert background.status() == background.Status(server=None, stale=False)


def test_a_state_folder_that_cannot_be_written_is_a_sentence(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state.parent.parent.joinpath("file").touch()
    with monkeypatch.context() as patch, pytest.raises(WrongInputError, match="file/pinekeep cannot be written: Not a"):
        patch.setenv("XDG_STATE_HOME", str(state.parent.parent / "file"))
        background.status()


def test_starting_twice_finds_the_first() -> None:
    first = background.start()
    second = background.start(account="222233334444")
    assert second.already_running
    assert second.server == first.server


def test_stopping_when_nothing_runs_is_fine() -> None:
    assert background.stop() is None


def test_a_server_that_was_killed_is_stale_and_its_folder_goes_with_the_next_command(state: Path) -> None:
    server = background.start().server
    os.kill(server.pid, signal.SIGKILL)
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", int(server.endpoint_url.rsplit(":", 1)[-1]))):
                break
    assert background.status() == background.Status(server=None, stale=True)
    assert background.stop() is None
    assert not Path(server.folder).exists()
    assert not state.exists()


def test_a_process_id_that_is_somebody_elses_by_now_is_left_alone(embedded_aws: EmbeddedAws, state: Path) -> None:
    server = background.start().server
    background.stop()
    reused = {"pid": embedded_aws.pid, "endpoint_url": embedded_aws.endpoint_url}
    state.write_text(json.dumps({**vars(server), **reused}))
    assert background.status() == background.Status(server=None, stale=True)
    assert background.stop() is None
    assert embedded_aws.session().client("sts").get_caller_identity()


def test_a_state_file_that_makes_no_sense_counts_as_stale(state: Path) -> None:
    state.parent.mkdir()
    state.write_text("{")
    assert background.status() == background.Status(server=None, stale=True)
    assert not background.start().already_running


def test_a_server_that_hangs_is_told_apart_from_one_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(background, "STOP_SECONDS", 0.2)
    server = background.start().server
    os.kill(server.pid, signal.SIGSTOP)
    with pytest.raises(LocalAwsError, match="does not answer"):
        background.status()
    assert background.stop() == server
    assert background.status() == background.Status(server=None, stale=False)
