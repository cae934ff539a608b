"""Other endpoints and zones for Pinecone's private names: looked at with --drift."""

from typing import TYPE_CHECKING, Any

import pytest

from pinekeep.model.facts import pinecone

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

CHECK = "endpoint-rivals"
ZONE = "private.aped-4627-b74a.pinecone.io"
OURS = {"VpcEndpointId": "vpce-0123456789abcdef0", "VpcId": "vpc-0a1b2c3d", "PrivateDnsEnabled": True}
OTHER = {**OURS, "VpcEndpointId": "vpce-11111111", "State": "available"}
OWN_ZONE = {"HostedZoneId": "Z1", "Name": f"{ZONE}.", "VPCId": "vpc-0a1b2c3d"}


def seen(world: "World", *, endpoints: tuple[Any, ...] = (OURS,), zones: tuple[Any, ...] = (OWN_ZONE,)) -> "World":
    return world.when(vpc_endpoints=list(endpoints), vpc_zones=list(zones))


def test_where_it_was_not_asked_nothing_is_said(world: "World") -> None:
    assert CHECK not in {each.check for each in world.when(vpc_endpoints=None, vpc_zones=None).findings()}


@pytest.mark.parametrize(
    "zones",
    [
        (OWN_ZONE,),
        (OWN_ZONE, {"HostedZoneId": "Z2", "Name": "example.com.", "VPCId": "vpc-0a1b2c3d"}),
        ({**OWN_ZONE, "HostedZoneId": "Z3", "Owner": {"OwningService": "vpce.amazonaws.com"}},),
    ],
)
def test_the_own_endpoint_and_zone_and_other_names_are_no_rivals(world: "World", zones: Any) -> None:
    gone = ({**OTHER, "State": "Deleted"}, {**OTHER, "PrivateDnsEnabled": False})
    assert seen(world, endpoints=(OURS, *gone), zones=zones).finding(CHECK).status == "ok"


@pytest.mark.fault(
    "Another endpoint or hosted zone answers to Pinecone's private names in the VPC",
    sees="Clients are led where the other one leads, for all of Pinecone's private names or some of them.",
    safe="verify --drift names it with the command that takes it out of the way; the endpoint stays as it is",
)
def test_another_endpoint_with_its_private_dns_name_on_is_named(world: "World", fault: Any) -> None:
    wrong = seen(world, endpoints=(OURS, OTHER))
    assert wrong.failure(CHECK) == "endpoint vpce-11111111 answers to them in vpc-0a1b2c3d"
    assert wrong.finding(CHECK).fix == (
        "aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-11111111 --no-private-dns-enabled --region us-east-1"
    )
    fault.require_seen(str(wrong.finding(CHECK).meaning))


@pytest.mark.parametrize("name", [ZONE, f"svc.{ZONE}"])
def test_another_zone_of_the_names_is_named(world: "World", name: str) -> None:
    zone = {"HostedZoneId": "Z9", "Name": f"{name}.", "VPCId": "vpc-9f8e7d6c"}
    wrong = seen(world, zones=(OWN_ZONE, zone))
    assert wrong.failure(CHECK) == f"hosted zone Z9 ({name}) answers in vpc-9f8e7d6c"
    assert wrong.finding(CHECK).fix == (
        "aws route53 disassociate-vpc-from-hosted-zone --hosted-zone-id Z9 "
        "--vpc VPCRegion=us-east-1,VPCId=vpc-9f8e7d6c "
        "(AWS refuses it for a zone's last VPC: associate another one first, or delete the zone)"
    )
    theirs = seen(world, zones=({**zone, "Owner": {"OwningAccount": "999988887777"}},))
    assert theirs.finding(CHECK).fix == "ask account 999988887777, whose zone Z9 is"


def test_pinecones_service_is_known_in_the_region() -> None:
    assert pinecone.PRIVATE_LINK["us-east-1"].private_zone == ZONE
