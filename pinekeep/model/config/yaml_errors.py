"""What the YAML reader says, in words that help."""

from typing import Final

import yaml

from pinekeep.model.config.problems import Position, Problem
from pinekeep.model.words import plain

_QUOTE: Final = "put the text in quotes"
_INDENT: Final = "check the indentation"
# What the reader says (a part of it) -> what is so, what to do. The first that fits is taken.
_SENTENCES: Final[tuple[tuple[str, str, str], ...]] = (
    ("tab character", "a tab stands where YAML wants spaces", "indent with spaces"),
    ("undefined alias", "an alias (*name) is used that no anchor (&name) sets", "set the anchor first, or " + _QUOTE),
    ("duplicate anchor", "the same anchor (&name) is set twice", "give each its own name"),
    ("mapping values are not allowed", "a colon stands where no setting can begin", _INDENT + ", or " + _QUOTE),
    ("cannot start any token", "a text cannot begin with this character", _QUOTE + "; indent with spaces, not tabs"),
    ("unexpected end of stream", "a quote is opened and never closed", "close it"),
    ("unknown escape character", "this is no escape that YAML knows", "use single quotes, or two backslashes"),
    ("could not find expected ':'", "a colon is missing behind a name", "write name: value"),
    ("expected ',' or ']'", "a list in brackets is not closed, or a comma is missing", "write [a, b]"),
    ("expected ',' or '}'", "a mapping in braces is not closed, or a comma is missing", "write {a: 1, b: 2}"),
    ("while parsing a block mapping", "this does not go with the settings above", _INDENT),
    ("while parsing a block collection", "this does not go with the list above", _INDENT),
    ("while parsing a flow", "a value is missing in the brackets or braces", "write [a, b] or {a: 1, b: 2}"),
    ("alphabetic or numeric", "a name is missing behind & or *", _QUOTE),
    ("directive", "a line that begins with % means something to YAML", "take it out"),
    ("tag", "a text that begins with ! means something to YAML", _QUOTE),
    ("document start", "the document ends before this line", "take out what ends it"),
    ("block scalar", "the text behind | or > is not as YAML wants it", "begin it on the next line, indented"),
)


def yaml_problem(error: yaml.YAMLError, text: str) -> Problem:
    """Return what the reader found as a problem, with its place."""
    said = " ".join(str(error).split())
    position = None
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        if mark is not None and error.context_mark is not None and not text[mark.index :].strip():
            mark = error.context_mark  # what is not closed is noticed at the end of the file
        position = Position(mark.line + 1, mark.column + 1) if mark else None
        said = " ".join(filter(None, (error.context, error.problem)))
        if mark is not None and text[mark.index : mark.index + 1] == "\t":
            said = "tab character"
    for part, sentence, hint in _SENTENCES:
        if part in said:
            return Problem("not-yaml", f"this is not YAML: {sentence}", hint, position=position)
    return Problem(
        "not-yaml", f"this is not YAML: {plain(said)}", "check this line and the one above", position=position
    )
