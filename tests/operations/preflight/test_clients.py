from typing import Any

import pytest

from pinekeep.account.reads.live import Unreadable
from tests.operations.preflight.conftest import GROUP, OWN_GROUP, PREFIX_LIST, VPC, Scene, right_group, right_list
from tests.operations.verification.conftest import ACCOUNT

PEER = "vpc-5e5e5e5e"


def peering(*, account: str = ACCOUNT, mine: str = VPC) -> dict[str, Any]:
    here, there = {"VpcId": mine, "OwnerId": ACCOUNT}, {"VpcId": PEER, "OwnerId": account}
    return {"RequesterVpcInfo": there, "AccepterVpcInfo": here}


def away(scene: Scene, *peerings: dict[str, Any]) -> Scene:
    return scene.when(groups=[{"GroupId": GROUP, "VpcId": PEER}], peerings=list(peerings))


def test_a_group_that_is_not_there_stands_in_the_way(scene: Scene) -> None:
    assert scene.when(groups=[], peerings=[]).refusal("client-groups") == f"there is no {GROUP}"


def test_a_group_of_a_vpc_that_is_not_peered_stands_in_the_way(scene: Scene) -> None:
    wanted = f"{GROUP} is in {PEER}, which is not peered with {VPC}"
    assert away(scene).refusal("client-groups") == wanted
    assert away(scene, peering(mine="vpc-77777777")).refusal("client-groups") == wanted


def test_a_group_of_a_peered_vpc_will_do(scene: Scene) -> None:
    assert away(scene, peering()).finding("client-groups").status == "ok"


def test_a_group_of_a_peered_account_cannot_be_seen(scene: Scene) -> None:
    unseen = scene.when(groups=[], peerings=[peering(account="222233334444")])
    assert unseen.note("client-groups") == (
        f"{GROUP} is not in this account; a peered VPC of another account may have it"
    )


@pytest.mark.parametrize("groups", [[], [{"GroupId": GROUP, "VpcId": PEER}]])
def test_peerings_that_may_not_be_read_leave_it_open(scene: Scene, groups: Any) -> None:
    closed = scene.when(groups=groups, peerings=Unreadable("ec2:DescribeVpcPeeringConnections", "allow it"))
    assert GROUP in closed.note("client-groups")


def test_no_group_can_be_in_a_vpc_that_is_not_made_yet(new_vpc: Scene) -> None:
    named = new_vpc.configured(private_link={"clients": {"security_group_ids": [GROUP]}})
    assert named.refusal("client-groups") == f"{GROUP} is in {VPC}, and the endpoint's VPC is not made yet"
    assert named.deployed().blocked() == set()


def test_clients_that_are_named_by_networks_alone_need_no_group(scene: Scene) -> None:
    assert not scene.configured(private_link={"clients": {"security_group_ids": []}}).of("client-groups")


def test_a_prefix_list_that_is_there_will_do(listing: Scene) -> None:
    assert listing.finding("client-prefix-lists").found == f"{PREFIX_LIST} (offices)"
    assert listing.blocked() == set()


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([], f"there is no {PREFIX_LIST} here"),
        ([right_list(PREFIX_LIST, AddressFamily="IPv6")], f"{PREFIX_LIST} is of IPv6, and the endpoint speaks IPv4"),
        (
            [right_list(PREFIX_LIST, State="delete-in-progress")],
            f"{PREFIX_LIST} is in state delete-in-progress",
        ),
    ],
)
def test_a_prefix_list_that_no_rule_can_use_stands_in_the_way(listing: Scene, found: Any, says: str) -> None:
    assert listing.when(prefix_lists=found).refusal("client-prefix-lists") == says


def test_a_prefix_list_counts_with_the_most_entries_that_it_may_have(listing: Scene) -> None:
    assert listing.when(rules_quota=60.0).finding("quota-rules").found == (
        f"22 of 60 inbound rules: 2 for networks and groups, 20 for {PREFIX_LIST}"
    )
    large = listing.when(prefix_lists=[right_list(PREFIX_LIST, MaxEntries=59)], rules_quota=60.0)
    assert large.refusal("quota-rules") == (f"61 of 60 inbound rules: 2 for networks and groups, 59 for {PREFIX_LIST}")
    assert "vpc L-0EA8095F" in str(large.finding("quota-rules").fix)
    assert large.when(rules_quota=100.0).blocked() == set()


def test_a_quota_of_rules_that_cannot_be_read_is_taken_for_the_default(listing: Scene) -> None:
    closed = listing.when(rules_quota=Unreadable("servicequotas:GetServiceQuota", "allow it"))
    found = closed.finding("quota-rules")
    assert found.found.endswith("by AWS's default: your own quota could not be read")
    assert (found.status, found.fix) == ("unreadable", "allow it")


def test_clients_without_prefix_lists_need_none(scene: Scene) -> None:
    assert not scene.of("client-prefix-lists")
    assert not scene.of("quota-rules")


# --- Security groups that exist, for the endpoint ---


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ([], f"there is no {OWN_GROUP}"),
        ([right_group(OWN_GROUP, vpc_id=PEER)], f"{OWN_GROUP} is in {PEER}, not in {VPC}"),
        ([right_group(OWN_GROUP, "0.0.0.0/0")], "open to every address: port 443/tcp, 0.0.0.0/0"),
        ([{**right_group(OWN_GROUP), "IpPermissions": []}], "none allows port 443/tcp from anybody"),
    ],
)
def test_groups_of_the_endpoint_that_will_not_do_stand_in_the_way(
    guarded: Scene, groups: list[dict[str, Any]], told: str
) -> None:
    assert guarded.when(endpoint_groups=groups).refusal("endpoint-groups") == told


def test_what_the_groups_of_the_endpoint_allow_is_told(guarded: Scene) -> None:
    assert guarded.finding("endpoint-groups").found == "10.0.0.0/16"
    every = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": GROUP}]}
    wide = guarded.when(endpoint_groups=[{"GroupId": OWN_GROUP, "VpcId": VPC, "IpPermissions": [every]}])
    assert wide.finding("endpoint-groups").found == GROUP


def test_groups_of_the_endpoint_need_a_vpc_that_exists(new_vpc: Scene) -> None:
    early = new_vpc.configured(private_link={"clients": {"cidrs": []}, "security_group_ids": [OWN_GROUP]})
    assert "the endpoint's VPC is not created yet" in early.refusal("endpoint-groups")
