"""The commands that a fix prints, taken out of its sentence, and AWS's own carried out without its command line."""

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click
from botocore import xform_name

from pinekeep.cli.root import root

_END: Final = ";,)`."
"""A word that ends so is the last of its command."""
_WORD: Final = re.compile(r"'[^']*'[;,)`.]*|`|[^\s`(]+")
"""A word, or what stands in single quotes. An apostrophe within a word is one."""
_LOOKS_ONLY: Final = frozenset({"plan", "verify", "check", "access", "preflight"})
"""Verbs that a fix names for people to look at something."""


def commands(fix: str) -> Iterator[list[str]]:
    """Yield each command of a fix, as a list of words: those of `pinekeep` that change something, and AWS's."""
    words = _WORD.findall(fix)
    at = 0
    while at < len(words):
        if words[at] == "pinekeep" and at + 1 < len(words):
            found = _of_ours(words[at + 1 :])
            if found[0] not in _LOOKS_ONLY:
                yield ["pinekeep", *found]
            at += 1
        elif words[at] == "aws" and at + 2 < len(words):
            found = _of_aws(words[at + 1 :])
            if ">" in found or not found[1].startswith(("get-", "describe-")):
                yield ["aws", *found]
        at += 1


def _of_ours(words: Sequence[str]) -> list[str]:
    verb = words[0].rstrip(_END)
    known = root.get_command(click.Context(root), verb)
    assert known is not None, f"no verb {verb}"
    options = {name: each for each in known.params for name in each.opts if isinstance(each, click.Option)}
    found, at = [verb], 1
    while words[at - 1][-1] not in _END and at < len(words) and words[at].rstrip(_END) in options:
        option = options[words[at].rstrip(_END)]
        taken = words[at : at + (1 if option.is_flag else 2)]
        found += [each.rstrip(_END) for each in taken]
        at += len(taken)
    return found


def _of_aws(words: Sequence[str]) -> list[str]:
    found = [words[0], words[1].rstrip(_END)]
    at = 2
    while words[at - 1][-1] not in _END and at < len(words) and words[at].startswith("--"):
        found.append(words[at].rstrip(_END))
        while words[at][-1] not in _END and at + 1 < len(words) and not words[at + 1].startswith("--"):
            if not found[-1].startswith("--") and not words[at + 1].startswith("'"):
                break  # one value, or several in quotes; what follows is prose
            at += 1
            found.append(words[at].rstrip(_END).strip("'"))
        at += 1
    if at + 1 < len(words) and words[at] == ">":
        found += [">", words[at + 1].rstrip(";,)`")]
    return found


def run_aws(session: Any, argv: Sequence[str]) -> None:
    """Carry out a command of AWS's command line by the model that both are made from.

    In: a session of boto3, and the words after ``aws``. Raises what botocore raises; AssertionError for an option
    that the operation does not have, and for a value that its type does not take. What is printed goes to the file
    after ``>``.
    """
    service, operation, *options = argv
    into = options[options.index(">") + 1] if ">" in options else None
    given = dict(_pairs(options[: options.index(">")] if into else options))
    query, output = given.pop("--query", []), given.pop("--output", [])
    client = session.client(service, region_name=next(iter(given.pop("--region", [])), None))
    names = {xform_name(each, "-"): each for each in client.meta.service_model.operation_names}
    assert operation in names, shlex.join(argv)
    members = client.meta.service_model.operation_model(names[operation]).input_shape.members
    known = {f"--{xform_name(name, '-')}": (name, shape) for name, shape in members.items()}
    arguments: dict[str, Any] = {}
    for option, values in given.items():
        off = option.replace("--no-", "--", 1)
        assert off in known or option in known, f"{operation} has no {option}"
        name, shape = known[option] if option in known else known[off]
        arguments[name] = _typed(shape, values, on=option in known)
    answer = getattr(client, xform_name(names[operation]))(**arguments)
    if into:
        (member,) = query
        assert output == ["text"]
        assert isinstance(answer[member], str)
        Path(into).write_text(answer[member])


def _pairs(options: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    at = [index for index, each in enumerate(options) if each.startswith("--")]
    for index, end in zip(at, [*at[1:], len(options)], strict=True):
        yield options[index], list(options[index + 1 : end])


def _typed(shape: Any, values: list[str], *, on: bool) -> Any:
    match shape.type_name:
        case "boolean" if not values:
            return on
        case "structure" if list(shape.members) == ["Value"] and not values:
            return {"Value": on}
        case "list":
            return [of_shape(shape.member, each) for each in values]
    (value,) = values
    return of_shape(shape, value)


def of_shape(shape: Any, text: str) -> Any:
    """Return one value as AWS's command line reads it: JSON, its shorthand ``Key=value,Key=value``, or plain.

    ``file://`` before a name stands for what the file says. Lists and structures within a shorthand are not read: no
    fix prints them so.
    """
    if text.startswith("file://"):
        text = Path(text.removeprefix("file://")).read_text()
    match shape.type_name:
        case "structure" | "list" | "map" if text.startswith(("{", "[")):
            return json.loads(text)
        case "structure":
            pairs = [each.partition("=") for each in text.split(",")]
            assert all(equals and name in shape.members for name, equals, _ in pairs), f"{text} is no {shape.name}"
            return {name: of_shape(shape.members[name], value) for name, _, value in pairs}
        case "boolean":
            assert text in ("true", "false"), f"{text} is no {shape.name}"
            return text == "true"
        case "integer" | "long":
            return int(text)
        case "string":
            return text
    raise AssertionError(f"{shape.name} is not read from {text}")
