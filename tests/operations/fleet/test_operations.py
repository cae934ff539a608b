"""The calls that start, list and stop the operations of a stack set, as botocore's own model checks them."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.stack_sets import CallAs, Operation
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config.fleet.settings import FleetOperation
from pinekeep.operations.fleet.desired import new_operation_id
from pinekeep.operations.fleet.operations import (
    Action,
    Batch,
    BusyError,
    QuotaError,
    RejectedError,
    SetContent,
    StackSetCalls,
    refuse_others,
)

A, B = "444455556666", "777788889999"
NAME = "Pinekeep-search-Cmek"
CONTENT = SetContent(
    template="{}", parameters={"ExternalId": "x"}, tags={"pinekeep:fleet": "search"}, execution_role_name="Deployer"
)
SET = {
    "StackSetName": NAME,
    "TemplateBody": "{}",
    "Parameters": [{"ParameterKey": "ExternalId", "ParameterValue": "x"}],
    "Tags": [{"Key": "pinekeep:fleet", "Value": "search"}],
    "Capabilities": ["CAPABILITY_NAMED_IAM"],
    "ManagedExecution": {"Active": True},
    "ExecutionRoleName": "Deployer",
}
PREFERENCES = {
    "RegionConcurrencyType": "SEQUENTIAL",
    "RegionOrder": ["us-east-1", "eu-west-1"],
    "MaxConcurrentCount": 2,
    "FailureToleranceCount": 1,
    "ConcurrencyMode": "STRICT_FAILURE_TOLERANCE",
}


class _Session:
    def __init__(self, client: Any) -> None:
        self._client = client

    def client(self, service_name: str, *, region_name: str, config: Any) -> Any:
        assert (service_name, region_name) == ("cloudformation", "us-east-1")
        return self._client


@pytest.fixture(name="stub")
def _stub() -> Iterator[tuple[Clients, Stubber]]:
    client = boto3.session.Session(aws_access_key_id="a", aws_secret_access_key="b").client(
        "cloudformation", region_name="us-east-1"
    )
    with Stubber(client) as stubber:
        yield Clients(_Session(client), "us-east-1"), stubber
        stubber.assert_no_pending_responses()


def calls(
    clients: Clients, *, service_managed: bool = False, call_as: CallAs | None = None, **limits: Any
) -> StackSetCalls:
    return StackSetCalls(
        clients,
        NAME,
        call_as=call_as,
        service_managed=service_managed,
        limits=FleetOperation(**limits),
        sequential=False,
    )


def batch(action: Action, **fields: Any) -> Batch:
    return Batch(id="op-1", action=action, accounts=(A, B), regions=("us-east-1", "eu-west-1"), **fields)


def test_a_set_is_created_without_automatic_deployment(stub: tuple[Clients, Stubber]) -> None:
    clients, stubber = stub
    stubber.add_response(
        "create_stack_set",
        {"StackSetId": "x"},
        {
            **SET,
            "PermissionModel": "SERVICE_MANAGED",
            "AutoDeployment": {"Enabled": False},
            "ClientRequestToken": "t",
            "CallAs": "DELEGATED_ADMIN",
        },
    )
    calls(clients, service_managed=True, call_as="DELEGATED_ADMIN").create(CONTENT, token="t")
    stubber.add_response(
        "create_stack_set", {"StackSetId": "x"}, {**SET, "PermissionModel": "SELF_MANAGED", "ClientRequestToken": "t"}
    )
    calls(clients).create(CONTENT, token="t")


@pytest.mark.parametrize(
    ("action", "method", "extra"),
    [
        (Action.CREATE, "create_stack_instances", {"ParameterOverrides": ANY}),
        (Action.UPDATE, "update_stack_instances", {"ParameterOverrides": ANY}),
        (Action.DELETE, "delete_stack_instances", {"RetainStacks": True}),
        (Action.UPDATE_SET, "update_stack_set", {key: each for key, each in SET.items() if key != "StackSetName"}),
    ],
)
@pytest.mark.parametrize("service_managed", [False, True])
def test_each_operation_names_accounts_regions_and_limits(
    stub: tuple[Clients, Stubber], action: Action, method: str, extra: dict[str, Any], service_managed: bool
) -> None:
    clients, stubber = stub
    targets: dict[str, Any] = {"Accounts": [A, B]}
    if service_managed:
        targets = {
            "DeploymentTargets": {
                "OrganizationalUnitIds": ["ou-ab12-11111111"],
                "Accounts": [A, B],
                "AccountFilterType": "INTERSECTION",
            }
        }
    asked = {"StackSetName": NAME, "OperationId": "op-1", "OperationPreferences": PREFERENCES, **targets, **extra}
    stubber.add_response(method, {"OperationId": "op-1"}, {**asked, "Regions": ["us-east-1", "eu-west-1"]})
    calls(clients, service_managed=service_managed).start(
        batch(
            action,
            units=("ou-ab12-11111111",),
            overrides={"ExternalId": "x"} if action in {Action.CREATE, Action.UPDATE} else None,
            content=CONTENT if action is Action.UPDATE_SET else None,
        ),
        concurrent=2,
        failing=1,
    )


def test_an_operation_that_began_already_is_not_an_error(stub: tuple[Clients, Stubber]) -> None:
    clients, stubber = stub
    stubber.add_client_error("create_stack_instances", "OperationIdAlreadyExistsException")
    calls(clients).start(batch(Action.CREATE, overrides={}), concurrent=1, failing=0)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("OperationInProgressException", BusyError),
        ("StaleRequestException", BusyError),
        ("LimitExceededException", QuotaError),
        ("Throttling", BusyError),
        ("StackInstanceNotFoundException", RejectedError),
        ("InvalidOperationException", RejectedError),
        ("ValidationError", RejectedError),
        ("AccessDenied", AwsRefusedError),
    ],
)
def test_refusals_are_told_apart(stub: tuple[Clients, Stubber], code: str, error: type[Exception]) -> None:
    clients, stubber = stub
    stubber.add_client_error("create_stack_instances", code, "it does not work")
    with pytest.raises(error):
        calls(clients).start(batch(Action.CREATE, overrides={}), concurrent=1, failing=0)


def test_operations_are_listed_by_the_page(stub: tuple[Clients, Stubber]) -> None:
    clients, stubber = stub
    page = [{"OperationId": f"op-{number}", "Action": "CREATE", "Status": "RUNNING"} for number in range(100)]
    stubber.add_response(
        "list_stack_set_operations", {"Summaries": page, "NextToken": "t"}, {"StackSetName": NAME, "MaxResults": 100}
    )
    found = calls(clients).operations(["op-3", "op-99"])
    assert sorted(found) == ["op-3", "op-99"]


def test_an_old_operation_is_read_by_itself(stub: tuple[Clients, Stubber]) -> None:
    clients, stubber = stub
    page = [{"OperationId": f"op-{number}", "Action": "CREATE", "Status": "RUNNING"} for number in range(100)]
    stubber.add_response(
        "list_stack_set_operations", {"Summaries": page, "NextToken": "t"}, {"StackSetName": NAME, "MaxResults": 100}
    )
    stubber.add_response(
        "describe_stack_set_operation",
        {"StackSetOperation": {"OperationId": "op-old", "Action": "CREATE", "Status": "RUNNING"}},
        {"StackSetName": NAME, "OperationId": "op-old"},
    )
    assert sorted(calls(clients).operations(["op-3", "op-old"])) == ["op-3", "op-old"]


def test_many_old_operations_are_listed(stub: tuple[Clients, Stubber]) -> None:
    clients, stubber = stub
    first, second = (
        [
            {"OperationId": f"op-{number}", "Action": "CREATE", "Status": "RUNNING"}
            for number in range(begin, begin + 100)
        ]
        for begin in (0, 100)
    )
    asked = {"StackSetName": NAME, "MaxResults": 100}
    for _ in range(2):
        stubber.add_response("list_stack_set_operations", {"Summaries": first, "NextToken": "t"}, asked)
    stubber.add_response("list_stack_set_operations", {"Summaries": second}, {**asked, "NextToken": "t"})
    wanted = [f"op-{number}" for number in range(120, 130)]
    assert sorted(calls(clients).operations(wanted)) == wanted


def test_an_operation_that_has_ended_need_not_be_stopped(stub: tuple[Clients, Stubber]) -> None:
    clients, stubber = stub
    stubber.add_client_error("stop_stack_set_operation", "InvalidOperationException")
    calls(clients).stop("op-1")


def test_an_operation_of_others_is_refused() -> None:
    ours = Operation(id=new_operation_id("0" * 12), action="CREATE", status="RUNNING")
    ended = Operation(id="console", action="UPDATE", status="SUCCEEDED")
    refuse_others([ours, ended], name=NAME, region="us-east-1")
    with pytest.raises(AwsRefusedError, match="operation console of stack set Pinekeep-search-Cmek is QUEUED") as error:
        refuse_others([ours, Operation(id="console", action="UPDATE", status="QUEUED")], name=NAME, region="us-east-1")
    assert "describe-stack-set-operation" in str(error.value.hint)
