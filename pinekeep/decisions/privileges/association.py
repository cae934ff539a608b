"""The grants of ``private-link associate``: in the deployments' account, and in the accounts of client VPCs.

Sources: "Actions, resources, and condition keys for Amazon Route 53", "... for Amazon Route 53 Profiles", "... for AWS
Resource Access Manager" (docs.aws.amazon.com). RAM writes the policy of a Profile as the caller.
"""

from typing import Final

from pinekeep.decisions.privileges.grant import EVERYTHING, grant, in_the_regions
from pinekeep.decisions.privileges.scope import Scope, once
from pinekeep.model.config import Deployment
from pinekeep.model.config.private_link import ClientVpc, PrivateLink
from pinekeep.model.facts import aws

_ZONES: Final = "any hosted zone: Route 53 generates the zone's ID"


def client_accounts_of(deployment: Deployment) -> list[str]:
    """Return the other accounts whose VPCs are clients of a deployment."""
    clients = deployment.private_link.client_vpcs if deployment.private_link is not None else ()
    return once(each.account for each in clients if each.account and each.account != deployment.account)


def _found(scope: Scope) -> list[tuple[Deployment, PrivateLink]]:
    """Return the deployments with VPCs that no stack associates."""
    return [
        (each, each.private_link)
        for each in scope.deployments.values()
        if each.private_link is not None
        and each.private_link.has_zone
        and (each.private_link.client_vpcs or each.private_link.hosted_zone_id)
    ]


def _arn(deployment: Deployment, client: ClientVpc) -> str:
    region, account = client.region or deployment.region, client.account or deployment.account
    return f"arn:{aws.PARTITION}:ec2:{region}:{account}:vpc/{client.id}"


def _zones(scope: Scope) -> list[str]:
    made = any(link.dns == "hosted-zone" or link.hosted_zone_id or link.dns_bridge for _, link in _found(scope))
    return [f"arn:{aws.PARTITION}:route53:::hostedzone/*"] if made else []


def _vpcs(scope: Scope) -> list[str]:
    """Return the ARNs of the VPCs that are associated with zones: those of the account, and the client VPCs."""
    own = scope.ec2("vpc") if any(link.hosted_zone_id for _, link in _found(scope)) else []
    clients = once(_arn(deployment, each) for deployment, link in _found(scope) for each in link.client_vpcs)
    if scope.many:
        clients = once(f"{each.rpartition('/')[0]}/*" for each in clients)
    return once([*own, *clients])


def _zones_and_vpcs(scope: Scope) -> list[str]:
    return [*_zones(scope), *_vpcs(scope)] if _zones(scope) else []


def _zones_and_client_vpcs(scope: Scope) -> list[str]:
    """Return the ARNs of the zones, and of the client VPCs in this account."""
    vpcs = [each for each in _vpcs(scope) if f":{scope.account}:" in each]
    return [*_zones(scope), *vpcs] if _zones(scope) and vpcs else []


def _sharing(scope: Scope) -> list[Deployment]:
    """Return the deployments that share a Profile."""
    return [each for each, link in _found(scope) if link.dns == "profile" and link.client_vpcs]


def _shared_profiles(scope: Scope) -> list[str]:
    """Return the ARNs of Profiles that the deployments' accounts share, and of associations in this account."""
    return once(
        f"arn:{aws.PARTITION}:route53profiles:{each.region}:{account}:{kind}/*"
        for each in _sharing(scope)
        for account, kind in ((each.account, "profile"), (scope.account, "profile-association"))
    )


def _invitations(scope: Scope) -> list[str]:
    return once(
        f"arn:{aws.PARTITION}:ram:{each.region}:{each.account}:resource-share-invitation/*" for each in _sharing(scope)
    )


def _own_shares(scope: Scope) -> list[str]:
    regions = once(each.region for each in _sharing(scope))
    return [f"arn:{aws.PARTITION}:ram:{region}:{scope.account}:resource-share/*" for region in regions]


IN_DEPLOYMENTS_ACCOUNT: Final = (
    grant(
        "ReadHostedZones",
        "route53:GetHostedZone",
        "route53:ListVPCAssociationAuthorizations",
        on=_ZONES,
        resources=_zones,
    ),
    grant(
        "AssociateVpcsWithHostedZones",
        "route53:AssociateVPCWithHostedZone",
        "route53:CreateVPCAssociationAuthorization",
        "route53:DeleteVPCAssociationAuthorization",
        on=f"{_ZONES}; with the VPCs of the account and Region, and the client VPCs of the file",
        resources=_zones_and_vpcs,
    ),
    grant(
        "LookAtHostedZones",
        "ec2:DescribeVpcs",
        "route53:ListHostedZonesByVPC",
        on="the private hosted zones that answer in a VPC",
        resources=lambda scope: EVERYTHING if _zones(scope) else [],
        wildcard="the call takes a VPC, and no hosted zone",
    ),
    grant(
        "ShareProfiles",
        "route53profiles:GetProfile",
        "route53profiles:GetProfilePolicy",
        "route53profiles:PutProfilePolicy",
        on="Route 53 Profiles of the Region: Route 53 generates the IDs",
        resources=lambda scope: scope.profiles() if _sharing(scope) else [],
    ),
    grant(
        "ReadShares",
        "ram:GetResourceShareAssociations",
        "ram:GetResourceShares",
        "route53profiles:ListProfileAssociations",
        on="the resource shares and the associations of the Region",
        resources=lambda scope: EVERYTHING if _sharing(scope) else [],
        condition=in_the_regions,
        wildcard="the calls list everything in the Region",
    ),
    grant(
        "MakeShares",
        "ram:AssociateResourceShare",
        "ram:CreateResourceShare",
        "ram:TagResource",
        on="the resource shares of the Region: RAM generates their IDs",
        resources=_own_shares,
    ),
    grant(
        "AssumeRolesOfClientVpcs",
        "sts:AssumeRole",
        on="the roles that the file names for client VPCs",
        resources=lambda scope: once(
            each.assume_role for _, link in _found(scope) for each in link.client_vpcs if each.assume_role
        ),
    ),
)
"""The grants in the account of the hosted zone or Profile."""

IN_CLIENT_ACCOUNTS: Final = (
    grant(
        "AssociateClientVpcs",
        "route53:AssociateVPCWithHostedZone",
        on=f"{_ZONES}; with the client VPCs of the file",
        resources=_zones_and_client_vpcs,
    ),
    grant(
        "LookAtHostedZonesOfClientVpcs",
        "route53:ListHostedZonesByVPC",
        on="the private hosted zones that answer in a VPC",
        resources=lambda scope: EVERYTHING if _zones(scope) else [],
        wildcard="the call takes a VPC, and no hosted zone",
    ),
    grant(
        "LookAtClientVpcs",
        "ec2:DescribeVpcs",
        on="the VPCs of the account, which Route 53 reads as the caller",
        resources=lambda scope: EVERYTHING if _found(scope) else [],
        wildcard="the call takes no resource",
    ),
    grant(
        "AssociateSharedProfiles",
        "route53profiles:AssociateProfile",
        on="the Profiles of the deployments' accounts, and associations in this one",
        resources=_shared_profiles,
    ),
    grant(
        "ReadInvitations",
        "ram:GetResourceShareInvitations",
        "route53profiles:ListProfileAssociations",
        on="the invitations and the associations of the Region",
        resources=lambda scope: EVERYTHING if _sharing(scope) else [],
        condition=in_the_regions,
        wildcard="the calls list everything in the Region",
    ),
    grant(
        "AcceptInvitations",
        "ram:AcceptResourceShareInvitation",
        on="the invitations of the deployments' accounts",
        resources=_invitations,
    ),
)
"""The grants in the account of a client VPC, for the profile or role that the file names."""
