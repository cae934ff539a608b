import os
import signal
import threading
import time
from pathlib import Path

import pytest

from pinekeep.account import process
from pinekeep.account.process import Looks, OnceEach, abandon, bounded, interrupts_deferred, listening, scratch_folder


def test_what_a_function_returns_comes_back() -> None:
    assert bounded("it", lambda: 7, seconds=5) == 7


def test_what_a_function_raises_is_raised() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bounded("it", fail, seconds=5)


def test_what_takes_too_long_is_given_up() -> None:
    begin = time.monotonic()
    with pytest.raises(TimeoutError, match="kms in us-east-1 took longer"):
        bounded("kms in us-east-1", threading.Event().wait, seconds=0.2)
    assert time.monotonic() - begin < 2


def test_what_is_waited_for_is_told_and_then_that_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "TOLD_AFTER", 0.05)
    told: list[str] = []
    with listening(told.append):
        bounded("kms in us-east-1", lambda: time.sleep(0.3), seconds=5)
    assert told[0].startswith("waiting for kms in us-east-1 (")
    assert told[-1] == ""


def test_what_comes_soon_is_not_told() -> None:
    told: list[str] = []
    with listening(told.append):
        bounded("kms in us-east-1", lambda: None, seconds=5)
    assert told == []


def test_waiting_in_other_threads_can_be_abandoned_and_what_comes_later_is_not() -> None:
    raised: list[BaseException] = []

    def wait() -> None:
        try:
            bounded("it", threading.Event().wait, seconds=30)
        except KeyboardInterrupt as error:
            raised.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    while not process._WAITS:
        time.sleep(0.01)
    abandon()
    thread.join(timeout=5)
    assert len(raised) == 1
    assert bounded("it", lambda: 7, seconds=5) == 7


def test_a_line_is_written_once_for_each_thing() -> None:
    lines: list[str] = []
    listener = OnceEach(lines.append)
    for text in ("waiting for kms (5 s)", "waiting for kms (10 s)", "", "1 of 2 files", "waiting for iam (5 s)"):
        listener(text)
    assert lines == ["waiting for kms …", "waiting for iam …"]


def test_looks_at_what_goes_on_elsewhere_have_an_end_and_say_what_is_waited_for() -> None:
    now = [0.0]
    told: list[str] = []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    looks = Looks("CloudFormation", seconds=60, clock=lambda: now[0], sleep=sleep)
    with listening(told.append):
        for _ in range(5):
            looks.pause(10)
        looks.happened()
        with pytest.raises(TimeoutError, match="there was no progress for 1 minutes: CloudFormation"):
            while True:
                looks.pause(10)
    assert now[0] == 110
    assert told[0] == "waiting for CloudFormation (10 s)"


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

    monkeypatch.setattr("pinekeep.account.process.mkdtemp", interrupted)
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


def test_a_thread_is_used_again_and_not_while_it_is_stuck() -> None:
    first, second = (bounded("it", threading.get_ident, seconds=5) for _ in range(2))
    assert first == second != threading.get_ident()
    free, stuck = threading.Event(), list[int]()

    def wait() -> None:
        stuck.append(threading.get_ident())
        free.wait()

    with pytest.raises(TimeoutError):
        bounded("it", wait, seconds=0.1)
    assert bounded("it", threading.get_ident, seconds=5) != stuck[0]
    free.set()


@pytest.mark.process
def test_a_forked_process_starts_threads_of_its_own() -> None:
    bounded("it", int, seconds=5)  # leaves an idle thread, which the child does not have
    child = os.fork()
    if child == 0:
        os._exit(bounded("it", lambda: 7, seconds=5))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
