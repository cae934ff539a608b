from typing import Any

import pytest

from tests.faults.fault import Fault
from tests.operations.preflight.conftest import CLIENT_VPC, SUBNETS, VPC, Scene, subnet

A, B = SUBNETS


def test_a_vpc_that_is_not_there_stands_in_the_way(scene: Scene) -> None:
    """So does one of another Region."""
    gone = scene.when(vpcs={CLIENT_VPC: {"VpcId": CLIENT_VPC, "State": "available"}})
    assert gone.refusal("vpc-exists") == f"in account 111122223333, us-east-1: there is no {VPC}"


def test_of_a_vpc_that_is_not_there_nothing_more_is_said(scene: Scene) -> None:
    own = scene.configured(private_link={"client_vpc_ids": []})
    gone = own.when(vpcs={}, dns={}, hosted_zones={}, endpoints=None, endpoint_dry_run=None)
    assert gone.blocked() == {"vpc-exists"}
    for check in ("vpc-names", "hosted-zone-conflict", "endpoint-conflict", "quota-endpoints", "endpoint-organization"):
        assert not gone.of(check), check


def test_a_vpc_of_clients_that_is_not_there_stands_in_the_way(scene: Scene) -> None:
    gone = scene.when(vpcs={VPC: {"VpcId": VPC, "State": "available"}})
    assert f"there is no {CLIENT_VPC}" in gone.refusal("vpc-exists")


def test_a_vpc_that_is_still_being_made_stands_in_the_way(scene: Scene) -> None:
    pending = scene.changed("vpcs", **{VPC: {"VpcId": VPC, "State": "pending"}})
    assert pending.refusal("vpc-exists").endswith(f"{VPC} is pending")


@pytest.mark.parametrize(
    ("dns", "told", "option"),
    [
        ((True, False), "of {} DNS hostnames are off", "--enable-dns-hostnames"),
        ((False, True), "of {} DNS resolution is off", "--enable-dns-support"),
        ((False, False), "of {} DNS resolution and hostnames are off", "--enable-dns-support"),
    ],
)
@pytest.mark.parametrize("vpc", [VPC, CLIENT_VPC])
def test_dns_that_is_off_stands_in_the_way_with_the_command(
    scene: Scene, vpc: str, dns: tuple[bool, bool], told: str, option: str
) -> None:
    off = scene.changed("dns", **{vpc: dns})
    assert off.refusal("vpc-names") == told.format(vpc)
    assert f"aws ec2 modify-vpc-attribute --vpc-id {vpc} {option}" in str(off.finding("vpc-names").fix)


def test_dns_that_is_off_is_noted_once_there_is_an_endpoint(scene: Scene) -> None:
    assert scene.changed("dns", **{VPC: (True, False)}).deployed().note("vpc-names")


def test_dns_does_not_matter_to_who_resolves_names_elsewhere(scene: Scene) -> None:
    own = scene.configured(private_link={"dns": "none", "client_vpc_ids": []})
    assert not own.of("vpc-names")


def with_second(scene: Scene, **changes: Any) -> Scene:
    seen: Any = scene.seen
    first, second = seen.subnets
    return scene.when(subnets=[first, {**second, **changes}])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"VpcId": "vpc-99999999"}, f"{B} is in vpc-99999999, not in {VPC}"),
        ({"State": "pending"}, f"{B} is pending"),
        ({"Ipv6Native": True}, f"{B} has IPv6 addresses alone"),
        (
            {"AvailabilityZone": "us-east-1a", "AvailabilityZoneId": "use1-az2"},
            f"{A} and {B} are in one zone, use1-az2",
        ),
    ],
)
def test_a_subnet_that_will_not_do_stands_in_the_way(scene: Scene, changes: dict[str, Any], told: str) -> None:
    assert with_second(scene, **changes).refusal("subnets") == told


def test_a_subnet_that_is_not_there_stands_in_the_way(scene: Scene) -> None:
    gone = scene.when(subnets=[subnet(A, "us-east-1a", "use1-az2")])
    assert gone.refusal("subnets") == f"there is no {B}"


def test_a_subnet_without_room_stands_in_the_way(scene: Scene) -> None:
    assert with_second(scene, AvailableIpAddressCount=0).refusal("subnet-addresses") == f"{B} has no free address"
    assert with_second(scene, AvailableIpAddressCount=1).blocked() == set()


def test_a_subnet_added_by_an_update_is_looked_at_and_its_room_is_not(scene: Scene) -> None:
    added = with_second(scene, VpcId="vpc-99999999", AvailableIpAddressCount=0).deployed()
    assert added.blocked() == {"subnets"}


# --- Whose they are ---


@pytest.mark.fault(
    "the VPC belongs to another account, which shares it",
    sees="belongs to account 444455556666, which shares it with account 111122223333; EC2 lets nobody but the owner of "
    "a VPC make an interface endpoint in it",
    safe="Nothing was changed: EC2 would have refused the endpoint and CloudFormation undone the deployment.",
)
def test_a_vpc_that_another_account_shares_stands_in_the_way_with_its_owner(fault: Fault, scene: Scene) -> None:
    shared = scene.changed("vpcs", **{VPC: {"VpcId": VPC, "State": "available", "OwnerId": "444455556666"}})
    assert shared.refusal("vpc-owner") == (
        f"{VPC} belongs to account 444455556666, which shares it with account 111122223333; EC2 lets nobody but the "
        "owner of a VPC make an interface endpoint in it"
    )
    assert "have the endpoint made in account 444455556666" in str(shared.finding("vpc-owner").fix)
    fault.require_seen(shared.refusal("vpc-owner"))


def test_a_subnet_that_another_account_shares_stands_in_the_way(scene: Scene) -> None:
    theirs = subnet(A, "us-east-1a", "use1-az2", OwnerId="444455556666")
    shared = scene.when(subnets=[theirs, subnet(B, "us-east-1b", "use1-az4")])
    assert shared.refusal("vpc-owner").startswith(f"{A} belongs to account 444455556666")


def test_of_a_vpc_that_is_not_there_no_owner_is_told(scene: Scene) -> None:
    own = scene.configured(private_link={"client_vpc_ids": []})
    assert not own.when(vpcs={}, dns={}, hosted_zones={}, endpoints=None, endpoint_dry_run=None).of("vpc-owner")
