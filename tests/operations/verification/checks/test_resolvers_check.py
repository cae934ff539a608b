"""Servers and rules that answer in the place of the VPC's resolver: looked at with --drift."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

ZONE = "private.aped-4627-b74a.pinecone.io"
VPC = {"VpcId": "vpc-0a1b2c3d", "DhcpOptionsId": "dopt-1", "CidrBlock": "10.0.0.0/16"}


def options(*servers: str) -> dict[str, object]:
    named = {"Key": "domain-name-servers", "Values": [{"Value": each} for each in servers]}
    return {"DhcpOptionsId": "dopt-1", "DhcpConfigurations": [named]}


def test_servers_of_ones_own_are_noted(world: "World") -> None:
    told = world.when(client_vpcs=[VPC], dhcp_options=[options("10.0.0.2", "10.9.0.2")])
    (found,) = [each for each in told.findings() if each.check == "vpc-dns-servers"]
    assert (found.status, found.found) == (
        "note",
        "the DHCP options dopt-1 of vpc-0a1b2c3d name other DNS servers: 10.9.0.2",
    )


def test_a_rule_that_sends_the_zone_elsewhere_is_noted(world: "World") -> None:
    rule = {"Id": "rslvr-rr-1", "DomainName": f"{ZONE}.", "RuleType": "FORWARD", "TargetIps": [{"Ip": "10.9.0.2"}]}
    (found,) = [
        each
        for each in world.when(resolver_rules={"vpc-0a1b2c3d": [rule]}).findings()
        if each.check == "vpc-resolver-rules"
    ]
    assert (found.status, found.found) == (
        "note",
        f"Resolver rule rslvr-rr-1 sends {ZONE} from vpc-0a1b2c3d to 10.9.0.2",
    )


def test_what_was_not_asked_is_not_told(world: "World") -> None:
    told = world.when(client_vpcs=None, dhcp_options=None, resolver_rules=None).findings()
    assert not {"vpc-dns-servers", "vpc-resolver-rules"} & {each.check for each in told}
