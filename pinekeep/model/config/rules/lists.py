"""Rules about lists: enough items, all different."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from pinekeep.model.config.models import Deployment
from pinekeep.model.config.partial import known_items, models_in
from pinekeep.model.config.problems import Problem
from pinekeep.model.config.rules.subject import Subject
from pinekeep.model.values import Items


def list_items_differ(here: Subject) -> Iterator[Problem]:
    """No item is listed twice."""
    for kind, names in lists_of(Deployment):
        for index, error in kind.repeated(known_items(_list(here.deployment, names))):
            yield from here.invalid(error, *names, index)


def lists_are_long_enough(here: Subject) -> Iterator[Problem]:
    """A list has the minimum number of items."""
    for kind, names in lists_of(Deployment):
        yield from here.invalid(kind.few(len(_list(here.deployment, names, least=kind.least))), *names)


@cache
def lists_of(model: type[BaseModel]) -> tuple[tuple[Items, tuple[str, ...]], ...]:
    """Return the lists of a model with their paths. Lists within lists of mappings have rules of their own."""
    found: list[tuple[Items, tuple[str, ...]]] = []
    for name, field in model.model_fields.items():
        found += [(each, (name,)) for each in _metadata(field.annotation, field.metadata) if isinstance(each, Items)]
        if getattr(field.annotation, "__origin__", None) not in (list, dict):
            for inner in models_in(field.annotation):
                found += [(kind, (name, *names)) for kind, names in lists_of(inner)]
    return tuple(found)


def _metadata(annotation: Any, metadata: Any) -> Iterator[Any]:
    yield from metadata
    for each in get_args(annotation):
        yield from _metadata(each, getattr(each, "__metadata__", ()))


def _list(deployment: Deployment, names: tuple[str, ...], least: int = 0) -> list[str]:
    """Return the list; where there is none, or none that can be read, one that meets the requirements."""
    value: Any = deployment
    for name in names:
        value = getattr(value, name, None)
    return value if isinstance(value, list) else [str(number) for number in range(least)]
