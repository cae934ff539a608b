"""The properties that replace a resource, held against the schemas of the CloudFormation registry."""

from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from pinekeep.model.facts.replacement import REPLACING, recreation

REGION = "us-east-1"


def properties(schema: dict[str, Any], *keywords: str) -> set[str]:
    """The top-level properties that the schema lists under some keywords."""
    found: set[str] = set()
    for keyword in keywords:
        found |= {str(each).split("/")[2] for each in schema.get(keyword, ())}
    return found


@pytest.mark.parametrize("kind", REPLACING)
def test_the_facts_are_those_of_the_registry(kind: str) -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    known = REPLACING[kind]
    needed = properties(schema, "createOnlyProperties", "conditionalCreateOnlyProperties")
    assert known.always | known.sometimes >= needed
    assert known.always <= properties(schema, "createOnlyProperties", "primaryIdentifier")
    assert known.always | known.sometimes <= set(schema["properties"])


def test_a_type_that_is_not_listed_may_be_replaced_by_any_change() -> None:
    assert recreation("AWS::SQS::Queue", "DelaySeconds") == "Conditionally"
    assert recreation("AWS::IAM::Role", "RoleName") == "Always"
    assert recreation("AWS::IAM::Role", "Description") == "Never"
    assert recreation("AWS::EC2::VPC", "InstanceTenancy") == "Conditionally"
