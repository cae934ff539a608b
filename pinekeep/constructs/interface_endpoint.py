"""The interface endpoint to Pinecone, with a security group of its own."""

from collections.abc import Sequence

from aws_cdk import Fn
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from pinekeep.model.facts import aws, pinecone


class InterfaceEndpoint(Construct):
    """A private way from a VPC to Pinecone's endpoint service of a Region.

    Args:
        scope: the construct to add this one to.
        construct_id: its name there.
        region: the Region of the VPC and of the Pinecone indexes.
        vpc_id: the VPC to put the endpoint in.
        subnet_ids: the subnets, one a zone.
        client_cidrs: networks whose hosts may connect.
        client_security_group_ids: security groups whose members may connect.
        client_prefix_list_ids: managed prefix lists whose networks' hosts may connect. Each takes as many of the
            security group's rules as it may have entries.
        security_group: the security group of another endpoint to share; clients are not named then.
        private_dns: whether the endpoint answers for Pinecone's private names in its VPC.
        name: the endpoint's ``Name`` tag.

    Attributes:
        dns_name: the endpoint's regional DNS name, as a reference.

    Raises:
        KeyError: Pinecone offers no endpoint service in the Region.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        region: str,
        vpc_id: str,
        subnet_ids: Sequence[str],
        client_cidrs: Sequence[str] = (),
        client_security_group_ids: Sequence[str] = (),
        client_prefix_list_ids: Sequence[str] = (),
        security_group: ec2.CfnSecurityGroup | None = None,
        private_dns: bool = True,
        name: str = "pinecone",
    ) -> None:
        super().__init__(scope, construct_id)
        self.security_group = security_group or self._security_group(
            vpc_id,
            [
                *(_from(cidr, cidr_ip=cidr) for cidr in client_cidrs),
                *(_from(group, source_security_group_id=group) for group in client_security_group_ids),
                *(_from(each, source_prefix_list_id=each) for each in client_prefix_list_ids),
            ],
        )
        self.resource = ec2.CfnVPCEndpoint(
            self,
            "Resource",
            service_name=pinecone.PRIVATE_LINK[region].service_name,
            vpc_endpoint_type="Interface",
            vpc_id=vpc_id,
            subnet_ids=list(subnet_ids),
            security_group_ids=[self.security_group.attr_group_id],
            private_dns_enabled=private_dns,
            ip_address_type="ipv4",
            tags=[{"key": "Name", "value": name}],
        )
        # Each entry reads HOSTED-ZONE-ID:NAME; the first is the endpoint's own regional name.
        self._regional = Fn.split(":", Fn.select(0, self.resource.attr_dns_entries))
        self.dns_name = Fn.select(1, self._regional)

    def _security_group(
        self, vpc_id: str, clients: Sequence[ec2.CfnSecurityGroup.IngressProperty]
    ) -> ec2.CfnSecurityGroup:
        return ec2.CfnSecurityGroup(
            self,
            "SecurityGroup",
            vpc_id=vpc_id,
            group_description="Lets the named clients reach the Pinecone endpoint on port 443, nothing else",
            security_group_ingress=list(clients),
            security_group_egress=[
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol=aws.NO_EGRESS.ip_protocol,
                    from_port=aws.NO_EGRESS.from_port,
                    to_port=aws.NO_EGRESS.to_port,
                    cidr_ip=aws.NO_EGRESS.cidr_ip,
                    description="Allows nothing; stands in for the rule that would allow everything",
                )
            ],
        )

    @property
    def hosted_zone_id(self) -> str:
        """The hosted zone of the endpoint's regional name, as a reference; an alias record needs it."""
        return Fn.select(0, self._regional)

    @property
    def endpoint_id(self) -> str:
        """The endpoint's ID, as a reference."""
        return self.resource.ref


def _from(client: str, **source: str) -> ec2.CfnSecurityGroup.IngressProperty:
    return ec2.CfnSecurityGroup.IngressProperty(
        ip_protocol="tcp",
        from_port=pinecone.PRIVATE_ENDPOINT_PORT,
        to_port=pinecone.PRIVATE_ENDPOINT_PORT,
        description=f"Clients of Pinecone in {client}",
        **source,
    )
