"""Reads of stack sets: all pages, and what AWS leaves out."""

from datetime import UTC, datetime

import pytest

from pinekeep.account.client.parsing import Answer
from pinekeep.account.reads.stack_sets import (
    Instance,
    Operation,
    list_instances,
    list_operations,
    list_stack_sets,
    organizations_access,
    overrides_of,
    read_stack_set,
)
from pinekeep.errors import AwsRefusedError
from tests.operations.fleet.fleets import FIRST, SECOND
from tests.operations.fleet.stack_sets_aws import SET_ID, Aws

NAME = "Pinekeep-search-Cmek"
BEGAN = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def held() -> Aws:
    found = Aws()
    found.stack_sets[NAME] = {"StackSetName": NAME, "StackSetId": SET_ID, "TemplateBody": "{}"}
    for number in range(5):
        found.put(NAME, (f"{200000000000 + number}", "us-east-1"), {"ExternalId": str(number)}, f"operation-{number}")
    found.operations = [
        {"OperationId": f"operation-{number}", "Action": "UPDATE", "Status": status, "CreationTimestamp": BEGAN}
        for number, status in enumerate(("QUEUED", "RUNNING", "STOPPING", "SUCCEEDED", "FAILED"))
    ]
    return found


def test_a_stack_set_with_what_aws_leaves_out(held: Aws) -> None:
    found = read_stack_set(held.clients(), NAME)
    assert found is not None
    assert (found.id, found.template, found.permission_model) == (SET_ID, "{}", "SELF_MANAGED")
    assert (found.auto_deployment, found.managed_execution, found.drift.status) == (False, False, "NOT_CHECKED")


def test_a_stack_set_with_everything(held: Aws) -> None:
    held.stack_sets[NAME] |= {
        "Status": "ACTIVE",
        "Parameters": [{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B"}],
        "Tags": [{"Key": "k", "Value": "v"}],
        "PermissionModel": "SERVICE_MANAGED",
        "AutoDeployment": {"Enabled": True},
        "ManagedExecution": {"Active": True},
        "AdministrationRoleARN": "arn:aws:iam::111122223333:role/A",
        "ExecutionRoleName": "E",
        "OrganizationalUnitIds": ["ou-ab12-11111111"],
        "Regions": ["us-east-1"],
        "StackSetDriftDetectionDetails": {"DriftStatus": "DRIFTED", "DriftedStackInstancesCount": 2},
    }
    found = read_stack_set(held.clients(), NAME, call_as="DELEGATED_ADMIN")
    assert found is not None
    assert (found.parameters, found.tags) == ({"A": "1", "B": ""}, {"k": "v"})
    assert (found.permission_model, found.auto_deployment, found.managed_execution) == ("SERVICE_MANAGED", True, True)
    assert (found.administration_role_arn, found.execution_role_name) == ("arn:aws:iam::111122223333:role/A", "E")
    assert (found.units, found.regions) == (("ou-ab12-11111111",), ("us-east-1",))
    assert (found.drift.status, found.drift.drifted) == ("DRIFTED", 2)
    assert held.calls == [("DescribeStackSet", {"StackSetName": NAME, "CallAs": "DELEGATED_ADMIN"})]


def test_a_stack_set_that_is_not_there_or_was_deleted(held: Aws) -> None:
    clients = held.clients()
    assert read_stack_set(clients, "other") is None
    assert list_instances(clients, "other") == list_operations(clients, "other") == []
    held.stack_sets[NAME]["Status"] = "DELETED"
    assert read_stack_set(clients, NAME) is None


def test_all_pages_of_the_instances(held: Aws) -> None:
    found = list_instances(held.clients(), NAME)
    assert [each.place for each in found] == [(f"{200000000000 + number}", "us-east-1") for number in range(5)]
    assert found[0] == Instance(
        account="200000000000",
        region="us-east-1",
        stack_id=f"arn:aws:cloudformation:us-east-1:200000000000:stack/StackSet-{NAME}-1/1",
        status="CURRENT",
        detailed_status="SUCCEEDED",
        last_operation="operation-0",
    )
    assert held.called == ["ListStackInstances"] * 3
    assert {asked["MaxResults"] for _, asked in held.calls} == {100}
    list_instances(held.clients(), NAME, account=FIRST, region="eu-west-1")
    assert held.calls[-1][1]["StackInstanceAccount"] == FIRST
    assert held.calls[-1][1]["StackInstanceRegion"] == "eu-west-1"


def test_the_newest_operations(held: Aws) -> None:
    found = list_operations(held.clients(), NAME)
    assert [each.is_under_way for each in found] == [True, True, True, False, False]
    assert found[0] == Operation(id="operation-0", action="UPDATE", status="QUEUED", created=BEGAN)
    held.calls.clear()
    assert len(list_operations(held.clients(), NAME, newest=1)) == 1
    assert held.called == ["ListStackSetOperations"]


def test_the_parameters_of_an_instance(held: Aws) -> None:
    clients = held.clients()
    assert overrides_of(clients, NAME, account="200000000003", region="us-east-1") == {"ExternalId": "3"}
    assert overrides_of(clients, NAME, account=SECOND, region="us-east-1") is None


def test_the_stack_sets_of_the_account(held: Aws) -> None:
    held.stack_sets |= {f"set-{number}": {"StackSetId": str(number)} for number in range(4)}
    assert [each.name for each in list_stack_sets(held.clients())] == [NAME, *(f"set-{number}" for number in range(4))]
    assert organizations_access(held.clients()) == "ENABLED"


def test_what_aws_refuses_is_an_error_with_the_region(held: Aws) -> None:
    for operation in ("DescribeStackSet", "ListStackInstances", "DescribeStackInstance"):
        held.refused[operation] = "AccessDenied"
    clients = held.clients()
    with pytest.raises(AwsRefusedError, match=r"DescribeStackSet .*\(in us-east-1\)"):
        read_stack_set(clients, NAME)
    with pytest.raises(AwsRefusedError, match="ListStackInstances"):
        list_instances(clients, NAME)
    with pytest.raises(AwsRefusedError, match="DescribeStackInstance"):
        overrides_of(clients, NAME, account=FIRST, region="us-east-1")


def test_an_account_that_is_not_delegated_has_a_command_that_delegates(held: Aws) -> None:
    held.refused["DescribeStackSet"] = "ValidationError: Account used is not a delegated administrator"
    with pytest.raises(AwsRefusedError, match="is not a delegated administrator of StackSets") as caught:
        read_stack_set(held.clients(), NAME, call_as="DELEGATED_ADMIN")
    assert "register-delegated-administrator --service-principal member.org.stacksets." in str(caught.value.hint)


def test_an_answer_without_a_listing_is_none_of_aws(held: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    clients = held.clients()
    monkeypatch.setattr(held, "answer", lambda *_: Answer(ResponseMetadata={"HTTPStatusCode": 200}))
    with pytest.raises(AwsRefusedError, match="not AWS's answer to the call: it lacks Summaries"):
        list_instances(clients, NAME)
