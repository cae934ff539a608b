"""The private hosted zone and its record.

Route 53 generates the ID of a zone and has no condition on its tags, so the grants cover any zone of the account, with
other limits: records can be changed under Pinecone's private names only, and Route 53 deletes no zone that still has
records.

Sources: "Actions, resources, and condition keys for Amazon Route 53", "Using IAM policy conditions for fine-grained
access control" (docs.aws.amazon.com).
"""

from typing import Final

from pinekeep.decisions.privileges.grant import EVERYTHING, Condition, Grant, ResourceKind, grant, left_out
from pinekeep.decisions.privileges.scope import Scope
from pinekeep.decisions.privileges.types.network import describe

_ZONES: Final = "any hosted zone: Route 53 generates the zone's ID"
_QUERY_LOGS: Final = "queries are not logged"


def _zones(scope: Scope) -> list[str]:
    return ["arn:aws:route53:::hostedzone/*"] if scope.has_hosted_zones else []


def _zones_and_vpcs(scope: Scope) -> list[str]:
    return [*_zones(scope), *scope.ec2("vpc")] if scope.has_hosted_zones else []


def _record_types(scope: Scope) -> list[str]:
    return ["A", "AAAA"] if scope.has_dual_stack else ["A"]


def _private_names(scope: Scope) -> Condition:
    # The patterns also match Route 53's way of writing the wildcard, and the narrower zone that bridges a change.
    names = [f"*.{each.private_zone}" for each in scope.endpoint_services()]
    return {
        "ForAllValues:StringLike": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": names},
        "ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": _record_types(scope)},
    }


_FIND_ZONES: Final = grant(
    "FindHostedZones",
    "route53:ListHostedZones",
    on="the names of the account's hosted zones",
    resources=lambda scope: EVERYTHING if scope.has_hosted_zones else [],
    wildcard="the call takes no resource",
)
_FOLLOW: Final = grant(
    "FollowZoneChanges",
    "route53:GetChange",
    on="the progress of any change",
    resources=lambda scope: ["arn:aws:route53:::change/*"] if scope.has_hosted_zones else [],
)


def manage_zones(*actions: str) -> Grant:
    """Return the grant for calls on hosted zones."""
    return grant("ManageHostedZones", *actions, on=_ZONES, resources=_zones)


HOSTED_ZONE: Final = ResourceKind(
    name="AWS::Route53::HostedZone",
    grants=(
        grant(
            "CreateHostedZones",
            "route53:CreateHostedZone",
            on="a new hosted zone",
            resources=lambda scope: EVERYTHING if scope.has_hosted_zones else [],
            wildcard="a new zone has no ARN",
        ),
        _FOLLOW,
        _FIND_ZONES,
        manage_zones(
            "route53:ChangeTagsForResource",
            "route53:DeleteHostedZone",
            "route53:GetHostedZone",
            "route53:ListQueryLoggingConfigs",
            "route53:ListTagsForResource",
            "route53:UpdateHostedZoneComment",
        ),
        grant(
            "AssociateHostedZones",
            "route53:AssociateVPCWithHostedZone",
            "route53:DisassociateVPCFromHostedZone",
            on=f"{_ZONES}; with the VPCs of the account and Region",
            resources=_zones_and_vpcs,
        ),
        describe("ec2:DescribeVpcs"),
    ),
    left_out={
        **left_out(_QUERY_LOGS, "route53:CreateQueryLoggingConfig", "route53:DeleteQueryLoggingConfig"),
        **left_out("no feature of a zone is turned on or off", "route53:UpdateHostedZoneFeatures"),
    },
)

RECORD_SET: Final = ResourceKind(
    name="AWS::Route53::RecordSet",
    grants=(
        _FIND_ZONES,
        _FOLLOW,
        manage_zones("route53:GetHostedZone", "route53:ListResourceRecordSets"),
        grant(
            "ChangePrivateNames",
            "route53:ChangeResourceRecordSets",
            on="A and AAAA records under Pinecone's private names, in any hosted zone",
            resources=_zones,
            condition=_private_names,
        ),
    ),
)
