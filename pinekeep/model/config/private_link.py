"""The models of ``private_link``. Field descriptions become the reference table and the JSON Schema."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from pinekeep.model.config.base import Model
from pinekeep.model.values.accounts import OwnAccount, ProfileName, Region
from pinekeep.model.values.names import DeploymentName
from pinekeep.model.values.networks import (
    AvailabilityZones,
    ClientCidrs,
    ClientVpcIds,
    EndpointDnsName,
    EndpointGeneration,
    EndpointId,
    HostedZoneId,
    PrefixListIds,
    ProfileId,
    ResolverClientCidrs,
    SecurityGroupIds,
    SubnetIds,
    VpcCidr,
    VpcId,
)
from pinekeep.model.values.roles import AssumedRoleArn


class ExistingVpc(Model):
    """An existing VPC."""

    id: VpcId
    """The VPC's ID."""
    subnet_ids: SubnetIds
    """The subnets of the endpoint: at least two, each in another Availability Zone."""


class NewVpc(Model):
    """A new VPC without internet access."""

    cidr: VpcCidr
    """The VPC's CIDR block, /16 to /25."""
    availability_zones: AvailabilityZones
    """The Availability Zones that get a subnet: at least two, all by ID, or all by their name in the account.
    `pinekeep private-link zones` lists those that Pinecone's service offers."""


class AdoptedEndpoint(Model):
    """An existing endpoint, with its VPC. The stack never changes it."""

    id: VpcId
    """The VPC's ID."""
    adopt: EndpointId
    """The ID of the endpoint. You maintain its subnets, security groups and private DNS name yourself."""
    dns_name: EndpointDnsName | None = None
    """The endpoint's regional DNS name, the first of its DNS entries. Required for a record in Route 53."""
    dns_hosted_zone_id: HostedZoneId | None = None
    """The hosted zone ID of that DNS entry. Required for a record in Route 53."""


class Clients(Model):
    """The clients that may connect to the endpoint on port 443. All others are denied."""

    cidrs: ClientCidrs = []
    """CIDR blocks of clients, /8 or smaller. IPv6 blocks, /32 or smaller, need `ip_address_type: dualstack`."""
    security_group_ids: SecurityGroupIds = []
    """Security groups of clients in the same VPC, or in a peered one."""
    prefix_list_ids: PrefixListIds = []
    """Managed prefix lists with networks of clients. Each counts against the security group's rule quota with its
    maximum number of entries."""


class ClientVpc(Model):
    """A client VPC of another account, or of another Region."""

    id: VpcId
    """The VPC's ID."""
    account: OwnAccount | None = None
    """The VPC's account. Default: the deployment's."""
    region: Region | None = None
    """The VPC's Region. Default: the deployment's."""
    profile: ProfileName | None = None
    """The AWS profile with credentials of that account, for `pinekeep private-link associate`."""
    assume_role: AssumedRoleArn | None = None
    """The ARN of a role of that account that the current credentials assume, for `pinekeep private-link associate`.
    Without `profile` and `assume_role` the command prints what the account's owner has to run."""


class InboundResolver(Model):
    """An inbound endpoint of Route 53 Resolver, to which DNS servers outside AWS forward queries."""

    client_cidrs: ResolverClientCidrs
    """CIDR blocks of the DNS servers that may send queries to it on port 53."""
    subnet_ids: SubnetIds | None = None
    """Its subnets: at least two. Default: those of the endpoint."""


def _vpc_kind(value: Any) -> str | None:
    match value:
        case NewVpc():
            return "new"
        case AdoptedEndpoint():
            return "adopted"
        case Mapping() if "adopt" in value:
            return "adopted"
        case Mapping() if {"cidr", "availability_zones"} & set(value) and "id" not in value:
            return "new"
        case _:
            return "existing"


class Endpoint(Model):
    """Private connectivity from one VPC to Pinecone's indexes over AWS PrivateLink."""

    vpc: Annotated[
        Annotated[ExistingVpc, Tag("existing")]
        | Annotated[NewVpc, Tag("new")]
        | Annotated[AdoptedEndpoint, Tag("adopted")],
        Discriminator(_vpc_kind),
    ]
    """The VPC of the endpoint: an existing one (`id`, `subnet_ids`), a new, isolated one (`cidr`,
    `availability_zones`), or the VPC of an existing endpoint (`id`, `adopt`)."""
    clients: Clients = Clients.model_construct()
    """The clients that may connect to the endpoint. Required, except with `security_group_ids` or `vpc.adopt`."""
    security_group_ids: SecurityGroupIds = []
    """Existing security groups for the endpoint, in place of one that allows the `clients`. You maintain their rules
    yourself."""
    ip_address_type: Literal["ipv4", "dualstack"] = "ipv4"
    """The IP addresses of the endpoint. `dualstack` needs subnets with IPv6, and an endpoint service that supports
    it."""
    service_region: Region | None = None
    """The Region of the Pinecone indexes, if it is not the deployment's. Pinecone documents the same Region for both;
    `preflight` refuses another one unless the endpoint service allows it."""
    dns: Literal["endpoint", "hosted-zone", "profile", "resolver-inbound", "none"] = "endpoint"
    """How clients resolve Pinecone's names to the endpoint: with its own private DNS; with a Route 53 private hosted
    zone; with a hosted zone in a Route 53 Profile; with the endpoint's private DNS and an inbound endpoint of Route 53
    Resolver, for clients outside AWS; or with DNS that you run."""
    dns_bridge: bool = False
    """Whether a second hosted zone, for the narrower name `svc.private.…`, also resolves the names. It conflicts with
    no other zone, so the names keep resolving while `dns` changes: see [the DNS
    modes](private-link.md#change-the-dns-mode)."""
    dns_moved: bool = False
    """Set to `true` when the clients no longer need the DNS that a change of `dns` removes."""
    client_vpc_ids: ClientVpcIds = []
    """With `dns: hosted-zone` or `profile`, or `dns_bridge`: further VPCs of the account and Region that resolve
    Pinecone's private names."""
    client_vpcs: list[ClientVpc] = []
    """With `dns: hosted-zone` or `profile`: client VPCs of other accounts or Regions. No stack associates them:
    `pinekeep private-link associate` does."""
    hosted_zone_id: HostedZoneId | None = None
    """With `dns: hosted-zone` or `profile`: an existing private hosted zone of the account to use instead of a new one.
    The stack adds the wildcard record; `pinekeep private-link associate` associates the VPCs."""
    profile_id: ProfileId | None = None
    """With `dns: profile`: an existing Route 53 Profile to use instead of a new one."""
    resolver: InboundResolver | None = None
    """With `dns: resolver-inbound`: the inbound endpoint of Route 53 Resolver."""
    generation: EndpointGeneration = 1
    """The generation of the endpoint in use. Another number creates another endpoint: [the life of an
    endpoint](endpoint.md) has the steps that replace one without an outage."""
    standby: EndpointGeneration | None = None
    """The generation of a second endpoint, without DNS: one that is to take over, or one that was in use before."""

    @property
    def generations(self) -> tuple[int, ...]:
        """The generations of all endpoints, the one in use first."""
        return (self.generation,) if self.standby is None else (self.generation, self.standby)

    @property
    def vpc_id(self) -> str | None:
        """The ID of the endpoint's VPC; None for a new one."""
        return None if isinstance(self.vpc, NewVpc) else self.vpc.id

    @property
    def adopted(self) -> str | None:
        """The ID of the adopted endpoint, if it is one."""
        return self.vpc.adopt if isinstance(self.vpc, AdoptedEndpoint) else None

    @property
    def has_private_dns(self) -> bool:
        """Whether the endpoint's own private DNS name is enabled."""
        return self.dns in ("endpoint", "resolver-inbound")

    @property
    def has_zone(self) -> bool:
        """Whether a private hosted zone of Pinecone's name leads to the endpoint."""
        return self.dns in ("hosted-zone", "profile")

    @property
    def resolves(self) -> bool:
        """Whether the deployment makes Pinecone's private names resolve in its VPCs."""
        return self.has_private_dns or self.has_zone or self.dns_bridge


class PrivateLink(Endpoint):
    """Private connectivity to Pinecone's indexes over AWS PrivateLink."""

    further_endpoints: dict[DeploymentName, Endpoint] = Field(default_factory=dict, max_length=9)
    """Further VPCs, each with an endpoint of its own, by name. Each is a deployment of its own: `analytics` under
    `search-prod` is `search-prod-analytics`, in the same account, Region and Pinecone project."""
