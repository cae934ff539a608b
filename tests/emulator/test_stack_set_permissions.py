"""The roles of self-managed stack sets, and who may call StackSets."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from tests.emulator.conftest import Client, held, policy
from tests.emulator.stack_sets_support import FIRST, SECOND, THIRD, Administrator, refused, values

Unique = Callable[[str], str]
Roles = dict[str, str]
CREATE = "create_stack_instances"
REGION = "us-east-1"


@pytest.fixture
def alone(client: Client) -> Administrator:
    return Administrator(client("cloudformation"))


@pytest.fixture
def role(embedded_aws: EmbeddedAws, unique: Unique) -> Iterator[Callable[..., str]]:
    """Roles with a trust policy and a statement, which end with the test. Returns the ARN."""
    made: list[tuple[Any, str]] = []

    def create(
        account: str | None, trusted: dict[str, str], allowed: str = "*", resource: str = "*", **condition: Any
    ) -> str:
        iam, name = embedded_aws.session(account).client("iam"), unique("Fleet")
        trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole", **condition}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(policy(trust)))["Role"]["Arn"]
        statement = {"Effect": "Allow", "Action": allowed, "Resource": resource}
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(policy(statement)))
        made.append((iam, name))
        return str(arn)

    yield create
    for iam, name in made:
        iam.delete_role_policy(RoleName=name, PolicyName="all")
        iam.delete_role(RoleName=name)


CLOUDFORMATION = {"Service": "cloudformation.amazonaws.com"}


def failure(alone: Administrator, name: str, account: str = FIRST) -> str:
    """Why the instance of an account fails; empty where it does not."""
    made = alone.run(CREATE, name, Accounts=[account], Regions=[REGION])
    ((_, reason),) = alone.results(name, made["OperationId"]).values()
    return reason


def test_self_managed_sets_deploy_with_two_roles(alone: Administrator, self_managed: Roles, unique: Unique) -> None:
    name = unique("self")
    alone.create(name, **self_managed)
    described = alone.client.describe_stack_set(StackSetName=name)["StackSet"]
    assert {key: described[key] for key in self_managed} == self_managed
    assert described["PermissionModel"] == "SELF_MANAGED"
    assert "AutoDeployment" not in described
    made = alone.run(CREATE, name, Accounts=[FIRST, SECOND], Regions=[REGION])
    assert made["Status"] == "SUCCEEDED"
    assert {key: made[key] for key in self_managed} == self_managed
    assert set(alone.instances(name)) == {(FIRST, REGION), (SECOND, REGION)}
    assert "OrganizationalUnitId" not in alone.instance(name, FIRST)


def test_missing_roles_fail_the_instance(
    alone: Administrator, self_managed: Roles, role: Callable[..., str], unique: Unique
) -> None:
    name = unique("default")
    alone.create(name)
    assert failure(alone, name) == (
        "Account 111122223333 should have 'AWSCloudFormationStackSetAdministrationRole' role with trust relationship "
        "to CloudFormation service."
    )
    name = unique("target")
    alone.create(name, **self_managed)
    assert failure(alone, name, THIRD) == (
        f"Account {THIRD} should have 'Fleet-Execution' role with trust relationship to Role 'Fleet-Administration'."
    )
    assert alone.instance(name, THIRD)["Status"] == "OUTDATED"


@pytest.mark.parametrize("broken", ["no service", "may not assume", "other target", "foreign", "no cloudformation", ""])
def test_each_link_between_the_roles_counts(
    alone: Administrator, role: Callable[..., str], unique: Unique, broken: str
) -> None:
    """The administration role trusts CloudFormation and may assume; the execution role trusts it and may act."""
    administrator = role(
        None,
        {"Service": "ec2.amazonaws.com"} if broken == "no service" else CLOUDFORMATION,
        "s3:*" if broken == "may not assume" else "sts:AssumeRole",
        "arn:aws:iam::*:role/Another" if broken == "other target" else "*",
    )
    foreign = {"AWS": f"arn:aws:iam::{SECOND}:root"}
    execution = role(
        FIRST,
        foreign if broken == "foreign" else {"AWS": administrator},
        "sqs:*" if broken == "no cloudformation" else "*",
    )
    name, named = unique("link"), execution.rpartition("/")[2]
    alone.create(name, AdministrationRoleARN=administrator, ExecutionRoleName=named)
    reason = failure(alone, name)
    expected = {
        "": "",
        "no service": "trust relationship to CloudFormation service",
        "no cloudformation": "is not authorized to perform: cloudformation:CreateStack",
    }.get(broken, f"Account {FIRST} should have '{named}' role with trust relationship to Role")
    assert expected in reason
    assert bool(reason) is bool(broken)


@pytest.mark.parametrize(("name", "fits"), [("Pinekeep-search-Cmek", True), ("Others-search-Cmek", False)])
def test_the_administration_role_can_be_bound_to_sets(
    alone: Administrator, role: Callable[..., str], unique: Unique, name: str, fits: bool
) -> None:
    condition = {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:cloudformation:*:111122223333:stackset/Pinekeep-*:*"},
    }
    administrator = role(None, CLOUDFORMATION, Condition=condition)
    execution = role(FIRST, {"AWS": administrator})
    name = unique(name)
    alone.create(
        name,
        Parameters=values(Name=name.lower()),
        AdministrationRoleARN=administrator,
        ExecutionRoleName=execution.rpartition("/")[2],
    )
    assert ("trust relationship to CloudFormation service" in failure(alone, name)) is not fits


def test_self_managed_sets_take_accounts_alone(alone: Administrator, self_managed: Roles, unique: Unique) -> None:
    name = unique("accounts")
    alone.create(name, **self_managed)
    units = {"OrganizationalUnitIds": ["ou-abcd-12345678"]}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"DeploymentTargets": units}, "can only have accounts as target"),
        ({}, "at least one account"),
        ({"Accounts": ["1234"]}, "regular expression"),
    ]
    for given, text in cases:
        refused(
            lambda given=given: alone.client.create_stack_instances(StackSetName=name, Regions=[REGION], **given),
            "ValidationError",
            text,
        )
    alone.run(CREATE, name, Accounts=[FIRST], Regions=[REGION])
    both = {"Accounts": [FIRST, SECOND], "Regions": [REGION]}
    refused(
        lambda: alone.client.update_stack_instances(StackSetName=name, **both),
        "StackInstanceNotFoundException",
        f"{SECOND}/{REGION}",
    )
    listed = {"DeploymentTargets": {"Accounts": [FIRST]}}
    removed = alone.run("delete_stack_instances", name, RetainStacks=False, Regions=[REGION], **listed)
    assert removed["Status"] == "SUCCEEDED"


def test_calls_are_authorized_on_the_set(embedded_aws: EmbeddedAws, unique: Unique) -> None:
    name, user, iam = unique("mine"), unique("user"), embedded_aws.session().client("iam")
    iam.create_user(UserName=user)
    allowed = {
        "Effect": "Allow",
        "Action": ["cloudformation:CreateStackSet", "cloudformation:DescribeStackSet", "cloudformation:DeleteStackSet"],
        "Resource": f"arn:aws:cloudformation:us-east-1:111122223333:stackset/{name}:*",
    }
    iam.put_user_policy(UserName=user, PolicyName="mine", PolicyDocument=json.dumps(policy(allowed)))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    limited = Administrator(held(embedded_aws.session(credentials=key).client("cloudformation")))
    set_id = limited.create(name)
    assert limited.client.describe_stack_set(StackSetName=set_id)["StackSet"]["StackSetId"] == set_id
    refused(lambda: limited.create(unique("other")), "AccessDenied")
    refused(lambda: limited.instances(name), "AccessDenied")
    limited.client.delete_stack_set(StackSetName=name)


def test_sets_belong_to_an_account_and_a_region(client: Client, alone: Administrator, unique: Unique) -> None:
    name = unique("place")
    first = alone.create(name)
    for other in (client("cloudformation", region="eu-west-1"), client("cloudformation", FIRST)):
        refused(lambda other=other: other.describe_stack_set(StackSetName=name), "StackSetNotFoundException")
        assert Administrator(other).create(name) != first
        other.delete_stack_set(StackSetName=name)
    assert alone.client.describe_stack_set(StackSetName=name)["StackSet"]["StackSetId"] == first
