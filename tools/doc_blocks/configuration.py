"""The configuration: its reference, its JSON Schema, the examples, and all that is said when it is wrong."""

import json
import tempfile
from pathlib import Path
from typing import Final

from pinekeep.model.config.problems import Problem
from pinekeep.model.config.schema import json_schema, settings
from tests.model.config.bad_files import cases
from tools.doc_blocks.tables import code, table

EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples"
_MODELINE: Final = "# yaml-language-server"
_LONGEST: Final = 160
_DEPLOYMENT: Final = "deployments.<name>."


def reference() -> str:
    """Return the table of all settings, in the order of the file. What may stand in two places is told once."""
    rows = [
        (
            code(setting.path.removeprefix(_DEPLOYMENT)),
            setting.type,
            "**must be set**" if setting.default is None else _default(setting.default),
            setting.allowed,
            setting.meaning,
        )
        for setting in settings()
    ]
    return table(("Setting", "Type", "Default", "Allowed", "Meaning"), list(dict.fromkeys(rows)))


def _default(default: str) -> str:
    return default if " " in default else code(default)


def examples() -> str:
    """Return the list of the example files with what each says of itself."""
    rows = []
    for path in sorted(EXAMPLES.glob("*.yaml"), key=lambda path: (path.stem != "quickstart", path.stem)):
        lines = path.read_text(encoding="utf-8").splitlines()
        comment = " ".join(line.removeprefix("# ") for line in lines[: _first_setting(lines)])
        rows.append((f"[{path.stem}](../examples/{path.name})", comment))
    return table(("File", "Who takes it"), rows)


def _first_setting(lines: list[str]) -> int:
    return next(index for index, line in enumerate(lines) if line.startswith(_MODELINE))


def problems() -> str:
    """Return the table of all problems, made by loading the wrong files of the tests."""
    found: dict[str, Problem] = {}
    for case in cases():
        with tempfile.TemporaryDirectory() as folder:
            for problem in case.problems(Path(folder)):
                found.setdefault(problem.code, problem)
    rows = (
        (f"`{code_}`", problem.severity, code(_short(_said(problem))), code(_short(problem.hint or "")))
        for code_, problem in sorted(found.items())
    )
    return table(("Code", "Severity", "For example", "Hint"), rows)


def _said(problem: Problem) -> str:
    setting = problem.setting.removeprefix("deployments.search.")
    return f"{setting}: {problem.message}" if setting else problem.message


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def schema() -> str:
    """Return the JSON Schema as it is kept in the repository."""
    return json.dumps(json_schema(), indent=2) + "\n"


BLOCKS: Final = {
    "configuration-reference": reference,
    "configuration-examples": examples,
    "configuration-problems": problems,
}
FILES: Final = {"pinekeep.schema.json": schema}
