"""What a terminal can show."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from pinekeep.cli.terminal import fitted, has_colour, is_live, width_of


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "colour", "live"),
    [
        ({}, True, True),
        ({"TERM": "xterm-256color"}, True, True),
        ({"NO_COLOR": "1"}, False, True),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_colour_and_pictures_are_for_who_wants_them(environment: dict[str, str], colour: bool, live: bool) -> None:
    assert has_colour(Terminal(), environment) is colour
    assert is_live(Terminal(), environment) is live
    assert not has_colour(io.StringIO(), environment)
    assert not is_live(io.StringIO(), environment)


def test_only_a_terminal_has_a_width() -> None:
    assert width_of(io.StringIO(), {"COLUMNS": "40"}) is None
    assert width_of(Terminal(), {"COLUMNS": "40"}) == 40
    assert width_of(Terminal(), {}) is None


WORDS = "  fix: look at the network, at the name of the Region, and at what stands on the way; then try it again"


def test_lines_keep_to_the_width_and_words_stay_whole() -> None:
    lines = fitted(WORDS, 40).split("\n")
    assert len(lines) > 1
    assert all(len(line) <= 40 for line in lines)
    assert " ".join(fitted(WORDS, 40).split()) == " ".join(WORDS.split())
    assert lines[0].startswith("  fix: ")
    assert all(line.startswith("    ") for line in lines[1:])


@pytest.mark.parametrize(
    "command",
    [
        "`aws kms cancel-key-deletion --key-id 1a701453 --region us-east-1`",
        "aws kms cancel-key-deletion --key-id 1a701453 --region us-east-1",
        "pinekeep offboard --deployment search-prod --back",
        'eval "$(pinekeep local start)"',
    ],
)
def test_a_command_is_not_broken(command: str) -> None:
    if command.startswith("eval"):
        command = f"`{command}`"
    told = fitted(f"somebody scheduled the deletion: {command}; then enable the key", 40)
    assert command in told


def test_a_word_that_is_wider_than_the_terminal_stays_whole() -> None:
    arn = "arn:aws:kms:us-east-1:111122223333:key/1a701453-e750-49ea-8e75-228c38fd39c0"
    assert arn in fitted(f"the key is {arn} now", 30).split("\n    ")[0] or arn in fitted(f"the key is {arn} now", 30)


def test_colours_take_no_room() -> None:
    line = "\x1b[32m✓\x1b[0m " + "x" * 30
    assert fitted(line, 34) == line


def test_what_goes_to_no_terminal_is_left_as_it_is() -> None:
    assert fitted(WORDS * 10, None) == WORDS * 10


def in_a_terminal(arguments: list[str], folder: Path, *, columns: int, **environment: str) -> str:
    """Run the command where its output goes to a terminal; give what the terminal gets."""
    master, slave = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "pinekeep", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.getcwd(), "COLUMNS": str(columns), **environment},  # noqa: PTH109
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    said = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        said += part
    running.wait(timeout=30)
    os.close(master)
    return said.decode().replace("\r\n", "\n")


@pytest.mark.process
def test_the_command_fits_what_it_says_to_its_terminal(tmp_path: Path) -> None:
    (tmp_path / "pinekeep.yaml").write_text("version: 1\npinecone_account: 12\ndeployments: {}\n")
    narrow = in_a_terminal(["check"], tmp_path, columns=50, TERM="xterm")
    wide = in_a_terminal(["check"], tmp_path, columns=500, TERM="xterm")
    assert all(len(line) <= 50 for line in narrow.splitlines())
    assert narrow.split() == wide.split()
    assert "hint" in narrow


@pytest.mark.process
@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"NO_COLOR": "1", "TERM": "xterm"}])
def test_the_command_sends_no_colours_to_who_wants_none(tmp_path: Path, environment: dict[str, str]) -> None:
    program = (
        "from pinekeep.cli.findings import mark_of\nfrom pinekeep.cli.options import log, spinner\n"
        "import sys\nprint(mark_of('failed'))\nwith spinner('Reading'): pass\n"
    )
    master, slave = pty.openpty()
    subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.getcwd(), "PYTHONIOENCODING": "utf-8", **environment},  # noqa: PTH109
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
        check=True,
    )
    os.close(slave)
    said = os.read(master, 65536).decode()
    os.close(master)
    assert "\x1b[3" not in said
    if environment.get("TERM") == "dumb":
        assert "\x1b" not in said
        assert "Reading" in said
