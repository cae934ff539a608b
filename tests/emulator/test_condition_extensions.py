import json
from collections.abc import Callable
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws

GROUP = {"Type": "AWS::Logs::LogGroup"}


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
    cloudformation = embedded_aws.session().client("cloudformation")
    name = unique("conditions")
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "Names", "ParameterValue": given}],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})
    (output,) = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    assert output["OutputValue"] == expected
