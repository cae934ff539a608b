"""Evaluate the full access table of a file's deployment, from existing templates."""

import sys
from pathlib import Path

from pinekeep.model.config import load
from pinekeep.operations.access.planned import tables_from_templates


def main(file: Path, templates: Path) -> None:
    """Evaluate it."""
    configuration = load(file)
    (table,) = tables_from_templates(configuration, configuration.deployments, folder=templates)
    assert table.rows


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
