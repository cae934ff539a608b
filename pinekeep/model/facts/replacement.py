"""The properties whose change replaces a resource, of the resource types in released templates.

Source: the resource schemas of the CloudFormation registry (``createOnlyProperties`` and
``conditionalCreateOnlyProperties``), and "Update requires" in the template reference, docs.aws.amazon.com, checked
2026-11-30. A test compares them with the schemas.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Properties:
    """The top-level properties of a type whose change replaces a resource ``always``, or ``sometimes``."""

    always: frozenset[str] = frozenset()
    sometimes: frozenset[str] = frozenset()


def _always(*names: str, sometimes: tuple[str, ...] = ()) -> Properties:
    return Properties(frozenset(names), frozenset(sometimes))


REPLACING: Final[Mapping[str, Properties]] = {
    "AWS::EC2::FlowLog": _always(
        "DeliverCrossAccountRole",
        "DeliverLogsPermissionArn",
        "DestinationOptions",
        "LogDestination",
        "LogDestinationType",
        "LogFormat",
        "LogGroupName",
        "MaxAggregationInterval",
        "ResourceId",
        "ResourceType",
        "TagFieldSpecifications",
        "TrafficType",
    ),
    "AWS::EC2::RouteTable": _always("VpcId"),
    "AWS::EC2::SecurityGroup": _always("GroupDescription", "GroupName", "VpcId"),
    "AWS::EC2::Subnet": _always(
        "AvailabilityZone",
        "AvailabilityZoneId",
        "CidrBlock",
        "Ipv4IpamPoolId",
        "Ipv4NetmaskLength",
        "Ipv6IpamPoolId",
        "Ipv6Native",
        "Ipv6NetmaskLength",
        "OutpostArn",
        "VpcId",
        sometimes=("Ipv6CidrBlock",),
    ),
    "AWS::EC2::SubnetRouteTableAssociation": _always("RouteTableId", "SubnetId"),
    "AWS::EC2::VPC": _always(
        "CidrBlock",
        "Ipv4IpamPoolId",
        "Ipv4NetmaskLength",
        "VpcEncryptionControl",
        sometimes=("InstanceTenancy",),
    ),
    "AWS::EC2::VPCEndpoint": _always(
        "ResourceConfigurationArn",
        "ServiceName",
        "ServiceNetworkArn",
        "ServiceRegion",
        "VpcEndpointType",
        "VpcId",
        # Of DnsOptions two members alone replace it.
        sometimes=("DnsOptions",),
    ),
    "AWS::IAM::ManagedPolicy": _always("Description", "ManagedPolicyName", "Path"),
    "AWS::IAM::Role": _always("Path", "RoleName"),
    "AWS::KMS::Alias": _always("AliasName"),
    "AWS::KMS::Key": _always(),
    "AWS::Logs::LogGroup": _always("LogGroupName"),
    "AWS::Route53::HostedZone": _always("DelegationSetId", "Name"),
    "AWS::Route53::RecordSet": _always("HostedZoneId", "HostedZoneName", "Name", "SetIdentifier", "Type"),
    "AWS::Route53Profiles::Profile": _always("Name"),
    "AWS::Route53Profiles::ProfileAssociation": _always("Name", "ProfileId", "ResourceId"),
    "AWS::Route53Profiles::ProfileResourceAssociation": _always("Name", "ProfileId", "ResourceArn"),
    "AWS::Route53Resolver::ResolverEndpoint": _always(
        "Direction", "OutpostArn", "PreferredInstanceType", "SecurityGroupIds"
    ),
}
"""By type. Of a type that is not listed, any change may replace a resource.

A key never is, as KMS changes neither its specification nor its origin: CloudFormation fails such an update.
"""


def recreation(resource_type: str, name: str) -> str:
    """Return whether a change of a property replaces a resource: Never, Conditionally or Always."""
    known = REPLACING.get(resource_type)
    if known is None:
        return "Conditionally"
    if name in known.always:
        return "Always"
    return "Conditionally" if name in known.sometimes else "Never"
