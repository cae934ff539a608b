"""The VPC with its subnets, routes, flow log and log group, and grants that all EC2 resources share.

CloudFormation does not document whether it tags a resource in the call that creates it or afterwards. So creation never
requires a tag. What exists before the call has the deployment's tag, or its ID is in the configuration.

Sources: "Actions, resources, and condition keys for Amazon EC2" and "... for Amazon CloudWatch Logs"
(docs.aws.amazon.com).
"""

from typing import Final

from pinekeep.decisions.privileges.grant import (
    EVERYTHING,
    Grant,
    ResourceKind,
    being_tagged,
    grant,
    in_the_regions,
    left_out,
    tagged,
)
from pinekeep.decisions.privileges.scope import Scope
from pinekeep.decisions.privileges.types.iam import PASS_FLOW_LOG_ROLE

_KINDS: Final = ("vpc", "subnet", "route-table", "security-group", "vpc-endpoint", "vpc-flow-log")
"""The kinds of EC2 resources in the templates, as in ARNs."""


def describe(*actions: str) -> Grant:
    """Return the grant for some of EC2's describe calls."""
    return grant(
        "ReadNetwork",
        *actions,
        on="everything in the Region",
        resources=lambda _: EVERYTHING,
        condition=in_the_regions,
        wildcard="EC2's describe calls take no resource; the policy limits them to the Region",
    )


def _all_kinds(scope: Scope) -> list[str]:
    return [arn for kind in _KINDS for arn in scope.ec2(kind)]


TAGS: Final = (
    grant(
        "TagNewNetwork",
        "ec2:CreateTags",
        on="the EC2 resources of the templates, to add the deployment's tag",
        resources=_all_kinds,
        condition=being_tagged,
    ),
    grant(
        "TagOwnNetwork",
        "ec2:CreateTags",
        "ec2:DeleteTags",
        on="resources with the deployment's tag",
        resources=_all_kinds,
        condition=tagged,
    ),
)


def _make_vpc(*actions: str) -> Grant:
    return grant(
        "MakeVpcs",
        *actions,
        on="VPCs and subnets of the account and Region; these calls are part of creating one",
        resources=lambda scope: [*scope.ec2("vpc"), *scope.ec2("subnet")],
    )


def _make_in_own_vpc(action: str) -> tuple[Grant, Grant]:
    return (
        grant(
            "MakePartsOfVpcs",
            action,
            on="new subnets, route tables and flow logs",
            resources=lambda scope: [
                arn for each in ("subnet", "route-table", "vpc-flow-log") for arn in scope.ec2(each)
            ],
        ),
        grant(
            "MakePartsInOwnVpcs",
            action,
            on="in VPCs that carry the deployment's tag",
            resources=lambda scope: scope.ec2("vpc"),
            condition=tagged,
        ),
    )


def change_own(*actions: str) -> Grant:
    """Return the grant for calls on EC2 resources with the deployment's tag."""
    return grant(
        "ChangeOwnNetwork", *actions, on="resources with the deployment's tag", resources=_all_kinds, condition=tagged
    )


VPC: Final = ResourceKind(
    name="AWS::EC2::VPC",
    grants=(
        describe(
            "ec2:DescribeNetworkAcls",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeVpcAttribute",
            "ec2:DescribeVpcEncryptionControls",
            "ec2:DescribeVpcs",
        ),
        _make_vpc("ec2:CreateVpc", "ec2:ModifyVpcAttribute"),
        change_own("ec2:DeleteVpc"),
        *TAGS,
    ),
    left_out={
        **left_out("the VPC has no encryption control", "ec2:CreateVpcEncryptionControl"),
        **left_out("the VPC's tenancy is never changed", "ec2:ModifyVpcTenancy"),
    },
)

SUBNET: Final = ResourceKind(
    name="AWS::EC2::Subnet",
    grants=(
        describe("ec2:DescribeNetworkAcls", "ec2:DescribeSubnets"),
        *_make_in_own_vpc("ec2:CreateSubnet"),
        _make_vpc("ec2:ModifySubnetAttribute"),
        change_own("ec2:DeleteSubnet"),
        *TAGS,
    ),
    left_out=left_out("the subnets have IPv4 alone", "ec2:AssociateSubnetCidrBlock", "ec2:DisassociateSubnetCidrBlock"),
)

ROUTE_TABLE: Final = ResourceKind(
    name="AWS::EC2::RouteTable",
    grants=(
        describe("ec2:DescribeRouteTables"),
        *_make_in_own_vpc("ec2:CreateRouteTable"),
        change_own("ec2:DeleteRouteTable"),
        *TAGS,
    ),
)

ROUTES: Final = ResourceKind(
    name="AWS::EC2::SubnetRouteTableAssociation",
    grants=(
        describe("ec2:DescribeRouteTables", "ec2:DescribeSubnets"),
        change_own("ec2:AssociateRouteTable", "ec2:DisassociateRouteTable", "ec2:ReplaceRouteTableAssociation"),
    ),
)

FLOW_LOG: Final = ResourceKind(
    name="AWS::EC2::FlowLog",
    grants=(
        describe("ec2:DescribeFlowLogs", "ec2:DescribeTags"),
        *_make_in_own_vpc("ec2:CreateFlowLogs"),
        change_own("ec2:DeleteFlowLogs"),
        PASS_FLOW_LOG_ROLE,
        *TAGS,
    ),
    left_out={
        **left_out(
            "only for flow logs that go to S3 or Firehose; these go to CloudWatch Logs by their role",
            "iam:CreateServiceLinkedRole",
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "s3:GetBucketPolicy",
            "s3:PutBucketPolicy",
        ),
        **left_out("not used for a flow log of a VPC", "autoscaling:DescribeTags"),
    },
)

LOG_GROUP: Final = ResourceKind(
    name="AWS::Logs::LogGroup",
    grants=(
        grant(
            "ManageLogGroups",
            "logs:CreateLogGroup",
            "logs:DeleteDataProtectionPolicy",
            "logs:DeleteLogGroup",
            "logs:DescribeIndexPolicies",
            "logs:GetDataProtectionPolicy",
            "logs:ListTagsForResource",
            "logs:PutRetentionPolicy",
            "logs:TagResource",
            "logs:UntagResource",
            on="the flow logs' log groups",
            resources=Scope.log_groups,
        ),
        grant(
            "FindLogGroups",
            "logs:DescribeLogGroups",
            on="the names of the Region's log groups",
            resources=lambda scope: scope.all_log_groups() if scope.log_groups() else [],
        ),
        grant(
            "ReadLogResourcePolicies",
            "logs:DescribeResourcePolicies",
            on="the Region's resource policies for logs",
            resources=lambda scope: EVERYTHING if scope.log_groups() else [],
            condition=in_the_regions,
            wildcard="the call takes no resource",
        ),
    ),
    left_out={
        **left_out("the log group has no data protection policy", "logs:PutDataProtectionPolicy"),
        **left_out("the log group has no index policy", "logs:PutIndexPolicy", "logs:DeleteIndexPolicy"),
        **left_out("the log group has no policy of its own", "logs:PutResourcePolicy", "logs:DeleteResourcePolicy"),
        **left_out(
            "the logs are encrypted by CloudWatch Logs itself", "logs:AssociateKmsKey", "logs:DisassociateKmsKey"
        ),
        **left_out("the logs are always kept for a set time", "logs:DeleteRetentionPolicy"),
        **left_out("the templates do not set it", "logs:PutLogGroupDeletionProtection"),
        **left_out("no bearer token is used", "logs:PutBearerTokenAuthentication"),
        **left_out(
            "the log group delivers nowhere",
            "logs:CreateLogDelivery",
            "s3:REST.PUT.OBJECT",
            "firehose:TagDeliveryStream",
        ),
    },
)
