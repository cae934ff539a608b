"""Run every check and every test: `make test`.

The checks come first, because they take seconds. `--fast` runs only the tests that start no process. Other arguments
go to pytest.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
CHECKS: Final = (
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["lint-imports", "--no-cache"],
    ["pyrefly", "check", "--python-interpreter-path", sys.executable],
)
TESTS: Final = ["pytest", "-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]
"""One more worker than the two cores that are expected: some tests wait for a clock.

A worker takes a file at a time, in the order of tests/conftest.py: what the tests of a file share is made once.
"""


def run(command: list[str]) -> int:
    """Run a command of this virtual environment, and return its exit code."""
    # Without bytecode, each process that the tests start would compile the product again.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [str(Path(sys.executable).parent / command[0]), *command[1:]]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def main(arguments: list[str]) -> int:
    """Run the checks and the tests, and return 0 if all pass."""
    checks = () if "--fast" in arguments else CHECKS
    return next(filter(None, map(run, checks)), 0) or run([*TESTS, *arguments])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
