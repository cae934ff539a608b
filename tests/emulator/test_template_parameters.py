"""What CloudFormation of the embedded AWS refuses about a template's parameters."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.conftest import Client
from tests.emulator.stack_sets_support import refused, template, values

RULES = {
    "Named": {
        "Assertions": [
            {
                "Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, "placeholder"]}]},
                "AssertDescription": "a name of its own",
            }
        ]
    }
}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"Name": "n", "Other": "o"}, "Parameters: [Other] do not exist in the template"),
        ({"Kind": "gold"}, "Name"),
        ({"Name": "Upper"}, "must match pattern"),
        ({"Name": "n", "Kind": "lead"}, "Kind"),
        ({"Name": "placeholder"}, "a name of its own"),
    ],
)
def test_values_that_the_template_excludes_are_refused(
    client: Client, unique: Callable[[str], str], given: dict[str, str], text: str
) -> None:
    cloudformation, name = client("cloudformation"), unique("refused")
    asked: dict[str, Any] = {"StackName": name, "TemplateBody": template(rules=RULES), "Parameters": values(**given)}
    refused(lambda: cloudformation.create_stack(**asked), "ValidationError", text)
    change_set = {**asked, "ChangeSetName": "c", "ChangeSetType": "CREATE"}
    refused(lambda: cloudformation.create_change_set(**change_set), "ValidationError", text)
    fine = {**asked, "Parameters": values(Name=name)}
    cloudformation.create_stack(**fine)
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 0.02, "MaxAttempts": 500})
    refused(lambda: cloudformation.update_stack(**asked), "ValidationError", text)
