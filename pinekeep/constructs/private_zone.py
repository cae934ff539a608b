"""A Route 53 private hosted zone that leads Pinecone's private names to an endpoint."""

from collections.abc import Sequence

from aws_cdk import aws_route53 as route53
from constructs import Construct

from pinekeep.model.facts import pinecone


class PrivateZone(Construct):
    """Pinecone's private zone of a Region, with one wildcard record, for every client VPC.

    Args:
        scope: the construct to add this one to.
        construct_id: its name there.
        region: the Region of the VPCs and of the Pinecone indexes.
        vpc_ids: the VPCs whose clients resolve the names.
        endpoint_dns_name: the endpoint's regional DNS name.
        endpoint_hosted_zone_id: the hosted zone that name is in, which an alias record needs.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        region: str,
        vpc_ids: Sequence[str],
        endpoint_dns_name: str,
        endpoint_hosted_zone_id: str,
    ) -> None:
        super().__init__(scope, construct_id)
        name = pinecone.PRIVATE_LINK[region].private_zone
        self.resource = route53.CfnHostedZone(
            self,
            "Resource",
            name=name,
            hosted_zone_config=route53.CfnHostedZone.HostedZoneConfigProperty(
                comment="Leads Pinecone's private names to the interface endpoint"
            ),
            vpcs=[route53.CfnHostedZone.VPCProperty(vpc_id=vpc_id, vpc_region=region) for vpc_id in vpc_ids],
        )
        self.record = route53.CfnRecordSet(
            self,
            "Wildcard",
            hosted_zone_id=self.resource.ref,
            name=f"*.{name}",
            type="A",
            alias_target=route53.CfnRecordSet.AliasTargetProperty(
                dns_name=endpoint_dns_name, hosted_zone_id=endpoint_hosted_zone_id
            ),
        )
