"""The configuration file: its settings, its JSON Schema, the examples, and the problems that ``check`` reports."""

import json
import tempfile
from pathlib import Path
from typing import Final

from pinekeep.model.config.problems import Problem
from pinekeep.model.config.schema import json_schema
from tests.model.config.bad_files import cases
from tools.doc_blocks.settings import settings
from tools.doc_blocks.tables import code, table

EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples"
_MODELINE: Final = "# yaml-language-server"
_LONGEST: Final = 160
DEPLOYMENT: Final = "deployments.<name>."


def reference() -> str:
    """Return the table of all settings, in the order of the file. A setting with two places has one row."""
    rows = [
        (
            code(setting.path.removeprefix(DEPLOYMENT)),
            setting.type,
            "**must be set**" if setting.default is None else shown_default(setting.default),
            setting.allowed,
            setting.meaning,
        )
        for setting in settings()
    ]
    return table(("Setting", "Type", "Default", "Allowed", "Meaning"), list(dict.fromkeys(rows)))


def shown_default(default: str) -> str:
    """Return a default as Markdown: a value as code, a description as it is."""
    return default if " " in default else code(default)


def examples() -> str:
    """Return the table of the example files."""
    rows = [
        (f"[{example_name(path)}](../examples/{path.relative_to(EXAMPLES).as_posix()})", introduction(path))
        for path in example_files()
    ]
    return table(("File", "Use it for"), rows)


def example_files() -> list[Path]:
    """Return the example files, the quickstart first. Those with files beside them have a folder."""
    found = [*EXAMPLES.glob("*.yaml"), *EXAMPLES.glob("*/pinekeep.yaml")]
    return sorted(found, key=lambda path: (path.stem != "quickstart", example_name(path)))


def example_name(path: Path) -> str:
    """Return the name of an example: that of its file, or of its folder."""
    return path.stem if path.parent == EXAMPLES else path.parent.name


def files_beside(path: Path) -> list[Path]:
    """Return the other files of an example."""
    return [] if path.parent == EXAMPLES else sorted(each for each in path.parent.iterdir() if each != path)


def introduction(path: Path) -> str:
    """Return the comment at the top of an example file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    end = next(index for index, line in enumerate(lines) if line.startswith(_MODELINE))
    return " ".join(line.removeprefix("# ") for line in lines[:end])


def found_problems() -> dict[str, Problem]:
    """Return one problem of each code, by code, found by loading the invalid files of the tests."""
    found: dict[str, Problem] = {}
    for case in cases():
        with tempfile.TemporaryDirectory() as folder:
            for problem in case.problems(Path(folder)):
                found.setdefault(problem.code, problem)
    return found


def problems() -> str:
    """Return the table of all problems."""
    rows = (
        (f"`{code_}`", problem.severity, code(_short(_said(problem))), code(_short(problem.hint or "")))
        for code_, problem in sorted(found_problems().items())
    )
    return table(("Code", "Severity", "For example", "Hint"), rows)


def _said(problem: Problem) -> str:
    setting = problem.setting.removeprefix("deployments.search.")
    return f"{setting}: {problem.message}" if setting else problem.message


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def schema() -> str:
    """Return the JSON Schema of the configuration file."""
    return json.dumps(json_schema(), indent=2) + "\n"


BLOCKS: Final = {
    "configuration-reference": reference,
    "configuration-examples": examples,
    "configuration-problems": problems,
}
FILES: Final = {"pinekeep.schema.json": schema}
