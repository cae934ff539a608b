"""The command line: what it says of itself, what it writes, and what ``verify`` checks."""

import json
from typing import Final

import click

from pinekeep.cli.root import VERBS, root
from pinekeep.model.output.schema import OUTPUTS, output_schema
from pinekeep.operations.verification.analyzer.catalogue import CHECKS as ANALYZER_CHECKS
from pinekeep.operations.verification.verify import CHECKS
from tools.doc_blocks.tables import code, table

_WIDTH: Final = 100


def commands() -> str:
    """Return what every command says of itself with ``--help``."""
    context = click.Context(root, info_name="pinekeep", max_content_width=_WIDTH, terminal_width=_WIDTH)
    parts = [_section("pinekeep", root.get_help(context))]
    for verb in VERBS:
        command = root.get_command(context, verb)
        if command is None:
            continue
        parts.append(_section(f"pinekeep {verb}", _help(context, verb, command)))
        if isinstance(command, click.Group):
            inner = click.Context(command, parent=context, info_name=verb)
            parts += [
                _section(f"pinekeep {verb} {name}", _help(inner, name, each)) for name, each in command.commands.items()
            ]
    return "\n".join(parts)


def _help(parent: click.Context, name: str, command: click.Command) -> str:
    return command.get_help(click.Context(command, parent=parent, info_name=name, terminal_width=_WIDTH))


def _section(title: str, text: str) -> str:
    return f"### {title}\n\n```text\n{text.rstrip()}\n```\n"


def outputs() -> str:
    """Return the table of what each verb writes with ``--json``."""
    rows = [
        (code(verb), code(name), field.description or "")
        for verb, model in OUTPUTS.items()
        for name, field in model.model_fields.items()
    ]
    return table(("Command", "Field", "Meaning"), rows)


def checks() -> str:
    """Return the table of what ``verify`` checks."""
    rows = [
        (code(check.id), check.title, check.meaning, ", ".join(map(code, check.permissions)))
        for check in (*CHECKS, *ANALYZER_CHECKS)
    ]
    return table(("Check", "Looks at", "What it means when it fails", "Needs"), rows)


def schema() -> str:
    """Return the JSON Schema of the output as it is kept in the repository."""

    return json.dumps(output_schema(), indent=2) + "\n"


BLOCKS: Final = {"commands": commands, "outputs": outputs, "checks": checks}
FILES: Final = {"docs/output.schema.json": schema}
