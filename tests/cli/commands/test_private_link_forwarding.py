"""``pinekeep private-link forwarding``."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.source import Source
from tests.command_support import GOOD, Run, named

ZONE = "private.aped-4627-b74a.pinecone.io"
TARGET = "vpce-0a1b2c3d4e5f60718-abcd1234.vpce-svc-05ef6f1f0b9130b54.us-east-1.vpce.amazonaws.com"
OWN_DNS = f"{GOOD}      dns: none\n"
TWO = ("--address", "10.20.0.10", "--address", "10.20.32.10")


class Account:
    """An AWS account with the endpoint's stack, or without."""

    def __init__(self, outputs: dict[str, str] | None) -> None:
        self.outputs = outputs

    def client(self, service_name: str, **_: Any) -> Any:
        return self

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/me", "UserId": "ME"}

    def describe_stacks(self, *, StackName: str) -> Any:  # noqa: N803 - AWS's name
        assert StackName == "Pinekeep-search-prod-PrivateLink"
        if self.outputs is None:
            error = {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}
            raise ClientError({"Error": error}, "DescribeStacks")
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs.items()]
        return {"Stacks": [{"StackStatus": "CREATE_COMPLETE", "Outputs": outputs}]}

    def list_resolver_endpoint_ip_addresses(self, *, ResolverEndpointId: str, NextToken: str | None = None) -> Any:  # noqa: N803
        assert ResolverEndpointId == "rslvr-in-1"
        if NextToken is None:
            return {"IpAddresses": [{"Ip": "10.20.0.10"}, {"Ipv6": "fd00::10"}], "NextToken": "more"}
        return {"IpAddresses": [{"Ip": "10.20.32.10"}]}


def use(monkeypatch: pytest.MonkeyPatch, outputs: dict[str, str] | None) -> None:
    access = Access.of(Source(environment=dict, clients_for=lambda region: Clients(Account(outputs), region)))
    monkeypatch.setattr(Access, "of_the_user", lambda _: access)


def test_the_rule_of_one_server_can_be_copied(pinekeep: Run, good: Path) -> None:
    result = pinekeep("private-link", "forwarding", "--server", "unbound", *TWO)
    assert result.code == 0
    assert f"queries for {ZONE} are forwarded to 10.20.0.10, 10.20.32.10" in result.out
    assert "=== Unbound: unbound.conf ===" in result.out
    assert "\n    forward-addr: 10.20.0.10\n    forward-addr: 10.20.32.10\n" in result.out
    assert "dnsmasq" not in result.out


def test_every_server_is_there_by_default_and_json_has_the_texts(pinekeep: Run, good: Path) -> None:
    result = pinekeep("private-link", "forwarding", "--json", *TWO)
    (found,) = result.require_schema("private-link forwarding")["deployments"]
    assert (result.code, found["form"], found["target"]) == (0, "forward", None)
    assert [each["server"] for each in found["servers"]] == ["bind", "unbound", "windows", "dnsmasq", "coredns"]
    assert all(each["parts"] for each in found["servers"])


def test_a_single_address_is_warned_of(pinekeep: Run, good: Path) -> None:
    result = pinekeep("private-link", "forwarding", "--address", "10.20.0.10")
    assert result.code == 0
    assert "warning: search-prod: 10.20.0.10 is the only address" in result.err


def test_without_dns_of_aws_the_names_lead_to_the_endpoint_of_the_stack(
    pinekeep: Run, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good.write_text(OWN_DNS)
    use(monkeypatch, {"VpcEndpointDnsName": TARGET})
    result = pinekeep("private-link", "forwarding", "--server", "bind", "--server", "dnsmasq", "--json")
    (found,) = result.require_schema("private-link forwarding")["deployments"]
    assert (found["form"], found["target"], found["warnings"]) == ("alias", TARGET, [])
    bind, dnsmasq = found["servers"]
    assert any(f"* IN CNAME {TARGET}.\n" in each["text"] for each in bind["parts"])
    assert (dnsmasq["parts"], "--address" in dnsmasq["notes"][0]) == ([], True)


def test_an_endpoint_that_is_not_deployed_needs_its_name(
    pinekeep: Run, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good.write_text(OWN_DNS)
    use(monkeypatch, None)
    result = pinekeep("private-link", "forwarding")
    assert result.code == 2
    assert "search-prod: the endpoint is not deployed with the DNS mode of the file" in result.err
    assert "or use --target" in result.err
    assert pinekeep("private-link", "forwarding", "--target", TARGET, *TWO).code == 0


RESOLVER = f"{GOOD}      dns: resolver-inbound\n      resolver: {{client_cidrs: [10.9.0.0/16]}}\n"


def test_the_addresses_of_the_deployed_resolver_endpoint_are_read(
    pinekeep: Run, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good.write_text(RESOLVER)
    use(monkeypatch, {"ResolverEndpointId": "rslvr-in-1"})
    result = pinekeep("private-link", "forwarding", "--json")
    (found,) = result.require_schema("private-link forwarding")["deployments"]
    assert (found["form"], found["addresses"]) == ("forward", ["10.20.0.10", "10.20.32.10", "fd00::10"])
    given = pinekeep("private-link", "forwarding", "--json", *TWO).json["deployments"][0]
    assert given["addresses"] == ["10.20.0.10", "10.20.32.10"]


def test_a_resolver_endpoint_that_is_not_deployed_needs_its_addresses(
    pinekeep: Run, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good.write_text(RESOLVER)
    use(monkeypatch, {})
    result = pinekeep("private-link", "forwarding")
    assert result.code == 2
    assert "so the stack has no ResolverEndpointId" in result.err


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        (GOOD, (), "the addresses of the Route 53 Resolver inbound endpoint are needed"),
        (GOOD, ("--address", "8.8.8.8"), "8.8.8.8 is not an address in a VPC"),
        (GOOD, ("--server", "powerdns"), "powerdns"),
        (GOOD, ("--target", TARGET), "--target goes with `dns: none`"),
        (OWN_DNS, ("--target", "example.com"), "an endpoint's DNS name is written like"),
        (GOOD.partition("    private_link:")[0], TWO, "no deployment here has a private endpoint"),
        (
            GOOD + named("search-test").partition("deployments:\n")[2].replace("10.20.0.0", "10.30.0.0"),
            TWO,
            "--address and --target belong to one deployment, and there are 2: search-prod, search-test",
        ),
    ],
)
def test_what_cannot_be_right_is_refused(
    pinekeep: Run, folder: Path, text: str, arguments: tuple[str, ...], message: str
) -> None:
    (folder / "pinekeep.yaml").write_text(text)
    result = pinekeep("private-link", "forwarding", *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert "hint:" in result.err
