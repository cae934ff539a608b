from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

import pytest

from pinekeep.constructs import IsolatedVpc
from pinekeep.model.addressing import ZONE_LETTERS, subnet_cidr
from tests.stacks.support import ACCOUNT, REGION, Made, foreign_stack, made_in

CIDR = "10.20.0.0/16"


def vpc(zones: str = "ab", **settings: Any) -> Made:
    stack = foreign_stack()
    needed: dict[str, Any] = {"cidr": CIDR, "availability_zones": [REGION + zone for zone in zones]}
    IsolatedVpc(stack, "Vpc", **(needed | settings))
    return made_in(stack)


def test_nothing_in_it_leads_out() -> None:
    """Whatever could lead out is a type of its own, so the whole list of types is the proof."""
    assert vpc().types == [
        "AWS::EC2::FlowLog",
        "AWS::EC2::RouteTable",
        "AWS::EC2::Subnet",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPC",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Role",
        "AWS::Logs::LogGroup",
    ]


def test_the_vpc_resolves_names_as_private_dns_needs() -> None:
    assert vpc().only("AWS::EC2::VPC") == {
        "CidrBlock": CIDR,
        "EnableDnsHostnames": True,
        "EnableDnsSupport": True,
        "Tags": [{"Key": "Name", "Value": "pinecone"}],
    }


def test_each_subnet_is_private_in_its_zone_and_on_the_table_without_routes() -> None:
    made = vpc("ab")
    (vpc_id,) = made.of_type("AWS::EC2::VPC")
    (table,) = made.of_type("AWS::EC2::RouteTable")
    subnets = made.of_type("AWS::EC2::Subnet")
    assert [subnet["Properties"] for subnet in subnets.values()] == [
        {
            "AvailabilityZone": f"us-east-1{zone}",
            "CidrBlock": cidr,
            "MapPublicIpOnLaunch": False,
            "Tags": [{"Key": "Name", "Value": f"pinecone-us-east-1{zone}"}],
            "VpcId": {"Ref": vpc_id},
        }
        for zone, cidr in (("a", "10.20.0.0/19"), ("b", "10.20.32.0/19"))
    ]
    associations = made.of_type("AWS::EC2::SubnetRouteTableAssociation").values()
    assert [association["Properties"] for association in associations] == [
        {"RouteTableId": {"Ref": table}, "SubnetId": {"Ref": subnet}} for subnet in subnets
    ]


@pytest.mark.parametrize(("before", "after"), [("ab", "abc"), ("ab", "ba"), ("abc", "ac"), ("bd", "abd"), ("af", "fa")])
def test_adding_removing_or_moving_a_zone_leaves_the_other_subnets_alone(before: str, after: str) -> None:
    one, other = vpc(before).resources, vpc(after).resources
    both = one.keys() & other.keys()
    assert {name: one[name] for name in both} == {name: other[name] for name in both}
    changed = len(set(before) ^ set(after))
    assert len(one.keys() ^ other.keys()) == 2 * changed, "one subnet and one association for each zone that changed"


def test_the_subnets_of_all_zone_letters_lie_in_the_vpc_beside_each_other() -> None:
    subnets = [IPv4Network(subnet_cidr(CIDR, REGION + letter)) for letter in ZONE_LETTERS]
    assert all(subnet.subnet_of(IPv4Network(CIDR)) for subnet in subnets)
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))


def test_the_smallest_vpc_is_cut_into_the_smallest_subnets_that_aws_allows() -> None:
    assert subnet_cidr("10.0.0.0/25", "us-east-1h") == "10.0.0.112/28"


def test_all_traffic_is_logged_and_the_log_outlives_the_vpc() -> None:
    made = vpc(flow_log_retention_days=90)
    (vpc_id,) = made.of_type("AWS::EC2::VPC")
    ((group_id, group),) = made.of_type("AWS::Logs::LogGroup").items()
    (role,) = made.of_type("AWS::IAM::Role")
    (policy,) = made.of_type("AWS::IAM::ManagedPolicy")
    assert made.only("AWS::EC2::FlowLog") == {
        "DeliverLogsPermissionArn": {"Fn::GetAtt": [role, "Arn"]},
        "LogDestinationType": "cloud-watch-logs",
        "LogGroupName": {"Ref": group_id},
        "ResourceId": {"Ref": vpc_id},
        "ResourceType": "VPC",
        "TrafficType": "ALL",
    }
    (flow_log,) = made.of_type("AWS::EC2::FlowLog").values()
    assert flow_log["DependsOn"] == [policy], "logging would start before it is allowed to write"
    assert group == {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"RetentionInDays": 90},
        "UpdateReplacePolicy": "Retain",
        "DeletionPolicy": "RetainExceptOnCreate",
    }


def test_only_the_flow_logs_of_this_account_and_region_may_use_the_log_role() -> None:
    assert vpc().only("AWS::IAM::Role")["AssumeRolePolicyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AllowFlowLogsToAssumeTheRole",
                "Effect": "Allow",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc-flow-log/*"},
                    "StringEquals": {"aws:SourceAccount": ACCOUNT},
                },
            }
        ],
    }


def test_the_log_role_writes_its_log_group_and_nothing_else() -> None:
    made = vpc()
    (group,) = made.of_type("AWS::Logs::LogGroup")
    (role,) = made.of_type("AWS::IAM::Role")
    assert made.only("AWS::IAM::ManagedPolicy") == {
        "Description": "Write one log group",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "AllowWritingTheLogGroup",
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    "Resource": {"Fn::GetAtt": [group, "Arn"]},
                }
            ],
        },
        "Roles": [{"Ref": role}],
    }


def test_its_role_and_policy_are_under_the_path_that_is_given() -> None:
    made = vpc(iam_path="/delegated/dev/")
    assert made.only("AWS::IAM::Role")["Path"] == "/delegated/dev/"
    assert made.only("AWS::IAM::ManagedPolicy")["Path"] == "/delegated/dev/"
    assert "Path" not in vpc().only("AWS::IAM::Role")
