"""Private hosted zones, VPCs of several accounts, and the private DNS of endpoints."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws

Deploy = Callable[..., dict[str, Any]]
Resources = dict[str, Any]
Vpc = dict[str, str]
SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-05ef6f1f0b9130b54"
NAME = "private.aped-4627-b74a.pinecone.io"
HUB, SPOKE = "111122223333", "444455556666"


def vpc_of(aws: EmbeddedAws, account: str = HUB, region: str = "us-east-1") -> Vpc:
    ec2 = aws.session(account, region=region).client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
    return {"VPCRegion": region, "VPCId": vpc_id}


def endpoint_in(aws: EmbeddedAws, vpc: Vpc, **options: Any) -> str:
    made = (
        aws.session()
        .client("ec2")
        .create_vpc_endpoint(
            VpcEndpointType="Interface", VpcId=vpc["VPCId"], ServiceName=SERVICE, PrivateDnsEnabled=True, **options
        )
    )
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def refused(attempt: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        attempt()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture
def zone_in(embedded_aws: EmbeddedAws, unique: Callable[[str], str]) -> Callable[..., str]:
    def make(vpc: Vpc, name: str = NAME) -> str:
        route53 = embedded_aws.session().client("route53")
        made = route53.create_hosted_zone(Name=name, VPC=vpc, CallerReference=unique("zone"))
        return str(made["HostedZone"]["Id"]).removeprefix("/hostedzone/")

    return make


def vpcs_of(aws: EmbeddedAws, zone: str) -> list[Vpc]:
    found: list[Vpc] = aws.session().client("route53").get_hosted_zone(Id=zone)["VPCs"]
    return found


def test_a_vpc_of_another_account_is_associated_after_an_authorization(
    embedded_aws: EmbeddedAws, zone_in: Callable[..., str]
) -> None:
    own, far = vpc_of(embedded_aws), vpc_of(embedded_aws, SPOKE)
    zone = zone_in(own)
    hub, spoke = embedded_aws.session().client("route53"), embedded_aws.session(SPOKE).client("route53")

    def associate() -> Any:
        return spoke.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=far)

    assert refused(associate)[0] == "NotAuthorizedException"
    answer = hub.create_vpc_association_authorization(HostedZoneId=zone, VPC=far)
    assert (answer["HostedZoneId"], answer["VPC"]) == (zone, far)
    hub.create_vpc_association_authorization(HostedZoneId=zone, VPC=far)
    assert hub.list_vpc_association_authorizations(HostedZoneId=zone)["VPCs"] == [far]
    assert refused(lambda: hub.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=far)) == (
        "InvalidVPCId",
        f"The VPC {far['VPCId']} in region us-east-1 that you provided is not authorized to make the association.",
    )
    change = associate()["ChangeInfo"]
    assert change["Status"] == "PENDING"
    assert vpcs_of(embedded_aws, zone) == [own, far]
    hub.delete_vpc_association_authorization(HostedZoneId=zone, VPC=far)
    assert hub.list_vpc_association_authorizations(HostedZoneId=zone)["VPCs"] == []
    assert vpcs_of(embedded_aws, zone) == [own, far]
    code, _ = refused(lambda: hub.delete_vpc_association_authorization(HostedZoneId=zone, VPC=far))
    assert code == "VPCAssociationAuthorizationNotFound"


def test_authorizations_are_the_zone_owners(embedded_aws: EmbeddedAws, zone_in: Callable[..., str]) -> None:
    zone, far = zone_in(vpc_of(embedded_aws)), vpc_of(embedded_aws, SPOKE)
    spoke = embedded_aws.session(SPOKE).client("route53")
    assert refused(lambda: spoke.create_vpc_association_authorization(HostedZoneId=zone, VPC=far))[0] == (
        "NoSuchHostedZone"
    )


def test_authorizations_come_in_pages(embedded_aws: EmbeddedAws, zone_in: Callable[..., str]) -> None:
    zone, route53 = zone_in(vpc_of(embedded_aws)), embedded_aws.session().client("route53")
    wanted = [{"VPCRegion": "us-east-1", "VPCId": f"vpc-{number:017x}"} for number in range(3)]
    for each in wanted:
        route53.create_vpc_association_authorization(HostedZoneId=zone, VPC=each)
    first = route53.list_vpc_association_authorizations(HostedZoneId=zone, MaxResults="2")
    more = route53.list_vpc_association_authorizations(HostedZoneId=zone, NextToken=first["NextToken"])
    assert [*first["VPCs"], *more["VPCs"]] == wanted
    assert "NextToken" not in more


@pytest.mark.parametrize("by", [HUB, SPOKE])
def test_either_owner_ends_an_association_that_is_not_the_last(
    by: str, embedded_aws: EmbeddedAws, zone_in: Callable[..., str]
) -> None:
    own, far = vpc_of(embedded_aws), vpc_of(embedded_aws, SPOKE)
    zone = zone_in(own)
    hub, spoke = embedded_aws.session().client("route53"), embedded_aws.session(SPOKE).client("route53")
    hub.create_vpc_association_authorization(HostedZoneId=zone, VPC=far)
    spoke.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=far)
    client = embedded_aws.session(by).client("route53")
    client.disassociate_vpc_from_hosted_zone(HostedZoneId=zone, VPC=far)
    assert vpcs_of(embedded_aws, zone) == [own]
    assert refused(lambda: client.disassociate_vpc_from_hosted_zone(HostedZoneId=zone, VPC=far))[0] == (
        "VPCAssociationNotFound"
    )
    assert refused(lambda: hub.disassociate_vpc_from_hosted_zone(HostedZoneId=zone, VPC=own))[0] == (
        "LastVPCAssociation"
    )


def test_a_vpc_has_one_zone_of_a_name(embedded_aws: EmbeddedAws, zone_in: Callable[..., str]) -> None:
    one, two = vpc_of(embedded_aws), vpc_of(embedded_aws)
    first = zone_in(one)
    route53 = embedded_aws.session().client("route53")
    message = (
        f"The VPC {one['VPCId']} in region us-east-1 has already been associated with the hosted zone {first} "
        "with the same domain name."
    )
    assert refused(lambda: zone_in(one)) == ("ConflictingDomainExists", message)
    second = zone_in(two)
    assert refused(lambda: route53.associate_vpc_with_hosted_zone(HostedZoneId=second, VPC=one)) == (
        "ConflictingDomainExists",
        message,
    )
    assert zone_in(one, f"svc.{NAME}")


def test_the_vpc_of_a_new_zone_must_be_there_and_in_its_region(
    embedded_aws: EmbeddedAws, zone_in: Callable[..., str]
) -> None:
    vpc = vpc_of(embedded_aws)
    for wrong in ({**vpc, "VPCRegion": "us-west-2"}, {**vpc, "VPCId": "vpc-0123456789abcdef0"}):
        assert refused(lambda vpc=wrong: zone_in(vpc))[0] == "InvalidVPCId"


def test_a_public_zone_has_no_vpcs(embedded_aws: EmbeddedAws, unique: Callable[[str], str]) -> None:
    route53, vpc = embedded_aws.session().client("route53"), vpc_of(embedded_aws)
    zone = route53.create_hosted_zone(Name="example.com", CallerReference=unique("zone"))["HostedZone"]["Id"]
    assert refused(lambda: route53.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=vpc))[0] == (
        "PublicZoneVPCAssociation"
    )


def test_the_zones_of_a_vpc_are_those_of_all_owners(embedded_aws: EmbeddedAws, zone_in: Callable[..., str]) -> None:
    own, far = vpc_of(embedded_aws), vpc_of(embedded_aws, SPOKE)
    zone = zone_in(own, "other.example.com")
    hub, spoke = embedded_aws.session().client("route53"), embedded_aws.session(SPOKE).client("route53")
    hub.create_vpc_association_authorization(HostedZoneId=zone, VPC=far)
    spoke.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=far)
    (found,) = spoke.list_hosted_zones_by_vpc(**far)["HostedZoneSummaries"]
    assert found == {"HostedZoneId": zone, "Name": "other.example.com.", "Owner": {"OwningAccount": HUB}}
    assert refused(lambda: hub.list_hosted_zones_by_vpc(**far))[0] == "AccessDenied"
    endpoint_in(embedded_aws, own)
    zones = hub.list_hosted_zones_by_vpc(**own)["HostedZoneSummaries"]
    assert sorted((each["Name"], tuple(each["Owner"].values())) for each in zones) == [
        ("other.example.com.", (HUB,)),
        (f"{NAME}.", ("vpce.amazonaws.com",)),
    ]
    page = hub.list_hosted_zones_by_vpc(**own, MaxItems="1")
    rest = hub.list_hosted_zones_by_vpc(**own, NextToken=page["NextToken"])
    assert [*page["HostedZoneSummaries"], *rest["HostedZoneSummaries"]] == zones


def test_the_private_dns_of_an_endpoint_and_a_zone_of_its_name_exclude_each_other(
    embedded_aws: EmbeddedAws, zone_in: Callable[..., str]
) -> None:
    with_endpoint, with_zone = vpc_of(embedded_aws), vpc_of(embedded_aws)
    endpoint = endpoint_in(embedded_aws, with_endpoint)
    assert refused(lambda: zone_in(with_endpoint))[0] == "ConflictingDomainExists"
    zone = zone_in(with_zone)
    code, message = refused(lambda: endpoint_in(embedded_aws, with_zone))
    assert (code, message) == (
        "InvalidParameter",
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
        f"{NAME} in the VPC {with_zone['VPCId']}",
    )
    ec2 = embedded_aws.session().client("ec2")
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PrivateDnsEnabled=False)
    route53 = embedded_aws.session().client("route53")
    route53.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=with_endpoint)
    again = refused(lambda: ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PrivateDnsEnabled=True))
    assert "already a conflicting DNS domain" in again[1]
    (found,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]
    assert found["PrivateDnsEnabled"] is False


def test_a_template_with_both_is_rolled_back(deploy: Deploy, network: Resources, endpoint: Resources) -> None:
    vpcs = [{"VPCId": {"Ref": "Vpc"}, "VPCRegion": "us-east-1"}]
    zone = {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": NAME, "VPCs": vpcs}}
    first = deploy({**network, "Endpoint": endpoint})["StackName"]
    after_endpoint = deploy({**network, "Endpoint": endpoint, "Zone": {**zone, "DependsOn": "Endpoint"}}, name=first)
    assert after_endpoint["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    off = {**endpoint, "Properties": {**endpoint["Properties"], "PrivateDnsEnabled": False}}
    turned_off_first = {**network, "Endpoint": off, "Zone": {**zone, "DependsOn": "Endpoint"}}
    assert deploy(turned_off_first, name=first)["StackStatus"] == "UPDATE_COMPLETE"
    both = {**network, "Zone": zone, "Endpoint": {**endpoint, "DependsOn": "Zone"}}
    assert deploy(both)["StackStatus"] == "ROLLBACK_COMPLETE"


def test_a_template_neither_takes_nor_drops_the_vpc_of_another_account(
    embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources
) -> None:
    far = vpc_of(embedded_aws, SPOKE)
    vpcs = [{"VPCId": {"Ref": "Vpc"}, "VPCRegion": "us-east-1"}]
    zone: Resources = {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": NAME, "VPCs": [far]}}
    assert deploy({**network, "Zone": zone})["StackStatus"] == "ROLLBACK_COMPLETE"
    zone["Properties"]["VPCs"] = vpcs
    stack = deploy({**network, "Zone": zone}, {"Zone": {"Ref": "Zone"}})
    zone_id = stack["Values"]["Zone"]
    embedded_aws.session().client("route53").create_vpc_association_authorization(HostedZoneId=zone_id, VPC=far)
    spoke = embedded_aws.session(SPOKE).client("route53")
    spoke.associate_vpc_with_hosted_zone(HostedZoneId=zone_id, VPC=far)
    zone["Properties"]["HostedZoneConfig"] = {"Comment": "changed"}
    assert deploy({**network, "Zone": zone}, name=stack["StackName"])["StackStatus"] == "UPDATE_COMPLETE"
    assert far in vpcs_of(embedded_aws, zone_id)
