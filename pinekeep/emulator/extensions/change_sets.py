"""Change sets of CloudFormation."""

from collections.abc import Mapping
from typing import Final

from ministack.services.cloudformation import provisioners

REPLACING: Final[Mapping[str, frozenset[str]]] = {
    "AWS::IAM::Role": frozenset({"Path", "RoleName"}),
    "AWS::IAM::ManagedPolicy": frozenset({"ManagedPolicyName", "Description", "Path"}),
    "AWS::KMS::Key": frozenset(),
    "AWS::KMS::ReplicaKey": frozenset({"PrimaryKeyArn"}),
    "AWS::KMS::Alias": frozenset({"AliasName"}),
    "AWS::EC2::VPC": frozenset({"CidrBlock", "Ipv4IpamPoolId", "Ipv4NetmaskLength", "VpcEncryptionControl"}),
    "AWS::EC2::RouteTable": frozenset({"VpcId"}),
    "AWS::EC2::Subnet": frozenset(
        {
            "VpcId",
            "AvailabilityZone",
            "AvailabilityZoneId",
            "CidrBlock",
            "OutpostArn",
            "Ipv6Native",
            "Ipv4IpamPoolId",
            "Ipv4NetmaskLength",
            "Ipv6IpamPoolId",
            "Ipv6NetmaskLength",
        }
    ),
    "AWS::EC2::SubnetRouteTableAssociation": frozenset({"SubnetId", "RouteTableId"}),
    "AWS::EC2::FlowLog": frozenset(
        {
            "DeliverCrossAccountRole",
            "DeliverLogsPermissionArn",
            "LogGroupName",
            "LogDestination",
            "ResourceId",
            "TrafficType",
            "LogDestinationType",
            "ResourceType",
            "LogFormat",
            "MaxAggregationInterval",
            "DestinationOptions",
            "TagFieldSpecifications",
        }
    ),
    "AWS::EC2::SecurityGroup": frozenset({"GroupDescription", "GroupName", "VpcId"}),
    "AWS::EC2::VPCEndpoint": frozenset(
        {"ServiceName", "VpcEndpointType", "VpcId", "ServiceNetworkArn", "ResourceConfigurationArn", "ServiceRegion"}
    ),
    "AWS::Logs::LogGroup": frozenset({"LogGroupName"}),
    "AWS::Route53::HostedZone": frozenset({"Name", "DelegationSetId"}),
    "AWS::Route53::RecordSet": frozenset({"HostedZoneName", "HostedZoneId"}),
}
"""The properties that take another resource when they change, of the types that the stacks make.

Source: ``createOnlyProperties`` of CloudFormation's registry, through cfn-lint; a test holds them against it.
"""


def replacing_properties() -> None:
    """Gap: a change set says of most types that any change may replace the resource.

    AWS says of each property whether its change always, perhaps or never takes another resource.
    """
    for kind, names in REPLACING.items():
        provisioners._REPLACING_PROPERTIES[kind] = names
