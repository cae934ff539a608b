"""A VPC without any way to the internet, for an endpoint and its clients."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from pinekeep.constructs.acknowledgments import acknowledge
from pinekeep.constructs.props import Props, is_token
from pinekeep.model.addressing import subnet_cidr
from pinekeep.model.policies.flow_logs import flow_logs_permissions, flow_logs_trust
from pinekeep.model.values.networks import AvailabilityZones, VpcCidr, is_zone_id, zone_error, zones_error
from pinekeep.model.values.roles import IamPath, PolicyArn


class IsolatedVpc(Construct):
    """A VPC with one private subnet a zone, no gateway of any kind, and flow logs.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        cidr: the VPC's network, /16 to /25.
        availability_zones: the zones, all by ID or all by their names in this account; at least two.
        name: the VPC's ``Name`` tag.
        flow_log_retention_days: how long flow logs are kept.
        permissions_boundary: the ARN of a policy beyond which the role of the flow logs may do nothing.
        iam_path: the path of that role and of its policy, with a slash at both ends. None is IAM's default, ``/``.

    Attributes:
        vpc_id: the VPC's ID, as a reference.
        subnet_ids: the subnets' IDs, as references, in the order of the zones.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cidr: str,
        availability_zones: Sequence[str],
        name: str = "pinecone",
        flow_log_retention_days: int = 365,
        permissions_boundary: str | None = None,
        iam_path: str | None = None,
    ) -> None:
        props = Props(scope, construct_id)
        props.require_given(cidr=cidr, availability_zones=availability_zones)
        for prop, value in (("cidr", cidr), ("availability_zones", availability_zones)):
            if is_token(value) or any(map(is_token, value)):
                props.refuse(
                    f"{prop}: the value is not known at synthesis, and the VPC is cut into subnets by it",
                    "give it as text, such as "
                    + ('cidr="10.20.0.0/16"' if prop == "cidr" else 'availability_zones=["us-east-1a", "us-east-1b"]'),
                )
        props.require(
            cidr=(VpcCidr, cidr),
            availability_zones=(AvailabilityZones, availability_zones),
            permissions_boundary=(PolicyArn, permissions_boundary),
            iam_path=(IamPath, iam_path),
        )
        if props.is_region_known:
            for zone in availability_zones:
                props.require_none("availability_zones", zone_error(zone, props.stack.region))
        props.require_none("availability_zones", zones_error(availability_zones))
        super().__init__(scope, construct_id)
        self.resource = ec2.CfnVPC(
            self,
            "Resource",
            cidr_block=cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=[{"key": "Name", "value": name}],
        )
        # Every reference is asked of Node, so each is asked for once.
        self.vpc_id = self.resource.ref
        table_id = ec2.CfnRouteTable(self, "RouteTable", vpc_id=self.vpc_id).ref
        self.subnet_ids = [
            self._add_subnet(zone=zone, cidr=subnet_cidr(cidr, zone), table_id=table_id, name=f"{name}-{zone}")
            for zone in availability_zones
        ]
        self._add_flow_logs(flow_log_retention_days, permissions_boundary, iam_path)
        self._vpc: ec2.IVpc | None = None
        self._attributes: dict[str, Any] = {
            "vpc_id": self.vpc_id,
            "vpc_cidr_block": cidr,
            "availability_zones": list(availability_zones),
            "isolated_subnet_ids": self.subnet_ids,
            "isolated_subnet_route_table_ids": [table_id] * len(self.subnet_ids),
        }
        acknowledge(self)

    @property
    def vpc(self) -> ec2.IVpc:
        """The VPC, to give to other constructs."""
        if self._vpc is None:
            self._vpc = ec2.Vpc.from_vpc_attributes(self, "Imported", **self._attributes)
        return self._vpc

    def _add_subnet(self, *, zone: str, cidr: str, table_id: str, name: str) -> str:
        suffix = f"Az{zone[-1]}" if is_zone_id(zone) else zone[-1].upper()
        subnet_id = ec2.CfnSubnet(
            self,
            f"Subnet{suffix}",
            vpc_id=self.vpc_id,
            availability_zone=None if is_zone_id(zone) else zone,
            availability_zone_id=zone if is_zone_id(zone) else None,
            cidr_block=cidr,
            map_public_ip_on_launch=False,
            tags=[{"key": "Name", "value": name}],
        ).ref
        ec2.CfnSubnetRouteTableAssociation(self, f"Routes{suffix}", subnet_id=subnet_id, route_table_id=table_id)
        return subnet_id

    def _add_flow_logs(self, retention_days: int, permissions_boundary: str | None, iam_path: str | None) -> None:
        stack = Stack.of(self)
        group = logs.CfnLogGroup(self, "FlowLogGroup", retention_in_days=retention_days)
        group.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        role = iam.CfnRole(
            self,
            "FlowLogRole",
            path=iam_path,
            description="Lets VPC flow logs write to their log group",
            permissions_boundary=permissions_boundary,
            assume_role_policy_document=flow_logs_trust(stack.account, stack.region),
        )
        policy = iam.CfnManagedPolicy(
            self,
            "FlowLogPolicy",
            path=iam_path,
            description="Write one log group",
            policy_document=flow_logs_permissions(group.attr_arn),
            roles=[role.ref],
        )
        flow_log = ec2.CfnFlowLog(
            self,
            "FlowLog",
            resource_type="VPC",
            resource_id=self.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_group_name=group.ref,
            deliver_logs_permission_arn=role.attr_arn,
        )
        flow_log.add_resource_dependency(policy)
