"""The handoff of a fleet as a table, as CSV and as Markdown. The same values give the same bytes."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Final

from pinekeep.model.output.fleet_handoff import FleetHandoffMissing, FleetHandoffOutput, FleetHandoffTarget
from pinekeep.operations.handoff.console import LEAVE_BLANK

_NOT_TEXT: Final = re.compile(r"[=+\-@\t\r\n].*|[\d\s.,:/eE%$+-]+|true|false", re.DOTALL | re.IGNORECASE)
"""What a spreadsheet takes for a formula, a number, a date or a truth value."""
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]<>#!|~])")


def as_csv(handed: FleetHandoffOutput) -> str:
    """Return the complete targets as CSV with a header, safe to open in a spreadsheet.

    An account alone would lose its leading zeros there, so the first column is ``ACCOUNT/REGION``. A value that would
    be taken for a formula or a number gets an apostrophe in front.
    """
    lines = _table(handed)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(each.lower().replace(" ", "_") for each in lines[0])
    writer.writerows([_cell(value) for value in line] for line in lines[1:])
    return file.getvalue()


def _cell(value: str) -> str:
    return f"'{value}" if value and _NOT_TEXT.fullmatch(value) else value


def as_table(handed: FleetHandoffOutput) -> str:
    """Return the targets in columns, and those without values below."""
    parts: list[str] = []
    if handed.targets:
        lines = [[value or LEAVE_BLANK for value in line] for line in _table(handed)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        parts += [f"Pinecone console: {handed.console}, {handed.path}", ""]
        parts += ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
        parts += ["", *(f"! {warning}" for warning in handed.warnings)]
        parts += [f"! {_target(each)}: {warning}" for each in handed.targets for warning in each.warnings]
    if handed.missing:
        parts += ["", f"Without values: {len(handed.missing)}"] if parts else [f"Without values: {len(handed.missing)}"]
    for each in handed.missing:
        parts.append(f"  {_target(each)}: {_one_line(each.reason)}")
        parts += [f"    {_one_line(each.fix)}"] if each.fix else []
    return "\n".join(parts)


def as_markdown(handed: FleetHandoffOutput) -> str:
    """Return the handoff as Markdown: a table of the complete targets, and a list of the others."""
    lines = [f"# Handoff to Pinecone: {handed.fleet}", "", f"Console: {handed.console}"]
    if handed.targets:
        head, *rows = _table(handed)
        lines += ["", str(handed.path), "", *(f"- **{each}**" for each in handed.warnings), ""]
        lines += [_row(head), _row("---" for _ in head)]
        lines += [_row(_code(value) if value else f"*{LEAVE_BLANK}*" for value in row) for row in rows]
        own = [f"- `{_target(each)}`: **{_escaped(text)}**" for each in handed.targets for text in each.warnings]
        lines += ["", *own] if own else []
    if handed.missing:
        lines += ["", "## Without values", ""]
        lines += [
            f"- `{_target(each)}`: {_escaped(_one_line(each.reason))}"
            + (f". {_one_line(each.fix)}" if each.fix else "")
            for each in handed.missing
        ]
    return "\n".join(lines)


def _table(handed: FleetHandoffOutput) -> list[list[str]]:
    """Return the header and a line for each page, with the console's fields as columns."""
    labels = list(dict.fromkeys(field.label for each in handed.targets for field in each.fields))
    with_project = any(each.project is not None for each in handed.targets)
    found = [["Target", *(["Project"] if with_project else []), *labels]]
    for each in handed.targets:
        values = {field.label: field.value for field in each.fields}
        project = [each.project or ""] if with_project else []
        found.append([_target(each), *project, *(values.get(label, "") for label in labels)])
    return found


def _target(each: FleetHandoffTarget | FleetHandoffMissing) -> str:
    return each.account if each.region is None else f"{each.account}/{each.region}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _code(value: str) -> str:
    """Return a value as it is, also one with the characters of a table or of code."""
    if "`" in value or "\\" in value:
        return _escaped(value)
    return f"`{value}`".replace("|", "\\|")


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _one_line(text: str) -> str:
    """Return a text of AWS's on one line, without control characters."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def missing_lines(handed: FleetHandoffOutput) -> list[str]:
    """Return a line for each target without values, for stderr where the format has no place for them."""
    return [f"no values: {_target(each)}: {_one_line(each.reason)}" for each in handed.missing]
