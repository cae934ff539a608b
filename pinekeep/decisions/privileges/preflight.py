"""The grants of ``preflight``. Without one of them it reports what it could not read."""

from typing import Final

from pinekeep.decisions.privileges import storage_reads
from pinekeep.decisions.privileges.grant import EVERYTHING, grant, in_the_regions
from pinekeep.decisions.privileges.reads import DESCRIBE, everything_with_endpoints
from pinekeep.decisions.privileges.scope import Scope, once
from pinekeep.model.facts import aws, quotas

_NO_RESOURCE: Final = "the call takes no resource"


def _whoever(scope: Scope) -> list[str]:
    return [f"arn:{aws.PARTITION}:iam::{scope.account}:{kind}/*" for kind in ("role", "user")]


def _boundaries(scope: Scope) -> list[str]:
    return once(each.permissions_boundary for each in scope.deployments.values() if each.permissions_boundary)


def _quotas(scope: Scope) -> list[str]:
    return [
        f"arn:{aws.PARTITION}:servicequotas:{region}:{scope.account}:{each.service}/{each.code}"
        for region in scope.regions
        for each in quotas.ALL
    ]


LOOK_AT_HOSTED_ZONES: Final = grant(
    "LookAtHostedZones",
    "route53:ListHostedZonesByVPC",
    on="the private hosted zones that answer in a VPC",
    resources=everything_with_endpoints,
    wildcard="the call takes a VPC, and no hosted zone",
)

LOOK_AT_DNS_TARGETS: Final = (
    grant(
        "ReadHostedZone",
        "route53:GetHostedZone",
        "route53:ListResourceRecordSets",
        on="any hosted zone: an adopted one, and those of the VPCs' Route 53 Profiles",
        resources=lambda scope: ["arn:aws:route53:::hostedzone/*"] if scope.has_endpoints else [],
    ),
    grant(
        "LookAtProfiles",
        "route53profiles:GetProfile",
        "route53profiles:ListProfileAssociations",
        "route53profiles:ListProfileResourceAssociations",
        on="the Route 53 Profiles of the Region: those of the VPCs, and an adopted one, which may be another account's",
        resources=everything_with_endpoints,
        condition=in_the_regions,
        wildcard="ListProfileAssociations lists everything in the Region",
    ),
    grant(
        "LookAtResolverEndpoints",
        "route53resolver:ListResolverEndpoints",
        on="the Resolver endpoints in the Region, to count them",
        resources=lambda scope: EVERYTHING if scope.has_resolvers else [],
        condition=in_the_regions,
        wildcard="the call lists everything in the Region",
    ),
)

LOOK_AT_DNS: Final = (
    grant(
        "LookAtNetwork",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeVpcs",
        on="everything in the Region",
        resources=everything_with_endpoints,
        condition=in_the_regions,
        wildcard=DESCRIBE,
    ),
    grant(
        "LookAtResolverRules",
        "route53resolver:ListResolverRuleAssociations",
        "route53resolver:ListResolverRules",
        on="the rules of Route 53 Resolver in the Region, and the VPCs that they are associated with",
        resources=everything_with_endpoints,
        condition=in_the_regions,
        wildcard="the calls list everything in the Region",
    ),
)

GRANTS: Final = (
    grant(
        "AskAboutPermissions",
        "iam:GetRole",
        "iam:GetUser",
        "iam:SimulatePrincipalPolicy",
        on="the roles and users of the account: the caller is one of them, CloudFormation's role "
        "another, and the keys' administrators are more",
        resources=_whoever,
    ),
    grant(
        "CountRoles",
        "iam:GetAccountSummary",
        on="IAM's counts and quotas of the account",
        resources=lambda _: EVERYTHING,
        wildcard=_NO_RESOURCE,
    ),
    grant(
        "FindKeys",
        "kms:ListKeys",
        "tag:GetResources",
        on="the keys of the account and Region, to count them and find those with the deployment's tag",
        resources=lambda scope: EVERYTHING if scope.keys() else [],
        condition=in_the_regions,
        wildcard=_NO_RESOURCE,
    ),
    grant(
        "ReadKeyTags",
        "kms:ListResourceTags",
        on="the keys of the account and Region, and adopted keys: the owner of the key",
        resources=lambda scope: [*scope.keys(), *scope.adopted_keys()],
    ),
    grant("ReadAdoptedKeyPolicies", "kms:GetKeyPolicy", on="adopted keys", resources=Scope.adopted_keys),
    grant(
        "ReadQuotas",
        "servicequotas:GetServiceQuota",
        on="the quotas of keys, VPCs, endpoints and security groups' rules",
        resources=_quotas,
    ),
    grant(
        "LookAtNetwork",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeManagedPrefixLists",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcEndpointServices",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcPeeringConnections",
        on="everything in the Region",
        resources=everything_with_endpoints,
        condition=in_the_regions,
        wildcard=DESCRIBE,
    ),
    *LOOK_AT_DNS,
    LOOK_AT_HOSTED_ZONES,
    *LOOK_AT_DNS_TARGETS,
    *storage_reads.BEFORE,
    grant(
        "LookAtBoundaries",
        "iam:GetPolicy",
        on="the permissions boundaries that the configuration names",
        resources=_boundaries,
    ),
)
