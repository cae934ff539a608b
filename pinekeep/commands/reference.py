"""The generated parts of the documentation of the command line."""

from collections.abc import Iterator

import click

from pinekeep.commands.root import VERBS, root

_WIDTH = 100


def commands_reference() -> str:
    """Return what every command says of itself with ``--help``, as Markdown."""
    context = click.Context(root, info_name="pinekeep", max_content_width=_WIDTH, terminal_width=_WIDTH)
    parts = [_section("pinekeep", root.get_help(context))]
    parts += [_section(f"pinekeep {name}", text) for name, text in _helps(context)]
    return "\n\n".join(parts)


def outputs_reference() -> str:
    """Return a table of what each verb writes with ``--json``, as Markdown."""
    from pinekeep.outputs import OUTPUTS  # noqa: PLC0415 - imports pydantic

    lines = ["| Command | Field | Meaning |", "|---|---|---|"]
    for verb, model in OUTPUTS.items():
        lines += [f"| `{verb}` | `{name}` | {field.description} |" for name, field in model.model_fields.items()]
    return "\n".join(lines)


def checks_reference() -> str:
    """Return a table of what ``verify`` checks, as Markdown."""
    from pinekeep.checks.verify import CHECKS  # noqa: PLC0415 - imports pydantic

    lines = ["| Check | Looks at | What it means when it fails | Needs |", "|---|---|---|---|"]
    for check in CHECKS:
        needs = ", ".join(f"`{permission}`" for permission in check.permissions)
        lines.append(f"| `{check.id}` | {check.title} | {check.meaning} | {needs} |")
    return "\n".join(lines)


def _helps(context: click.Context) -> Iterator[tuple[str, str]]:
    for verb in VERBS:
        command = root.get_command(context, verb)
        if command is None:
            continue
        yield verb, _help(context, verb, command)
        if isinstance(command, click.Group):
            inner = click.Context(command, parent=context, info_name=verb)
            for name, each in command.commands.items():
                yield f"{verb} {name}", _help(inner, name, each)


def _help(parent: click.Context, name: str, command: click.Command) -> str:
    return command.get_help(click.Context(command, parent=parent, info_name=name, terminal_width=_WIDTH))


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n```text\n{text.rstrip()}\n```"
