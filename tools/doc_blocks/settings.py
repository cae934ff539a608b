"""The settings of the configuration file, for its reference."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pinekeep.model.config.models import PinekeepFile
from pinekeep.model.config.partial import models_in
from pinekeep.model.config.private_link import Endpoint
from pinekeep.model.config.schema import descriptions
from pinekeep.model.values import Check, Items

_ENTRY: Final = "<name>"
_WORDS: Final = {str: "text", int: "whole number", bool: "true or false"}


@dataclass(frozen=True)
class Setting:
    """One setting of the file.

    Attributes:
        path: its name with those it stands in, such as ``deployments.<name>.region``.
        type: what kind of value it takes.
        default: what holds where it is left out; None where it must be set.
        allowed: what it may be.
        meaning: what it is for.
    """

    path: str
    type: str
    default: str | None
    allowed: str
    meaning: str


def settings() -> list[Setting]:
    """Return every setting, in the order of the file. A setting of several kinds of VPC is listed once."""
    found: dict[str, Setting] = {}
    for each in _settings(PinekeepFile, ""):
        found.setdefault(each.path, each)
    return list(found.values())


def _settings(model: type[BaseModel], prefix: str) -> Iterator[Setting]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        inner = models_in(field.annotation)
        meaning = descriptions()[model.__name__][name]
        yield Setting(path, _type(field), _default(field), _allowed(field), meaning)
        holder: Any = get_origin(field.annotation)
        below = {dict: f"{path}.{_ENTRY}.", list: f"{path}[]."}.get(holder, f"{path}.")
        if inner == [Endpoint]:
            continue  # a further endpoint has the settings of private_link
        for each in inner:
            yield from _settings(each, below)


def _type(field: FieldInfo) -> str:
    words = dict.fromkeys(_type_words(field.annotation))
    return " or ".join(words)


def _type_words(annotation: Any) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield "mapping"
    elif annotation in _WORDS:
        yield _WORDS[annotation]
    elif get_origin(annotation) in (list, dict):
        yield "list" if get_origin(annotation) is list else "mapping"
    elif get_origin(annotation) is Literal:
        yield "whole number" if isinstance(get_args(annotation)[0], int) else "text"
    elif annotation is not type(None):
        # A union, or a type with checks around it: the checks come behind the type and yield nothing.
        for inner in get_args(annotation):
            yield from _type_words(inner)


def _default(field: FieldInfo) -> str | None:
    if field.is_required():
        return None
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "its own defaults"
    if value is None:
        return "left out"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _allowed(field: FieldInfo) -> str:
    words = list(dict.fromkeys(_allowed_words((field.annotation, *field.metadata))))
    return "; ".join(words) or "its settings"


def _allowed_words(annotations: tuple[Any, ...]) -> Iterator[str]:
    for each in annotations:
        if isinstance(each, Check):
            yield each.allowed
        elif isinstance(each, Items) and each.least:
            yield f"at least {each.least}, all different"
        elif isinstance(each, Items):
            yield "all different"
        elif each is bool:
            yield "`true`, `false`"
        elif get_origin(each) is Literal:
            yield ", ".join(f"`{value}`" for value in get_args(each))
        elif not (isinstance(each, type) and issubclass(each, BaseModel)):
            yield from _allowed_words(get_args(each))
            yield from _allowed_words(getattr(each, "__metadata__", ()))
