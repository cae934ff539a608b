"""The inbound endpoint of Route 53 Resolver, and the network interfaces that Resolver creates as the caller.

The network interfaces carry no tag of the deployment. They are created in the subnets of the configuration, or in those
with the deployment's tag, and changed in their VPCs alone.

Sources: "Actions, resources, and condition keys for Amazon Route 53 Resolver", "... for Amazon EC2"
(docs.aws.amazon.com).
"""

from typing import Final

from pinekeep.decisions.privileges.grant import ResourceKind, grant, left_out, tagged
from pinekeep.decisions.privileges.scope import Scope
from pinekeep.decisions.privileges.types.endpoint import existing_subnets, in_the_vpcs
from pinekeep.decisions.privileges.types.network import describe


def _interfaces(scope: Scope) -> list[str]:
    return scope.ec2("network-interface")


def _own_network(scope: Scope) -> list[str]:
    return [*(scope.ec2("subnet") if scope.makes_vpcs else []), *scope.ec2("security-group")]


RESOLVER_ENDPOINT: Final = ResourceKind(
    name="AWS::Route53Resolver::ResolverEndpoint",
    grants=(
        describe(
            "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"
        ),
        grant(
            "ManageResolverEndpoints",
            "route53resolver:AssociateResolverEndpointIpAddress",
            "route53resolver:CreateResolverEndpoint",
            "route53resolver:DeleteResolverEndpoint",
            "route53resolver:DisassociateResolverEndpointIpAddress",
            "route53resolver:GetResolverEndpoint",
            "route53resolver:ListResolverEndpointIpAddresses",
            "route53resolver:ListTagsForResource",
            "route53resolver:TagResource",
            "route53resolver:UntagResource",
            "route53resolver:UpdateResolverEndpoint",
            on="the Resolver endpoints of the Region: Resolver generates their IDs",
            resources=Scope.resolver_endpoints,
        ),
        grant(
            "MakeResolverInterfaces",
            "ec2:CreateNetworkInterface",
            on="new network interfaces, in the subnets of the configuration",
            resources=lambda scope: [*_interfaces(scope), *existing_subnets(scope)],
        ),
        grant(
            "MakeResolverInterfacesInOwnNetworks",
            "ec2:CreateNetworkInterface",
            "ec2:ModifyNetworkInterfaceAttribute",
            on="subnets and security groups that carry the deployment's tag",
            resources=_own_network,
            condition=tagged,
        ),
        grant(
            "ChangeResolverInterfaces",
            "ec2:DeleteNetworkInterface",
            "ec2:ModifyNetworkInterfaceAttribute",
            on="network interfaces in the VPCs of the configuration; in any VPC of the Region where one is created",
            resources=_interfaces,
            condition=in_the_vpcs,
        ),
    ),
    left_out=left_out(
        "the inbound endpoint has IPv4 addresses", "ec2:AssignIpv6Addresses", "ec2:UnassignIpv6Addresses"
    ),
)
