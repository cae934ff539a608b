"""The interface endpoint and its security group.

CloudFormation may connect to Pinecone's endpoint service only, in the VPCs and subnets that the configuration names, or
in those with the deployment's tag.

Sources: "Actions, resources, and condition keys for Amazon EC2", "Identity-based policy examples for AWS PrivateLink"
(docs.aws.amazon.com). The private DNS name of an endpoint is a hosted zone that EC2 associates with the VPC for the
caller: the reference names route53:AssociateVPCWithHostedZone as an action that CreateVpcEndpoint depends on.
"""

from collections.abc import Callable
from typing import Final

from pinekeep.decisions.privileges.grant import Condition, ResourceKind, grant, left_out, tagged
from pinekeep.decisions.privileges.scope import Scope, once
from pinekeep.decisions.privileges.types.network import TAGS, change_own, describe
from pinekeep.model.config.private_link import ExistingVpc
from pinekeep.model.facts import aws
from pinekeep.model.facts.pinecone import PRIVATE_LINK


def _of_existing(scope: Scope, kind: str, ids: Callable[[ExistingVpc], list[str]]) -> list[str]:
    """Return the ARNs of the VPCs or subnets that the configuration names."""
    return once(
        f"arn:{aws.PARTITION}:ec2:{each.region}:{scope.account}:{kind}/{identifier}"
        for each in scope.deployments.values()
        if each.private_link is not None and isinstance(each.private_link.vpc, ExistingVpc)
        for identifier in (["*"] if scope.many else ids(each.private_link.vpc))
    )


def _existing_vpcs(scope: Scope) -> list[str]:
    return _of_existing(scope, "vpc", lambda vpc: [vpc.id])


def _existing_subnets(scope: Scope) -> list[str]:
    return _of_existing(scope, "subnet", lambda vpc: list(vpc.subnet_ids))


def _own_network(scope: Scope) -> list[str]:
    new = [*scope.ec2("vpc"), *scope.ec2("subnet")] if scope.makes_vpcs else []
    return [*new, *scope.ec2("security-group")]


def _in_the_vpcs(scope: Scope) -> Condition:
    """In the VPCs of the configuration; no condition where a VPC is created."""
    return {} if scope.makes_vpcs else {"ArnEquals": {"ec2:Vpc": _existing_vpcs(scope)}}


def _pinecones_services(scope: Scope) -> Condition:
    return {"StringEquals": {"ec2:VpceServiceName": [PRIVATE_LINK[each].service_name for each in scope.regions]}}


def _vpcs(scope: Scope) -> list[str]:
    return scope.ec2("vpc") if scope.makes_vpcs else _existing_vpcs(scope)


SECURITY_GROUP: Final = ResourceKind(
    name="AWS::EC2::SecurityGroup",
    grants=(
        describe("ec2:DescribeInstances", "ec2:DescribeSecurityGroups"),
        grant(
            "MakeSecurityGroups",
            "ec2:CreateSecurityGroup",
            on="new security groups, in the VPCs of the configuration",
            resources=lambda scope: [*scope.ec2("security-group"), *_existing_vpcs(scope)],
        ),
        grant(
            "MakeSecurityGroupsInOwnVpcs",
            "ec2:CreateSecurityGroup",
            on="in VPCs that carry the deployment's tag",
            resources=lambda scope: scope.ec2("vpc") if scope.makes_vpcs else [],
            condition=tagged,
        ),
        grant(
            "WriteSecurityGroupRules",
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupEgress",
            on="security groups: in the VPCs of the configuration, or anywhere in the Region where a new VPC is made",
            resources=lambda scope: scope.ec2("security-group"),
            condition=_in_the_vpcs,
        ),
        change_own(
            "ec2:DeleteSecurityGroup",
            "ec2:RevokeSecurityGroupIngress",
            "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
            "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
        ),
        *TAGS,
    ),
)

ENDPOINT: Final = ResourceKind(
    name="AWS::EC2::VPCEndpoint",
    grants=(
        describe("ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs"),
        grant(
            "ConnectToPineconeAlone",
            "ec2:CreateVpcEndpoint",
            on="new endpoints, to Pinecone's endpoint service alone",
            resources=lambda scope: scope.ec2("vpc-endpoint"),
            condition=_pinecones_services,
        ),
        grant(
            "PutEndpointsIntoTheVpcs",
            "ec2:CreateVpcEndpoint",
            "ec2:ModifyVpcEndpoint",
            on="the VPCs and subnets of the configuration",
            resources=lambda scope: [*_existing_vpcs(scope), *_existing_subnets(scope)],
        ),
        grant(
            "PutEndpointsIntoOwnNetworks",
            "ec2:CreateVpcEndpoint",
            "ec2:ModifyVpcEndpoint",
            on="VPCs, subnets and security groups that carry the deployment's tag",
            resources=_own_network,
            condition=tagged,
        ),
        change_own("ec2:DeleteVpcEndpoints", "ec2:ModifyVpcEndpoint"),
        grant(
            "GiveEndpointsPrivateNames",
            "route53:AssociateVPCWithHostedZone",
            on="the endpoints' VPCs, and the zone that EC2 makes for an endpoint's private DNS name",
            resources=lambda scope: (
                ["arn:aws:route53:::hostedzone/*", *_vpcs(scope)] if scope.has_private_dns_names else []
            ),
        ),
        *TAGS,
    ),
    left_out={
        **left_out(
            "only for endpoints to a service network",
            "vpc-lattice:CreateServiceNetworkVpcEndpointAssociation",
            "vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation",
        ),
        **left_out("the endpoint and its service are in the same Region", "vpce:AllowMultiRegion"),
    },
)
