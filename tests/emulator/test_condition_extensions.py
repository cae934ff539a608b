import json
from collections.abc import Callable
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws

GROUP = {"Type": "AWS::Logs::LogGroup"}
REGION = {"Ref": "AWS::Region"}


def output_of(aws: EmbeddedAws, stack: str, template: dict[str, Any], region: str, **values: str) -> str:
    cloudformation = aws.session(region=region).client("cloudformation")
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps(template), Parameters=parameters)
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=stack, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
    (output,) = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    return str(output["OutputValue"])


@pytest.mark.parametrize(("given", "expected"), [("", "empty"), ("a", "filled"), ("a,b", "filled")])
def test_a_condition_joins_a_list(
    embedded_aws: EmbeddedAws, unique: Callable[[str], str], given: str, expected: str
) -> None:
    filled = {"Fn::Not": [{"Fn::Equals": ["", {"Fn::Join": ["", {"Ref": "Names"}]}]}]}
    template: dict[str, Any] = {
        "Parameters": {"Names": {"Type": "CommaDelimitedList", "Default": ""}},
        "Conditions": {"Filled": filled},
        "Resources": {"Group": GROUP},
        "Outputs": {"Said": {"Value": {"Fn::If": ["Filled", "filled", "empty"]}}},
    }
    assert output_of(embedded_aws, unique("conditions"), template, "us-east-1", Names=given) == expected


@pytest.mark.parametrize(("region", "expected"), [("us-east-1", "here"), ("eu-west-1", "elsewhere")])
def test_a_condition_compares_the_region(
    embedded_aws: EmbeddedAws, unique: Callable[[str], str], region: str, expected: str
) -> None:
    template: dict[str, Any] = {
        "Parameters": {"Home": {"Type": "String"}},
        "Conditions": {"Here": {"Fn::Or": [{"Fn::Equals": [{"Ref": "Home"}, each]} for each in ("", REGION)]}},
        "Resources": {"Group": GROUP},
        "Outputs": {"Said": {"Value": {"Fn::If": ["Here", "here", "elsewhere"]}}},
    }
    assert output_of(embedded_aws, unique("regions"), template, region, Home="us-east-1") == expected
