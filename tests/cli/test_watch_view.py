"""What a watch shows: lines of what changed, and a picture on a terminal."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from pinekeep.cli.watch_view import LiveDisplay, PlainDisplay, display_for_stderr, now_here
from pinekeep.errors import AwsRefusedError
from pinekeep.operations.verification.checks.finding import Finding

WAITS = Finding(
    check="endpoint-state",
    deployment="prod",
    what="State of the endpoint",
    status="failed",
    found="pendingAcceptance: Pinecone has not accepted the connection yet",
    wanted="available",
)
RIGHT = Finding(check="key-state", deployment="prod", what="State of the key", status="ok", found="Enabled", wanted="x")
AVAILABLE = replace(WAITS, status="ok", found="available")
BUSY = AwsRefusedError("AWS is asked too often", transient=True)


def plain() -> tuple[PlainDisplay, list[str]]:
    lines: list[str] = []
    return PlainDisplay(clock=lambda: "12:00:00", tell=lines.append), lines


def test_without_a_terminal_each_line_is_something_new() -> None:
    display, lines = plain()
    with display:
        display.looked([WAITS, RIGHT])
        display.waits(until_next=9, until_end=99)
        display.looked([WAITS, RIGHT])
        display.looked([AVAILABLE, RIGHT])
        display.looked([AVAILABLE])
        display.looked([AVAILABLE, replace(RIGHT, status="failed", found="Disabled")])
    assert lines == [
        f"12:00:00  prod: State of the endpoint: failed, {WAITS.found}",
        f"12:00:00  prod: State of the endpoint: ok, available (before: failed, {WAITS.found})",
        "12:00:00  prod: State of the key: gone",
        "12:00:00  prod: State of the key: failed, Disabled",
    ]


def test_a_refusal_is_told_once_in_a_row_and_its_end_too() -> None:
    display, lines = plain()
    display.looked([RIGHT])
    display.could_not_look(BUSY)
    display.could_not_look(BUSY)
    display.looked([RIGHT])
    display.could_not_look(BUSY)
    assert lines == [
        "12:00:00  AWS is asked too often; trying again",
        "12:00:00  AWS can be asked again",
        "12:00:00  AWS is asked too often; trying again",
    ]


def drawn(act: str) -> str:
    """What a terminal is sent while something is shown."""
    file = io.StringIO()
    display = LiveDisplay(Console(file=file, force_terminal=True, width=120, color_system=None), lambda: "12:00:00")
    with display:
        display.looked([WAITS, RIGHT])
        if act == "refused":
            display.could_not_look(BUSY)
        if act == "changed":
            display.looked([AVAILABLE, RIGHT])
        display.waits(until_next=9, until_end=600)
    return file.getvalue()


def test_on_a_terminal_there_is_a_picture_of_what_is_not_well_and_when_the_next_look_is() -> None:
    told = drawn("")
    assert told.index("looking for the first time") < told.index("State of the endpoint")
    assert f"✗ prod: State of the endpoint: {WAITS.found}" in told
    assert "1 checks passed" in told
    assert "looking again in 9 s, for 10 more minutes; Ctrl-C ends it" in told


def test_the_picture_tells_what_changed_last() -> None:
    told = drawn("changed")
    assert "2 checks passed" in told
    assert "12:00:00  prod: State of the endpoint: ok, available" in told


def test_the_picture_tells_why_aws_cannot_be_asked_beside_what_was_found_last() -> None:
    told = drawn("refused")
    assert "AWS is asked too often; trying again" in told
    assert told.rindex("✗ prod: State of the endpoint") < told.rindex("trying again")


def test_the_cursor_comes_back_when_an_interrupt_ends_the_picture() -> None:
    file = io.StringIO()
    display = LiveDisplay(Console(file=file, force_terminal=True, width=100))
    with pytest.raises(KeyboardInterrupt), display:
        display.looked([WAITS])
        raise KeyboardInterrupt
    assert file.getvalue().rindex("\x1b[?25h") > file.getvalue().rindex("\x1b[?25l")


def test_where_stderr_is_no_terminal_there_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    display = display_for_stderr()
    assert isinstance(display, PlainDisplay)
    display.looked([WAITS])
    assert capsys.readouterr().err.endswith(f"  prod: State of the endpoint: failed, {WAITS.found}\n")
    assert len(now_here()) == len("12:00:00")
