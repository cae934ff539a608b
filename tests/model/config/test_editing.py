"""A list in a file is changed, and nothing else."""

import stat
from pathlib import Path

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.model.config.editing import with_list, write_atomically

PATH = ("deployments", "a", "zones")
FLOW = "deployments:  # all\n  a: {zones: [x,  'y'], other: 1}  # of a\n"
BLOCK = "deployments:\n  a:\n    zones:\n      - x  # first\n      # between\n      - y  # second\n    other: 1\n"
WINDOWS = BLOCK.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("text", "values", "wanted"),
    [
        (FLOW, ["p", "q"], FLOW.replace("x,  'y'", "p,  q")),
        (FLOW, ["p", "q", "r"], FLOW.replace("x,  'y'", "p,  q, r")),
        (FLOW, ["p"], FLOW.replace("x,  'y'", "p")),
        (BLOCK, ["p", "q"], BLOCK.replace("- x", "- p").replace("- y", "- q")),
        (BLOCK, ["p", "q", "r"], BLOCK.replace("- x", "- p").replace("- y", "- q\n      - r")),
        (
            BLOCK.replace("\n", "\r\n"),
            ["p", "q"],
            BLOCK.replace("- x", "- p").replace("- y", "- q").replace("\n", "\r\n"),
        ),
        (f"# ünïcødé ☃\n{FLOW}", ["p", "q"], f"# ünïcødé ☃\n{FLOW}".replace("x,  'y'", "p,  q")),
        (FLOW, ["x", "y"], FLOW.replace("'y'", "y")),
    ],
)
def test_the_words_are_replaced_and_comments_and_formatting_stay(text: str, values: list[str], wanted: str) -> None:
    assert with_list(text, PATH, values) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "deployments:\n  b: {zones: &z [x, y]}\n  a: {zones: *z}\n",
        "deployments:\n  b: &b {zones: [x, y]}\n  a: *b\n",
        "deployments:\n  b: &b {zones: [x, y]}\n  a: {<<: *b}\n",
        "deployments: {a: {zones: x}}\n",
        "deployments: {a: {zones: []}}\n",
        "deployments: {a: {}}\n",
        "deployments: [a]\n",
        "",
    ],
)
def test_what_cannot_be_changed_alone_is_refused(text: str) -> None:
    with pytest.raises(WrongInputError, match=r"deployments\.a\.zones"):
        with_list(text, PATH, ["p", "q"])


def test_a_file_is_replaced_through_a_link_with_its_permissions(tmp_path: Path) -> None:
    file, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    file.write_text("a\n")
    file.chmod(0o640)
    link.symlink_to(file)
    write_atomically(link, "b\r\n")
    assert file.read_bytes() == b"b\r\n"
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.yaml", "real.yaml"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongInputError, match="cannot be written"):
        write_atomically(tmp_path / "missing.yaml", "a")
