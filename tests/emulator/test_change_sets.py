"""A change set says which changes replace a resource."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from pinekeep.emulator.extensions.cloudformation import REPLACING
from pinekeep.emulator.server import EmbeddedAws

Deploy = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("kind", REPLACING)
def test_the_table_says_what_cloudformations_registry_says(kind: str) -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    paths = [each.removeprefix("/properties/") for each in schema.get("createOnlyProperties") or []]
    assert REPLACING[kind] == {each for each in paths if "/" not in each}


@pytest.mark.parametrize(
    ("change", "replacement"),
    [({"Description": "other"}, "False"), ({"Tags": [{"Key": "a", "Value": "b"}]}, "False")],
)
def test_a_key_is_never_replaced(
    embedded_aws: EmbeddedAws, deploy: Deploy, change: dict[str, Any], replacement: str
) -> None:
    key = {"Type": "AWS::KMS::Key", "Properties": {"Description": "one"}}
    stack = deploy({"Key": key})["StackName"]
    client = embedded_aws.session().client("cloudformation")
    template = {"Resources": {"Key": {**key, "Properties": {"Description": "one", **change}}}}
    client.create_change_set(StackName=stack, ChangeSetName="one", TemplateBody=json.dumps(template))
    (found,) = client.describe_change_set(StackName=stack, ChangeSetName="one")["Changes"]
    assert found["ResourceChange"]["Replacement"] == replacement
