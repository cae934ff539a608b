"""A stand-in for Pinecone that lives on between commands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pinekeep.emulator.stand_in import background
from pinekeep.errors import WrongInputError
from pinekeep.pinecone.client import PineconeAdmin
from pinekeep.pinecone.credentials import ServiceAccount
from pinekeep.pinecone.errors import PineconeRefusedError

pytestmark = pytest.mark.process


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state file of our own, and no stand-in left at the end."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    yield tmp_path / "pinekeep" / "pinecone.json"
    background.stop()


def test_it_is_started_found_and_stopped_and_the_product_talks_to_it(state: Path) -> None:
    started = background.start()
    assert state.stat().st_mode & 0o777 == 0o600
    assert background.status() == started
    assert background.start() == started
    account = ServiceAccount.of_the_environment(started.environment)
    with PineconeAdmin(account) as admin:
        made = admin.create_project("search", cmek=True)
    with PineconeAdmin(account) as admin:
        assert admin.projects() == [made]
    assert background.stop() == started
    assert background.status() is None
    assert not Path(started.folder).exists()
    assert not state.exists()
    with pytest.raises(PineconeRefusedError, match="the stand-in for Pinecone is stopped") as caught:
        PineconeAdmin(account)
    assert "pinekeep local start --pinecone" in str(caught.value.hint)


def test_its_secret_is_in_no_command_line() -> None:
    started = background.start()
    command = Path(f"/proc/{started.pid}/cmdline")
    if command.exists():
        assert started.client_secret.encode() not in command.read_bytes()


def test_nothing_is_left_where_it_cannot_start(monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    def fail(*_: object) -> None:
        raise WrongInputError("by design")

    monkeypatch.setattr(background._BACKGROUND, "_write", fail)
    with pytest.raises(WrongInputError):
        background.start()
    assert background.status() is None
    assert not state.exists()
