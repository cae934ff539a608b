"""Being asked to end."""

import signal
import subprocess
import sys
import threading
import time

import click
import pytest

from pinekeep.account.process import bounded
from pinekeep.cli.signals import AskedToEnd, asked_to_end, exit_code, sentence


@pytest.mark.parametrize(
    ("number", "code", "told"),
    [
        (signal.SIGINT, 130, "interrupted"),
        (signal.SIGTERM, 143, "ended by SIGTERM"),
        (signal.SIGHUP, 129, "ended by SIGHUP"),
    ],
)
def test_each_signal_ends_the_block_as_ctrl_c_does(number: signal.Signals, code: int, told: str) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt) as caught, asked_to_end():
        signal.raise_signal(number)
    assert (exit_code(caught.value), sentence(caught.value)) == (code, told)
    assert signal.getsignal(number) is before


def test_the_signal_is_known_through_clicks_own_exception() -> None:
    with pytest.raises(click.Abort) as caught:
        try:
            raise AskedToEnd(signal.SIGTERM)
        except KeyboardInterrupt as error:
            raise click.Abort from error
    assert exit_code(caught.value) == 143


def test_a_hang_up_that_is_ignored_stays_ignored() -> None:
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with asked_to_end():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_other_threads_wait_for_ends_at_once() -> None:
    ended: list[float] = []

    def wait() -> None:
        try:
            bounded("it", threading.Event().wait, seconds=30)
        except KeyboardInterrupt:
            ended.append(time.monotonic())

    thread = threading.Thread(target=wait)
    with pytest.raises(KeyboardInterrupt), asked_to_end():
        thread.start()
        time.sleep(0.2)
        signal.raise_signal(signal.SIGTERM)
    thread.join(timeout=5)
    assert ended


@pytest.mark.process
def test_the_command_ends_with_143_and_a_word() -> None:
    program = (
        "import sys, time; from pinekeep.cli.commands import check; from pinekeep.cli.root import run;"
        "check.command.callback = lambda **_: (print('there', flush=True), time.sleep(30)); sys.exit(run(['check']))"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "there\n"
    running.send_signal(signal.SIGTERM)
    _, err = running.communicate(timeout=20)
    assert running.returncode == 143
    assert "ended by SIGTERM" in err
    assert "Traceback" not in err
