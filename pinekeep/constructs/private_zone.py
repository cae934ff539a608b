"""A Route 53 private hosted zone that leads Pinecone's private names to an endpoint."""

import re
from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_route53 as route53
from constructs import Construct

from pinekeep.constructs.props import Props, is_token
from pinekeep.model.facts import pinecone
from pinekeep.model.values.networks import ClientVpcIds, HostedZoneId
from pinekeep.model.words import shown

_ZONE: Final = r"(?:[a-z0-9-]+\.)*private\.[a-z0-9-]+\.pinecone\.io"


class PrivateZone(Construct):
    """Pinecone's private zone of a Region, with one wildcard record, for every client VPC.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        vpc_ids: the VPCs whose clients resolve the names, at least one.
        endpoint_dns_name: the endpoint's regional DNS name.
        endpoint_hosted_zone_id: the hosted zone that name is in, which an alias record needs.
        region: the Region of the VPCs and of the Pinecone indexes. None is the stack's Region.
        zone_name: Pinecone's private zone, or a name below it. None is the zone of the Region.
        hosted_zone_id: an existing private hosted zone of that name, which only gets the record; ``vpc_ids`` are not
            associated then.
        dual_stack: whether the endpoint has IPv6 addresses, so that there is a record for them as well.

    Raises:
        WrongInputError: a prop is not valid, or the Region is not known at synthesis and neither ``region`` nor
            ``zone_name`` is given.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc_ids: Sequence[str],
        endpoint_dns_name: str,
        endpoint_hosted_zone_id: str,
        region: str | None = None,
        zone_name: str | None = None,
        hosted_zone_id: str | None = None,
        dual_stack: bool = False,
    ) -> None:
        props = Props(scope, construct_id)
        props.require_given(endpoint_dns_name=endpoint_dns_name, endpoint_hosted_zone_id=endpoint_hosted_zone_id)
        props.require(vpc_ids=(ClientVpcIds, vpc_ids), hosted_zone_id=(HostedZoneId, hosted_zone_id))
        if not vpc_ids and hosted_zone_id is None:
            props.refuse("vpc_ids: a private hosted zone needs at least one VPC", "give the endpoint's own VPC")
        if zone_name is None:
            region = props.region(region, instead="zone_name")
            zone_name = pinecone.PRIVATE_LINK[region].private_zone
        elif not is_token(zone_name) and not re.fullmatch(_ZONE, zone_name):
            props.refuse(
                f"zone_name: Pinecone's private zones are named like private.aped-4627-b74a.pinecone.io, "
                f"got {shown(zone_name)}",
                "leave zone_name out to take Pinecone's of the Region",
            )
        for vpc_id in vpc_ids:
            why = "Route 53 associates a VPC with one hosted zone of a name"
            props.claim("vpc_ids", f"{zone_name}:{vpc_id}", why=why, hint="give all VPCs to one PrivateZone")
        super().__init__(scope, construct_id)
        self.resource: route53.CfnHostedZone | None = None
        if hosted_zone_id is None:
            self.resource = self._zone(zone_name, vpc_ids, region or props.stack.region)
            hosted_zone_id = self.resource.ref
        self.hosted_zone_id = hosted_zone_id
        records = [
            route53.CfnRecordSet(
                self,
                construct_id,
                hosted_zone_id=hosted_zone_id,
                name=f"*.{zone_name}",
                type=kind,
                alias_target=route53.CfnRecordSet.AliasTargetProperty(
                    dns_name=endpoint_dns_name, hosted_zone_id=endpoint_hosted_zone_id
                ),
            )
            for kind, construct_id in (("A", "Wildcard"), *((("AAAA", "WildcardIpv6"),) if dual_stack else ()))
        ]
        self.record = records[0]

    def _zone(self, zone_name: str, vpc_ids: Sequence[str], region: str) -> route53.CfnHostedZone:
        return route53.CfnHostedZone(
            self,
            "Resource",
            name=zone_name,
            hosted_zone_config=route53.CfnHostedZone.HostedZoneConfigProperty(
                comment="Leads Pinecone's private names to the interface endpoint"
            ),
            vpcs=[route53.CfnHostedZone.VPCProperty(vpc_id=vpc_id, vpc_region=region) for vpc_id in vpc_ids],
        )
