from collections.abc import Sequence

import pytest

from pinekeep.constructs import PrivateZone
from pinekeep.model.facts import pinecone
from tests.stacks.support import REGION, VPC, Made, foreign_stack, made_in

OTHER_VPC = "vpc-0a1b2c3d4e5f60799"


def zone(*, region: str = REGION, vpc_ids: Sequence[str] = (VPC,)) -> Made:
    stack = foreign_stack()
    PrivateZone(
        stack,
        "Zone",
        region=region,
        vpc_ids=vpc_ids,
        endpoint_dns_name="vpce-1.vpce-svc-1.us-east-1.vpce.amazonaws.com",
        endpoint_hosted_zone_id="Z7HUB22UULQXV",
    )
    return made_in(stack)


def test_the_zone_is_pinecones_and_every_client_vpc_resolves_it() -> None:
    assert zone(vpc_ids=[VPC, OTHER_VPC]).only("AWS::Route53::HostedZone") == {
        "HostedZoneConfig": {"Comment": "Leads Pinecone's private names to the interface endpoint"},
        "Name": "private.aped-4627-b74a.pinecone.io",
        "VPCs": [{"VPCId": VPC, "VPCRegion": REGION}, {"VPCId": OTHER_VPC, "VPCRegion": REGION}],
    }


def test_the_one_record_leads_every_name_to_the_endpoint() -> None:
    made = zone()
    (zone_id,) = made.of_type("AWS::Route53::HostedZone")
    assert made.only("AWS::Route53::RecordSet") == {
        "AliasTarget": {
            "DNSName": "vpce-1.vpce-svc-1.us-east-1.vpce.amazonaws.com",
            "HostedZoneId": "Z7HUB22UULQXV",
        },
        "HostedZoneId": {"Ref": zone_id},
        "Name": "*.private.aped-4627-b74a.pinecone.io",
        "Type": "A",
    }


@pytest.mark.parametrize("region", pinecone.REGIONS)
def test_every_region_has_its_own_zone(region: str) -> None:
    assert zone(region=region).only("AWS::Route53::HostedZone")["Name"] == pinecone.PRIVATE_LINK[region].private_zone
