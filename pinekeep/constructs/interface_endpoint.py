"""The interface endpoint to Pinecone, with a security group of its own."""

import re
from collections.abc import Sequence
from typing import Final, Literal

import jsii
from aws_cdk import Fn
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from pinekeep.constructs.egress import no_egress
from pinekeep.constructs.props import Props, is_token
from pinekeep.model.facts import pinecone
from pinekeep.model.values.accounts import Region
from pinekeep.model.values.networks import (
    ClientCidrs,
    PrefixListIds,
    SecurityGroupIds,
    SubnetIds,
    VpcId,
    clients_error,
    overlap_errors,
)
from pinekeep.model.words import shown

_SERVICE: Final = re.compile(r"com\.amazonaws\.vpce\.(?P<region>[a-z0-9-]+)\.vpce-svc-[0-9a-f]{17}")
_ZONES_LEAST: Final = 2
_IP_ADDRESS_TYPES: Final = ("ipv4", "dualstack")
_DUALSTACK_RECORDS: Final = ec2.CfnVPCEndpoint.DnsOptionsSpecificationProperty(dns_record_ip_type="dualstack")


@jsii.implements(ec2.IConnectable)
class InterfaceEndpoint(Construct):
    """A private way from a VPC to Pinecone's endpoint service of a Region.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        vpc: the VPC to put the endpoint in: one that is made in the app, imported or looked up.
        subnets: subnets of that VPC, each in a zone of its own. None takes one in each zone: private ones with a way
            out, else isolated ones.
        vpc_id: the VPC by its ID, in place of ``vpc``.
        subnet_ids: with ``vpc_id``, the subnets: at least two, each in a zone of its own.
        region: the Region of the VPC and of the Pinecone indexes. None is the stack's Region.
        service_name: Pinecone's endpoint service. None is the one of the Region.
        client_cidrs: networks whose hosts may connect.
        client_security_group_ids: security groups whose members may connect.
        client_prefix_list_ids: managed prefix lists whose networks' hosts may connect. Each takes as many of the
            security group's rules as it may have entries.
        security_group: the security group of another endpoint to share; clients are not named then.
        security_group_ids: existing security groups for the endpoint; clients are not named then.
        ip_address_type: ``ipv4``, or ``dualstack`` where the service and the subnets support it.
        service_region: the Region of the endpoint service, if it is not the stack's.
        private_dns: whether the endpoint answers for Pinecone's private names in its VPC.
        name: the endpoint's ``Name`` tag.

    Attributes:
        dns_name: the endpoint's regional DNS name, as a reference.

    Raises:
        WrongInputError: a prop is not valid, or the Region is not known at synthesis and neither ``region`` nor
            ``service_name`` is given.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc | None = None,
        subnets: Sequence[ec2.ISubnet] | None = None,
        vpc_id: str | None = None,
        subnet_ids: Sequence[str] | None = None,
        region: str | None = None,
        service_name: str | None = None,
        client_cidrs: Sequence[str] = (),
        client_security_group_ids: Sequence[str] = (),
        client_prefix_list_ids: Sequence[str] = (),
        security_group: ec2.CfnSecurityGroup | None = None,
        security_group_ids: Sequence[str] = (),
        ip_address_type: Literal["ipv4", "dualstack"] = "ipv4",
        service_region: str | None = None,
        private_dns: bool = True,
        name: str = "pinecone",
    ) -> None:
        props = Props(scope, construct_id)
        place, subnet_ids = _place(props, vpc, subnets, vpc_id, subnet_ids)
        service = _service(props, service_name, region, service_region)
        props.require(
            client_cidrs=(ClientCidrs, client_cidrs),
            client_security_group_ids=(SecurityGroupIds, client_security_group_ids),
            client_prefix_list_ids=(PrefixListIds, client_prefix_list_ids),
            security_group_ids=(SecurityGroupIds, security_group_ids),
        )
        if ip_address_type not in _IP_ADDRESS_TYPES:
            props.refuse(
                f"ip_address_type: allowed are {' and '.join(_IP_ADDRESS_TYPES)}, got {shown(ip_address_type)}",
                'give ip_address_type="ipv4"',
            )
        if ip_address_type == "ipv4" and (ipv6 := [each for each in client_cidrs if ":" in each]):
            props.refuse(
                f"client_cidrs: {ipv6[0]} is an IPv6 network, and the endpoint has IPv4 addresses alone",
                'give ip_address_type="dualstack", or leave it out',
            )
        clients = len(client_cidrs) + len(client_security_group_ids) + len(client_prefix_list_ids)
        if security_group_ids and (clients or security_group is not None):
            props.refuse(
                "security_group_ids: clients are rules of a security group that is created, and these exist",
                "leave the clients and security_group out, or security_group_ids",
            )
        props.require_none("client_cidrs", clients_error(clients) if clients else None)
        known = [(index, each) for index, each in enumerate(client_cidrs) if not is_token(each)]
        for _, error in overlap_errors(known):
            props.require_none("client_cidrs", error)
        if private_dns:
            props.claim(
                "private_dns",
                vpc.node.path if vpc is not None else place,
                why="in a VPC one endpoint answers for Pinecone's private names",
                hint="give this one private_dns=False, or put it in another VPC",
            )
        super().__init__(scope, construct_id)
        self._existing_groups = list(security_group_ids)
        self._security_group = security_group
        if security_group is None and not security_group_ids:
            self._security_group = self._new_security_group(
                place,
                [
                    *(_from(cidr, **{"cidr_ipv6" if ":" in cidr else "cidr_ip": cidr}) for cidr in client_cidrs),
                    *(_from(group, source_security_group_id=group) for group in client_security_group_ids),
                    *(_from(each, source_prefix_list_id=each) for each in client_prefix_list_ids),
                ],
            )
        self.resource = ec2.CfnVPCEndpoint(
            self,
            "Resource",
            service_name=service,
            vpc_endpoint_type="Interface",
            vpc_id=place,
            subnet_ids=list(subnet_ids),
            security_group_ids=self.security_group_ids,
            private_dns_enabled=private_dns,
            ip_address_type=ip_address_type,
            dns_options=_DUALSTACK_RECORDS if ip_address_type == "dualstack" else None,
            service_region=service_region,
            tags=[{"key": "Name", "value": name}],
        )
        self._connections: ec2.Connections | None = None
        # Each entry reads HOSTED-ZONE-ID:NAME; the first is the endpoint's own regional name.
        self._regional = Fn.split(":", Fn.select(0, self.resource.attr_dns_entries))
        self.dns_name = Fn.select(1, self._regional)

    def _new_security_group(
        self, vpc_id: str, clients: Sequence[ec2.CfnSecurityGroup.IngressProperty]
    ) -> ec2.CfnSecurityGroup:
        return ec2.CfnSecurityGroup(
            self,
            "SecurityGroup",
            vpc_id=vpc_id,
            group_description="Lets the named clients reach the Pinecone endpoint on port 443, nothing else",
            security_group_ingress=list(clients),
            security_group_egress=no_egress(),
        )

    @property
    def security_group(self) -> ec2.CfnSecurityGroup:
        """The security group that was created for the clients. Raises ValueError with ``security_group_ids``."""
        if self._security_group is None:
            raise ValueError(f"{self.node.path} has existing security groups alone: {', '.join(self._existing_groups)}")
        return self._security_group

    @property
    def security_group_ids(self) -> list[str]:
        """The IDs of the endpoint's security groups, as references."""
        return [self._security_group.attr_group_id] if self._security_group else self._existing_groups

    @property
    def connections(self) -> ec2.Connections:
        """The endpoint's connections: ``endpoint.connections.allow_default_port_from(function)`` adds a client."""
        if self._connections is None:
            groups = [
                ec2.SecurityGroup.from_security_group_id(self, f"Imported{index or ''}", each)
                for index, each in enumerate(self.security_group_ids)
            ]
            port = ec2.Port.tcp(pinecone.PRIVATE_ENDPOINT_PORT)
            self._connections = ec2.Connections(security_groups=groups, default_port=port)
        return self._connections

    @property
    def hosted_zone_id(self) -> str:
        """The hosted zone of the endpoint's regional name, as a reference; an alias record needs it."""
        return Fn.select(0, self._regional)

    @property
    def endpoint_id(self) -> str:
        """The endpoint's ID, as a reference."""
        return self.resource.ref


def _place(
    props: Props,
    vpc: ec2.IVpc | None,
    subnets: Sequence[ec2.ISubnet] | None,
    vpc_id: str | None,
    subnet_ids: Sequence[str] | None,
) -> tuple[str, Sequence[str]]:
    """Return the IDs of the VPC and of the subnets."""
    if vpc is None and vpc_id is not None and subnet_ids is not None and subnets is None:
        props.require(vpc_id=(VpcId, vpc_id), subnet_ids=(SubnetIds, subnet_ids))
        return vpc_id, subnet_ids
    if vpc is None or vpc_id is not None or subnet_ids is not None:
        props.refuse(
            "vpc: the VPC is given in one of two ways: as vpc, or as vpc_id with subnet_ids",
            "give vpc=ec2.Vpc.from_lookup(…) or another IVpc alone, or vpc_id and subnet_ids alone",
        )
    if subnets is None:
        selected = vpc.select_subnets(one_per_az=True)
        if selected.is_pending_lookup:  # nothing is known of the VPC yet
            return vpc.vpc_id, selected.subnet_ids
        subnets = selected.subnets
    zones = [_zone_of(subnet) for subnet in subnets]
    known = [zone for zone in zones if zone is not None]
    if len(set(known)) < len(known):
        twice = next(zone for zone in known if known.count(zone) > 1)
        props.refuse(
            f"subnets: two subnets are in {twice}; an endpoint takes one in each zone", "leave one of the two out"
        )
    if len(zones) < _ZONES_LEAST:
        props.refuse(
            f"{'vpc' if known else 'subnets'}: subnets in at least {_ZONES_LEAST} Availability Zones are needed, "
            f"got {len(zones)}",
            "give subnets=vpc.select_subnets(…).subnets with more of them, or a VPC with more zones",
        )
    return vpc.vpc_id, [subnet.subnet_id for subnet in subnets]


def _zone_of(subnet: ec2.ISubnet) -> str | None:
    """Return a subnet's zone, or None where the CDK does not know it (``Subnet.from_subnet_id``)."""
    try:
        return subnet.availability_zone
    except RuntimeError:
        return None


def _service(props: Props, service_name: str | None, region: str | None, service_region: str | None) -> str:
    if service_region is not None:
        props.require(service_region=(Region, service_region))
    if service_name is None:
        if service_region is not None and not is_token(service_region):
            return pinecone.PRIVATE_LINK[service_region].service_name
        region = props.region(region, instead="service_name")
        props.require_own_region("region", region)
        return pinecone.PRIVATE_LINK[region].service_name
    if is_token(service_name):
        return service_name
    found = _SERVICE.fullmatch(service_name)
    if found is None:
        props.refuse(
            "service_name: an endpoint service is named like com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f60718, "
            f"got {shown(service_name)}",
            "leave service_name out to take Pinecone's of the Region",
        )
    if service_region is None:
        props.require_own_region("service_name", found["region"])
    return service_name


def _from(client: str, **source: str) -> ec2.CfnSecurityGroup.IngressProperty:
    return ec2.CfnSecurityGroup.IngressProperty(
        ip_protocol="tcp",
        from_port=pinecone.PRIVATE_ENDPOINT_PORT,
        to_port=pinecone.PRIVATE_ENDPOINT_PORT,
        description=f"Clients of Pinecone in {client}",
        **source,
    )
