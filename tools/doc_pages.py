"""The generated pages of the documentation site: one for each command, setting and example file.

They are made from the same sources as the tables in ``docs/`` and written only when the site is built.
"""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
import yaml

from pinekeep.cli.commands.permissions import PURPOSES
from pinekeep.cli.groups import subcommands
from pinekeep.cli.root import SECTIONS, root
from pinekeep.model.config.problems import Problem
from pinekeep.model.output.schema import OUTPUTS
from tools.doc_blocks.configuration import (
    DEPLOYMENT,
    example_files,
    example_name,
    files_beside,
    found_problems,
    introduction,
    shown_default,
)
from tools.doc_blocks.settings import Setting, settings
from tools.doc_blocks.tables import code, table

_WIDTH: Final = 100


def command_pages() -> dict[str, str]:
    """Return the page of each command by its path in the site, in the order of ``pinekeep --help``."""
    pages = {}
    for verbs in SECTIONS.values():
        for verb in verbs:
            for name, command in _with_subcommands(verb):
                pages[f"commands/{name.replace(' ', '-')}.md"] = _command_page(name, command)
    return pages


def _with_subcommands(verb: str) -> Iterator[tuple[str, click.Command]]:
    command = root.get_command(click.Context(root), verb)
    if command is None:
        raise ValueError(f"no command {verb}")
    yield verb, command
    yield from ((f"{verb} {name}", each) for name, each in subcommands(command).items())


def _command_page(name: str, command: click.Command) -> str:
    context = click.Context(root, info_name="pinekeep")
    for part in name.split()[:-1]:
        context = click.Context(root, parent=context, info_name=part)
    inner = click.Context(command, parent=context, info_name=name.rsplit(maxsplit=1)[-1], terminal_width=_WIDTH)
    usage = command.get_usage(inner).removeprefix("Usage: ")
    parts = [f"# pinekeep {name}", _prose(command), f"```text\n{usage}\n```"]
    if isinstance(command, click.Group):
        rows = [
            (f"[{each}]({name}-{each}.md)", sub.get_short_help_str(_WIDTH))
            for each, sub in subcommands(command).items()
        ]
        parts += ["## Commands", table(("Command", "What it does"), rows)]
    else:
        parts += ["## Options", table(("Option", "What it does", "Default"), _options(command))]
    if (model := OUTPUTS.get(name)) is not None:
        fields = [(code(field), each.description or "") for field, each in model.model_fields.items()]
        parts += [
            "## JSON output",
            "With `--json`, these fields are written to stdout:",
            table(("Field", "Meaning"), fields),
        ]
    parts.append("[Exit codes](../commands.md#exit-codes)")
    if name.split(maxsplit=1)[0] in PURPOSES:
        parts[-1] += f" · [Permissions](../permissions.md): `pinekeep permissions --for {name.split(maxsplit=1)[0]}`"
    return "\n\n".join(parts) + "\n"


def _prose(command: click.Command) -> str:
    r"""Return the help text as Markdown. Paragraphs that begin with ``\b`` are laid out by hand."""
    paragraphs = []
    for each in inspect.cleandoc(command.help or "").split("\n\n"):
        text = each.strip("\n")
        paragraphs.append(f"```text\n{text.lstrip(chr(8)).strip(chr(10))}\n```" if text.startswith("\b") else text)
    return "\n\n".join(paragraphs)


def _options(command: click.Command) -> Iterator[Sequence[str]]:
    for each in command.params:
        if isinstance(each, click.Argument):
            yield code(each.human_readable_name.upper()), f"One of {_choices(each)}.", "**required**"
        if isinstance(each, click.Option):
            meaning, _, default = (each.help or "").partition("  [default: ")
            shown = f"{each.default}" if each.show_default else default.rstrip("]")
            choices = f" One of {_choices(each)}." if isinstance(each.type, click.Choice) else ""
            again = " May be repeated." if each.multiple and "Repeat" not in meaning else ""
            value = "" if each.is_flag else f" {(each.metavar or _kind(each)).upper()}"
            names = f"{', '.join(sorted(each.opts, key=len))}{value}"
            yield code(names), f"{meaning}{choices}{again}", "**required**" if each.required else shown


def _kind(option: click.Option) -> str:
    return {"choice": "value", "path": "path", "integer range": "number"}.get(option.type.name, "text")


def _choices(parameter: click.Parameter) -> str:
    return ", ".join(map(code, parameter.type.choices)) if isinstance(parameter.type, click.Choice) else ""


def name_of(setting: Setting) -> str:
    """Return a setting's name as in the reference table: what may stand in two places has one name."""
    return setting.path.removeprefix(DEPLOYMENT)


def _page_of(name: str) -> str:
    return f"{name.replace('[]', '').replace('<', '').replace('>', '')}.md"


def setting_pages() -> dict[str, str]:
    """Return the page of each setting by its path in the site, in the order of the file."""
    named = {name_of(each): each for each in reversed(settings())}
    files = {path: yaml.safe_load(path.read_text(encoding="utf-8")) for path in example_files()}
    problems = list(found_problems().values())
    names = list(dict.fromkeys(name_of(each) for each in settings()))
    return {
        f"settings/{_page_of(name)}": _setting_page(name, named[name], names, files=files, problems=problems)
        for name in names
    }


def _setting_page(
    name: str,
    setting: Setting,
    names: Sequence[str],
    *,
    files: Mapping[Path, Any],
    problems: Sequence[Problem],
) -> str:
    default = "must be set" if setting.default is None else shown_default(setting.default)
    facts = table(("Type", "Default", "Allowed"), [(setting.type, default, setting.allowed)])
    parts = [f"# {code(name)}", setting.meaning.replace("](", "](../"), facts]
    parent = max((each for each in names if name.startswith((f"{each}.", f"{each}[]."))), key=len, default=None)
    if parent:
        parts.append(f"Part of [{code(parent)}]({_page_of(parent)}).")
    inner = [each for each in names if each.startswith((f"{name}.", f"{name}[]."))]
    if inner := [each for each in inner if not any(each.startswith((f"{other}.", f"{other}[].")) for other in inner)]:
        parts += ["## Settings in it", "\n".join(f"- [{code(each)}]({_page_of(each)})" for each in inner)]
    for file, content in files.items():
        steps = setting.path.replace("[]", ".[]").split(".")
        if (excerpt := _excerpt(content, steps)) is not None:
            shown = yaml.safe_dump(excerpt, sort_keys=False, allow_unicode=True).rstrip()
            example = example_name(file)
            parts += ["## Example", f"From [{example}](../examples/{example}.md):", f"```yaml\n{shown}\n```"]
            break
    rows = [(code(each.code), each.severity, each.message) for each in problems if _is_about(each, setting)]
    if rows:
        link = "[All problems](../problems.md) that `pinekeep check` reports."
        parts += ["## Problems", table(("Code", "Severity", "For example"), sorted(rows)), link]
    return "\n\n".join(parts) + "\n"


def _excerpt(content: Any, steps: Sequence[str]) -> Any:
    """Return the part of a file that leads to a setting, or None where the file does not have it."""
    if not steps:
        return content
    first, rest = steps[0], steps[1:]
    if first == "[]":
        found = [_excerpt(each, rest) for each in content] if isinstance(content, list) else []
        return next(([each] for each in found if each is not None), None)
    if not isinstance(content, dict):
        return None
    for key in list(content) if first == "<name>" else [first]:
        if key in content and (inner := _excerpt(content[key], rest)) is not None:
            return {key: inner}
    return None


def _is_about(problem: Problem, setting: Setting) -> bool:
    parts = problem.setting.split(".")
    if parts[0] == "deployments" and len(parts) > 1:
        parts[1] = "<name>"
    plain = ".".join(part.split("[")[0] for part in parts)
    return plain == setting.path.replace("[]", "")


def example_pages() -> dict[str, str]:
    """Return the page of each example file by its path in the site, the quickstart first."""
    pages = {}
    for path in example_files():
        parts = [f"# {example_name(path)}", introduction(path), _file(path)]
        for each in files_beside(path):
            parts += [f"## {each.name}", _file(each)]
        pages[f"examples/{example_name(path)}.md"] = "\n\n".join(parts) + "\n"
    return pages


def _file(path: Path) -> str:
    return f"```{path.suffix.removeprefix('.')}\n{path.read_text(encoding='utf-8').rstrip()}\n```"
