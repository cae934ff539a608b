"""Build hooks of the distribution: pinned dependencies as metadata, and the project's data files inside the package.

Hatchling loads them; `[tool.hatch]` in pyproject.toml names this file.
"""

from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

DATA_FILES: Final = ("cdk.json", "package.json", "package-lock.json", "pinekeep.schema.json")
"""Files at the top of the repository that the product reads. A wheel has them inside `pinekeep`."""


def requirements(path: Path) -> list[str]:
    """Return the requirements of a file, without comments."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


class Dependencies(MetadataHookInterface):
    """Reads the dependencies from the requirements files, so that they are pinned in one place."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the dynamic fields of the project table."""
        root = Path(self.root)
        metadata["dependencies"] = requirements(root / "requirements.txt")
        metadata["optional-dependencies"] = {"dev": requirements(root / "requirements-dev.txt")}


class DataFiles(BuildHookInterface[Any]):
    """Moves the data files into the package of a wheel. An editable installation uses those of the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to a wheel."""
        if version == "standard":
            build_data["force_include"].update({name: f"pinekeep/{name}" for name in DATA_FILES})
