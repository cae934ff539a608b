"""What looking before a deployment needs to read. Without one of these the look says what it could not see."""

from typing import Final

from pinekeep.decisions.privileges.grant import EVERYTHING, Grant, in_the_regions
from pinekeep.decisions.privileges.reads import DESCRIBE, everything_with_endpoints
from pinekeep.decisions.privileges.scope import Scope, boundary_of
from pinekeep.model.facts import aws, quotas

_NO_RESOURCE: Final = "the call takes no resource"


def _whoever(scope: Scope) -> list[str]:
    return [f"arn:{aws.PARTITION}:iam::{scope.account}:{kind}/*" for kind in ("role", "user")]


def _boundaries(scope: Scope) -> list[str]:
    named = (boundary_of(each) for each in scope.deployments.values())
    return list(dict.fromkeys(each for each in named if each))


def _quotas(scope: Scope) -> list[str]:
    return [
        f"arn:{aws.PARTITION}:servicequotas:{region}:{scope.account}:{each.service}/{each.code}"
        for region in scope.regions
        for each in quotas.ALL
    ]


LOOK_AT_HOSTED_ZONES: Final = Grant(
    sid="LookAtHostedZones",
    actions=("route53:ListHostedZonesByVPC",),
    on="the private hosted zones that answer in a VPC",
    resources=everything_with_endpoints,
    wildcard="the zones are those of whichever VPC is asked about",
)

LOOK_AT_DNS: Final = (
    Grant(
        sid="LookAtNetwork",
        actions=("ec2:DescribeDhcpOptions", "ec2:DescribeVpcs"),
        on="everything in the Region",
        resources=everything_with_endpoints,
        condition=in_the_regions,
        wildcard=DESCRIBE,
    ),
    Grant(
        sid="LookAtResolverRules",
        actions=("route53resolver:ListResolverRuleAssociations", "route53resolver:ListResolverRules"),
        on="the rules of Route 53 Resolver in the Region, and the VPCs that they are associated with",
        resources=everything_with_endpoints,
        condition=in_the_regions,
        wildcard="the calls list what there is in the Region",
    ),
)

GRANTS: Final = (
    Grant(
        sid="AskAboutPermissions",
        actions=("iam:GetRole", "iam:GetUser", "iam:SimulatePrincipalPolicy"),
        on="the roles and users of the account: whoever runs this is one of them, CloudFormation's role "
        "another, and the keys' administrators are more",
        resources=_whoever,
    ),
    Grant(
        sid="CountRoles",
        actions=("iam:GetAccountSummary",),
        on="IAM's counts and quotas of the account",
        resources=lambda _: EVERYTHING,
        wildcard=_NO_RESOURCE,
    ),
    Grant(
        sid="FindKeys",
        actions=("kms:ListKeys", "tag:GetResources"),
        on="the keys of the account and Region, to count them and to find those with the deployment's tag",
        resources=lambda scope: EVERYTHING if scope.keys else [],
        condition=in_the_regions,
        wildcard=_NO_RESOURCE,
    ),
    Grant(
        sid="ReadKeyTags",
        actions=("kms:ListResourceTags",),
        on="the keys of the account and Region, and adopted keys: whose the key is",
        resources=lambda scope: [*scope.keys, *scope.adopted_keys],
    ),
    Grant(
        sid="ReadAdoptedKeyPolicies",
        actions=("kms:GetKeyPolicy",),
        on="adopted keys",
        resources=lambda scope: scope.adopted_keys,
    ),
    Grant(
        sid="ReadQuotas",
        actions=("servicequotas:GetServiceQuota",),
        on="the quotas of keys, VPCs, endpoints and security groups' rules",
        resources=_quotas,
    ),
    Grant(
        sid="LookAtNetwork",
        actions=(
            "ec2:DescribeAvailabilityZones",
            "ec2:DescribeManagedPrefixLists",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcAttribute",
            "ec2:DescribeVpcEndpointServices",
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeVpcPeeringConnections",
        ),
        on="everything in the Region",
        resources=everything_with_endpoints,
        condition=in_the_regions,
        wildcard=DESCRIBE,
    ),
    *LOOK_AT_DNS,
    LOOK_AT_HOSTED_ZONES,
    Grant(
        sid="LookAtBoundaries",
        actions=("iam:GetPolicy",),
        on="the permissions boundaries that the configuration names",
        resources=_boundaries,
    ),
)
