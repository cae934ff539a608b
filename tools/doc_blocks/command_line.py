"""The command line: its commands, its output, and the checks of ``verify``."""

import json
from typing import Final

import click

from pinekeep.cli.groups import subcommands
from pinekeep.cli.root import SECTIONS, root
from pinekeep.model.output.schema import OUTPUTS, output_schema
from pinekeep.operations.verification.analyzer.catalogue import CHECKS as ANALYZER_CHECKS
from pinekeep.operations.verification.verify import CHECKS
from tools.doc_blocks.tables import code, table

_WIDTH: Final = 100


def commands() -> str:
    """Return the tables of the commands, by section."""
    context = click.Context(root)
    parts = []
    for section, verbs in SECTIONS.items():
        rows: list[tuple[str, str]] = []
        for verb in verbs:
            command = root.get_command(context, verb)
            inside = subcommands(command).items() or [("", command)]
            rows += [(code(f"{verb} {name}".strip()), each.get_short_help_str(_WIDTH)) for name, each in inside if each]
        parts.append(f"## {section}\n\n{table(('Command', 'What it does'), rows)}")
    return "\n".join(parts)


def outputs() -> str:
    """Return the table of the fields that each command writes with ``--json``."""
    rows = [
        (code(verb), code(name), field.description or "")
        for verb, model in OUTPUTS.items()
        for name, field in model.model_fields.items()
    ]
    return table(("Command", "Field", "Meaning"), rows)


def checks() -> str:
    """Return the table of the checks of ``verify``."""
    rows = [
        (code(check.id), check.title, check.meaning, ", ".join(map(code, check.permissions)))
        for check in (*CHECKS, *ANALYZER_CHECKS)
    ]
    return table(("Check", "Subject", "What a failure means", "Permissions"), rows)


def schema() -> str:
    """Return the JSON Schema of the output."""
    return json.dumps(output_schema(), indent=2) + "\n"


BLOCKS: Final = {"commands": commands, "outputs": outputs, "checks": checks}
FILES: Final = {"docs/output.schema.json": schema}
