"""The JSON Schema of the configuration file, for editors."""

import ast
import inspect
from functools import cache
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema

from pinekeep.model.config import models, monitoring, private_link, storage
from pinekeep.model.config.fleet import settings as fleet
from pinekeep.model.config.fleet.schema import SETTINGS, settings_schemas
from pinekeep.model.config.models import PinekeepFile

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER: Final = "pinekeep.schema.json"


_MODULES: Final = (private_link, storage, monitoring, fleet, models)
_SUBCLASSES: Final = {"PrivateLink": "Endpoint"}
"""The models that have the settings of another one as well."""


@cache
def descriptions() -> dict[str, dict[str, str]]:
    """Return each setting's docstring, by model and setting. pydantic would read them at each import of the models."""
    found: dict[str, dict[str, str]] = {}
    for node in (each for module in _MODULES for each in ast.parse(inspect.getsource(module)).body):
        if not isinstance(node, ast.ClassDef):
            continue
        for field, text in zip(node.body, node.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                match text:
                    case ast.Expr(value=ast.Constant(value=str(docstring))):
                        found.setdefault(node.name, {})[field.target.id] = " ".join(docstring.split())
                    case _:
                        pass
    for model, base in _SUBCLASSES.items():
        found[model] = {**found[base], **found[model]}
    return found


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file: what follows from several values is left to ``pinekeep check``."""
    schema = PinekeepFile.model_json_schema(schema_generator=_Generator)
    # By name: pydantic's order depends on which models were used before.
    definitions = dict(sorted(schema.pop("$defs").items()))
    for name, definition in definitions.items():
        _describe(name, definition)
    _describe(PinekeepFile.__name__, schema)
    schema["anyOf"] = [{"required": [each]} for each in ("deployments", "fleet")]
    _require_a_part(definitions["Deployment"])
    _require_one_client(definitions["Clients"])
    for endpoint in ("Endpoint", "PrivateLink"):
        _require_clients(definitions[endpoint])
    _require_one_principal(definitions["RoleBinding"])
    settings = definitions["Deployment"]["properties"]
    fleets = (schema["properties"]["fleet"], definitions["Fleet"]["properties"]["tags"])
    for mapping in (
        schema["properties"]["deployments"],
        *fleets,
        settings["tags"],
        settings["storage_integrations"],
    ):
        _check_names(mapping)
    definitions = dict(sorted({**definitions, **settings_schemas(definitions)}.items()))
    fleet_settings = definitions["Fleet"]["properties"]["settings"]
    definitions["Fleet"]["properties"]["settings"] = {
        "$ref": f"#/$defs/{SETTINGS}",
        "description": fleet_settings["description"],
    }
    return {"$schema": DIALECT, "$id": IDENTIFIER, **_without_titles(schema), "$defs": _without_titles(definitions)}


class _Generator(GenerateJsonSchema):
    """Keeps settings in the order of the models, which is the order of the docs."""

    def sort(self, value: Any, parent_key: str | None = None) -> Any:  # noqa: ARG002 - as pydantic calls it
        return value


def _describe(model: str, definition: dict[str, Any]) -> None:
    definition["description"] = inspect.getdoc(next(getattr(each, model) for each in _MODULES if hasattr(each, model)))
    for name, text in descriptions()[model].items():
        definition["properties"][name]["description"] = text


def _require_a_part(deployment: dict[str, Any]) -> None:
    deployment["anyOf"] = [{"required": [part]} for part in ("cmek", "private_link", "audit_logs")] + [
        {"required": ["storage_integrations"], "properties": {"storage_integrations": {"minProperties": 1}}}
    ]


def _require_one_client(clients: dict[str, Any]) -> None:
    clients["anyOf"] = [
        {"required": [kind], "properties": {kind: {"minItems": 1}}}
        for kind in ("cidrs", "security_group_ids", "prefix_list_ids")
    ]


def _require_clients(endpoint: dict[str, Any]) -> None:
    endpoint["anyOf"] = [
        {"required": ["clients"]},
        {"required": ["security_group_ids"]},
        {"properties": {"vpc": {"required": ["adopt"]}}},
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
