"""``pinekeep private-link callers``, from files."""

import json
from pathlib import Path
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.source import Source
from tests.command_support import GOOD, Run, named

LINE = "2 111122223333 eni-0a {} {} 40000 443 6 10 840 1795000000 1795000060 ACCEPT OK\n"
PUBLIC = ("--public-address", "52.0.2.0/24")


@pytest.fixture
def log(folder: Path) -> Path:
    path = folder / "flow.log"
    path.write_text(
        LINE.format("10.20.0.7", "52.0.2.10")
        + LINE.format("10.20.0.8", "10.20.0.5")
        + "broken\n"
        + LINE.format("10.20.0.9", "52.0.2.11")
    )
    return path


def test_callers_over_the_internet_are_listed_and_counted(pinekeep: Run, log: Path) -> None:
    result = pinekeep("private-link", "callers", "--from", str(log), *PUBLIC, "--endpoint-address", "10.20.0.5")
    assert result.code == 1
    first, _, header, *rows = result.out.splitlines()
    assert first == "2 callers would be cut off by: Restrict access to only private endpoints"
    assert header.split()[:2] == ["CALLER", "PATH"]
    assert [row.split()[:2] for row in rows[:3]] == [
        ["10.20.0.9", "internet"],
        ["10.20.0.7", "internet"],
        ["10.20.0.8", "endpoint"],
    ]
    assert f"{log}:3: 14 fields are expected, got 1" in result.out
    assert "flow logs record the traffic of their own VPC" in result.out


def test_nothing_seen_is_no_proof(pinekeep: Run, log: Path) -> None:
    result = pinekeep("private-link", "callers", "--from", str(log), "--public-address", "54.0.0.1", "--json")
    output = result.require_schema("private-link callers")
    assert (result.code, output["cut_off"], output["callers"]) == (0, 0, [])
    assert output["verdict"] == "no caller over the internet was seen; that is no proof that there is none"
    assert (output["flow_logs"]["records"], output["flow_logs"]["broken"]) == (4, 1)


def test_audit_logs_alone_need_no_configuration_and_no_address(pinekeep: Run, folder: Path) -> None:
    (folder / "audit").mkdir()
    event = {
        "client": {"userAgent": "python-client-10.0.0"},
        "actor": {"principal_id": "1", "principal_name": "ann@example.com", "principal_type": "user"},
        "event": {"time": "2026-11-20T08:00:00Z", "outcome": {"result": "failure"}},
    }
    (folder / "audit" / "log").write_text(json.dumps(event))
    result = pinekeep("private-link", "callers", "--audit-logs", "audit", "--json")
    output = result.require_schema("private-link callers")
    assert (result.code, output["cut_off"], output["flow_logs"]) == (0, None, None)
    assert [(each["name"], each["failures"]) for each in output["principals"]] == [("ann@example.com", 1)]
    text = pinekeep("private-link", "callers", "--audit-logs", "audit").out
    assert "ann@example.com" in text
    assert "without source address" in text


def test_each_file_has_a_format_of_its_own(pinekeep: Run, log: Path) -> None:
    first = log.with_name("first.log")
    first.write_text("srcaddr dstaddr srcport dstport start\n10.20.0.1 52.0.2.10 40000 443 1795000000\n")
    result = pinekeep("private-link", "callers", "--from", str(first), "--from", str(log), *PUBLIC, "--json")
    assert (result.json["cut_off"], result.json["flow_logs"]["broken"]) == (3, 1)


class Account:
    """An account with the deployment's VPC, its flow logs and its endpoint."""

    def client(self, service_name: str, **_: Any) -> Any:
        return self

    def get_caller_identity(self) -> Any:
        return {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/me", "UserId": "ME"}

    def describe_stacks(self, **_: Any) -> Any:
        outputs = [{"OutputKey": "VpcEndpointId", "OutputValue": "vpce-0a1b2c3d4e5f60718"}]
        return {"Stacks": [{"StackStatus": "CREATE_COMPLETE", "Outputs": outputs}]}

    def describe_stack_resources(self, **_: Any) -> Any:
        group = {"ResourceType": "AWS::Logs::LogGroup", "PhysicalResourceId": "own-group"}
        return {"StackResources": [group]}

    def describe_vpc_endpoints(self, **_: Any) -> Any:
        return {"VpcEndpoints": [{"NetworkInterfaceIds": ["eni-0a"]}]}

    def filter_log_events(self, **arguments: Any) -> Any:
        assert arguments["logGroupName"] in ("own-group", "other-group")
        lines = [LINE.format("10.20.0.7", "52.0.2.10"), LINE.format("10.20.0.8", "10.20.0.5")]
        return {"events": [{"message": each} for each in lines if arguments["filterPattern"] == "443"]}


@pytest.mark.parametrize("group", [(), ("--flow-logs", "other-group")])
def test_cloudwatch_is_read_and_the_endpoint_known_by_its_interfaces(
    pinekeep: Run, good: Path, monkeypatch: pytest.MonkeyPatch, group: tuple[str, ...]
) -> None:
    access = Access.of(Source(environment=dict, clients_for=lambda region: Clients(Account(), region)))
    monkeypatch.setattr(Access, "of_the_user", lambda _: access)
    result = pinekeep("private-link", "callers", *PUBLIC, *group, "--json")
    callers = result.require_schema("private-link callers")["callers"]
    assert (result.code, result.json["cut_off"]) == (1, 1)
    assert [(each["address"], each["through_endpoint"]) for each in callers] == [
        ("10.20.0.7", False),
        ("10.20.0.8", True),
    ]


def test_one_deployment_is_read_at_a_time(pinekeep: Run, good: Path) -> None:
    good.write_text(GOOD + named("search-test").partition("deployments:\n")[2].replace("10.20.0.0", "10.30.0.0"))
    result = pinekeep("private-link", "callers", *PUBLIC)
    assert result.code == 2
    assert "the flow logs of one deployment with an endpoint are read, and there are 2 here" in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "flow.log"), "the public addresses of the index's host are needed"),
        (("--from", "flow.log", "--flow-logs", "g", *PUBLIC), "--flow-logs and --from exclude each other"),
        (("--from", "flow.log", "--deployment", "a", *PUBLIC), "--from and --deployment exclude each other"),
        (("--from", "none.log", *PUBLIC), "none.log cannot be read"),
        (("--from", "flow.log", "--public-address", "10.0.0.1"), "10.0.0.1/32 is private"),
        (("--from", "flow.log", *PUBLIC, "--endpoint-address", "8.8.8.8"), "--endpoint-address: 8.8.8.8"),
        (("--from", "flow.log", *PUBLIC, "--format", "srcaddr"), "the format lacks dstaddr"),
        (("--from", "flow.log", "--host", "x.svc.private.aped-4627-b74a.pinecone.io"), "is a private name"),
        (("--days", "0", *PUBLIC), "0 is not in the range"),
        (("--audit-logs", "none"), "none is no folder"),
        (PUBLIC, "pinekeep.yaml"),
    ],
)
def test_what_cannot_be_right_is_refused(pinekeep: Run, log: Path, arguments: tuple[str, ...], message: str) -> None:
    result = pinekeep("private-link", "callers", *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
