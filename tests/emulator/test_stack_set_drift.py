"""Drift of stack sets: each instance against its stack's live resources."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.stack_sets import InstanceRule
from tests.emulator.conftest import policy
from tests.emulator.stack_sets_support import FIRST, SECOND, THIRD, Administrator, refused, template

Unique = Callable[[str], str]
REGION = "us-east-1"
ROLE: dict[str, Any] = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "RoleName": {"Ref": "Name"},
        "Description": "of the template",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
    },
}


@pytest.fixture
def name(fleet: Administrator, units: dict[str, str], unique: Unique) -> str:
    """A set with a role in three accounts."""
    name = unique("drift")
    made = template(resources={"Role": ROLE})
    fleet.create(name, TemplateBody=made, Capabilities=["CAPABILITY_NAMED_IAM"], PermissionModel="SERVICE_MANAGED")
    targets = {
        "OrganizationalUnitIds": [units[""]],
        "Accounts": [FIRST, SECOND, THIRD],
        "AccountFilterType": "INTERSECTION",
    }
    fleet.run("create_stack_instances", name, DeploymentTargets=targets, Regions=[REGION])
    return name


def details(description: dict[str, Any]) -> dict[str, Any]:
    found = dict(description["StackSetDriftDetectionDetails"])
    found.pop("LastDriftCheckTimestamp", None)
    return found


def counts(status: str, detection: str, *, drifted: int = 0, fine: int = 0, failed: int = 0) -> dict[str, Any]:
    return {
        "DriftStatus": status,
        "DriftDetectionStatus": detection,
        "TotalStackInstancesCount": 3,
        "DriftedStackInstancesCount": drifted,
        "InSyncStackInstancesCount": fine,
        "InProgressStackInstancesCount": 0,
        "FailedStackInstancesCount": failed,
    }


def drifts(fleet: Administrator, name: str, account: str, operation_id: str, **given: Any) -> list[dict[str, Any]]:
    return list(
        fleet.client.list_stack_instance_resource_drifts(
            StackSetName=name,
            StackInstanceAccount=account,
            StackInstanceRegion=REGION,
            OperationId=operation_id,
            **given,
        )["Summaries"]
    )


def test_a_changed_and_a_deleted_resource_are_drift(fleet: Administrator, embedded_aws: EmbeddedAws, name: str) -> None:
    described = fleet.client.describe_stack_set(StackSetName=name)["StackSet"]
    assert described["StackSetDriftDetectionDetails"] == {"DriftStatus": "NOT_CHECKED"}
    assert fleet.instance(name, FIRST)["DriftStatus"] == "NOT_CHECKED"
    embedded_aws.session(FIRST).client("iam").update_role(RoleName=name, Description="by hand")
    sqs = embedded_aws.session(SECOND).client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])

    found = fleet.run("detect_stack_set_drift", name, OperationId="the-drift")
    assert (found["Action"], found["Status"]) == ("DETECT_DRIFT", "SUCCEEDED")
    expected = counts("DRIFTED", "COMPLETED", drifted=2, fine=1)
    assert details(found) == expected
    described = fleet.client.describe_stack_set(StackSetName=name)["StackSet"]
    assert details(described) == expected
    (summary,) = [
        each for each in fleet.client.list_stack_sets(Status="ACTIVE")["Summaries"] if each["StackSetName"] == name
    ]
    assert summary["DriftStatus"] == "DRIFTED"
    assert {account: each["DriftStatus"] for (account, _), each in fleet.instances(name).items()} == {
        FIRST: "DRIFTED",
        SECOND: "DRIFTED",
        THIRD: "IN_SYNC",
    }
    instance = fleet.instance(name, FIRST)
    assert (instance["Status"], instance["LastOperationId"]) == ("CURRENT", "the-drift")
    assert instance["LastDriftCheckTimestamp"] <= described["StackSetDriftDetectionDetails"]["LastDriftCheckTimestamp"]
    drifted = [{"Name": "DRIFT_STATUS", "Values": "DRIFTED"}]
    assert set(fleet.instances(name, Filters=drifted)) == {(FIRST, REGION), (SECOND, REGION)}

    (changed,) = drifts(fleet, name, FIRST, "the-drift", StackInstanceResourceDriftStatuses=["MODIFIED"])
    assert (changed["LogicalResourceId"], changed["PhysicalResourceId"]) == ("Role", name)
    assert changed["PropertyDifferences"] == [
        {
            "PropertyPath": "/Description",
            "ExpectedValue": "of the template",
            "ActualValue": "by hand",
            "DifferenceType": "NOT_EQUAL",
        }
    ]
    states = {
        each["LogicalResourceId"]: each["StackResourceDriftStatus"] for each in drifts(fleet, name, SECOND, "the-drift")
    }
    assert states == {"Queue": "DELETED", "Role": "IN_SYNC"}
    refused(lambda: drifts(fleet, name, FIRST, "another"), "OperationNotFoundException")
    refused(lambda: drifts(fleet, name, "999999999999", "the-drift"), "StackInstanceNotFoundException")


def test_a_detection_that_fails_is_counted(
    fleet: Administrator, name: str, rules: Callable[[InstanceRule], None]
) -> None:
    rules(InstanceRule("fail", reason="throttled", stack_set=name, account=SECOND, action="DETECT_DRIFT"))
    found = fleet.run("detect_stack_set_drift", name, OperationPreferences={"FailureToleranceCount": 1})
    assert found["Status"] == "SUCCEEDED"
    assert details(found) == counts("IN_SYNC", "PARTIAL_SUCCESS", fine=2, failed=1)
    instance = fleet.instance(name, SECOND)
    assert (instance["Status"], instance["DriftStatus"]) == ("CURRENT", "NOT_CHECKED")
    found = fleet.run("detect_stack_set_drift", name)
    assert (found["Status"], details(found)["DriftDetectionStatus"]) == ("FAILED", "FAILED")


def test_a_detection_that_runs_is_described(
    fleet: Administrator, embedded_aws: EmbeddedAws, name: str, rules: Callable[[InstanceRule], None]
) -> None:
    rules(InstanceRule("hold", stack_set=name))
    operation = fleet.client.detect_stack_set_drift(StackSetName=name)["OperationId"]
    running = details(fleet.operation(name, operation))
    assert (running["DriftDetectionStatus"], running["InProgressStackInstancesCount"]) == ("IN_PROGRESS", 3)
    described = fleet.client.describe_stack_set(StackSetName=name)["StackSet"]
    assert described["StackSetDriftDetectionDetails"] == {"DriftStatus": "NOT_CHECKED"}
    fleet.client.stop_stack_set_operation(StackSetName=name, OperationId=operation)
    embedded_aws.clear_instance_rules()
    assert details(fleet.ended(name, operation))["DriftDetectionStatus"] == "STOPPED"


def test_a_stack_that_somebody_deleted_cannot_be_checked_and_is_made_anew(
    fleet: Administrator, embedded_aws: EmbeddedAws, name: str
) -> None:
    before = fleet.instance(name, THIRD)["StackId"]
    there = embedded_aws.session(THIRD).client("cloudformation")
    there.delete_stack(StackName=before)
    found = fleet.run("detect_stack_set_drift", name)
    assert fleet.results(name, found["OperationId"])[THIRD, REGION] == ("FAILED", f"Stack {before} does not exist")
    fleet.run(
        "update_stack_set",
        name,
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Name", "UsePreviousValue": True}],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    assert fleet.instance(name, THIRD)["StackId"] != before


def test_a_role_that_trusts_somebody_else_is_drift(fleet: Administrator, embedded_aws: EmbeddedAws, name: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    iam = embedded_aws.session(THIRD).client("iam")
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(policy(statement)))
    found = fleet.run("detect_stack_set_drift", name)
    (changed,) = drifts(fleet, name, THIRD, found["OperationId"], StackInstanceResourceDriftStatuses=["MODIFIED"])
    paths = [each["PropertyPath"] for each in changed["PropertyDifferences"]]
    assert all(each.startswith("/AssumeRolePolicyDocument/Statement") for each in paths)
    assert paths
