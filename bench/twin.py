"""The twin of the quickstart's stacks in TypeScript CDK: its installation, and the comparison of templates."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from bench import inputs
from bench.measuring import Command, measure
from pinekeep.operations.synthesis.toolchain import node, prepare_synth

TWIN: Final = Path(__file__).resolve().parent / "twin"
_STAMP: Final = TWIN / "node_modules" / ".package-lock.json"
_CDK_JSON: Final = TWIN.parent.parent / "cdk.json"
_TEMPLATES: Final = "*.template.json"


def command(example: Path, *, folder: Path) -> Command:
    """Return the command that synthesizes the twin, on our Node, and install it first if necessary."""
    settings = folder / "twin-settings.json"
    inputs.write_settings(example, settings)
    return _typescript(TWIN / "twin.cts", settings, _CDK_JSON, out=folder / "twin")


def empty(folder: Path) -> Command:
    """Return the command that synthesizes an empty TypeScript CDK app."""
    return _typescript(TWIN / "empty.cts", _CDK_JSON, out=folder / "empty-twin")


def _typescript(*arguments: Path, out: Path) -> Command:
    _set_up()
    environment: dict[str, str] = {"CDK_OUTDIR": str(out)}
    prepare_synth(environment)  # what makes our Node faster makes the twin's faster too
    return Command([str(_node()), *map(str, arguments)], environment)


def check_same_templates(ours: Command, theirs: Command) -> None:
    """Synthesize both and compare the templates. Raises RuntimeError, if they differ."""
    made = []
    for each in (ours, theirs):
        measure(each)
        made.append(_templates(Path(each.environment["CDK_OUTDIR"])))
    if made[0] != made[1]:
        raise RuntimeError("the twin's templates are not ours: bring bench/twin/twin.cts up to date")


def _templates(folder: Path) -> dict[str, Any]:
    return {path.name: json.loads(path.read_text()) for path in sorted(folder.glob(_TEMPLATES))}


def _node() -> Path:
    path = node()
    if path is None:
        raise RuntimeError("Node is not set up; run `make setup`")
    return path


def _set_up() -> None:
    if _STAMP.is_file() and _STAMP.stat().st_mtime >= (TWIN / "package-lock.json").stat().st_mtime:
        return
    sys.stderr.write("bench: setting the twin up\n")
    npm = _node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(_node().parent), os.environ["PATH"]])
    subprocess.run([str(_node()), str(npm), "ci"], cwd=TWIN, env={**os.environ, "PATH": path}, check=True)
