import pytest

from pinekeep.operations.preflight.inventory import Count
from tests.operations.preflight.conftest import SUBNETS, VPC, Scene, subnet

A, B = SUBNETS


def test_a_subnet_that_is_not_there_stands_in_the_way(taken_over: Scene) -> None:
    found = taken_over.when(resolver_subnets=[subnet(A, "us-east-1a", "use1-az2")]).refusal("resolver-subnets")
    assert found == f"there is no {B}; all are in one zone, use1-az2"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"VpcId": "vpc-77777777"}, f"{B} is in vpc-77777777, not in {VPC}"),
        ({"AvailabilityZoneId": "use1-az2"}, "all are in one zone, use1-az2"),
        ({"AvailableIpAddressCount": 0}, f"{B} has no free address"),
    ],
)
def test_subnets_that_will_not_do_stand_in_the_way(taken_over: Scene, changes: dict[str, object], told: str) -> None:
    second = {**subnet(B, "us-east-1b", "use1-az4"), **changes}
    subnets = [subnet(A, "us-east-1a", "use1-az2"), second]
    assert taken_over.when(resolver_subnets=subnets).refusal("resolver-subnets") == told


def test_subnets_of_a_vpc_that_is_not_created_yet_stand_in_the_way(new_vpc: Scene) -> None:
    resolver = {"client_cidrs": ["192.168.0.0/24"], "subnet_ids": list(SUBNETS)}
    early = new_vpc.configured(private_link={"dns": "resolver-inbound", "resolver": resolver})
    assert "the endpoint's VPC is not created yet" in early.refusal("resolver-subnets")


def test_the_endpoint_one_too_many_stands_in_the_way(taken_over: Scene) -> None:
    full = taken_over.when(resolver_count=Count(4))
    assert full.refusal("quota-resolver") == "4 of 4 Resolver endpoints in the Region; 1 more is needed"
    assert "route53resolver L-4A669CC0" in str(full.finding("quota-resolver").fix)
    assert taken_over.when(resolver_count=Count(4), resolver_quota=8.0).blocked() == set()
