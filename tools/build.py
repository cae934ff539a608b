"""Build the wheel and the source distribution: `make build`. The same tree gives the same bytes, wherever it is built.

A commit with a tag `vVERSION` is built only where the tag is the version of the package: CONTRIBUTING.md, "Release".
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent


def version(root: Path) -> str:
    """Return the version of the package."""
    found = re.search(r'^__version__ = "(.+)"$', (root / "pinekeep" / "__init__.py").read_text("utf-8"), re.MULTILINE)
    if found is None:
        sys.exit("build: pinekeep/__init__.py has no __version__")
    return found[1]


def tags(root: Path) -> list[str]:
    """Return the version tags of the commit that is checked out; none without git."""
    try:
        command = ["git", "tag", "--points-at", "HEAD", "v*"]
        found = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return []
    return found.stdout.split()


def build(root: Path, folder: Path) -> None:
    """Build both distributions of a source tree into a folder."""
    expected, found = f"v{version(root)}", tags(root)
    if found and expected not in found:
        sys.exit(f"build: this commit has the tag {found[0]}, but the package has the version {expected[1:]}")
    # Hatchling sorts the files and gives them fixed modes and times: those of SOURCE_DATE_EPOCH, or a constant.
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder.resolve())]
    sys.exit(subprocess.run(command, cwd=root, check=False).returncode)


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    build(ROOT, Path(sys.argv[1]))
