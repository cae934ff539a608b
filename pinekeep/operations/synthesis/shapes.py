"""The shapes of deployments: deployments of one shape differ only in values that their templates repeat as they are.

A shape is synthesized once, with a placeholder in the place of each such value. The templates of its deployments are
then filled in (:mod:`pinekeep.operations.synthesis.expansion`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import ValidationError

from pinekeep.model.config import Deployment
from pinekeep.model.values.trust import NO_EXTERNAL_ID

ACCOUNT: Final = "990000000099"
"""The placeholder of the account. AWS accounts have random numbers; a file that has this one is not divided."""
_WITHOUT_TEMPLATE: Final = frozenset({"profile", "assume_role", "pinecone", "project_of"})
"""Settings that no template depends on."""
_IDS: Final = ("vpc.id", "vpc.subnet_ids", "security_group_ids", "clients.security_group_ids")
"""The IDs in ``private_link`` that the templates repeat."""
_LIST_MAX: Final = 99


@dataclass(frozen=True)
class Shape:
    """A deployment with placeholders, and the values of each deployment of this shape.

    Attributes:
        name: the placeholder of the deployments' names.
        deployment: the settings with placeholders.
        members: the values of each deployment by placeholder, by the deployment's name.
    """

    name: str
    deployment: Deployment
    members: Mapping[str, Mapping[str, str]]


def shapes_of(deployments: Mapping[str, Deployment], *, least: int) -> list[Shape]:
    """Return the shapes that at least ``least`` deployments have in common."""
    found: dict[str, Shape] = {}
    for name, deployment in deployments.items():
        divided = _divided(deployment)
        if divided is None:
            continue
        shape, values = divided
        key = shape.model_dump_json(exclude_unset=True)
        known = found.setdefault(key, Shape(f"shape-{len(found):05}-name", shape, {}))
        found[key] = replace(known, members={**known.members, name: {known.name: name, **values}})
    return [shape for shape in found.values() if len(shape.members) >= least]


def _divided(deployment: Deployment) -> tuple[Deployment, dict[str, str]] | None:
    """Return a deployment with placeholders, and their values; None if it is to be synthesized by itself."""
    if (deployment.cmek is not None and deployment.cmek.customer_keys) or deployment.whole is not deployment:
        return None
    settings = deployment.model_dump(mode="python", exclude_unset=True)
    settings = {name: value for name, value in settings.items() if name not in _WITHOUT_TEMPLATE}
    values = {ACCOUNT: deployment.account}
    if _mentions(settings, ACCOUNT) or _mentions(settings, "shape-"):
        return None
    settings = _with_account(settings, deployment.account)
    for path, placeholder in _placeholders(settings):
        values[placeholder] = _at(settings, path)
        settings = _put(settings, path, placeholder)
    try:
        return Deployment.model_validate(settings), values
    except ValidationError:
        return None


def _placeholders(settings: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the paths of values, each with its placeholder, of the same kind as the value."""
    cmek, link = settings.get("cmek") or {}, settings.get("private_link") or {}
    if cmek.get("trust", {}).get("external_id", NO_EXTERNAL_ID) != NO_EXTERNAL_ID:
        yield ("cmek", "trust", "external_id"), "5ba9e000-0000-4000-8000-000000000099"
    if cmek.get("role_name"):
        yield ("cmek", "role_name"), "shape-role-name"
    if cmek.get("key", {}).get("alias"):
        yield ("cmek", "key", "alias"), "shape-key-alias"
    for number, key in enumerate(settings.get("tags", {})):
        yield ("tags", key), f"shape-tag-{number:02}-value"
    for number, setting in enumerate(_IDS):
        path = tuple(setting.split("."))
        found = _at(link, path) if _has(link, path) else None
        if isinstance(found, str):
            yield ("private_link", *path), _id(found, f"{number}00")
        elif isinstance(found, Sequence) and len(found) <= _LIST_MAX:
            for index, value in enumerate(found):
                # In the order of the values, so that a sorted list stays sorted.
                yield ("private_link", *path, index), _id(value, f"{number}{sorted(found).index(value):02}")


def _id(value: str, number: str) -> str:
    """Return the placeholder of an ID, of the same prefix and length."""
    prefix, _, digits = value.partition("-")
    return f"{prefix}-{('fade' * 4)[: len(digits) - len(number)]}{number}"


def _mentions(value: Any, text: str) -> bool:
    match value:
        case str():
            return text in value
        case Mapping():
            return any(_mentions(each, text) for pair in value.items() for each in pair)
        case list() | tuple():
            return any(_mentions(each, text) for each in value)
        case _:
            return False


def _with_account(value: Any, account: str) -> Any:
    """Return the settings with the account's placeholder, in the ARNs too."""
    match value:
        case str():
            return re.sub(rf"(?<![0-9]){account}(?![0-9])", ACCOUNT, value)
        case Mapping():
            return {name: _with_account(each, account) for name, each in value.items()}
        case list() | tuple():
            return [_with_account(each, account) for each in value]
        case _:
            return value


def _has(settings: Any, path: tuple[str | int, ...]) -> bool:
    for each in path:
        if not isinstance(settings, Mapping) or each not in settings:
            return False
        settings = settings[each]
    return True


def _at(settings: Any, path: tuple[str | int, ...]) -> Any:
    for each in path:
        settings = settings[each]
    return settings


def _put(settings: Any, path: tuple[str | int, ...], value: str) -> Any:
    """Return a copy of the settings with one value replaced."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(settings, list):
        return [_put(each, rest, value) if index == first else each for index, each in enumerate(settings)]
    return {**settings, first: _put(settings[first], rest, value)}
