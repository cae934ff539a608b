"""When a change set can be asked for directly, and what for."""

import json
from pathlib import Path
from typing import Any

import pytest

from pinekeep.operations.plan.creation import BODY_BYTES_MAX, change_set_request

STACK = "Pinekeep-search-Cmek"
VERSION = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/hnb659fds/version"}
TEMPLATE: dict[str, Any] = {"Parameters": {"BootstrapVersion": VERSION}, "Resources": {}}


class Assembly:
    """A cloud assembly of one stack, whose template is its only asset."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = dict(TEMPLATE)
        self.properties: dict[str, Any] = {
            "templateFile": "stack.template.json",
            "tags": {"team": "search"},
            "cloudFormationExecutionRoleArn": "arn:${AWS::Partition}:iam::111122223333:role/execution",
        }
        self.assets: dict[str, Any] = {"files": {"1": {"source": {"path": "stack.template.json"}}}, "dockerImages": {}}

    def request(self, *, is_new: bool = True, parameters: set[str] | None = None, **given: Any) -> Any:
        (self.folder / "stack.template.json").write_text(json.dumps(self.template))
        (self.folder / "stack.assets.json").write_text(json.dumps(self.assets))
        artifacts = {
            STACK: {"type": "aws:cloudformation:stack", "properties": self.properties, "dependencies": ["assets"]},
            "assets": {"type": "cdk:asset-manifest", "properties": {"file": "stack.assets.json"}},
        }
        (self.folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
        given = {"revert_drift": False, **given}
        return change_set_request(self.folder, STACK, is_new=is_new, parameters=parameters or set(), **given)


@pytest.fixture
def assembly(tmp_path: Path) -> Assembly:
    return Assembly(tmp_path)


def test_a_new_stack_is_created_with_the_roles_and_tags_of_the_assembly(assembly: Assembly) -> None:
    request = assembly.request()
    assert request["ChangeSetType"] == "CREATE"
    assert request["RoleARN"] == "arn:aws:iam::111122223333:role/execution"
    assert request["Tags"] == [{"Key": "team", "Value": "search"}]
    assert json.loads(request["TemplateBody"]) == TEMPLATE
    assert request["Parameters"] == []


def test_a_parameter_that_a_stack_has_keeps_its_value(assembly: Assembly) -> None:
    request = assembly.request(is_new=False, parameters={"BootstrapVersion", "Gone"})
    assert request["ChangeSetType"] == "UPDATE"
    assert request["Parameters"] == [{"ParameterKey": "BootstrapVersion", "UsePreviousValue": True}]


def test_a_stack_in_review_keeps_no_parameter(assembly: Assembly) -> None:
    assert assembly.request(is_new=True, parameters={"BootstrapVersion"})["Parameters"] == []


def test_reverting_drift_is_a_mode_that_takes_no_nested_stacks(assembly: Assembly) -> None:
    assert assembly.request()["IncludeNestedStacks"] is True
    request = assembly.request(revert_drift=True)
    assert request["DeploymentMode"] == "REVERT_DRIFT"
    assert "IncludeNestedStacks" not in request


def test_the_largest_template_fits_and_a_larger_one_takes_the_cdk_command_line(assembly: Assembly) -> None:
    assembly.template["Description"] = ""
    room = BODY_BYTES_MAX - len(json.dumps(assembly.template).encode())
    assembly.template["Description"] = "x" * room
    assert assembly.request() is not None
    assembly.template["Description"] = "x" * (room + 1)
    assert assembly.request() is None


@pytest.mark.parametrize(
    "assets",
    [
        {"files": {"1": {"source": {"path": "stack.template.json"}}, "2": {"source": {"path": "asset.zip"}}}},
        {"files": {"1": {"source": {"executable": ["make"]}}}},
        {"dockerImages": {"1": {"source": {"directory": "image"}}}},
    ],
)
def test_assets_beside_the_template_take_the_cdk_command_line(assembly: Assembly, assets: dict[str, Any]) -> None:
    assembly.assets = assets
    assert assembly.request() is None


@pytest.mark.parametrize("setting", ["parameters", "notificationArns", "stackName"])
def test_a_setting_that_the_request_would_lack_takes_the_cdk_command_line(assembly: Assembly, setting: str) -> None:
    assembly.properties[setting] = ["something"]
    assert assembly.request() is None


def test_a_parameter_without_a_value_takes_the_cdk_command_line(assembly: Assembly) -> None:
    assembly.template = {"Parameters": {"Asked": {"Type": "String"}}}
    assert assembly.request() is None
    assert assembly.request(is_new=False, parameters={"Asked"}) is not None
