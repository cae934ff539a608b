from typing import Any

import pytest

from pinekeep.constructs import InterfaceEndpoint
from pinekeep.errors import WrongInputError
from pinekeep.model.facts import pinecone
from tests.stacks.support import REGION, SUBNETS, VPC, Made, foreign_stack, made_in

GROUP = "sg-0a1b2c3d4e5f60718"


def endpoint(*, stack_region: str = REGION, **settings: Any) -> Made:
    stack = foreign_stack(region=stack_region)
    needed: dict[str, Any] = {"region": REGION, "vpc_id": VPC, "subnet_ids": SUBNETS}
    InterfaceEndpoint(stack, "Endpoint", **(needed | settings))
    return made_in(stack)


def test_the_endpoint_leads_to_pinecones_service_from_the_given_subnets() -> None:
    made = endpoint()
    (group,) = made.of_type("AWS::EC2::SecurityGroup")
    assert made.only("AWS::EC2::VPCEndpoint") == {
        "IpAddressType": "ipv4",
        "PrivateDnsEnabled": True,
        "SecurityGroupIds": [{"Fn::GetAtt": [group, "GroupId"]}],
        "ServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-05ef6f1f0b9130b54",
        "SubnetIds": SUBNETS,
        "Tags": [{"Key": "Name", "Value": "pinecone"}],
        "VpcEndpointType": "Interface",
        "VpcId": VPC,
    }


@pytest.mark.parametrize("region", pinecone.REGIONS)
def test_every_region_has_its_own_service(region: str) -> None:
    service = endpoint(region=region, stack_region=region).only("AWS::EC2::VPCEndpoint")["ServiceName"]
    assert service == pinecone.PRIVATE_LINK[region].service_name
    assert f".{region}." in service


def test_a_region_without_pinecone_is_refused() -> None:
    with pytest.raises(WrongInputError, match="region: Pinecone does not run in 'eu-north-1'; it runs in us-east-1, "):
        endpoint(region="eu-north-1")


def test_private_dns_can_be_off() -> None:
    assert endpoint(private_dns=False).only("AWS::EC2::VPCEndpoint")["PrivateDnsEnabled"] is False


def test_only_the_named_clients_come_in_and_only_on_443() -> None:
    made = endpoint(client_cidrs=["10.0.0.0/16", "172.16.8.0/24"], client_security_group_ids=[GROUP])
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    assert made.only("AWS::EC2::SecurityGroup")["SecurityGroupIngress"] == [
        {**rule, "CidrIp": "10.0.0.0/16", "Description": "Clients of Pinecone in 10.0.0.0/16"},
        {**rule, "CidrIp": "172.16.8.0/24", "Description": "Clients of Pinecone in 172.16.8.0/24"},
        {**rule, "SourceSecurityGroupId": GROUP, "Description": f"Clients of Pinecone in {GROUP}"},
    ]


def test_without_clients_nobody_comes_in() -> None:
    assert endpoint().only("AWS::EC2::SecurityGroup").get("SecurityGroupIngress", []) == []


def test_nothing_goes_out_the_one_egress_rule_is_impossible() -> None:
    assert endpoint().only("AWS::EC2::SecurityGroup")["SecurityGroupEgress"] == [
        {
            "CidrIp": "255.255.255.255/32",
            "Description": "Allows nothing; stands in for the rule that would allow everything",
            "FromPort": 252,
            "IpProtocol": "icmp",
            "ToPort": 86,
        }
    ]


def test_no_rule_is_added_to_the_security_group_from_outside_it() -> None:
    assert endpoint(client_cidrs=["10.0.0.0/16"]).types == ["AWS::EC2::SecurityGroup", "AWS::EC2::VPCEndpoint"]


def test_name_and_hosted_zone_come_from_the_endpoints_own_first_entry() -> None:
    stack = foreign_stack()
    made = InterfaceEndpoint(stack, "Endpoint", region=REGION, vpc_id=VPC, subnet_ids=SUBNETS)
    first = {"Fn::Select": [0, {"Fn::GetAtt": [stack.get_logical_id(made.resource), "DnsEntries"]}]}
    assert stack.resolve(made.hosted_zone_id) == {"Fn::Select": [0, {"Fn::Split": [":", first]}]}
    assert stack.resolve(made.dns_name) == {"Fn::Select": [1, {"Fn::Split": [":", first]}]}


def test_a_managed_prefix_list_can_be_a_client() -> None:
    (rule,) = endpoint(client_prefix_list_ids=["pl-0a1b2c3d4e5f60718"]).only("AWS::EC2::SecurityGroup")[
        "SecurityGroupIngress"
    ]
    assert rule == {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "SourcePrefixListId": "pl-0a1b2c3d4e5f60718",
        "Description": "Clients of Pinecone in pl-0a1b2c3d4e5f60718",
    }
