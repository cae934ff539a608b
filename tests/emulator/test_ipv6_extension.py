"""IPv6 ranges of VPCs and subnets, and the addresses of dual-stack endpoints."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.services import EndpointService

Deploy = Callable[..., dict[str, Any]]
Client = Callable[..., Any]
Resources = dict[str, Any]
SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-05ef6f1f0b9130b54"
PRIVATE_NAME = "*.private.aped-4627-b74a.pinecone.io"


@pytest.fixture(scope="module")
def embedded_aws() -> Iterator[EmbeddedAws]:
    service = EndpointService(private_dns_name=PRIVATE_NAME, ip_address_types=("ipv4", "dualstack"))
    with EmbeddedAws(endpoint_services={SERVICE: service}) as aws:
        yield aws


@pytest.fixture
def with_ipv6(network: Resources) -> Resources:
    blocks = {"Fn::Cidr": [{"Fn::Select": [0, {"Fn::GetAtt": ["Vpc", "Ipv6CidrBlocks"]}]}, 2, "64"]}
    network["Ipv6"] = {
        "Type": "AWS::EC2::VPCCidrBlock",
        "Properties": {"VpcId": {"Ref": "Vpc"}, "AmazonProvidedIpv6CidrBlock": True},
    }
    for number, name in enumerate(("SubnetA", "SubnetB")):
        network[name]["DependsOn"] = "Ipv6"
        network[name]["Properties"]["Ipv6CidrBlock"] = {"Fn::Select": [number, blocks]}
    return network


def test_a_dual_stack_endpoint_has_addresses_of_both_kinds(
    embedded_aws: EmbeddedAws, client: Client, deploy: Deploy, with_ipv6: Resources, endpoint: Resources
) -> None:
    endpoint["Properties"]["IpAddressType"] = "dualstack"
    outputs = {"Id": {"Ref": "Endpoint"}, "Vpc": {"Ref": "Vpc"}}
    stack = deploy({**with_ipv6, "Endpoint": endpoint}, outputs)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    ec2, values = client("ec2"), stack["Values"]
    (found,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[values["Id"]])["VpcEndpoints"]
    assert (found["IpAddressType"], found["DnsOptions"]["DnsRecordIpType"]) == ("dualstack", "dualstack")
    placed = ec2.describe_network_interfaces(NetworkInterfaceIds=found["NetworkInterfaceIds"])["NetworkInterfaces"]
    ipv6 = tuple(each["Ipv6Addresses"][0]["Ipv6Address"] for each in placed)
    assert len(set(ipv6)) == 2
    assert embedded_aws.resolve(values["Vpc"], PRIVATE_NAME.replace("*", "index"), "AAAA").records == ipv6
    assert embedded_aws.resolve(values["Vpc"], PRIVATE_NAME.replace("*", "index")).records == ("10.9.0.10", "10.9.1.10")
    (vpc,) = ec2.describe_vpcs(VpcIds=[values["Vpc"]])["Vpcs"]
    block = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
    assert block.endswith("::/56")
    of_vpc = [{"Name": "vpc-id", "Values": [values["Vpc"]]}]
    subnets = ec2.describe_subnets(Filters=of_vpc)["Subnets"]
    ranges = [each["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"] for each in subnets]
    assert [each.rpartition("/")[2] for each in ranges] == ["64", "64"]
    del endpoint["Properties"]["IpAddressType"]
    assert deploy({**with_ipv6, "Endpoint": endpoint}, outputs, name=stack["StackName"])["StackStatus"] == (
        "UPDATE_COMPLETE"
    )
    placed = ec2.describe_network_interfaces(NetworkInterfaceIds=found["NetworkInterfaceIds"])["NetworkInterfaces"]
    assert [each["Ipv6Addresses"] for each in placed] == [[], []]


def test_a_range_is_added_by_calls_and_must_be_the_vpcs(client: Client) -> None:
    ec2 = client("ec2")
    first = ec2.create_vpc(CidrBlock="10.60.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
    block = first["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].replace("/56", "/64")
    own = ec2.create_subnet(VpcId=first["VpcId"], CidrBlock="10.60.0.0/24", Ipv6CidrBlock=block)["Subnet"]
    assert own["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"] == block
    second = ec2.create_vpc(CidrBlock="10.61.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=second, CidrBlock="10.61.0.0/24")["Subnet"]["SubnetId"]
    with pytest.raises(ClientError, match="which has none"):
        ec2.associate_subnet_cidr_block(SubnetId=subnet, Ipv6CidrBlock=block)
    given = ec2.associate_vpc_cidr_block(VpcId=second, AmazonProvidedIpv6CidrBlock=True)["Ipv6CidrBlockAssociation"]
    wanted = given["Ipv6CidrBlock"].replace("/56", "/64")
    ec2.associate_subnet_cidr_block(SubnetId=subnet, Ipv6CidrBlock=wanted)
    (found,) = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    assert found["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"] == wanted
    with pytest.raises(ClientError, match="is not free"):
        ec2.create_subnet(VpcId=second, CidrBlock="10.61.1.0/24", Ipv6CidrBlock=wanted)
