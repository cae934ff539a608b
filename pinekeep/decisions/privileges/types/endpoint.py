"""The interface endpoint and its security group.

CloudFormation may connect to Pinecone's endpoint service only, in the VPCs and subnets that the configuration names, or
in those with the deployment's tag.

Sources: "Actions, resources, and condition keys for Amazon EC2", "Identity-based policy examples for AWS PrivateLink"
(docs.aws.amazon.com). The private DNS name of an endpoint is a hosted zone that EC2 associates with the VPC for the
caller: the reference names route53:AssociateVPCWithHostedZone as an action that CreateVpcEndpoint depends on.
"""

from collections.abc import Callable, Sequence
from typing import Final

from pinekeep.decisions.privileges.grant import Condition, ResourceKind, grant, left_out, tagged
from pinekeep.decisions.privileges.scope import Scope, once
from pinekeep.decisions.privileges.types.network import TAGS, change_own, describe
from pinekeep.model.config.private_link import Endpoint, ExistingVpc
from pinekeep.model.facts import aws


def _named(scope: Scope, kind: str, ids: Callable[[Endpoint], Sequence[str]]) -> list[str]:
    """Return the ARNs of the EC2 resources of a kind that the configuration names."""
    return once(
        f"arn:{aws.PARTITION}:ec2:{each.region}:{scope.account}:{kind}/{'*' if scope.many else identifier}"
        for each in scope.deployments.values()
        if each.private_link is not None
        for identifier in ids(each.private_link)
    )


def _existing_vpcs(scope: Scope) -> list[str]:
    """The VPCs that the configuration names: those of endpoints, also of adopted ones."""
    return _named(scope, "vpc", lambda link: [link.vpc_id] if link.vpc_id is not None else [])


def existing_subnets(scope: Scope) -> list[str]:
    """The subnets that the configuration names: the endpoints' and the inbound Resolver endpoints'."""

    def of(link: Endpoint) -> Sequence[str]:
        endpoint = link.vpc.subnet_ids if isinstance(link.vpc, ExistingVpc) else ()
        return [*endpoint, *((link.resolver and link.resolver.subnet_ids) or ())]

    return _named(scope, "subnet", of)


def _existing_groups(scope: Scope) -> list[str]:
    """The security groups that the configuration names for endpoints."""
    return _named(scope, "security-group", lambda link: link.security_group_ids)


def _own_network(scope: Scope) -> list[str]:
    new = [*scope.ec2("vpc"), *scope.ec2("subnet")] if scope.makes_vpcs else []
    return [*new, *scope.ec2("security-group")]


def in_the_vpcs(scope: Scope) -> Condition:
    """Return the condition: in the VPCs of the configuration; no condition where a VPC is created."""
    return {} if scope.makes_vpcs else {"ArnEquals": {"ec2:Vpc": _existing_vpcs(scope)}}


def _pinecones_services(scope: Scope) -> Condition:
    return {"StringEquals": {"ec2:VpceServiceName": [each.service_name for each in scope.endpoint_services()]}}


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
            condition=in_the_vpcs,
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
            on="the VPCs, subnets and security groups of the configuration",
            resources=lambda scope: [*_existing_vpcs(scope), *existing_subnets(scope), *_existing_groups(scope)],
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
        grant(
            "ConnectToOtherRegions",
            "vpce:AllowMultiRegion",
            on="endpoints whose service is in another Region",
            resources=lambda scope: scope.ec2("vpc-endpoint") if scope.has_other_service_regions else [],
        ),
        *TAGS,
    ),
    left_out=left_out(
        "only for endpoints to a service network",
        "vpc-lattice:CreateServiceNetworkVpcEndpointAssociation",
        "vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation",
    ),
)
