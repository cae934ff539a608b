"""The commands that a fix prints, taken out of its sentence, and AWS's own carried out without its command line."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any, Final

import click
from botocore import xform_name

from pinekeep.commands.root import root

_END: Final = ";,)`."
"""A word that ends so is the last of its command."""
_LOOKS_ONLY: Final = frozenset({"plan", "verify", "check", "access", "preflight"})
"""Verbs that a fix names for people to look at something."""


def commands(fix: str) -> Iterator[list[str]]:
    """Yield each command of a fix, as a list of words: those of `pinekeep` that change something, and AWS's."""
    words = fix.replace("(", " ").replace("`", " ` ").split()
    at = 0
    while at < len(words):
        if words[at] == "pinekeep" and at + 1 < len(words):
            found = _of_ours(words[at + 1 :])
            if found[0] not in _LOOKS_ONLY:
                yield ["pinekeep", *found]
            at += 1
        elif words[at] == "aws" and at + 2 < len(words):
            found = _of_aws(words[at + 1 :])
            if not found[1].startswith(("get-", "describe-")):
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
            at += 1
            found.append(words[at].rstrip(_END))
            if found[-2].startswith("--"):
                break  # one value; what follows is prose
        at += 1
    return found


def run_aws(session: Any, argv: Sequence[str]) -> None:
    """Carry out a command of AWS's command line by the model that both are made from.

    In: a session of boto3, and the words after ``aws``. Raises what botocore raises; AssertionError for an option
    that the operation does not have.
    """
    service, operation, *options = argv
    client = session.client(service, region_name=_value(options, "--region"))
    names = {xform_name(each, "-"): each for each in client.meta.service_model.operation_names}
    assert operation in names, shlex.join(argv)
    members = client.meta.service_model.operation_model(names[operation]).input_shape.members
    known = {f"--{xform_name(name, '-')}": (name, shape) for name, shape in members.items()}
    arguments: dict[str, Any] = {}
    for option, value in _pairs(options):
        if option == "--region":
            continue
        off = option.replace("--no-", "--", 1)
        assert off in known or option in known, f"{operation} has no {option}"
        name, shape = known[option] if option in known else known[off]
        arguments[name] = _typed(shape, value, on=option in known)
    getattr(client, xform_name(names[operation]))(**arguments)


def _pairs(options: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    for at, each in enumerate(options):
        if each.startswith("--"):
            follows = options[at + 1] if at + 1 < len(options) else "--"
            yield each, None if follows.startswith("--") else follows


def _value(options: Sequence[str], name: str) -> str | None:
    return dict(_pairs(options)).get(name)


def _typed(shape: Any, value: str | None, *, on: bool) -> Any:
    match shape.type_name:
        case "boolean":
            return on
        case "structure" if list(shape.members) == ["Value"]:
            return {"Value": on}
        case "integer" | "long":
            return int(str(value))
        case "list":
            return [value]
    return value
