import re
import subprocess
import sys
from pathlib import Path

import pytest

from pinekeep.cli.root import SECTIONS
from tools import docs
from tools.doc_blocks.tables import code, table

ROOT = Path(__file__).parents[1]
MARKERS = "# Title\n\n<!-- begin one: made by `make docs` -->\nold\n<!-- end one -->\n\nend\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text(MARKERS, encoding="utf-8")
    return tmp_path


@pytest.mark.process
def test_the_docs_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "tools/docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_stale_is_told_and_then_written(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(docs, "generators", lambda: ({"one": lambda: "new\n"}, {"made.json": lambda: "{}\n"}))
    assert docs.main(["--check"], root) == 1
    told = capsys.readouterr().out
    assert "-old" in told
    assert "+new" in told
    assert "2 stale: write them anew with `make docs`" in told
    assert not (root / "made.json").exists()
    assert docs.main([], root) == 0
    assert (root / "docs" / "page.md").read_text(encoding="utf-8") == MARKERS.replace("old", "\nnew\n")
    assert (root / "made.json").read_text(encoding="utf-8") == "{}\n"
    assert docs.main(["--check"], root) == 0


def test_a_block_that_nobody_makes_is_refused(root: Path) -> None:
    with pytest.raises(ValueError, match=r"page\.md: nobody makes one"):
        list(docs.stale(root, {}, {}))


def test_a_block_without_a_place_is_refused(root: Path) -> None:
    with pytest.raises(ValueError, match="no file has a place for two"):
        list(docs.stale(root, {"one": str, "two": str}, {}))


def test_half_a_marker_is_refused(root: Path) -> None:
    (root / "README.md").write_text("<!-- end one -->\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"README\.md: a marker without its other half: one"):
        list(docs.stale(root, {"one": str}, {}))


def test_a_table_survives_what_its_cells_hold() -> None:
    assert table(["a", "b"], [["x|y", code("`z`")]]) == "| a | b |\n| --- | --- |\n| x\\|y | `` `z` `` |\n"


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_files_that_a_page_names_are_there(page: Path) -> None:
    named = re.findall(
        r"`((?:pinekeep|stacks|tests|tools|bench|examples|docs)/[\w/.-]*)`", page.read_text(encoding="utf-8")
    )
    gone = [each for each in named if not (ROOT / each).exists() and not (ROOT / f"{each}.py").exists()]
    assert gone == []


def test_the_readme_is_short_and_names_every_command_in_its_section() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150
    for section, verbs in SECTIONS.items():
        assert f"| {section} | {' '.join(f'`{verb}`' for verb in verbs)} |" in lines
