import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from pinekeep.model.config.schema import descriptions, json_schema
from tools.doc_blocks.settings import settings

FOLDER = Path(__file__).parents[3] / "examples"
EXAMPLES = sorted([*FOLDER.glob("*.yaml"), *FOLDER.glob("*/pinekeep.yaml")])


def objects(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for each in value for found in objects(each)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for each in value.values() for found in objects(each))]


def test_its_definitions_stand_in_one_order_whatever_was_used_before() -> None:
    assert list(json_schema()["$defs"]) == sorted(json_schema()["$defs"])


def test_the_file_in_the_repository_is_up_to_date(root: Path) -> None:
    written = (root / "pinekeep.schema.json").read_text(encoding="utf-8")
    assert written == json.dumps(json_schema(), indent=2) + "\n", "write it anew: make docs"


def test_it_is_a_schema_of_its_dialect() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "pinekeep.schema.json", "a name: an address would have to be ours"
    assert schema["title"] == "Pinekeep configuration"
    Draft202012Validator.check_schema(schema)


def test_every_setting_is_described() -> None:
    schema = json_schema()
    models = {"PinekeepFile": schema, **schema["$defs"]}
    of_fleets = {name for name in models if name.endswith("InFleet")} | {"FleetSettings"}
    assert set(models) == set(descriptions()) | of_fleets
    assert len(of_fleets) > 10
    for model, definition in models.items():
        assert definition["description"], model
        for name, field in definition["properties"].items():
            assert field["description"], f"{model}.{name}"


def test_nothing_unknown_passes() -> None:
    for each in objects(json_schema()):
        if "properties" in each and each.get("type") == "object":
            assert each["additionalProperties"] is False


def test_names_of_deployments_and_tags_are_checked() -> None:
    schema = json_schema()
    assert schema["properties"]["deployments"]["propertyNames"] == {
        "maxLength": 40,
        "pattern": "^[a-z0-9]+(?:-[a-z0-9]+)*$",
    }
    tags = schema["$defs"]["Deployment"]["properties"]["tags"]
    assert tags["propertyNames"] == {"minLength": 1, "maxLength": 128, "pattern": "^(?![Aa][Ww][Ss]:)"}
    assert tags["maxProperties"] == 49


@pytest.mark.parametrize(
    ("settings_", "fits"),
    [
        ({"cmek": {}}, True),
        ({"cmek": {"trust": {"regions": "all"}, "key": {"administrators": ["arn:${AWS::AccountId}"]}}}, True),
        ({"private_link": {"vpc": {"subnet_ids": []}}}, True),
        ({"cmek": {}, "private_link": {}}, False),
        ({"cmek": {"trust": {"region": "us-east-1"}}}, False),
        ({"cmek": {"key": {"rotation_days": 1}}}, False),
        ({"cmek": {}, "monitoring": {"emails": ["ops@example.com"]}}, False),
        ({"private_link": {"further_endpoints": {}}}, False),
    ],
)
def test_the_settings_of_a_fleet_are_those_of_a_deployment_and_may_lack_any(settings_: object, fits: bool) -> None:
    fleet = {
        "administrator": {"account": "111122223333", "region": "us-east-1"},
        "permissions": "self-managed",
        "file": "fleet.csv",
        "regions": ["us-east-1"],
        "settings": settings_,
    }
    assert Draft202012Validator(json_schema()).is_valid({"version": 1, "fleet": {"search": fleet}}) is fits


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_fits(path: Path) -> None:
    Draft202012Validator(json_schema()).validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_the_reference_has_every_setting_once_with_a_meaning() -> None:
    found = settings()
    assert len({setting.path for setting in found}) == len(found)
    assert all(setting.meaning.endswith(".") for setting in found)
    assert all(setting.allowed for setting in found)
    rotation = next(setting for setting in found if setting.path.endswith("rotation_days"))
    assert (rotation.path, rotation.type, rotation.default, rotation.allowed) == (
        "deployments.<name>.cmek.key.rotation_days",
        "whole number",
        "365",
        "90 to 2560",
    )
