"""Decide the full table of the deployment of a file, from templates that are there already."""

import sys
from pathlib import Path

from pinekeep.model.config import load
from pinekeep.operations.access.planned import tables_from_templates


def main(file: Path, templates: Path) -> None:
    """Decide it."""
    configuration = load(file)
    (table,) = tables_from_templates(configuration, configuration.deployments, folder=templates)
    assert table.rows


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
