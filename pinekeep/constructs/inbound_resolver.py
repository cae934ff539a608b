"""An inbound endpoint of Route 53 Resolver, for DNS servers outside AWS."""

from collections.abc import Sequence

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_route53resolver as resolver
from constructs import Construct

from pinekeep.constructs.egress import no_egress
from pinekeep.constructs.props import Props
from pinekeep.model.facts import aws
from pinekeep.model.values.networks import ResolverClientCidrs, SubnetIds, VpcId


class InboundResolver(Construct):
    """An inbound endpoint of Route 53 Resolver, with a security group of its own that allows DNS alone.

    DNS servers outside AWS forward queries for Pinecone's private names to it. It answers as the VPC's own resolver
    does, so the VPC must resolve those names.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        vpc_id: the VPC.
        subnet_ids: its subnets, at least two; one address in each.
        client_cidrs: the networks of the DNS servers that may send queries.
        name: its name.

    Attributes:
        resource: the endpoint. Its addresses are not known to CloudFormation.
        security_group: its security group.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc_id: str,
        subnet_ids: Sequence[str],
        client_cidrs: Sequence[str],
        name: str = "pinecone",
    ) -> None:
        props = Props(scope, construct_id)
        props.require_given(vpc_id=vpc_id, subnet_ids=subnet_ids, client_cidrs=client_cidrs)
        props.require(
            vpc_id=(VpcId, vpc_id),
            subnet_ids=(SubnetIds, subnet_ids),
            client_cidrs=(ResolverClientCidrs, client_cidrs),
        )
        super().__init__(scope, construct_id)
        self.security_group = ec2.CfnSecurityGroup(
            self,
            "SecurityGroup",
            vpc_id=vpc_id,
            group_description="Allows DNS queries from the named networks, nothing else",
            security_group_ingress=[
                ec2.CfnSecurityGroup.IngressProperty(
                    ip_protocol=protocol,
                    from_port=aws.DNS_PORT,
                    to_port=aws.DNS_PORT,
                    cidr_ip=cidr,
                    description=f"DNS queries from {cidr}",
                )
                for cidr in client_cidrs
                for protocol in ("udp", "tcp")
            ],
            security_group_egress=no_egress(),
        )
        self.resource = resolver.CfnResolverEndpoint(
            self,
            "Resource",
            direction="INBOUND",
            name=name,
            ip_addresses=[
                resolver.CfnResolverEndpoint.IpAddressRequestProperty(subnet_id=subnet_id) for subnet_id in subnet_ids
            ],
            security_group_ids=[self.security_group.attr_group_id],
            resolver_endpoint_type="IPV4",
            protocols=["Do53"],
        )

    @property
    def endpoint_id(self) -> str:
        """The inbound endpoint's ID, as a reference."""
        return self.resource.ref
