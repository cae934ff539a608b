"""Run every check and every test: `make test`. mypy runs beside the tests, so that no core is idle.

Style and imports come first, because they take seconds. `--fast` runs the tests alone that start no process. Other
arguments go to pytest.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
STYLE: Final = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["lint-imports", "--no-cache"])
TYPES: Final = ["mypy"]
TESTS: Final = ["pytest", "-n", "2", "--dist", "loadgroup"]


def tool(command: list[str]) -> list[str]:
    """Return a command of the virtual environment that this runs in."""
    return [str(Path(sys.executable).parent / command[0]), *command[1:]]


def main(arguments: list[str]) -> int:
    """Run all, and return 0 when all is well."""
    if "--fast" in arguments:
        return subprocess.run([*tool(TESTS), *arguments], cwd=ROOT, check=False).returncode
    for each in STYLE:
        if code := subprocess.run(tool(each), cwd=ROOT, check=False).returncode:
            return code
    with tempfile.TemporaryFile("w+") as told:
        types = subprocess.Popen(tool(TYPES), cwd=ROOT, stdout=told, stderr=subprocess.STDOUT)
        try:
            tests = subprocess.run([*tool(TESTS), *arguments], cwd=ROOT, check=False).returncode
            types.wait()
        finally:
            types.kill()
            types.wait()
        told.seek(0)
        sys.stdout.write(told.read())
    return tests or types.returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
