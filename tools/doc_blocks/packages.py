"""The packages, each with the first sentence of its docstring, from the top of the layers down."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Any, Final

from tools.doc_blocks.tables import code, table

ROOT: Final = Path(__file__).resolve().parents[2]


def packages() -> str:
    """Return the table of the packages, in the order of the import linter's layers."""
    rows: list[tuple[str, str]] = []
    for layer in _contract("Packages import downwards")["layers"]:
        for name in layer.split(" | "):
            rows += [(code(f"{name.replace('.', '/')}"), _sentence(ROOT / name.replace(".", "/")))]
            for inner in _inner_layers(name):
                path = ROOT / name.replace(".", "/") / inner
                rows += [(f"&nbsp;&nbsp;{code(inner)}", _sentence(path))]
    return table(("Package", "Contents"), rows)


def _inner_layers(name: str) -> list[str]:
    found = [each for each in _contracts() if each.get("containers") == [name]]
    return [part for each in found for layer in each["layers"] for part in layer.split(" | ")]


def _contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return contracts


def _contract(name: str) -> dict[str, Any]:
    return next(each for each in _contracts() if each["name"] == name)


def _sentence(path: Path) -> str:
    """Return the first sentence of the docstring of a module or package."""
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    first = re.split(r"(?<=\.)\s", " ".join(docstring.split("\n\n")[0].split()))[0]
    return re.sub(r":\w+:`~?([^`]*)`", r"`\1`", first).replace("``", "`")


BLOCKS: Final = {"packages": packages}
