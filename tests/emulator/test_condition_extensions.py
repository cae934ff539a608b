import json
from collections.abc import Callable
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws

GROUP = {"Type": "AWS::Logs::LogGroup"}


Run = Callable[..., str]


@pytest.fixture
def said(embedded_aws: EmbeddedAws, unique: Callable[[str], str]) -> Run:
    """Deploy a stack with a condition; return whether it holds, as the stack's output says it."""

    def run(condition: dict[str, Any], **parameters: str) -> str:
        declared = {name: {"Type": "CommaDelimitedList", "Default": ""} for name in parameters}
        template: dict[str, Any] = {
            **({"Parameters": declared} if declared else {}),
            "Conditions": {"Given": condition},
            "Resources": {"Group": GROUP},
            "Outputs": {"Said": {"Value": {"Fn::If": ["Given", "yes", "no"]}}},
        }
        cloudformation = embedded_aws.session().client("cloudformation")
        name = unique("conditions")
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=json.dumps(template),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        )
        waiter = cloudformation.get_waiter("stack_create_complete")
        waiter.wait(StackName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
        (output,) = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
        return str(output["OutputValue"])

    return run


@pytest.mark.parametrize(("given", "expected"), [("", "no"), ("a", "yes"), ("a,b", "yes")])
def test_a_condition_joins_a_list(said: Run, given: str, expected: str) -> None:
    filled = {"Fn::Not": [{"Fn::Equals": ["", {"Fn::Join": ["", {"Ref": "Names"}]}]}]}
    assert said(filled, Names=given) == expected


@pytest.mark.parametrize(("name", "value"), [("AWS::Region", "us-east-1"), ("AWS::AccountId", "111122223333")])
def test_a_condition_knows_the_pseudo_parameters(said: Run, name: str, value: str) -> None:
    assert said({"Fn::Equals": [{"Ref": name}, value]}) == "yes"
    assert said({"Fn::Equals": [{"Ref": name}, "other"]}) == "no"
