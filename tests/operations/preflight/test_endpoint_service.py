from typing import Any

import pytest

from tests.operations.preflight.conftest import SERVICE, SUBNETS, ZONE, Scene, subnet

A, B = SUBNETS


def with_endpoint_names(scene: Scene) -> Scene:
    return scene.configured(private_link={"dns": "endpoint", "client_vpc_ids": []})


def test_a_service_that_this_account_does_not_see_stands_in_the_way(scene: Scene) -> None:
    gone = scene.when(service=None)
    assert gone.refusal("endpoint-service-exists") == (
        f"EC2 knows no endpoint service {SERVICE} for this account in us-east-1"
    )
    fix = str(gone.finding("endpoint-service-exists").fix)
    assert "Configure private endpoints (docs.pinecone.io, checked " in fix


def test_a_service_that_accepts_by_hand_is_noted(scene: Scene) -> None:
    asking = scene.changed("service", AcceptanceRequired=True)
    assert "stays in state pendingAcceptance until then" in asking.note("endpoint-service-acceptance")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"ServiceType": [{"ServiceType": "GatewayLoadBalancer"}]}, "it is of type GatewayLoadBalancer"),
        ({"ServiceType": []}, "it is of type unknown"),
        ({"SupportedIpAddressTypes": ["ipv6"]}, "it supports ipv6 only"),
    ],
)
def test_a_service_of_another_kind_stands_in_the_way(scene: Scene, changes: dict[str, Any], told: str) -> None:
    assert scene.changed("service", **changes).refusal("endpoint-service-kind") == told


# --- Zones ---


def test_zones_are_compared_by_their_ids_and_not_by_their_names(scene: Scene) -> None:
    """In this account us-east-1a is use1-az2; the service names zones as other accounts may know them."""
    assert scene.changed("service", AvailabilityZones=["us-east-1c", "us-east-1d"]).blocked() == set()
    moved = scene.changed("service", AvailabilityZoneIds=["use1-az1", "use1-az4"])
    assert moved.refusal("endpoint-service-zones") == (
        f"{A} in us-east-1a (use1-az2) is in a zone in which the service is not offered"
    )
    assert moved.finding("endpoint-service-zones").fix == (
        "it is offered in use1-az1 (us-east-1c), use1-az4 (us-east-1b): change private_link.vpc.subnet_ids"
    )


def test_an_answer_without_ids_is_read_by_this_accounts_names(scene: Scene) -> None:
    older = scene.changed("service", AvailabilityZoneIds=[], AvailabilityZones=["us-east-1a", "us-east-1b"])
    assert older.blocked() == set()
    narrow = scene.changed("service", AvailabilityZoneIds=[], AvailabilityZones=["us-east-1a"])
    assert B in narrow.refusal("endpoint-service-zones")


def test_a_new_vpcs_zones_are_looked_up_by_name(new_vpc: Scene) -> None:
    assert new_vpc.finding("endpoint-service-zones").found == "us-east-1a (use1-az2), us-east-1b (use1-az4)"
    odd = new_vpc.configured(
        private_link={"vpc": {"cidr": "10.2.0.0/16", "availability_zones": ["us-east-1a", "us-east-1d"]}}
    )
    assert odd.refusal("endpoint-service-zones") == (
        "us-east-1d (use1-az6) is in a zone in which the service is not offered"
    )


def test_a_zone_that_this_account_does_not_have_stands_in_the_way(new_vpc: Scene) -> None:
    odd = new_vpc.configured(
        private_link={"vpc": {"cidr": "10.2.0.0/16", "availability_zones": ["us-east-1a", "us-east-1f"]}}
    )
    assert odd.refusal("endpoint-service-zones") == "there is no zone us-east-1f in this account"
    assert "change private_link.vpc.availability_zones" in str(odd.finding("endpoint-service-zones").fix)


def test_subnets_that_are_not_there_are_told_elsewhere(scene: Scene) -> None:
    gone = scene.when(subnets=[])
    assert gone.blocked() == {"subnets"}
    assert not gone.of("endpoint-service-zones")


def test_a_zone_in_a_local_zone_is_not_offered(scene: Scene) -> None:
    local = scene.when(subnets=[subnet(A, "us-east-1-bos-1a", "use1-bos1-az1"), subnet(B, "us-east-1b", "use1-az4")])
    assert "use1-bos1-az1" in local.refusal("endpoint-service-zones")


# --- The private name ---


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"PrivateDnsName": None, "PrivateDnsNames": []}, "the service has no private DNS name"),
        (
            {"PrivateDnsNameVerificationState": "pendingVerification"},
            f"the service's private DNS name *.{ZONE} is not verified (pendingVerification)",
        ),
    ],
)
def test_a_private_name_that_cannot_be_turned_on_stands_in_the_way(
    scene: Scene, changes: dict[str, Any], told: str
) -> None:
    broken = with_endpoint_names(scene).changed("service", **changes)
    assert broken.refusal("endpoint-service-name") == told
    assert "dns: hosted-zone" in str(broken.finding("endpoint-service-name").fix)
    assert scene.changed("service", **changes).blocked() == set()


def test_another_private_name_than_the_documented_one_is_noted(scene: Scene) -> None:
    names = [{"PrivateDnsName": "*.private.new.pinecone.io"}]
    other = with_endpoint_names(scene).changed("service", PrivateDnsNames=names)
    assert other.note("endpoint-service-name") == (
        f"the service's private DNS name is *.private.new.pinecone.io, and Pinecone documents *.{ZONE}"
    )


def test_one_of_several_names_is_enough(scene: Scene) -> None:
    names = [{"PrivateDnsName": "*.other"}, {"PrivateDnsName": f"*.{ZONE}"}]
    several = with_endpoint_names(scene).changed("service", PrivateDnsNames=names, PrivateDnsName="*.other")
    assert several.finding("endpoint-service-name").status == "ok"
    single = with_endpoint_names(scene).changed("service", PrivateDnsNames=[])
    assert single.finding("endpoint-service-name").status == "ok"


# --- Zones by ID, IPv6, other Regions ---


def test_a_new_vpcs_zones_are_looked_up_by_id(new_vpc: Scene) -> None:
    def by_id(*zones: str) -> Scene:
        return new_vpc.configured(private_link={"vpc": {"cidr": "10.2.0.0/16", "availability_zones": list(zones)}})

    assert by_id("use1-az2", "use1-az4").finding("endpoint-service-zones").found == "use1-az2, use1-az4"
    assert by_id("use1-az2", "use1-az6").refusal("endpoint-service-zones") == (
        "use1-az6 is in a zone in which the service is not offered"
    )
    assert by_id("use1-az2", "use1-az5").refusal("endpoint-service-zones") == (
        "there is no zone use1-az5 in this account"
    )


def test_dual_stack_needs_a_service_with_ipv6(guarded: Scene) -> None:
    old = guarded.changed("service", SupportedIpAddressTypes=["ipv4"])
    assert old.refusal("endpoint-addresses") == "the endpoint service supports ipv4 only"


@pytest.mark.parametrize("networks", [[], [{"Ipv6CidrBlockState": {"State": "disassociated"}}]])
def test_dual_stack_needs_subnets_with_ipv6(guarded: Scene, networks: list[Any]) -> None:
    second = subnet(B, "us-east-1b", "use1-az4", Ipv6CidrBlockAssociationSet=networks)
    without = guarded.when(subnets=[subnet(A, "us-east-1a", "use1-az2"), second])
    assert without.refusal("endpoint-addresses") == f"no IPv6 network: {B}"


def test_the_region_of_the_service_is_reported(scene: Scene) -> None:
    assert scene.finding("endpoint-service-region").found == "hosted in us-east-1"
    away = scene.configured(private_link={"service_region": "eu-west-1"})
    assert away.note("endpoint-service-region") == "the service is hosted in eu-west-1 and offered in us-east-1"
    moved = scene.changed("service", ServiceRegion="us-west-2")
    assert moved.refusal("endpoint-service-region") == "the service is hosted in us-west-2, not in us-east-1"


def test_a_service_of_another_region_that_is_not_offered_here_stands_in_the_way(scene: Scene) -> None:
    away = scene.configured(private_link={"service_region": "eu-west-1"}).when(service=None)
    assert "in eu-west-1 is not offered to this account in us-east-1" in away.refusal("endpoint-service-exists")
    assert "write region: eu-west-1" in str(away.finding("endpoint-service-exists").fix)
