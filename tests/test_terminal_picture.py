"""The picture of the terminal in the README."""

import re

import pytest

from tools import terminal_picture

RUN = [
    *(f"✓   0.0{number} s  step {number}" for number in range(1, 6)),
    "",
    "    Pinecone console: https://app.pinecone.io",
    "",
    "    Add the key to the project (quickstart)",
    "        Key name     quickstart",
    "",
    "      ! One key per project.",
    *(f"✓   0.0{number} s  step {number}" for number in range(6, 10)),
    "✓   0.01 s  you deny the role everything (`pinekeep revoke --how role`)" + " and more" * 20,
    "✗   0.01 s  you let it in again (`pinekeep restore`)",
    "✓   0.01 s  the last step",
    "",
    "12 steps in 8 s, all as expected",
]


def test_the_excerpt_has_the_steps_the_values_and_the_verdict() -> None:
    lines = list(terminal_picture.excerpt(RUN))
    assert lines[0] == "$ pinekeep demo"
    assert lines[7:9] == ["    Add the key to the project (quickstart)", "        Key name     quickstart"]
    assert not any("One key per project" in line or "the last step" in line for line in lines)
    assert [line for line in lines if "`pinekeep re" in line] == RUN[16:18]
    assert lines[-1] == RUN[-1]


@pytest.mark.parametrize("picture", ["drawn", "kept"])
def test_the_picture_loads_nothing_and_names_no_folder(picture: str) -> None:
    kept = terminal_picture.PICTURE.read_text(encoding="utf-8")
    svg = kept if picture == "kept" else terminal_picture.drawn(terminal_picture.excerpt(RUN))
    assert "font-face" not in svg
    assert not re.search(r"(?:src|href|url)[=(]\"?(?!#)(?!\"?http://www\.w3\.org)\S*//", svg)
    assert not re.search(r"/(?:tmp|home|root|work|Users)/", svg)
    plain = re.sub(r"<[^>]*>", "", svg).replace("&#160;", " ")
    assert "$ pinekeep demo" in plain
    assert "as expected" in plain


def test_a_line_that_is_too_long_is_cut() -> None:
    svg = terminal_picture.drawn(iter(["x" * 300]))
    assert "x" * (terminal_picture.WIDTH - 1) + "…" in svg
