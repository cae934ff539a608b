"""Flow logs in CloudWatch Logs: on the embedded AWS, and answers that it does not give."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.flow_logs import endpoint_interfaces, flow_log_lines, own_log_group
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.services import endpoint_services
from pinekeep.errors import AwsRefusedError, WrongInputError
from pinekeep.model.facts.pinecone import PRIVATE_LINK
from pinekeep.operations.connectivity.callers import Callers, public_networks
from pinekeep.operations.connectivity.flow_logs import FlowLogParser, Reading

TEMPLATE = {
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.20.0.0/16"}},
        "Subnet": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.20.0.0/19", "AvailabilityZone": "us-east-1a"},
        },
        "Endpoint": {
            "Type": "AWS::EC2::VPCEndpoint",
            "Properties": {
                "VpcId": {"Ref": "Vpc"},
                "SubnetIds": [{"Ref": "Subnet"}],
                "ServiceName": PRIVATE_LINK["us-east-1"].service_name,
                "VpcEndpointType": "Interface",
            },
        },
        "FlowLogGroup": {"Type": "AWS::Logs::LogGroup"},
    },
    "Outputs": {"VpcEndpointId": {"Value": {"Ref": "Endpoint"}}},
}
LINE = "2 111122223333 {} {} {} 40000 443 6 10 840 1795000000 1795000060 ACCEPT OK"


@pytest.fixture(scope="module")
def clients() -> Iterator[Clients]:
    with EmbeddedAws(endpoint_services=endpoint_services()) as aws:
        yield Clients(aws.session(), "us-east-1")


@pytest.mark.process
def test_the_flow_logs_of_the_deployments_own_vpc_are_found_and_read(clients: Clients) -> None:
    name = "Pinekeep-search-prod-PrivateLink"
    cloudformation = clients.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(TEMPLATE))
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    interfaces = endpoint_interfaces("search-prod", clients)
    group = own_log_group("search-prod", clients)
    assert interfaces and interfaces[0].startswith("eni-")

    logs, now = clients.client("logs"), datetime.now(UTC)
    logs.create_log_stream(logGroupName=group, logStreamName="eni")
    lines = [
        LINE.format("eni-client", "10.20.0.7", "52.0.2.10"),
        LINE.format(interfaces[0], "10.20.0.8", "10.20.0.5"),
        LINE.format("eni-client", "10.20.0.9", "52.0.2.10").replace(" 443 ", " 80 "),
        "2 111122223333 eni-client - - - - - - - 1795000000 1795000060 - SKIPDATA",
    ]
    old = {"timestamp": int((now - timedelta(days=20)).timestamp() * 1000), "message": lines[0].replace("0.7", "0.6")}
    events = [old, *({"timestamp": int(now.timestamp() * 1000), "message": each} for each in lines)]
    logs.put_log_events(logGroupName=group, logStreamName="eni", logEvents=events)

    reading = Reading()
    callers = Callers(public=public_networks(["52.0.2.0/24"]), interfaces=interfaces)
    read = flow_log_lines(clients, group, since=now - timedelta(days=14), port=443)
    callers.add(FlowLogParser(reading).parse(read, port=443))
    assert [(each.address, each.through_endpoint) for each in callers.output()] == [
        ("10.20.0.7", False),
        ("10.20.0.8", True),
    ]
    assert (reading.skipped, reading.broken) == (1, 0)


@pytest.mark.process
def test_what_does_not_exist_is_said(clients: Clients) -> None:
    assert endpoint_interfaces("none", clients) == []
    with pytest.raises(WrongInputError, match="none: the endpoint is not deployed"):
        own_log_group("none", clients)
    with pytest.raises(WrongInputError, match="there is no log group /none in us-east-1"):
        list(flow_log_lines(clients, "/none", since=datetime.now(UTC), port=443))


class Answers:
    """CloudWatch Logs and CloudFormation with prepared answers."""

    def __init__(self, *pages: Any) -> None:
        self.pages = list(pages)
        self.asked: list[dict[str, Any]] = []

    def client(self, service_name: str, **_: Any) -> Any:
        return self

    def filter_log_events(self, **arguments: Any) -> Any:
        self.asked.append(dict(arguments))
        page = self.pages.pop(0)
        if isinstance(page, Exception):
            raise page
        return page

    def describe_stack_resources(self, **_: Any) -> Any:
        resources: list[Any] = []
        return {"StackResources": resources}


def page(*messages: str, token: str | None = None) -> dict[str, Any]:
    events = [{"message": each, "logStreamName": "eni"} for each in messages]
    return {"events": events, **({"nextToken": token} if token else {})}


def test_every_page_is_read_and_one_of_what_was_left_out() -> None:
    answers = Answers(page("a", token="1"), page(token="2"), page("b", token="2"), page("c", token="3"), page("d"))
    found = flow_log_lines(Clients(answers, "us-east-1"), "/vpc", since=datetime.fromtimestamp(1, UTC), port=443)
    assert list(found) == [("/vpc/eni", "a"), ("/vpc/eni", "b"), ("/vpc/eni", "c")]
    assert [each.get("nextToken") for each in answers.asked] == [None, "1", "2", None]
    assert [each["filterPattern"] for each in answers.asked] == ["443", "443", "443", "SKIPDATA"]
    assert answers.asked[0]["startTime"] == 1000


def test_a_refusal_names_the_permission() -> None:
    error = {"Code": "AccessDeniedException", "Message": "User is not authorized to perform: logs:FilterLogEvents"}
    answers = Answers(ClientError({"Error": error}, "FilterLogEvents"))
    with pytest.raises(AwsRefusedError) as refused:
        list(flow_log_lines(Clients(answers, "us-east-1"), "/vpc", since=datetime.now(UTC), port=443))
    assert "logs:FilterLogEvents" in f"{refused.value.message} {refused.value.hint}"


def test_an_existing_vpc_has_no_flow_logs_of_ours() -> None:
    with pytest.raises(WrongInputError, match="has no flow logs; its VPC existed before") as refused:
        own_log_group("search-prod", Clients(Answers(), "us-east-1"))
    assert "--flow-logs" in str(refused.value.hint)
