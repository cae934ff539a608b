"""Stack sets with service-managed permissions, from their creation to their end."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.stack_sets import InstanceRule
from tests.emulator.conftest import Client
from tests.emulator.stack_sets_support import (
    CLOSED,
    DELEGATED,
    FIRST,
    SECOND,
    THIRD,
    Administrator,
    by_key,
    template,
    values,
)

Unique = Callable[[str], str]
SERVICE_MANAGED = {"PermissionModel": "SERVICE_MANAGED"}
NAMED = "CAPABILITY_NAMED_IAM"


def test_a_set_from_its_creation_to_its_end(
    fleet: Administrator, client: Client, units: dict[str, str], unique: Unique
) -> None:
    name, targets = unique("set"), {"OrganizationalUnitIds": [units["dev/team"]]}
    tags = [{"Key": "pinekeep:fleet", "Value": "search"}]
    set_id = fleet.create(name, Tags=tags, Description="of a test", **SERVICE_MANAGED)
    assert set_id.startswith(f"{name}:")
    made = fleet.run(
        "create_stack_instances",
        name,
        DeploymentTargets=targets,
        Regions=["us-east-1"],
        ParameterOverrides=values(Kind="gold"),
    )
    assert (made["Action"], made["Status"], made["DeploymentTargets"]) == ("CREATE", "SUCCEEDED", targets)
    assert fleet.results(name, made["OperationId"]) == {(SECOND, "us-east-1"): ("SUCCEEDED", "")}
    found = fleet.instance(name, SECOND)
    assert (found["StackSetId"], found["Status"], found["StackInstanceStatus"]["DetailedStatus"]) == (
        set_id,
        "CURRENT",
        "SUCCEEDED",
    )
    assert (found["LastOperationId"], found["OrganizationalUnitId"]) == (made["OperationId"], units["dev/team"])
    assert by_key(found["ParameterOverrides"]) == {"Kind": "gold"}
    there = client("cloudformation", SECOND)
    stack = there.describe_stacks(StackName=found["StackId"])["Stacks"][0]
    assert stack["StackName"].startswith(f"StackSet-{name}-")
    assert stack["Tags"] == tags
    assert outputs(stack) == {"Name": name, "Kind": "gold"}
    described = fleet.client.describe_stack_set(StackSetName=set_id)["StackSet"]
    assert described["StackSetARN"] == f"arn:aws:cloudformation:us-east-1:111122223333:stackset/{set_id}"
    assert (described["Regions"], described["OrganizationalUnitIds"]) == (["us-east-1"], [units["dev/team"]])
    assert by_key(described["Parameters"]) == {"Name": name, "Kind": "plain"}
    refused(lambda: fleet.client.delete_stack_set(StackSetName=name), "StackSetNotEmptyException")

    removed = fleet.run(
        "delete_stack_instances", name, DeploymentTargets=targets, Regions=["us-east-1"], RetainStacks=False
    )
    assert (removed["Action"], removed["RetainStacks"], removed["Status"]) == ("DELETE", False, "SUCCEEDED")
    assert fleet.instances(name) == {}
    assert there.describe_stacks(StackName=found["StackId"])["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
    fleet.client.delete_stack_set(StackSetName=name)
    fleet.client.delete_stack_set(StackSetName=name)  # once more is no error
    refused(lambda: fleet.client.describe_stack_set(StackSetName=name), "StackSetNotFoundException")
    states = {each["Status"] for each in listed(fleet) if each["StackSetName"] == name}
    assert states == {"DELETED"}


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def listed(fleet: Administrator, **given: Any) -> list[dict[str, Any]]:
    pages = fleet.client.get_paginator("list_stack_sets").paginate(**given, **fleet.options)
    return [each for page in pages for each in page["Summaries"]]


def refused(call: Callable[[], Any], code: str, text: str = "") -> None:
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    assert text in error["Message"]


def test_a_retained_stack_stays_with_its_resources(
    fleet: Administrator, client: Client, units: dict[str, str], unique: Unique
) -> None:
    name = unique("kept")
    targets = {"DeploymentTargets": {"OrganizationalUnitIds": [units["dev/team"]]}, "Regions": ["us-east-1"]}
    fleet.create(name, **SERVICE_MANAGED)
    fleet.run("create_stack_instances", name, **targets)
    stack_id = fleet.instance(name, SECOND)["StackId"]
    assert fleet.run("delete_stack_instances", name, RetainStacks=True, **targets)["Status"] == "SUCCEEDED"
    assert fleet.instances(name) == {}
    stack = client("cloudformation", SECOND).describe_stacks(StackName=stack_id)["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert client("sqs", SECOND).get_queue_url(QueueName=name)["QueueUrl"].endswith(name)


def test_a_deleted_stack_leaves_what_its_template_retains(
    fleet: Administrator, client: Client, units: dict[str, str], unique: Unique
) -> None:
    name = unique("policy")
    kept = {"Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain", "Properties": {"QueueName": f"{name}-kept"}}
    targets = {"DeploymentTargets": {"OrganizationalUnitIds": [units["dev/team"]]}, "Regions": ["us-east-1"]}
    fleet.create(name, TemplateBody=template(resources={"Kept": kept}), **SERVICE_MANAGED)
    fleet.run("create_stack_instances", name, **targets)
    fleet.run("delete_stack_instances", name, RetainStacks=False, **targets)
    urls = client("sqs", SECOND).list_queues(QueueNamePrefix=name)["QueueUrls"]
    assert [each.rpartition("/")[2] for each in urls] == [f"{name}-kept"]


def test_a_new_template_reaches_the_stacks_and_overrides_survive_it(
    fleet: Administrator, client: Client, units: dict[str, str], unique: Unique
) -> None:
    name = unique("changed")
    targets = {"DeploymentTargets": {"OrganizationalUnitIds": [units["dev/team"]]}, "Regions": ["us-east-1"]}
    fleet.create(name, **SERVICE_MANAGED)
    fleet.run("create_stack_instances", name, ParameterOverrides=values(Kind="gold"), **targets)
    more = template(resources={"More": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"{name}-more"}}})
    updated = fleet.run(
        "update_stack_set",
        name,
        TemplateBody=more,
        Parameters=[{"ParameterKey": "Name", "UsePreviousValue": True}, *values(Kind="silver")],
        Tags=[{"Key": "team", "Value": "search"}],
    )
    assert (updated["Action"], updated["Status"]) == ("UPDATE", "SUCCEEDED")
    found = fleet.instance(name, SECOND)
    assert (found["Status"], by_key(found["ParameterOverrides"])) == ("CURRENT", {"Kind": "gold"})
    stack = client("cloudformation", SECOND).describe_stacks(StackName=found["StackId"])["Stacks"][0]
    assert (stack["StackStatus"], stack["Tags"]) == ("UPDATE_COMPLETE", [{"Key": "team", "Value": "search"}])
    assert outputs(stack) == {"Name": name, "Kind": "gold"}
    assert client("sqs", SECOND).get_queue_url(QueueName=f"{name}-more")
    described = fleet.client.describe_stack_set(StackSetName=name)["StackSet"]
    assert by_key(described["Parameters"]) == {"Name": name, "Kind": "silver"}
    assert described["TemplateBody"] == more


def test_an_update_of_some_instances_leaves_the_others_outdated(
    fleet: Administrator, units: dict[str, str], unique: Unique
) -> None:
    name, unit = unique("some"), units["dev/team"]
    fleet.create(name, **SERVICE_MANAGED)
    regions = ["us-east-1", "eu-west-1"]
    fleet.run("create_stack_instances", name, DeploymentTargets={"OrganizationalUnitIds": [unit]}, Regions=regions)
    some = {"DeploymentTargets": {"OrganizationalUnitIds": [unit]}, "Regions": ["eu-west-1"]}
    changed = fleet.run(
        "update_stack_set", name, UsePreviousTemplate=True, Parameters=values(Name=name, Kind="gold"), **some
    )
    assert fleet.states(name, changed["OperationId"]) == {(SECOND, "eu-west-1"): "SUCCEEDED"}
    assert {place: each["Status"] for place, each in fleet.instances(name).items()} == {
        (SECOND, "us-east-1"): "OUTDATED",
        (SECOND, "eu-west-1"): "CURRENT",
    }
    # Neither a template nor parameters: the others keep their status.
    fleet.run("update_stack_set", name, UsePreviousTemplate=True, Parameters=values(Name=name, Kind="gold"))
    again = {"UsePreviousTemplate": True, "Description": "new"}
    refused(lambda: fleet.client.update_stack_set(StackSetName=name, **again, **some), "ValidationError", "[Name]")


def test_filters_choose_the_accounts_of_units(fleet: Administrator, units: dict[str, str], unique: Unique) -> None:
    """Nested units count, and the management account is never a target."""
    dev, root = [units["dev"]], [units[""]]
    chosen = {
        "NONE": ({"OrganizationalUnitIds": dev}, {FIRST, SECOND, CLOSED}),
        "INTERSECTION": ({"OrganizationalUnitIds": root, "Accounts": [SECOND, "111122223333"]}, {SECOND}),
        "DIFFERENCE": ({"OrganizationalUnitIds": dev, "Accounts": [CLOSED]}, {FIRST, SECOND}),
    }
    name = ""
    for kind, (targets, accounts) in chosen.items():
        name = unique("filter")
        fleet.create(name, **SERVICE_MANAGED)
        given = {"DeploymentTargets": {**targets, "AccountFilterType": kind}, "Regions": ["us-east-1"]}
        fleet.run("create_stack_instances", name, OperationPreferences={"MaxConcurrentCount": 10}, **given)
        assert {account for account, _ in fleet.instances(name)} == accounts, kind
    union = {"OrganizationalUnitIds": [units["prod"]], "Accounts": [SECOND], "AccountFilterType": "UNION"}
    given = {"DeploymentTargets": union, "Regions": ["us-east-1"]}
    call = fleet.client.create_stack_instances
    refused(lambda: call(StackSetName=name, **given), "ValidationError", "UNION")
    updated = fleet.run("update_stack_instances", name, **given)
    assert set(fleet.states(name, updated["OperationId"])) == {(SECOND, "us-east-1")}


def test_a_suspended_account_is_skipped(fleet: Administrator, units: dict[str, str], unique: Unique) -> None:
    name = unique("suspended")
    only = {"OrganizationalUnitIds": [units["dev"]], "Accounts": [CLOSED], "AccountFilterType": "INTERSECTION"}
    given = {"DeploymentTargets": only, "Regions": ["us-east-1"]}
    fleet.create(name, **SERVICE_MANAGED)
    made = fleet.run("create_stack_instances", name, **given)
    assert made["Status"] == "SUCCEEDED"
    found = fleet.instance(name, CLOSED)
    assert found["StackInstanceStatus"]["DetailedStatus"] == "SKIPPED_SUSPENDED_ACCOUNT"
    assert (found["Status"], "StackId" in found) == ("OUTDATED", False)
    fleet.run("delete_stack_instances", name, RetainStacks=True, **given)
    assert fleet.instances(name) == {}


def test_targets_that_do_not_fit_are_refused(fleet: Administrator, units: dict[str, str], unique: Unique) -> None:
    name, regions = unique("targets"), ["us-east-1"]
    fleet.create(name, **SERVICE_MANAGED)
    unit = units["dev/team"]
    for given, text in (
        ({"Accounts": [SECOND], "Regions": regions}, "can only have OrganizationalUnit as target"),
        ({"DeploymentTargets": {"Accounts": [SECOND]}, "Regions": regions}, "can only have OrganizationalUnit"),
        ({"DeploymentTargets": {"OrganizationalUnitIds": ["ou-abcd-12345678"]}, "Regions": regions}, "not found"),
        ({"DeploymentTargets": {"OrganizationalUnitIds": [unit]}, "Regions": ["eu-nowhere-1"]}, "[eu-nowhere-1]"),
        ({"DeploymentTargets": {"OrganizationalUnitIds": [unit] * 51}, "Regions": regions}, "50"),
        (
            {"DeploymentTargets": {"OrganizationalUnitIds": [unit], "Accounts": [SECOND]}, "Regions": regions},
            "AccountFilterType",
        ),
        (
            {
                "DeploymentTargets": {"OrganizationalUnitIds": [unit], "AccountFilterType": "INTERSECTION"},
                "Regions": regions,
            },
            "AccountFilterType",
        ),
    ):
        refused(
            lambda given=given: fleet.client.create_stack_instances(StackSetName=name, **given), "ValidationError", text
        )
    given = {"DeploymentTargets": {"OrganizationalUnitIds": [unit]}, "Regions": regions}
    for call in (fleet.client.update_stack_instances, fleet.client.update_stack_set):
        options = {"UsePreviousTemplate": True, "Parameters": values(Name=name)} if "set" in call.__name__[-4:] else {}
        refused(
            lambda call=call, options=options: call(StackSetName=name, **options, **given),
            "StackInstanceNotFoundException",
        )
    assert fleet.instances(name) == {}


def test_a_delegated_administrator_acts_on_the_sets_of_the_management_account(
    fleet: Administrator, client: Client, units: dict[str, str], unique: Unique
) -> None:
    name = unique("delegated")
    delegated = Administrator(client("cloudformation", DELEGATED), CallAs="DELEGATED_ADMIN")
    delegated.create(name, **SERVICE_MANAGED)
    given = {"DeploymentTargets": {"OrganizationalUnitIds": [units["dev/team"]]}, "Regions": ["us-east-1"]}
    assert delegated.run("create_stack_instances", name, **given)["Status"] == "SUCCEEDED"
    arn = fleet.client.describe_stack_set(StackSetName=name)["StackSet"]["StackSetARN"]
    assert ":111122223333:" in arn
    own = unique("own")
    fleet.create(own)  # self-managed
    seen = {each["StackSetName"] for each in listed(delegated)}
    assert name in seen
    assert own not in seen
    assert listed(Administrator(client("cloudformation", DELEGATED))) == []
    refused(lambda: delegated.client.describe_stack_set(StackSetName=name), "StackSetNotFoundException")
    access = delegated.client.describe_organizations_access(CallAs="DELEGATED_ADMIN")
    assert access["Status"] == "ENABLED"
    for account in (FIRST, None):
        other = Administrator(client("cloudformation", account), CallAs="DELEGATED_ADMIN")
        refused(
            lambda other=other: other.create(unique("no"), **SERVICE_MANAGED),
            "ValidationError",
            "Account used is not a delegated administrator",
        )
    member = Administrator(client("cloudformation", FIRST))
    refused(lambda: member.create(unique("no"), **SERVICE_MANAGED), "ValidationError", "must be the management account")
    refused(member.client.activate_organizations_access, "InvalidOperationException")


def test_service_managed_sets_need_access_to_the_organization(
    fleet: Administrator, units: dict[str, str], unique: Unique
) -> None:
    name = unique("access")
    fleet.create(name, **SERVICE_MANAGED)
    given = {"DeploymentTargets": {"OrganizationalUnitIds": [units["dev/team"]]}, "Regions": ["us-east-1"]}
    fleet.client.deactivate_organizations_access()
    try:
        assert fleet.client.describe_organizations_access()["Status"] == "DISABLED"
        text = "You must enable organizations access"
        refused(lambda: fleet.create(unique("no"), **SERVICE_MANAGED), "ValidationError", text)
        refused(lambda: fleet.client.create_stack_instances(StackSetName=name, **given), "ValidationError", text)
    finally:
        fleet.client.activate_organizations_access()


def test_settings_that_contradict_each_other_are_refused(fleet: Administrator, unique: Unique) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r", "AssumeRolePolicyDocument": "{}"}}
    automatic = {"Enabled": True, "RetainStacksOnAccountRemoval": True}
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"AutoDeployment": automatic}, "ValidationError", "SERVICE_MANAGED"),
        ({"CallAs": "DELEGATED_ADMIN"}, "ValidationError", "delegated administrator"),
        ({"ExecutionRoleName": "r", **SERVICE_MANAGED}, "ValidationError", "SELF_MANAGED"),
        (
            {"AutoDeployment": {"Enabled": False, "RetainStacksOnAccountRemoval": True}, **SERVICE_MANAGED},
            "ValidationError",
            "AutoDeployment",
        ),
        ({"TemplateBody": "{"}, "ValidationError", "Template format error"),
        ({"TemplateBody": "{}"}, "ValidationError", "At least one Resources member"),
        ({"TemplateBody": template(resources={"R": role})}, "InsufficientCapabilitiesException", NAMED),
        ({"Parameters": []}, "ValidationError", "[Name] must have values"),
        ({"Parameters": values(Name="n", Other="o")}, "ValidationError", "[Other] do not exist"),
        ({"Tags": [{"Key": "aws:mine", "Value": "x"}]}, "ValidationError", "aws:"),
    ]
    for given, code, text in cases:
        refused(lambda given=given: fleet.create(unique("bad"), **given), code, text)
    refused(lambda: fleet.create("1-begins-with-a-digit"), "ValidationError", "regular expression")
    name = unique("twice")
    token = {"ClientRequestToken": "the-same"}
    assert fleet.create(name, **token) == fleet.create(name, **token)
    refused(lambda: fleet.create(name), "NameAlreadyExistsException")


def test_automatic_deployment_is_a_setting_of_its_own(fleet: Administrator, unique: Unique) -> None:
    name = unique("automatic")
    automatic = {"Enabled": True, "RetainStacksOnAccountRemoval": True}
    fleet.create(name, AutoDeployment=automatic, ManagedExecution={"Active": True}, **SERVICE_MANAGED)
    before = fleet.client.describe_stack_set(StackSetName=name)["StackSet"]
    assert (before["AutoDeployment"], before["ManagedExecution"]) == (automatic, {"Active": True})
    fleet.run(
        "update_stack_set",
        name,
        UsePreviousTemplate=True,
        Parameters=values(Name=name),
        AutoDeployment={"Enabled": False},
    )
    after = fleet.client.describe_stack_set(StackSetName=name)["StackSet"]
    assert (after["AutoDeployment"], after["ManagedExecution"]) == ({"Enabled": False}, {"Active": True})


def test_lists_have_pages_and_filters(
    fleet: Administrator, units: dict[str, str], unique: Unique, rules: Callable[[InstanceRule], None]
) -> None:
    name = unique("pages")
    fleet.create(name, **SERVICE_MANAGED)
    rules(InstanceRule("fail", reason="made to fail", stack_set=name, account=FIRST, region="eu-west-1"))
    given = {"DeploymentTargets": {"OrganizationalUnitIds": [units["dev"], units["prod"]]}}
    many = {"MaxConcurrentCount": 10, "FailureToleranceCount": 9}
    made = fleet.run(
        "create_stack_instances", name, Regions=["us-east-1", "eu-west-1"], OperationPreferences=many, **given
    )
    everything = fleet.instances(name)
    assert {account for account, _ in everything} == {FIRST, SECOND, CLOSED, THIRD, DELEGATED}
    first = fleet.client.list_stack_instances(StackSetName=name, MaxResults=3)
    assert len(first["Summaries"]) == 3
    assert fleet.instances(name, PaginationConfig={"PageSize": 3}) == everything
    for filters, expected in (
        ([{"Name": "DETAILED_STATUS", "Values": "FAILED"}], {(FIRST, "eu-west-1")}),
        (
            [{"Name": "DETAILED_STATUS", "Values": "SKIPPED_SUSPENDED_ACCOUNT"}],
            {(CLOSED, "us-east-1"), (CLOSED, "eu-west-1")},
        ),
        ([{"Name": "LAST_OPERATION_ID", "Values": "another"}], set()),
        ([{"Name": "LAST_OPERATION_ID", "Values": made["OperationId"]}], set(everything)),
    ):
        assert set(fleet.instances(name, Filters=filters)) == expected, filters
    assert set(fleet.instances(name, StackInstanceAccount=FIRST, StackInstanceRegion="us-east-1")) == {
        (FIRST, "us-east-1")
    }
    failed = fleet.client.list_stack_set_operation_results(
        StackSetName=name,
        OperationId=made["OperationId"],
        Filters=[{"Name": "OPERATION_RESULT_STATUS", "Values": "FAILED"}],
    )["Summaries"]
    assert [(each["Account"], each["StatusReason"]) for each in failed] == [(FIRST, "made to fail")]
    operations = fleet.client.list_stack_set_operations(StackSetName=name)["Summaries"]
    assert [each["OperationId"] for each in operations] == [made["OperationId"]]
    refused(lambda: fleet.client.list_stack_instances(StackSetName=name, NextToken="x"), "ValidationError")
