"""The JSON Schema of a fleet's settings: those of a deployment, of which any may be in the rows instead."""

from collections.abc import Mapping
from typing import Any, Final

from pinekeep.model.config.fleet.columns import PARTS, REFUSED

SETTINGS: Final = "FleetSettings"
_PREFIX: Final = "#/$defs/"
_DEPLOYMENT: Final = "Deployment"
_COMPLETENESS: Final = ("required", "minItems", "minProperties")
_TEXTS: Final = ("pattern", "minLength")
"""Keywords that a text with a variable would not meet: ``${AWS::AccountId}`` stands for an account number."""


def settings_schemas(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definitions of a fleet's settings, from those of a deployment's, by name.

    They require one part, and nothing of it: a row can have what the settings for all lack.
    """
    found: dict[str, Any] = {}
    names = [_DEPLOYMENT]
    for name in names:  # grows by what is referred to
        definition = _without_refused(definitions[name], ()) if name == _DEPLOYMENT else definitions[name]
        if name == "PrivateLink":
            definition = _without_refused(definition, ("private_link",))
        found[_name(name)] = _relaxed(definition, names)
    found[SETTINGS]["description"] = "The settings of all targets of a fleet. Rows may have what is missing."
    found[SETTINGS]["oneOf"] = [{"required": [part]} for part in PARTS]
    return found


def _without_refused(definition: Mapping[str, Any], prefix: tuple[str, ...]) -> dict[str, Any]:
    kept = {name: each for name, each in definition["properties"].items() if (*prefix, name) not in REFUSED}
    return {**definition, "properties": kept}


def _relaxed(node: Any, names: list[str]) -> Any:
    if isinstance(node, list):
        return [_relaxed(each, names) for each in node]
    if not isinstance(node, Mapping):
        return node
    found: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            found[key] = {name: _relaxed(each, names) for name, each in value.items()}
        elif key in _COMPLETENESS or key in _TEXTS or (key in ("anyOf", "oneOf") and _is_about_presence(value)):
            continue
        elif key == "$ref":
            name = value.removeprefix(_PREFIX)
            if name not in names:
                names.append(name)
            found[key] = f"{_PREFIX}{_name(name)}"
        else:  # an incomplete VPC may be of each kind
            found["anyOf" if key == "oneOf" else key] = _relaxed(value, names)
    return found


def _is_about_presence(alternatives: Any) -> bool:
    return all(set(each) & {"required"} or set(each) == {"properties"} for each in alternatives)


def _name(definition: str) -> str:
    return SETTINGS if definition == _DEPLOYMENT else f"{definition}InFleet"
