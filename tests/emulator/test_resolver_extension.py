"""Route 53 Resolver's endpoints."""

import ipaddress
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws

Deploy = Callable[..., dict[str, Any]]
Client = Callable[..., Any]
Resources = dict[str, Any]
OUTPUTS = {
    "Id": {"Ref": "Inbound"},
    "Arn": {"Fn::GetAtt": ["Inbound", "Arn"]},
    "Count": {"Fn::GetAtt": ["Inbound", "IpAddressCount"]},
    "Host": {"Fn::GetAtt": ["Inbound", "HostVPCId"]},
    "Vpc": {"Ref": "Vpc"},
    "Group": {"Fn::GetAtt": ["Group", "GroupId"]},
    "SubnetA": {"Ref": "SubnetA"},
    "SubnetB": {"Ref": "SubnetB"},
}


def inbound(**properties: Any) -> Resources:
    own = {
        "Direction": "INBOUND",
        "Name": "on-premises",
        "IpAddresses": [{"SubnetId": {"Ref": "SubnetA"}}, {"SubnetId": {"Ref": "SubnetB"}, "Ip": "10.9.1.53"}],
        "SecurityGroupIds": [{"Fn::GetAtt": ["Group", "GroupId"]}],
        "Tags": [{"Key": "team", "Value": "search"}],
    }
    return {"Type": "AWS::Route53Resolver::ResolverEndpoint", "Properties": {**own, **properties}}


def refused(attempt: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        attempt()
    return caught.value.response["Error"]["Code"]


def test_a_templates_endpoint_has_addresses_out_of_its_subnets(
    deploy: Deploy, client: Client, network: Resources
) -> None:
    stack = deploy({**network, "Inbound": inbound()}, OUTPUTS)
    values, resolver = stack["Values"], client("route53resolver")
    assert (stack["StackStatus"], values["Count"], values["Host"]) == ("CREATE_COMPLETE", "2", values["Vpc"])
    found = resolver.get_resolver_endpoint(ResolverEndpointId=values["Id"])["ResolverEndpoint"]
    assert (found["Arn"], found["Direction"], found["Status"]) == (values["Arn"], "INBOUND", "OPERATIONAL")
    assert found["SecurityGroupIds"] == [values["Group"]]
    asked = [{"Name": "HostVPCId", "Values": [values["Vpc"]]}, {"Name": "Direction", "Values": ["INBOUND"]}]
    assert resolver.list_resolver_endpoints(Filters=asked)["ResolverEndpoints"] == [found]
    addresses = resolver.list_resolver_endpoint_ip_addresses(ResolverEndpointId=values["Id"])["IpAddresses"]
    assert ipaddress.ip_address(addresses[0]["Ip"]) in ipaddress.ip_network("10.9.0.0/24")
    assert addresses[1]["Ip"] == "10.9.1.53"
    assert {"Key": "team", "Value": "search"} in resolver.list_tags_for_resource(ResourceArn=values["Arn"])["Tags"]
    renamed = deploy({**network, "Inbound": inbound(Name="other")}, OUTPUTS, name=stack["StackName"])["Values"]
    assert renamed["Id"] == values["Id"]
    kept = resolver.list_resolver_endpoint_ip_addresses(ResolverEndpointId=values["Id"])["IpAddresses"]
    assert kept == addresses
    deploy(network, name=stack["StackName"])
    assert refused(lambda: resolver.get_resolver_endpoint(ResolverEndpointId=values["Id"])) == (
        "ResourceNotFoundException"
    )
    of_vpc = [{"Name": "vpc-id", "Values": [values["Vpc"]]}]
    assert client("ec2").describe_network_interfaces(Filters=of_vpc)["NetworkInterfaces"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"IpAddresses": [{"SubnetId": {"Ref": "SubnetA"}}]},
        {"IpAddresses": [{"SubnetId": {"Ref": "SubnetA"}}, {"SubnetId": {"Ref": "SubnetB"}, "Ip": "10.9.0.53"}]},
        {"SecurityGroupIds": ["sg-0123456789abcdef0"]},
        {"ResolverEndpointType": "DUALSTACK"},
    ],
    ids=["one address", "address of another subnet", "unknown group", "no IPv6"],
)
def test_a_template_with_a_wrong_endpoint_is_rolled_back(deploy: Deploy, network: Resources, wrong: Resources) -> None:
    assert deploy({**network, "Inbound": inbound(**wrong)})["StackStatus"] == "ROLLBACK_COMPLETE"


def test_an_endpoint_that_a_rule_uses_stays(
    embedded_aws: EmbeddedAws, deploy: Deploy, client: Client, network: Resources
) -> None:
    outputs = {key: OUTPUTS[key] for key in ("SubnetA", "SubnetB", "Group")}
    values, resolver = deploy(network, outputs)["Values"], client("route53resolver")
    addresses = [{"SubnetId": values["SubnetA"]}, {"SubnetId": values["SubnetB"]}]
    made = resolver.create_resolver_endpoint(
        CreatorRequestId="outbound", Direction="OUTBOUND", IpAddresses=addresses, SecurityGroupIds=[values["Group"]]
    )["ResolverEndpoint"]["Id"]
    rule = resolver.create_resolver_rule(
        CreatorRequestId="rule", RuleType="FORWARD", DomainName="corp.example.com", ResolverEndpointId=made
    )["ResolverRule"]["Id"]
    assert refused(lambda: resolver.delete_resolver_endpoint(ResolverEndpointId=made)) == "InvalidRequestException"
    embedded_aws.take_snapshot("with-endpoint")
    resolver.delete_resolver_rule(ResolverRuleId=rule)
    resolver.delete_resolver_endpoint(ResolverEndpointId=made)
    embedded_aws.restore_snapshot("with-endpoint")
    assert resolver.get_resolver_endpoint(ResolverEndpointId=made)["ResolverEndpoint"]["IpAddressCount"] == 2


def test_the_resolver_and_profiles_ask_for_permission(embedded_aws: EmbeddedAws) -> None:
    iam = embedded_aws.session().client("iam")
    trust = (
        '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},'
        '"Action":"sts:AssumeRole"}]}'
    )
    role = iam.create_role(RoleName="reads-endpoints", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    allowed = '{"Statement":[{"Effect":"Allow","Action":"route53resolver:ListResolverEndpoints","Resource":"*"}]}'
    iam.put_role_policy(RoleName="reads-endpoints", PolicyName="read", PolicyDocument=allowed)
    sts = embedded_aws.session().client("sts")
    credentials = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    session = embedded_aws.session(credentials=credentials)
    session.client("route53resolver").list_resolver_endpoints()
    assert refused(session.client("route53resolver").list_resolver_rules) == "AccessDeniedException"
    assert refused(session.client("route53profiles").list_profiles) == "AccessDeniedException"
