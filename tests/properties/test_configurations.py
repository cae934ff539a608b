"""The strategy makes what it says: files that are right."""

import yaml
from hypothesis import given
from jsonschema import Draft202012Validator

from pinekeep.model.config.schema import json_schema
from tests.properties.configurations import Data, configurations
from tests.properties.loaded import load_text, loaded, written
from tests.properties.settings import tried

SCHEMA = Draft202012Validator(json_schema())


@tried(40)
@given(configurations())
def test_any_right_configuration_is_taken_and_fits_the_schema(data: Data) -> None:
    text = written(data)
    configuration = load_text(text)
    assert list(configuration.deployments) == list(data["deployments"])
    assert configuration.content == loaded(data).content
    assert SCHEMA.is_valid(yaml.safe_load(text))


@tried(10)
@given(configurations())
def test_a_warning_says_where_it_is_and_what_to_do(data: Data) -> None:
    for warning in load_text(written(data)).warnings:
        assert warning.severity == "warning"
        assert warning.position is not None
        assert warning.hint
