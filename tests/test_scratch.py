"""Nothing is lost to an interrupt, whenever it comes."""

import signal
from pathlib import Path

import pytest

from pinekeep.process import interrupts_deferred, scratch_folder


def test_a_scratch_folder_goes_with_the_block_and_all_that_is_in_it() -> None:
    with scratch_folder() as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "file").write_text("x")
    assert not folder.exists()


def test_a_scratch_folder_goes_when_the_block_fails() -> None:
    with pytest.raises(KeyboardInterrupt), scratch_folder() as folder:
        signal.raise_signal(signal.SIGINT)
    assert not folder.exists()


def test_an_interrupt_while_the_folder_is_made_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(prefix: str) -> str:
        made = tmp_path / prefix
        made.mkdir()
        signal.raise_signal(signal.SIGINT)
        return str(made)

    monkeypatch.setattr("pinekeep.process.mkdtemp", interrupted)
    with pytest.raises(KeyboardInterrupt), scratch_folder():
        pytest.fail("the block must not run")
    assert list(tmp_path.iterdir()) == []


def test_a_deferred_interrupt_comes_at_the_end() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), interrupts_deferred():
        signal.raise_signal(signal.SIGINT)
        done.append("all")
    assert done == ["all"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
