"""What the network ACLs of the endpoint's subnets let through."""

from typing import TYPE_CHECKING, Any

import pytest

from pinekeep.account.reads.live import NotAsked, Unreadable
from tests.operations.verification.conftest import acl_rule, network_acl

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

CHECK = "endpoint-network-acl"
SUBNETS = ("subnet-0a1b2c3d", "subnet-1a2b3c4d")
IN = acl_rule(100)
OUT = acl_rule(100, egress=True)


def ruled(world: "World", *entries: dict[str, Any], subnets: tuple[str, ...] = SUBNETS) -> "World":
    return world.when(network_acls=[network_acl(*subnets, entries=entries)])


def by_network(world: "World") -> "World":
    """The same world with clients in networks alone."""
    return world.configured(private_link={"clients": {"security_group_ids": []}})


@pytest.mark.parametrize(
    "entries",
    [
        (IN, OUT),
        (acl_rule(100, cidr="10.0.0.0/16", ports=(443, 443)), acl_rule(100, egress=True, ports=(1024, 65535))),
        (acl_rule(90, ports=(443, 443)), acl_rule(80, egress=True, ports=(32768, 65535)), acl_rule(95, "deny")),
        (acl_rule(50, "deny", cidr="192.0.2.0/24"), IN, OUT),
        (acl_rule(50, "deny", ports=(22, 22)), IN, OUT),
        (acl_rule(1, cidr="10.0.0.0/17"), acl_rule(2, cidr="10.0.128.0/17"), OUT),
        (IN, acl_rule(1, egress=True, ports=(0, 40000)), acl_rule(2, egress=True, ports=(40001, 65535))),
    ],
)
def test_rules_that_let_the_clients_in_and_the_answers_out_pass(world: "World", entries: Any) -> None:
    assert ruled(by_network(world), *entries).finding(CHECK).status == "ok"


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ((), "requests to port 443 from 10.0.0.0/16; answers to ports 32768-65535 of 10.0.0.0/16"),
        ((OUT,), "requests to port 443 from 10.0.0.0/16"),
        ((IN,), "answers to ports 32768-65535 of 10.0.0.0/16"),
        ((acl_rule(50, "deny"), IN, OUT), "requests to port 443 from 10.0.0.0/16"),
        ((acl_rule(50, "deny", cidr="10.0.4.0/24"), IN, OUT), "requests to port 443 from 10.0.4.0/24"),
        ((IN, acl_rule(1, egress=True, ports=(49152, 65535))), "answers to ports 32768-49151 of 10.0.0.0/16"),
        ((acl_rule(1, ports=(80, 80)), OUT), "requests to port 443 from 10.0.0.0/16"),
        ((acl_rule(1, cidr="10.0.0.0/17"), OUT), "requests to port 443 from 10.0.128.0/17"),
    ],
)
def test_rules_that_deny_clients_or_answers_fail_and_say_what(world: "World", entries: Any, told: str) -> None:
    wrong = ruled(by_network(world), *entries)
    assert wrong.failure(CHECK) == f"acl-0a1b2c3d on subnet-0a1b2c3d, subnet-1a2b3c4d denies {told}"
    assert wrong.failures() == {CHECK}


@pytest.mark.fault(
    "A network ACL on the endpoint's subnets denies the clients or the answers to them",
    sees="The connections of clients to Pinecone time out, although the security group allows them.",
    safe="verify --drift names the ACL, the subnets and what is denied; nothing else changed",
)
def test_an_acl_that_denies_all_says_that_connections_time_out(world: "World", fault: Any) -> None:
    wrong = ruled(world, acl_rule(1, "deny"), acl_rule(1, "deny", egress=True))
    fault.require_seen(str(wrong.finding(CHECK).meaning))
    assert "requests to port 443 from every address; answers to every address" in wrong.failure(CHECK)
    assert "--network-acl-ids acl-0a1b2c3d --region us-east-1" in str(wrong.finding(CHECK).fix)


def test_where_the_members_of_a_group_are_is_not_known_so_a_part_that_is_let_in_passes(world: "World") -> None:
    of_groups = world.configured(private_link={"clients": {"cidrs": []}})
    assert ruled(of_groups, acl_rule(1, cidr="10.9.0.0/24"), OUT).finding(CHECK).status == "ok"


def test_an_acl_of_another_subnet_is_not_looked_at(world: "World") -> None:
    assert ruled(world, subnets=("subnet-99999999",)).finding(CHECK).status == "ok"


def test_what_was_not_read_is_noted_and_what_may_not_be_read_has_not_passed(world: "World") -> None:
    left_out = world.when(network_acls=NotAsked("a verification takes few calls")).finding(CHECK)
    assert (left_out.status, left_out.fix) == ("note", "pinekeep verify --drift --deployment prod")
    closed = world.when(network_acls=Unreadable("ec2:DescribeNetworkAcls", "ask for it")).finding(CHECK)
    assert closed.status == "unreadable"
