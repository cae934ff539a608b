from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws

Deploy = Callable[..., dict[str, Any]]
Resources = dict[str, Any]
SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-05ef6f1f0b9130b54"
PRIVATE_NAME = "*.private.aped-4627-b74a.pinecone.io"


def test_a_vpc_gives_its_address_range_to_the_template(deploy: Deploy, network: Resources) -> None:
    stack = deploy(network, {"Block": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}})
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["Values"]["Block"] == "10.9.0.0/16"


def test_an_interface_endpoint_shows_names_groups_interfaces_and_private_dns(
    embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources, endpoint: Resources
) -> None:
    values = deploy(
        {**network, "Endpoint": endpoint},
        {
            "Id": {"Ref": "Endpoint"},
            "Vpc": {"Ref": "Vpc"},
            "Group": {"Fn::GetAtt": ["Group", "GroupId"]},
            "First": {"Fn::Select": [0, {"Fn::GetAtt": ["Endpoint", "DnsEntries"]}]},
        },
    )["Values"]
    ec2 = embedded_aws.session().client("ec2")
    shown = ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [values["Vpc"]]}])["VpcEndpoints"]
    assert [e["VpcEndpointId"] for e in shown] == [values["Id"]]
    found = shown[0]
    names = [entry["DnsName"] for entry in found["DnsEntries"]]
    zone, _, name = values["First"].partition(":")
    assert {"HostedZoneId": zone, "DnsName": name} == found["DnsEntries"][0]
    assert name.startswith(f"{values['Id']}-")
    assert name.endswith(".vpce-svc-05ef6f1f0b9130b54.us-east-1.vpce.amazonaws.com")
    assert "-us-east-1a." in names[1]
    assert "-us-east-1b." in names[2]
    assert names[3] == PRIVATE_NAME
    assert found["Groups"][0]["GroupId"] == values["Group"]
    assert found["PrivateDnsEnabled"] is True
    assert {"Key": "team", "Value": "search"} in found["Tags"]
    interfaces = ec2.describe_network_interfaces(NetworkInterfaceIds=found["NetworkInterfaceIds"])
    addresses = [interface["PrivateIpAddress"] for interface in interfaces["NetworkInterfaces"]]
    assert [address.rsplit(".", 1)[0] for address in addresses] == ["10.9.0", "10.9.1"]


def test_private_dns_switched_off_by_hand_is_seen(
    embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources, endpoint: Resources
) -> None:
    endpoint_id = deploy({**network, "Endpoint": endpoint}, {"Id": {"Ref": "Endpoint"}})["Values"]["Id"]
    ec2 = embedded_aws.session().client("ec2")
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint_id, PrivateDnsEnabled=False)
    found = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint_id])["VpcEndpoints"][0]
    assert found["PrivateDnsEnabled"] is False
    assert PRIVATE_NAME not in [entry["DnsName"] for entry in found["DnsEntries"]]


def test_of_two_endpoints_in_a_vpc_one_has_the_private_dns_name(
    embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources, endpoint: Resources
) -> None:
    second = {**endpoint, "Properties": {**endpoint["Properties"], "PrivateDnsEnabled": False}}
    outputs = {"Id": {"Ref": "Second"}}
    values = deploy({**network, "Endpoint": endpoint, "Second": second}, outputs)["Values"]
    ec2 = embedded_aws.session().client("ec2")
    with pytest.raises(ClientError, match="already a conflicting DNS domain"):
        ec2.modify_vpc_endpoint(VpcEndpointId=values["Id"], PrivateDnsEnabled=True)


def test_private_dns_is_refused_where_the_vpc_has_no_dns_host_names(
    deploy: Deploy, network: Resources, endpoint: Resources
) -> None:
    network["Vpc"]["Properties"]["EnableDnsHostnames"] = False
    assert deploy({**network, "Endpoint": endpoint})["StackStatus"] == "ROLLBACK_COMPLETE"


def test_the_service_of_a_third_party_can_be_described(embedded_aws: EmbeddedAws) -> None:
    ec2 = embedded_aws.session().client("ec2")
    service = ec2.describe_vpc_endpoint_services(ServiceNames=[SERVICE])["ServiceDetails"][0]
    assert service["ServiceType"] == [{"ServiceType": "Interface"}]
    assert service["PrivateDnsName"] == PRIVATE_NAME
    assert service["PrivateDnsNameVerificationState"] == "verified"
    assert service["AvailabilityZones"] == ["us-east-1a", "us-east-1b", "us-east-1c"]
    assert service["AvailabilityZoneIds"] == ["use1-az1", "use1-az2", "use1-az3"]


def test_a_rule_that_names_another_group_joins_the_group(
    embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources
) -> None:
    rule = {
        "GroupId": {"Fn::GetAtt": ["Group", "GroupId"]},
        "IpProtocol": "tcp",
        "FromPort": 8443,
        "ToPort": 8443,
        "SourceSecurityGroupId": {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]},
    }
    ingress = {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": rule}
    outputs = {"Group": {"Fn::GetAtt": ["Group", "GroupId"]}}
    stack = deploy({**network, "Rule": ingress}, outputs)
    group_id = stack["Values"]["Group"]
    ec2 = embedded_aws.session().client("ec2")

    def group() -> Any:
        return ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]

    assert [permission["FromPort"] for permission in group()["IpPermissions"]] == [443, 8443]
    assert [p["IpRanges"][0]["CidrIp"] for p in group()["IpPermissionsEgress"]] == ["255.255.255.255/32"]
    deploy(network, outputs, name=stack["StackName"])
    assert [permission["FromPort"] for permission in group()["IpPermissions"]] == [443]


def test_the_default_group_of_a_vpc_loses_its_rules_when_cdk_asks_for_that(
    embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources
) -> None:
    default = {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}
    properties = {"ServiceToken": "arn:aws:lambda:us-east-1:111122223333:function:restrict"}
    restrict = {
        "Type": "Custom::VpcRestrictDefaultSG",
        "Properties": {**properties, "DefaultSecurityGroupId": default},
    }
    values = deploy({**network, "Restrict": restrict}, {"Group": default})["Values"]
    groups = embedded_aws.session().client("ec2").describe_security_groups(GroupIds=[values["Group"]])
    assert groups["SecurityGroups"][0]["IpPermissionsEgress"] == []


def test_security_groups_are_filtered_by_id(embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources) -> None:
    group_id = deploy(network, {"Group": {"Fn::GetAtt": ["Group", "GroupId"]}})["Values"]["Group"]
    ec2 = embedded_aws.session().client("ec2")

    def found(wanted: str) -> list[str]:
        groups = ec2.describe_security_groups(Filters=[{"Name": "group-id", "Values": [wanted]}])
        return [group["GroupId"] for group in groups["SecurityGroups"]]

    assert found(group_id) == [group_id]
    assert found("sg-0123456789abcdef0") == []


def test_flow_logs_name_their_log_group_and_role(embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources) -> None:
    flow_log = {
        "ResourceId": {"Ref": "Vpc"},
        "ResourceType": "VPC",
        "TrafficType": "REJECT",
        "LogGroupName": {"Ref": "Logs"},
        "DeliverLogsPermissionArn": "arn:aws:iam::111122223333:role/logs",
        "Tags": [{"Key": "team", "Value": "search"}],
    }
    resources = {
        **network,
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}},
        "FlowLog": {"Type": "AWS::EC2::FlowLog", "Properties": flow_log},
    }
    stack = deploy(resources, {"Id": {"Ref": "FlowLog"}, "Logs": {"Ref": "Logs"}})
    ec2 = embedded_aws.session().client("ec2")
    found = ec2.describe_flow_logs(FlowLogIds=[stack["Values"]["Id"]])["FlowLogs"][0]
    assert found["LogGroupName"] == stack["Values"]["Logs"]
    assert found["DeliverLogsPermissionArn"] == "arn:aws:iam::111122223333:role/logs"
    assert found["TrafficType"] == "REJECT"
    assert {"Key": "team", "Value": "search"} in found["Tags"]


def test_a_private_hosted_zone_shows_its_vpcs_and_its_wildcard_record_as_aws_writes_it(
    embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources, endpoint: Resources
) -> None:
    endpoint["Properties"]["PrivateDnsEnabled"] = False
    entry = {"Fn::Split": [":", {"Fn::Select": [0, {"Fn::GetAtt": ["Endpoint", "DnsEntries"]}]}]}
    target = {"HostedZoneId": {"Fn::Select": [0, entry]}, "DNSName": {"Fn::Select": [1, entry]}}
    name = "private.aped-4627-b74a.pinecone.io"
    zone = {
        "Name": name,
        "VPCs": [{"VPCId": {"Ref": "Vpc"}, "VPCRegion": "us-east-1"}],
        "HostedZoneTags": [{"Key": "team", "Value": "search"}],
    }
    record = {"HostedZoneId": {"Ref": "Zone"}, "Name": f"*.{name}", "Type": "A", "AliasTarget": target}
    resources = {
        **network,
        "Endpoint": endpoint,
        "Zone": {"Type": "AWS::Route53::HostedZone", "Properties": zone},
        "Record": {"Type": "AWS::Route53::RecordSet", "Properties": record},
    }
    values = deploy(resources, {"Zone": {"Ref": "Zone"}, "Vpc": {"Ref": "Vpc"}})["Values"]
    route53 = embedded_aws.session().client("route53")
    found = route53.get_hosted_zone(Id=values["Zone"])
    assert found["HostedZone"]["Config"]["PrivateZone"] is True
    assert found["VPCs"] == [{"VPCRegion": "us-east-1", "VPCId": values["Vpc"]}]
    by_vpc = route53.list_hosted_zones_by_vpc(VPCId=values["Vpc"], VPCRegion="us-east-1")
    assert [summary["Name"] for summary in by_vpc["HostedZoneSummaries"]] == [f"{name}."]
    tags = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=values["Zone"])
    assert {"Key": "team", "Value": "search"} in tags["ResourceTagSet"]["Tags"]
    records = route53.list_resource_record_sets(HostedZoneId=values["Zone"])["ResourceRecordSets"]
    wildcard = next(record for record in records if record["Type"] == "A")
    assert wildcard["Name"] == f"\\052.{name}."
    assert wildcard["AliasTarget"]["DNSName"].endswith(".vpce.amazonaws.com.")


def test_a_dry_run_makes_no_endpoint(embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources) -> None:
    values = deploy(network, {"Vpc": {"Ref": "Vpc"}, "Subnet": {"Ref": "SubnetA"}})["Values"]
    ec2 = embedded_aws.session().client("ec2")
    with pytest.raises(ClientError) as caught:
        ec2.create_vpc_endpoint(
            DryRun=True,
            VpcId=values["Vpc"],
            SubnetIds=[values["Subnet"]],
            ServiceName=SERVICE,
            VpcEndpointType="Interface",
        )
    assert caught.value.response["Error"]["Code"] == "DryRunOperation"
    assert ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [values["Vpc"]]}])["VpcEndpoints"] == []


def test_a_subnet_is_in_its_vpcs_default_acl_until_it_is_put_into_another(embedded_aws: EmbeddedAws) -> None:
    ec2 = embedded_aws.session().client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.77.{each}.0/24")["Subnet"]["SubnetId"] for each in range(2)
    ]
    asked = [{"Name": "association.subnet-id", "Values": [subnets[0]]}]
    (default,) = ec2.describe_network_acls(Filters=asked)["NetworkAcls"]
    assert (default["IsDefault"], default["VpcId"]) == (True, vpc_id)
    assert sorted(each["SubnetId"] for each in default["Associations"]) == sorted(subnets)
    other = ec2.create_network_acl(VpcId=vpc_id)["NetworkAcl"]["NetworkAclId"]
    (association,) = [each for each in default["Associations"] if each["SubnetId"] == subnets[0]]
    ec2.replace_network_acl_association(AssociationId=association["NetworkAclAssociationId"], NetworkAclId=other)
    (found,) = ec2.describe_network_acls(Filters=asked)["NetworkAcls"]
    assert found["NetworkAclId"] == other
    assert [each["SubnetId"] for each in found["Associations"]] == [subnets[0]]
    unknown = [{"Name": "association.subnet-id", "Values": ["subnet-0123456789abcdef0"]}]
    assert ec2.describe_network_acls(Filters=unknown)["NetworkAcls"] == []
