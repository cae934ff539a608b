from typing import Any

import pytest

from pinekeep.aws.live import Unreadable
from tests.checks.conftest import ACCOUNT
from tests.preflight.conftest import GROUP, VPC, Scene

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
