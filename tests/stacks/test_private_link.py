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
