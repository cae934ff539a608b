"""A stack policy holds back what CloudFormation would do to role, key and alias, with whatever tool."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model.policies.stack import stack_policy

Deploy = Callable[..., dict[str, Any]]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}
    ],
}


def role(name: str, **others: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {"RoleName": name, "AssumeRolePolicyDocument": TRUST, **others},
    }


@pytest.fixture
def made(embedded_aws: EmbeddedAws, deploy: Deploy, unique: Callable[[str], str]) -> tuple[str, str]:
    """A stack with a role and a log group, under the policy: its name and the role's."""
    name = unique("role")
    stack = str(deploy({"PineconeRole": role(name), "Group": {"Type": "AWS::Logs::LogGroup"}})["StackName"])
    client = embedded_aws.session().client("cloudformation")
    client.set_stack_policy(StackName=stack, StackPolicyBody=json.dumps(stack_policy()))
    return stack, name


@pytest.mark.parametrize("changed", ["replaced", "removed", "renamed"])
def test_a_role_is_not_replaced_and_not_removed(
    embedded_aws: EmbeddedAws, deploy: Deploy, made: tuple[str, str], changed: str
) -> None:
    stack, name = made
    resources = {
        "replaced": {"PineconeRole": role(f"{name}-2")},
        "removed": {"Group": {"Type": "AWS::Logs::LogGroup"}},
        "renamed": {"AnotherName": role(f"{name}-2")},
    }[changed]
    after = deploy(resources, name=stack)
    assert after["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    client = embedded_aws.session().client("cloudformation")
    failed = [
        each
        for each in client.describe_stack_events(StackName=stack)["StackEvents"]
        if each["ResourceStatus"] == "UPDATE_FAILED"
    ]
    assert [each["LogicalResourceId"] for each in failed] == ["PineconeRole"]
    assert "Action denied by stack policy" in failed[0]["ResourceStatusReason"]
    left = client.describe_stack_resources(StackName=stack)["StackResources"]
    assert {each["LogicalResourceId"] for each in left} == {"PineconeRole", "Group"}


def test_everything_else_is_changed_as_ever(deploy: Deploy, made: tuple[str, str]) -> None:
    stack, name = made
    after = deploy({"PineconeRole": role(name, Description="changed")}, name=stack)
    assert after["StackStatus"] == "UPDATE_COMPLETE"
