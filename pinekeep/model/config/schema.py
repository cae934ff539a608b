"""The settings of the configuration file as documentation: its JSON Schema, for editors, and its reference table."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

from pinekeep.model.config import models
from pinekeep.model.config.models import PinekeepFile
from pinekeep.model.config.partial import models_in
from pinekeep.model.values import Check, Items

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER: Final = "pinekeep.schema.json"
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
    """Return every setting, in the order of the file."""
    return list(_settings(PinekeepFile, ""))


@cache
def descriptions() -> dict[str, dict[str, str]]:
    """Return what the docstrings say of each setting, by model and setting.

    pydantic can do this, too, but does it each time the models are imported.
    """
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(models)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for field, text in zip(node.body, node.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                match text:
                    case ast.Expr(value=ast.Constant(value=str(docstring))):
                        found.setdefault(node.name, {})[field.target.id] = " ".join(docstring.split())
    return found


def _settings(model: type[BaseModel], prefix: str) -> Iterator[Setting]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        inner = models_in(field.annotation)
        meaning = descriptions()[model.__name__][name]
        yield Setting(path, _type(field), _default(field), _allowed(field), meaning)
        holder: Any = get_origin(field.annotation)
        below = {dict: f"{path}.{_ENTRY}.", list: f"{path}[]."}.get(holder, f"{path}.")
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


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the configuration file.

    It refuses what can be told from one value; what follows from several, ``pinekeep check`` tells.
    """
    schema = PinekeepFile.model_json_schema(schema_generator=_Generator)
    # By name: pydantic's order depends on which models were used before.
    definitions = dict(sorted(schema.pop("$defs").items()))
    for name, definition in definitions.items():
        _describe(name, definition)
    _describe(PinekeepFile.__name__, schema)
    _require_a_part(definitions["Deployment"])
    _require_one_client(definitions["Clients"])
    _require_one_principal(definitions["RoleBinding"])
    for mapping in (schema["properties"]["deployments"], definitions["Deployment"]["properties"]["tags"]):
        _check_names(mapping)
    return {"$schema": DIALECT, "$id": IDENTIFIER, **_without_titles(schema), "$defs": _without_titles(definitions)}


class _Generator(GenerateJsonSchema):
    """Keeps settings in the order of the models, which is the order of the docs."""

    def sort(self, value: Any, parent_key: str | None = None) -> Any:  # noqa: ARG002 - as pydantic calls it
        return value


def _describe(model: str, definition: dict[str, Any]) -> None:
    definition["description"] = inspect.getdoc(getattr(models, model))
    for name, text in descriptions()[model].items():
        definition["properties"][name]["description"] = text


def _require_a_part(deployment: dict[str, Any]) -> None:
    deployment["anyOf"] = [{"required": [part]} for part in ("cmek", "private_link")]


def _require_one_client(clients: dict[str, Any]) -> None:
    clients["anyOf"] = [
        {"required": [kind], "properties": {kind: {"minItems": 1}}}
        for kind in ("cidrs", "security_group_ids", "prefix_list_ids")
    ]


def _require_one_principal(binding: dict[str, Any]) -> None:
    given = {"not": {"type": "null"}}
    binding["oneOf"] = [{"required": [kind], "properties": {kind: given}} for kind in ("user", "service_account")]


def _check_names(mapping: dict[str, Any]) -> None:
    """Refuse names that do not fit the pattern; pydantic only leaves their values unchecked."""
    ((pattern, value),) = mapping.pop("patternProperties").items()
    mapping["propertyNames"]["pattern"] = pattern
    mapping["additionalProperties"] = value


def _without_titles(value: Any) -> Any:
    """Return the schema without the titles that pydantic makes of names; the file's own title stays."""
    if isinstance(value, list):
        return [_without_titles(each) for each in value]
    if not isinstance(value, dict):
        return value
    own = {"Pinekeep configuration"}
    return {
        key: _without_titles(each)
        for key, each in value.items()
        if not (key == "title" and isinstance(each, str) and each not in own)
    }
