"""A Route 53 Profile that gives a private hosted zone to client VPCs."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Fn
from aws_cdk import aws_route53profiles as profiles
from constructs import Construct

from pinekeep.constructs.props import Props
from pinekeep.model.values.networks import ClientVpcIds, HostedZoneId, ProfileId

_ZONE_ARN: Final = "arn:${AWS::Partition}:route53:::hostedzone/${Zone}"


class DnsProfile(Construct):
    """A Route 53 Profile with Pinecone's private zone, associated with client VPCs.

    One Profile replaces an association of the zone with each VPC, and can be shared with other accounts through AWS
    RAM. A VPC takes one Profile.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        hosted_zone_id: the private hosted zone.
        vpc_ids: the client VPCs of the account and Region.
        name: the Profile's name, and the beginning of the names of its associations.
        profile_id: an existing Profile to use. None creates one.

    Attributes:
        profile_id: the Profile's ID.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        hosted_zone_id: str,
        vpc_ids: Sequence[str] = (),
        name: str = "pinecone",
        profile_id: str | None = None,
    ) -> None:
        props = Props(scope, construct_id)
        props.require_given(hosted_zone_id=hosted_zone_id)
        props.require(
            hosted_zone_id=(HostedZoneId, hosted_zone_id),
            vpc_ids=(ClientVpcIds, vpc_ids),
            profile_id=(ProfileId, profile_id),
        )
        for vpc_id in vpc_ids:
            why = "Route 53 associates a VPC with one Profile"
            props.claim("vpc_ids", f"profile:{vpc_id}", why=why, hint="give all zones to one Profile")
        super().__init__(scope, construct_id)
        if profile_id is None:
            profile_id = profiles.CfnProfile(self, "Resource", name=name).ref
        self.profile_id = profile_id
        zone = profiles.CfnProfileResourceAssociation(
            self,
            "Zone",
            name=name,
            profile_id=profile_id,
            resource_arn=Fn.sub(_ZONE_ARN, {"Zone": hosted_zone_id}),
        )
        for vpc_id in vpc_ids:
            associated = profiles.CfnProfileAssociation(
                self, f"Vpc{vpc_id}", name=f"{name}-{vpc_id}", profile_id=profile_id, resource_id=vpc_id
            )
            # A client VPC finds the zone as soon as it has the Profile.
            associated.add_resource_dependency(zone)
