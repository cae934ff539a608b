from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

GROUP, CLIENTS, EGRESS = "endpoint-security-group", "endpoint-clients", "endpoint-egress"


def ruled(world: "World", direction: str, *rules: dict[str, Any], instead: bool = False) -> "World":
    groups = deepcopy(world.live.security_groups)
    assert isinstance(groups, list)
    groups[0][direction] = [*([] if instead else groups[0][direction]), *rules]
    return world.when(security_groups=groups)


def tcp(port: int, **peers: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peers}


def test_another_group_is_named(world: "World") -> None:
    wrong = world.changed("endpoint", Groups=[{"GroupId": "sg-11111111"}])
    assert wrong.failure(GROUP) == "sg-11111111 is on it too; sg-09090909 is not on it"
    assert "sg-09090909 is not on it" in world.changed("endpoint", Groups=[]).failure(GROUP)


def test_a_stack_without_a_group_passes_nothing(world: "World") -> None:
    assert "the stack has no security group" in world.when(private_link_resources=[]).failure(GROUP)


@pytest.mark.parametrize(
    ("peers", "words"),
    [
        ({"IpRanges": [{"CidrIp": "192.168.0.0/24"}]}, "also allowed: port 443/tcp, 192.168.0.0/24"),
        ({"UserIdGroupPairs": [{"GroupId": "sg-22222222"}]}, "also allowed: port 443/tcp, sg-22222222"),
        ({"PrefixListIds": [{"PrefixListId": "pl-12345678"}]}, "also allowed: port 443/tcp, pl-12345678"),
        ({"Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}]}, "also allowed: port 443/tcp, 2001:db8::/32"),
        ({"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}, "OPEN TO EVERY ADDRESS: port 443/tcp, 0.0.0.0/0"),
        ({"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}, "OPEN TO EVERY ADDRESS: port 443/tcp, ::/0"),
    ],
)
def test_whoever_is_let_in_too_is_named(world: "World", peers: dict[str, Any], words: str) -> None:
    wrong = ruled(world, "IpPermissions", tcp(443, **peers))
    assert wrong.failure(CLIENTS) == words
    assert wrong.failures() == {CLIENTS}


def test_other_ports_and_protocols_are_named(world: "World") -> None:
    cidr = {"IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
    assert ruled(world, "IpPermissions", tcp(80, **cidr)).failure(CLIENTS) == "also allowed: port 80/tcp, 10.0.0.0/16"
    every = ruled(world, "IpPermissions", {"IpProtocol": "-1", **cidr})
    assert every.failure(CLIENTS) == "also allowed: every port and protocol, 10.0.0.0/16"
    ports = ruled(world, "IpPermissions", {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1024, **cidr})
    assert ports.failure(CLIENTS) == "also allowed: ports 1 to 1024/tcp, 10.0.0.0/16"


def test_a_client_without_its_rule_is_named(world: "World") -> None:
    wrong = ruled(world, "IpPermissions", tcp(443, IpRanges=[{"CidrIp": "10.0.0.0/16"}]), instead=True)
    assert wrong.failure(CLIENTS) == "missing: sg-0c11e475"


def test_the_rules_of_every_group_on_the_endpoint_count(world: "World") -> None:
    groups = world.live.security_groups
    assert isinstance(groups, list)
    more = {"GroupId": "sg-11111111", "IpPermissions": [tcp(443, IpRanges=[{"CidrIp": "0.0.0.0/0"}])]}
    assert "OPEN TO EVERY ADDRESS" in world.when(security_groups=[*groups, more]).failure(CLIENTS)


def test_the_rule_that_ec2_adds_by_itself_fails(world: "World") -> None:
    wrong = ruled(world, "IpPermissionsEgress", {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]})
    assert wrong.failure(EGRESS) == "let out: every port and protocol, 0.0.0.0/0"
    assert wrong.failures() == {EGRESS}


def test_no_rule_out_at_all_is_right(world: "World") -> None:
    assert ruled(world, "IpPermissionsEgress", instead=True).failures() == set()


def test_a_prefix_list_of_the_configuration_is_let_in_and_nobody_else(world: "World") -> None:
    wanted = world.configured(private_link={"clients": {"prefix_list_ids": ["pl-12345678"]}})
    rule = tcp(443, PrefixListIds=[{"PrefixListId": "pl-12345678"}])
    missing = wanted.when(security_groups=world.live.security_groups)
    assert missing.failure(CLIENTS) == "missing: pl-12345678"
    assert ruled(missing, "IpPermissions", rule).failures() == set()
