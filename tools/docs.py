"""Write the generated parts of the docs; with ``--check``, report which are stale.

A generated part stands between two markers in a Markdown file of ``docs/`` or in ``README.md``::

    <!-- begin configuration-reference: made by `make docs` -->
    <!-- end configuration-reference -->

To add one, put the markers where it belongs and add a function to ``BLOCKS`` of a module in ``tools/doc_blocks``.
Whole files that are generated are in ``FILES`` there.
"""

import argparse
import difflib
import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools import doc_blocks  # noqa: E402 - the path must know the repository first

Generator = Callable[[], str]

_BLOCK: Final = re.compile(
    r"(?P<begin><!-- begin (?P<name>[a-z-]+):[^\n]*-->\n)(?P<text>.*?)(?P<end><!-- end (?P=name) -->)", re.DOTALL
)
_MARKER: Final = re.compile(r"<!-- (?:begin (?P<begun>[a-z-]+):|end (?P<ended>[a-z-]+) -->)")
_DIFF_LINES_MAX: Final = 30


def generators() -> tuple[dict[str, Generator], dict[str, Generator]]:
    """Return the generators of blocks, by name, and of whole files, by path.

    Raises:
        ValueError: two modules generate the same.
    """
    blocks: dict[str, Generator] = {}
    files: dict[str, Generator] = {}
    for module in pkgutil.iter_modules(doc_blocks.__path__, f"{doc_blocks.__name__}."):
        loaded = importlib.import_module(module.name)
        for known, own in ((blocks, getattr(loaded, "BLOCKS", {})), (files, getattr(loaded, "FILES", {}))):
            if twice := known.keys() & own.keys():
                raise ValueError(f"made twice: {', '.join(sorted(twice))}")
            known.update(own)
    return blocks, files


def stale(root: Path, blocks: dict[str, Generator], files: dict[str, Generator]) -> Iterator[tuple[Path, str, str]]:
    """Yield each stale file: its path, its text, and the text that would be generated now.

    Raises:
        ValueError: a marker names an unknown block or is not closed, or a block has no place.
    """
    placed: set[str] = set()
    for path in [*sorted((root / "docs").rglob("*.md")), root / "README.md"]:
        if not path.exists():
            continue
        text = path.read_text(encoding="utf-8")
        names = {match["name"] for match in _BLOCK.finditer(text)}
        if wrong := {match["begun"] or match["ended"] for match in _MARKER.finditer(text)} - names:
            raise ValueError(f"{path.relative_to(root)}: a marker without its other half: {', '.join(sorted(wrong))}")
        if unknown := names - blocks.keys():
            raise ValueError(f"{path.relative_to(root)}: nobody makes {', '.join(sorted(unknown))}")
        placed |= names
        made = _BLOCK.sub(lambda match: f"{match['begin']}\n{blocks[match['name']]().strip()}\n\n{match['end']}", text)
        if made != text:
            yield path, text, made
    if homeless := blocks.keys() - placed:
        raise ValueError(f"no file has a place for {', '.join(sorted(homeless))}")
    for name, generate in files.items():
        path = root / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if (made := generate()) != text:
            yield path, text, made


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write or report what is stale; return the exit code."""
    parser = argparse.ArgumentParser(description="Write the generated parts of the docs.")
    parser.add_argument("--check", action="store_true", help="only say what is stale, and exit with 1 if anything is")
    check = parser.parse_args(arguments).check
    found = list(stale(root, *generators()))
    for path, old, new in found:
        name = path.relative_to(root)
        if not check:
            path.write_text(new, encoding="utf-8")
            print(f"wrote {name}")
            continue
        lines = list(
            difflib.unified_diff(old.splitlines(), new.splitlines(), f"{name}", f"{name} (now)", lineterm="", n=1)
        )
        print("\n".join(lines[:_DIFF_LINES_MAX]))
        if len(lines) > _DIFF_LINES_MAX:
            print(f"… and {len(lines) - _DIFF_LINES_MAX} more lines")
    if check and found:
        print(f"\n{len(found)} stale: write them anew with `make docs`")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
