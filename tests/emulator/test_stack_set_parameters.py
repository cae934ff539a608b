"""Parameters of stack sets, and their overrides."""

from collections.abc import Callable
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from tests.emulator.conftest import Client
from tests.emulator.stack_sets_support import FIRST, SECOND, Administrator, by_key, outputs, refused, template, values

Unique = Callable[[str], str]
REGION = "us-east-1"
CREATE, UPDATE, DELETE = "create_stack_instances", "update_stack_instances", "delete_stack_instances"
TARGETS = {"Accounts": [FIRST], "Regions": [REGION]}


@pytest.fixture
def alone(client: Client, self_managed: dict[str, str]) -> Administrator:
    """Self-managed sets of the default account."""
    assert self_managed
    return Administrator(client("cloudformation"))


@pytest.fixture
def make(alone: Administrator, self_managed: dict[str, str], unique: Unique) -> Callable[..., str]:
    def created(**given: Any) -> str:
        name = unique("values")
        alone.create(name, **self_managed, **given)
        return name

    return created


def deployed(client: Client, alone: Administrator, name: str, account: str = FIRST) -> dict[str, str]:
    """The outputs of an instance's stack."""
    stack_id = alone.instance(name, account)["StackId"]
    return outputs(client("cloudformation", account).describe_stacks(StackName=stack_id)["Stacks"][0])


def test_overrides_are_kept_replaced_and_reset_by_lists(
    alone: Administrator, client: Client, make: Callable[..., str]
) -> None:
    name = make()
    alone.run(CREATE, name, ParameterOverrides=values(Kind="gold"), **TARGETS)
    kept = [{"ParameterKey": "Kind", "UsePreviousValue": True}]
    cases: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({}, {"Kind": "gold"}),  # no list: all stay
        ({"ParameterOverrides": [*kept, *values(Name=f"{name}-o")]}, {"Kind": "gold", "Name": f"{name}-o"}),
        ({"ParameterOverrides": values(Name=f"{name}-p")}, {"Name": f"{name}-p"}),  # a list without it: reset
        ({"ParameterOverrides": values(Kind="silver")}, {"Kind": "silver"}),
        ({"ParameterOverrides": []}, {}),
    ]
    for given, overrides in cases:
        assert alone.run(UPDATE, name, **TARGETS, **given)["Status"] == "SUCCEEDED"
        assert by_key(alone.instance(name, FIRST)["ParameterOverrides"]) == overrides, given
        assert deployed(client, alone, name) == {"Name": name, "Kind": "plain", **overrides}


def test_creating_an_instance_that_is_current_changes_nothing(
    alone: Administrator, client: Client, make: Callable[..., str]
) -> None:
    name = make()
    alone.run(CREATE, name, **TARGETS)
    before = alone.instance(name, FIRST)["StackId"]
    assert alone.run(CREATE, name, ParameterOverrides=values(Kind="gold"), **TARGETS)["Status"] == "SUCCEEDED"
    after = alone.instance(name, FIRST)
    assert (after["StackId"], after["ParameterOverrides"]) == (before, [])
    assert deployed(client, alone, name)["Kind"] == "plain"


def test_overrides_of_parameters_that_the_set_lacks_are_refused(alone: Administrator, make: Callable[..., str]) -> None:
    name = make()
    for call in (CREATE, UPDATE):
        refused(
            lambda call=call: alone.run(call, name, ParameterOverrides=values(Other="o"), **TARGETS),
            "ValidationError",
            "Parameters: [Other] do not exist in the template",
        )
    both = [{"ParameterKey": "Kind", "ParameterValue": "gold", "UsePreviousValue": True}]
    refused(lambda: alone.run(CREATE, name, ParameterOverrides=both, **TARGETS), "ValidationError", "Kind")
    assert alone.instances(name) == {}


def test_a_value_that_the_template_excludes_fails_the_instance(alone: Administrator, make: Callable[..., str]) -> None:
    not_set = {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, "placeholder"]}]}
    assertion = {"Assert": not_set, "AssertDescription": "Name must be set for this account"}
    rules = {"Whole": {"Assertions": [assertion]}}
    name = make(TemplateBody=template(rules=rules), Parameters=values(Name="placeholder"))
    cases: list[tuple[dict[str, str], str]] = [
        ({"Name": "Upper"}, "Parameter 'Name' must match pattern [a-z0-9-]+"),
        ({"Name": "n", "Kind": "lead"}, "Kind"),
        ({}, "Name must be set for this account"),
    ]
    for overrides, reason in cases:
        made = alone.run(CREATE, name, ParameterOverrides=values(**overrides), **TARGETS)
        assert made["Status"] == "FAILED"
        (state,) = alone.results(name, made["OperationId"]).values()
        assert state[0] == "FAILED"
        assert reason in state[1]
        instance = alone.instance(name, FIRST)
        assert (instance["Status"], instance["StackInstanceStatus"]["DetailedStatus"]) == ("OUTDATED", "FAILED")
        assert "StackId" not in instance
        assert by_key(instance["ParameterOverrides"]) == overrides  # kept, though nothing was deployed


def test_a_failed_update_is_told_and_keeps_the_stack(
    alone: Administrator, client: Client, make: Callable[..., str]
) -> None:
    name = make()
    alone.run(CREATE, name, **TARGETS)
    stack_id = alone.instance(name, FIRST)["StackId"]
    changed = alone.run(UPDATE, name, ParameterOverrides=values(Kind="lead"), **TARGETS)
    assert changed["Status"] == "FAILED"
    instance = alone.instance(name, FIRST)
    assert (instance["Status"], instance["StackId"]) == ("OUTDATED", stack_id)
    assert by_key(instance["ParameterOverrides"]) == {"Kind": "lead"}  # what it should have, not what it has
    assert deployed(client, alone, name)["Kind"] == "plain"


def test_a_large_template_comes_from_a_bucket(
    alone: Administrator, client: Client, make: Callable[..., str], unique: Unique
) -> None:
    big = template(resources={"Big": {"Type": "AWS::SQS::Queue", "Metadata": {"why": "x" * 60_000}}})
    refused(lambda: make(TemplateBody=big), "ValidationError", "51200")
    bucket, s3 = unique("templates"), client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="big.json", Body=big)
    name = unique("big")
    alone.client.create_stack_set(
        StackSetName=name,
        TemplateURL=f"https://s3.amazonaws.com/{bucket}/big.json",
        Parameters=values(Name=name),
        AdministrationRoleARN="arn:aws:iam::111122223333:role/Fleet-Administration",
        ExecutionRoleName="Fleet-Execution",
    )
    assert alone.run(CREATE, name, **TARGETS)["Status"] == "SUCCEEDED"
    assert alone.client.describe_stack_set(StackSetName=name)["StackSet"]["TemplateBody"] == big


ROLE: dict[str, Any] = {
    "Type": "AWS::IAM::Role",
    "Properties": {"RoleName": {"Ref": "Name"}, "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
}


def test_a_role_is_made_once_an_account(
    alone: Administrator, embedded_aws: EmbeddedAws, client: Client, make: Callable[..., str]
) -> None:
    """Roles are global: the stack of a second Region collides, is rolled back, and is made anew by the next try."""
    name = make(TemplateBody=template(resources={"Role": ROLE}), Capabilities=["CAPABILITY_NAMED_IAM"])
    both = {"Accounts": [SECOND], "Regions": ["eu-west-1", REGION]}
    made = alone.run(CREATE, name, OperationPreferences={"RegionOrder": [REGION, "eu-west-1"]}, **both)
    taken = f"Resource of type 'AWS::IAM::Role' with identifier '{name}' already exists."
    assert alone.results(name, made["OperationId"]) == {
        (SECOND, REGION): ("SUCCEEDED", ""),
        (SECOND, "eu-west-1"): (
            "FAILED",
            f"ResourceLogicalId:Role, ResourceType:AWS::IAM::Role, ResourceStatusReason:{taken}.",
        ),
    }
    there = client("cloudformation", SECOND, region="eu-west-1")
    failed = alone.instance(name, SECOND, "eu-west-1")["StackId"]
    assert there.describe_stacks(StackName=failed)["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"
    iam = embedded_aws.session(SECOND).client("iam")
    assert iam.get_role(RoleName=name)["Role"]["RoleName"] == name  # the first one is still there
    iam.delete_role(RoleName=name)
    assert alone.run(UPDATE, name, Accounts=[SECOND], Regions=["eu-west-1"])["Status"] == "SUCCEEDED"
    again = alone.instance(name, SECOND, "eu-west-1")
    assert again["StackId"] != failed
    assert again["Status"] == "CURRENT"
    assert there.describe_stacks(StackName=failed)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
