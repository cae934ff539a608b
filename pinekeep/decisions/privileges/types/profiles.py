"""The Route 53 Profile, its hosted zone and its VPCs.

Route 53 generates the IDs of a Profile and of its associations, so the grants cover those of the account and Region.

Source: "Actions, resources, and condition keys for Amazon Route 53 Profiles" (docs.aws.amazon.com).
"""

from typing import Final

from pinekeep.decisions.privileges.grant import EVERYTHING, Grant, ResourceKind, grant, in_the_regions, left_out
from pinekeep.decisions.privileges.scope import Scope
from pinekeep.decisions.privileges.types.network import describe
from pinekeep.decisions.privileges.types.route53 import manage_zones

_TAGS: Final = (
    "route53profiles:ListTagsForResource",
    "route53profiles:TagResource",
    "route53profiles:UntagResource",
)


def _manage(*actions: str) -> Grant:
    return grant(
        "ManageProfiles",
        *actions,
        on="Route 53 Profiles of the Region, and their associations: Route 53 generates the IDs",
        resources=Scope.profiles,
    )


def _list(action: str) -> Grant:
    return grant(
        "ListProfileAssociations",
        action,
        on="the associations of the Region's Profiles",
        resources=lambda scope: EVERYTHING if scope.profiles() else [],
        condition=in_the_regions,
        wildcard="the calls list everything in the Region",
    )


PROFILE: Final = ResourceKind(
    name="AWS::Route53Profiles::Profile",
    grants=(
        _manage("route53profiles:CreateProfile", "route53profiles:DeleteProfile", "route53profiles:GetProfile", *_TAGS),
    ),
)

PROFILE_VPC: Final = ResourceKind(
    name="AWS::Route53Profiles::ProfileAssociation",
    grants=(
        _manage(
            "route53profiles:AssociateProfile",
            "route53profiles:DisassociateProfile",
            "route53profiles:GetProfileAssociation",
            *_TAGS,
        ),
        _list("route53profiles:ListProfileAssociations"),
        describe("ec2:DescribeVpcs"),
    ),
)

PROFILE_ZONE: Final = ResourceKind(
    name="AWS::Route53Profiles::ProfileResourceAssociation",
    grants=(
        _manage(
            "route53profiles:AssociateResourceToProfile",
            "route53profiles:DisassociateResourceFromProfile",
            "route53profiles:GetProfileResourceAssociation",
            "route53profiles:UpdateProfileResourceAssociation",
        ),
        _list("route53profiles:ListProfileResourceAssociations"),
        manage_zones("route53:GetHostedZone"),
    ),
    left_out=left_out(
        "the Profile has a hosted zone, and nothing else",
        "ec2:DescribeVpcEndpoints",
        "route53resolver:GetFirewallRuleGroup",
        "route53resolver:GetResolverQueryLogConfig",
        "route53resolver:GetResolverRule",
    ),
)
