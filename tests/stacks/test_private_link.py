import json
from typing import Any

import pytest

from pinekeep.model.facts import pinecone
from stacks.private_link import PrivateLinkStack
from tests.stacks.support import (
    NAME,
    NEW_VPC,
    REGION,
    SUBNETS,
    VPC,
    cmek,
    deployment,
    make,
    make_private_link,
    new_scratch_app,
    private_link,
)

ENDPOINT = "AWS::EC2::VPCEndpoint"
OTHER_VPC = "vpc-0a1b2c3d4e5f60799"
GROUP = "sg-0a1b2c3d4e5f60718"
DNS_NAME = {"Fn::Select": [1, {"Fn::Split": [":", {"Fn::Select": [0, {"Fn::GetAtt": ["Endpoint", "DnsEntries"]}]}]}]}


def test_the_endpoints_logical_id_never_changes() -> None:
    assert list(make_private_link().of_type("AWS::EC2::VPCEndpoint")) == ["Endpoint"], (
        "The logical ID of the endpoint is not 'Endpoint' any more. CloudFormation would make a second endpoint and "
        "delete the first; Pinecone knows the first by its vpce-… ID, and all clients would be cut off. Bring it back."
    )


def test_a_second_endpoint_stands_beside_it_without_dns_and_leaves_the_first_as_it_is() -> None:
    one, both = make_private_link().resources, make_private_link(standby=2).resources
    assert set(both) - set(one) == {"Endpoint2"}
    assert both["Endpoint"].pop("DependsOn") == ["Endpoint2"]
    assert {name: both[name] for name in one} == one
    first, second = both["Endpoint"]["Properties"], both["Endpoint2"]["Properties"]
    assert (first["PrivateDnsEnabled"], second["PrivateDnsEnabled"]) == (True, False)
    for each in ("ServiceName", "SecurityGroupIds", "SubnetIds", "VpcId"):
        assert first[each] == second[each]


def test_when_it_takes_over_the_old_one_gives_its_private_name_up_first() -> None:
    made = make_private_link(generation=2, standby=1)
    assert {name: each["Properties"]["PrivateDnsEnabled"] for name, each in made.of_type(ENDPOINT).items()} == {
        "Endpoint2": True,
        "Endpoint": False,
    }
    assert made.resources["Endpoint2"]["DependsOn"] == ["Endpoint"]
    assert made.template["Outputs"]["VpcEndpointId"]["Value"] == {"Ref": "Endpoint2"}
    assert made.template["Outputs"]["StandbyVpcEndpointId"]["Value"] == {"Ref": "Endpoint"}


def test_what_an_endpoint_is_depends_on_its_generation_alone() -> None:
    def endpoints(**link: Any) -> dict[str, Any]:
        found = make_private_link(dns="hosted-zone", **link).of_type(ENDPOINT)
        return {name: each["Properties"] for name, each in found.items()}

    assert endpoints(generation=1, standby=2) == endpoints(generation=2, standby=1)
    assert list(endpoints(generation=7)) == ["Endpoint7"]


def test_the_hosted_zone_leads_to_the_endpoint_that_serves() -> None:
    made = make_private_link(dns="hosted-zone", generation=2, standby=1)
    (record,) = made.of_type("AWS::Route53::RecordSet").values()
    assert "Endpoint2" in json.dumps(record["Properties"]["AliasTarget"])


def test_in_an_existing_vpc_only_the_endpoint_and_its_security_group_are_made() -> None:
    made = make_private_link()
    assert made.types == ["AWS::EC2::SecurityGroup", "AWS::EC2::VPCEndpoint"]
    endpoint = made.only("AWS::EC2::VPCEndpoint")
    assert (endpoint["VpcId"], endpoint["SubnetIds"]) == (VPC, SUBNETS)
    assert made.only("AWS::EC2::SecurityGroup")["VpcId"] == VPC


def test_a_new_vpc_is_isolated_and_holds_the_endpoint() -> None:
    made = make_private_link(vpc=NEW_VPC)
    assert made.types == [
        "AWS::EC2::FlowLog",
        "AWS::EC2::RouteTable",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::Subnet",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPC",
        "AWS::EC2::VPCEndpoint",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Role",
        "AWS::Logs::LogGroup",
    ]
    (vpc,) = made.of_type("AWS::EC2::VPC")
    endpoint = made.only("AWS::EC2::VPCEndpoint")
    assert endpoint["VpcId"] == made.only("AWS::EC2::SecurityGroup")["VpcId"] == {"Ref": vpc}
    assert endpoint["SubnetIds"] == [{"Ref": subnet} for subnet in made.of_type("AWS::EC2::Subnet")]


def test_another_zone_leaves_all_but_the_endpoints_list_of_subnets_alone() -> None:
    one = make_private_link(vpc=NEW_VPC).resources
    zones = ["us-east-1c", *NEW_VPC["availability_zones"]]
    other = make_private_link(vpc={**NEW_VPC, "availability_zones": zones}).resources
    assert [name for name in one if one[name] != other[name]] == ["Endpoint"]
    assert len(other["Endpoint"]["Properties"].pop("SubnetIds")) == len(zones)
    del one["Endpoint"]["Properties"]["SubnetIds"]
    assert one["Endpoint"] == other["Endpoint"]


def test_the_named_clients_come_in_and_nothing_goes_out() -> None:
    group = make_private_link(clients={"cidrs": ["10.0.0.0/16"], "security_group_ids": [GROUP]}).only(
        "AWS::EC2::SecurityGroup"
    )
    assert [(rule.get("CidrIp"), rule.get("SourceSecurityGroupId")) for rule in group["SecurityGroupIngress"]] == [
        ("10.0.0.0/16", None),
        (None, GROUP),
    ]
    assert [rule["CidrIp"] for rule in group["SecurityGroupEgress"]] == ["255.255.255.255/32"]


@pytest.mark.parametrize(
    ("dns", "private_dns", "zones"), [("endpoint", True, 0), ("hosted-zone", False, 1), ("none", False, 0)]
)
def test_names_are_resolved_in_one_way_at_a_time(dns: str, private_dns: bool, zones: int) -> None:
    made = make_private_link(dns=dns)
    assert made.only("AWS::EC2::VPCEndpoint")["PrivateDnsEnabled"] is private_dns
    assert len(made.of_type("AWS::Route53::HostedZone")) == len(made.of_type("AWS::Route53::RecordSet")) == zones


def test_the_hosted_zone_serves_the_endpoints_vpc_and_the_clients() -> None:
    made = make_private_link(dns="hosted-zone", client_vpc_ids=[OTHER_VPC])
    assert made.only("AWS::Route53::HostedZone")["VPCs"] == [
        {"VPCId": VPC, "VPCRegion": REGION},
        {"VPCId": OTHER_VPC, "VPCRegion": REGION},
    ]
    record = made.only("AWS::Route53::RecordSet")
    assert record["Name"] == "*.private.aped-4627-b74a.pinecone.io"
    assert record["AliasTarget"]["DNSName"] == DNS_NAME


@pytest.mark.parametrize("region", pinecone.REGIONS)
def test_every_region_leads_to_its_own_service_and_zone(region: str) -> None:
    settings = deployment(region=region, private_link=private_link(dns="hosted-zone"))
    made = make({NAME: settings})[f"Pinekeep-{NAME}-PrivateLink"]
    facts = pinecone.PRIVATE_LINK[region]
    assert made.only("AWS::EC2::VPCEndpoint")["ServiceName"] == facts.service_name
    assert made.only("AWS::Route53::HostedZone")["VPCs"] == [{"VPCId": VPC, "VPCRegion": region}]
    assert made.outputs["PrivateDnsZone"] == made.only("AWS::Route53::HostedZone")["Name"] == facts.private_zone


@pytest.mark.parametrize("settings", [{}, {"dns": "none"}, {"dns": "hosted-zone"}, {"vpc": NEW_VPC}])
def test_the_outputs_tell_what_pinecone_is_given_and_what_the_stack_made(settings: dict[str, Any]) -> None:
    outputs = make_private_link(**settings).outputs
    assert {name: outputs.pop(name) for name in ("VpcEndpointId", "VpcEndpointDnsName", "PrivateDnsZone")} == {
        "VpcEndpointId": {"Ref": "Endpoint"},
        "VpcEndpointDnsName": DNS_NAME,
        "PrivateDnsZone": "private.aped-4627-b74a.pinecone.io",
    }
    assert outputs.pop("SecurityGroupId")["Fn::GetAtt"][1] == "GroupId"
    assert ("HostedZoneId" in outputs) is (settings.get("dns") == "hosted-zone")
    outputs.pop("HostedZoneId", None)
    if settings.get("vpc") == NEW_VPC:
        subnets = [{"Ref": "VpcSubnetA2FC0B085"}, {"Ref": outputs["SubnetIds"]["Fn::Join"][1][1]["Ref"]}]
        assert outputs == {"VpcId": {"Ref": "Vpc8378EB38"}, "SubnetIds": {"Fn::Join": [",", subnets]}}
    else:
        assert outputs == {"VpcId": VPC, "SubnetIds": ",".join(SUBNETS)}


def test_a_deployment_without_an_endpoint_is_refused() -> None:
    with pytest.raises(ValueError, match=f"deployment {NAME} has no private_link"):
        PrivateLinkStack(new_scratch_app(), "PrivateLink", name=NAME, deployment=deployment(cmek=cmek()))


# --- Shapes ---

ADOPTED = {"id": VPC, "adopt": "vpce-0a1b2c3d4e5f60718"}
ADOPTED_DNS = {
    "dns_name": "vpce-0a1b2c3d4e5f60718-abcd1234.vpce-svc-05ef6f1f0b9130b54.us-east-1.vpce.amazonaws.com",
    "dns_hosted_zone_id": "Z7HUB22UULQXV",
}
ZONE, RECORD = "AWS::Route53::HostedZone", "AWS::Route53::RecordSet"
ZONE_NAME = pinecone.PRIVATE_LINK[REGION].private_zone


def adopted(**settings: Any) -> Any:
    """Return the template of a stack whose endpoint exists already."""
    link = {"vpc": {**ADOPTED, **ADOPTED_DNS}, **settings}
    return make({NAME: deployment(private_link=link)})[f"Pinekeep-{NAME}-PrivateLink"]


def test_an_adopted_endpoint_is_neither_created_nor_changed() -> None:
    made = adopted(dns="endpoint")
    assert made.types == ["AWS::CloudFormation::WaitConditionHandle"]
    assert made.outputs["VpcEndpointId"] == ADOPTED["adopt"]
    assert made.outputs["VpcId"] == VPC
    assert "SecurityGroupId" not in made.outputs


def test_a_record_leads_to_an_adopted_endpoint_by_its_dns_entry() -> None:
    made = adopted(dns="hosted-zone", client_vpc_ids=[OTHER_VPC])
    assert made.types == [ZONE, RECORD]
    assert [each["VPCId"] for each in made.only(ZONE)["VPCs"]] == [VPC, OTHER_VPC]
    assert made.only(RECORD)["AliasTarget"] == {
        "DNSName": ADOPTED_DNS["dns_name"],
        "HostedZoneId": ADOPTED_DNS["dns_hosted_zone_id"],
    }


def test_an_existing_hosted_zone_gets_the_record_alone() -> None:
    made = make_private_link(dns="hosted-zone", hosted_zone_id="Z0123456789ABCDEFGHIJ")
    assert made.of_type(ZONE) == {}
    assert made.only(RECORD)["HostedZoneId"] == "Z0123456789ABCDEFGHIJ"
    assert made.outputs["HostedZoneId"] == "Z0123456789ABCDEFGHIJ"


def test_the_zone_is_created_after_the_endpoints_private_name_is_off() -> None:
    (zone,) = make_private_link(dns="hosted-zone").of_type(ZONE).values()
    assert zone["DependsOn"] == ["Endpoint"], "a VPC takes one zone of a name; CloudFormation would be refused"


def test_a_profile_gives_the_zone_to_the_client_vpcs() -> None:
    made = make_private_link(dns="profile", client_vpc_ids=[OTHER_VPC])
    assert [each["VPCId"] for each in made.only(ZONE)["VPCs"]] == [VPC]
    profile = {"Ref": next(iter(made.of_type("AWS::Route53Profiles::Profile")))}
    assert made.only("AWS::Route53Profiles::ProfileAssociation")["ResourceId"] == OTHER_VPC
    assert made.only("AWS::Route53Profiles::ProfileAssociation")["ProfileId"] == profile
    zone = {"Ref": next(iter(made.of_type(ZONE)))}
    arn = made.only("AWS::Route53Profiles::ProfileResourceAssociation")["ResourceArn"]
    assert arn == {"Fn::Sub": ["arn:${AWS::Partition}:route53:::hostedzone/${Zone}", {"Zone": zone}]}
    assert made.outputs["ProfileId"] == profile
    assert made.of_type(ENDPOINT)["Endpoint"]["Properties"]["PrivateDnsEnabled"] is False


def test_an_existing_profile_is_used_and_not_created() -> None:
    made = make_private_link(dns="profile", profile_id="rp-0a1b2c3d4e5f6071", client_vpc_ids=[OTHER_VPC])
    assert made.of_type("AWS::Route53Profiles::Profile") == {}
    assert made.only("AWS::Route53Profiles::ProfileAssociation")["ProfileId"] == "rp-0a1b2c3d4e5f6071"


def test_an_inbound_resolver_answers_by_the_endpoints_private_dns() -> None:
    made = make_private_link(dns="resolver-inbound", resolver={"client_cidrs": ["192.168.0.0/24"]})
    assert made.of_type(ENDPOINT)["Endpoint"]["Properties"]["PrivateDnsEnabled"] is True
    resolver = made.only("AWS::Route53Resolver::ResolverEndpoint")
    assert resolver["Direction"] == "INBOUND"
    assert resolver["IpAddresses"] == [{"SubnetId": each} for each in SUBNETS]
    (group,) = [
        each["Properties"]
        for name, each in made.of_type("AWS::EC2::SecurityGroup").items()
        if {"Fn::GetAtt": [name, "GroupId"]} in resolver["SecurityGroupIds"]
    ]
    rules = [
        (each["IpProtocol"], each["FromPort"], each["ToPort"], each["CidrIp"]) for each in group["SecurityGroupIngress"]
    ]
    assert rules == [("udp", 53, 53, "192.168.0.0/24"), ("tcp", 53, 53, "192.168.0.0/24")]
    assert made.outputs["ResolverEndpointId"] == {
        "Ref": next(iter(made.of_type("AWS::Route53Resolver::ResolverEndpoint")))
    }


@pytest.mark.parametrize("dns", ["endpoint", "hosted-zone", "profile", "none"])
def test_the_bridge_is_a_narrower_zone_beside_any_mode(dns: str) -> None:
    made = make_private_link(dns=dns, dns_bridge=True, client_vpc_ids=[OTHER_VPC])
    (bridge,) = [each["Properties"] for each in made.of_type(ZONE).values() if each["Properties"]["Name"] != ZONE_NAME]
    assert bridge["Name"] == f"svc.{ZONE_NAME}"
    assert [each["VPCId"] for each in bridge["VPCs"]] == [VPC, OTHER_VPC]
    names = [each["Properties"]["Name"] for each in made.of_type(RECORD).values()]
    assert f"*.svc.{ZONE_NAME}" in names
    assert (f"*.{ZONE_NAME}" in names) == (dns in ("hosted-zone", "profile"))


def test_security_groups_of_ones_own_are_taken_as_they_are() -> None:
    made = make(
        {NAME: deployment(private_link={"vpc": {"id": VPC, "subnet_ids": SUBNETS}, "security_group_ids": [GROUP]})}
    )
    template = made[f"Pinekeep-{NAME}-PrivateLink"]
    assert template.types == [ENDPOINT]
    assert template.only(ENDPOINT)["SecurityGroupIds"] == [GROUP]
    assert template.outputs["SecurityGroupId"] == GROUP


def test_dualstack_has_both_families_everywhere() -> None:
    made = make_private_link(
        ip_address_type="dualstack", dns="hosted-zone", clients={"cidrs": ["10.0.0.0/16", "2001:db8:1::/56"]}
    )
    endpoint = made.only(ENDPOINT)
    assert endpoint["IpAddressType"] == "dualstack"
    assert endpoint["DnsOptions"] == {"DnsRecordIpType": "dualstack"}
    ingress = made.only("AWS::EC2::SecurityGroup")["SecurityGroupIngress"]
    assert [(each.get("CidrIp"), each.get("CidrIpv6")) for each in ingress] == [
        ("10.0.0.0/16", None),
        (None, "2001:db8:1::/56"),
    ]
    assert sorted(each["Properties"]["Type"] for each in made.of_type(RECORD).values()) == ["A", "AAAA"]


def test_another_service_region_has_its_own_service_and_zone() -> None:
    made = make_private_link(service_region="us-west-2", dns="hosted-zone")
    there = pinecone.PRIVATE_LINK["us-west-2"]
    endpoint = made.only(ENDPOINT)
    assert (endpoint["ServiceName"], endpoint["ServiceRegion"]) == (there.service_name, "us-west-2")
    assert made.only(ZONE)["Name"] == there.private_zone
    assert made.only(ZONE)["VPCs"] == [{"VPCId": VPC, "VPCRegion": REGION}]
    assert made.outputs["PrivateDnsZone"] == there.private_zone


def test_zones_by_id_have_subnets_that_no_other_zone_moves() -> None:
    def subnets(*zones: str) -> dict[str, Any]:
        made = make_private_link(vpc={"cidr": "10.20.0.0/16", "availability_zones": list(zones)})
        return {name: each["Properties"] for name, each in made.of_type("AWS::EC2::Subnet").items()}

    two, three = subnets("use1-az4", "use1-az6"), subnets("use1-az1", "use1-az4", "use1-az6")
    assert [(each["AvailabilityZoneId"], each["CidrBlock"]) for each in two.values()] == [
        ("use1-az4", "10.20.96.0/19"),
        ("use1-az6", "10.20.160.0/19"),
    ]
    assert all("AvailabilityZone" not in each for each in two.values())
    assert {name: three[name] for name in two} == two
