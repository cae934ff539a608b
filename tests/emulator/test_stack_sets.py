"""Stack sets with service-managed permissions, from their creation to their end."""

from collections.abc import Callable
from typing import Any

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
    outputs,
    refused,
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
    states = {each["Status"] for each in fleet.listed() if each["StackSetName"] == name}
    assert states == {"DELETED"}


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
