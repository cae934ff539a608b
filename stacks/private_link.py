"""The stack of the interface endpoint to Pinecone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import CfnWaitConditionHandle, Fn, Stack
from constructs import Construct

from pinekeep.constructs import DnsProfile, InboundResolver, InterfaceEndpoint, IsolatedVpc, PrivateZone
from pinekeep.model.config.derived import written_path
from pinekeep.model.config.models import Deployment, private_zone_of
from pinekeep.model.config.private_link import AdoptedEndpoint, Endpoint, ExistingVpc, NewVpc
from pinekeep.model.naming import Output, bridge_zone, endpoint_logical_id, network_name

from .outputs import add_output


@dataclass(frozen=True, kw_only=True)
class _Reached:
    """The endpoint that the clients use. ``construct``: None for an adopted one."""

    endpoint_id: str
    vpc_id: str
    subnet_ids: Sequence[str]
    dns_name: str | None
    dns_zone_id: str | None
    construct: InterfaceEndpoint | None = None


class PrivateLinkStack(Stack):
    """The endpoint, its VPC and DNS, of a deployment with ``private_link``. ``stack``: the props of every stack."""

    def __init__(self, scope: Construct, construct_id: str, *, name: str, deployment: Deployment, **stack: Any) -> None:
        if deployment.private_link is None:
            raise ValueError(f"deployment {name} has no private_link")
        super().__init__(scope, construct_id, description=f"A private way to Pinecone's indexes ({name})", **stack)
        self._name, self._deployment, self._link = name, deployment, deployment.private_link
        link = self._link
        reached = self._adopted(link.vpc) if isinstance(link.vpc, AdoptedEndpoint) else self._created(link)
        if link.has_zone:
            self._add_zone(reached)
        if link.dns_bridge:
            bridge = self._zone("BridgeZone", reached, zone_name=bridge_zone(private_zone_of(deployment)))
            add_output(
                self, Output.BRIDGE_ZONE_ID, bridge.hosted_zone_id, "The hosted zone that bridges a change of DNS"
            )
        if link.resolver is not None:
            resolver = InboundResolver(
                self,
                "Resolver",
                vpc_id=reached.vpc_id,
                subnet_ids=link.resolver.subnet_ids or reached.subnet_ids,
                client_cidrs=link.resolver.client_cidrs,
                name=network_name(name),
            )
            add_output(self, Output.RESOLVER_ENDPOINT_ID, resolver.endpoint_id, "Target for DNS servers outside AWS")
        self._add_outputs(reached)

    def _adopted(self, vpc: AdoptedEndpoint) -> _Reached:
        link = self._link
        if not (link.has_zone or link.dns_bridge or link.resolver):
            # A stack has at least one resource; this one costs and does nothing.
            CfnWaitConditionHandle(self, "Adopted")
        return _Reached(
            endpoint_id=vpc.adopt,
            vpc_id=vpc.id,
            subnet_ids=(),
            dns_name=vpc.dns_name,
            dns_zone_id=vpc.dns_hosted_zone_id,
        )

    def _created(self, link: Endpoint) -> _Reached:
        vpc_id, subnet_ids = self._vpc(link.vpc)
        common: dict[str, Any] = {
            "region": self._deployment.region,
            "vpc_id": vpc_id,
            "subnet_ids": subnet_ids,
            "ip_address_type": link.ip_address_type,
            "service_region": link.service_region,
            "security_group_ids": link.security_group_ids,
        }
        endpoint = InterfaceEndpoint(
            self,
            "Endpoint",
            client_cidrs=link.clients.cidrs,
            client_security_group_ids=link.clients.security_group_ids,
            client_prefix_list_ids=link.clients.prefix_list_ids,
            private_dns=link.has_private_dns,
            name=self._endpoint_name(link.generation),
            **common,
        )
        endpoint.resource.override_logical_id(endpoint_logical_id(link.generation))
        self._add_standby(endpoint, common)
        return _Reached(
            endpoint_id=endpoint.endpoint_id,
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            dns_name=endpoint.dns_name,
            dns_zone_id=endpoint.hosted_zone_id,
            construct=endpoint,
        )

    def _add_standby(self, serving: InterfaceEndpoint, common: dict[str, Any]) -> None:
        """Add the standby endpoint: the same clients, without private DNS."""
        link = self._link
        if link.standby is None:
            return
        standby = InterfaceEndpoint(
            self,
            "StandbyEndpoint",
            security_group=None if link.security_group_ids else serving.security_group,
            private_dns=False,
            name=self._endpoint_name(link.standby),
            **common,
        )
        standby.resource.override_logical_id(endpoint_logical_id(link.standby))
        # EC2 refuses a second endpoint with the same private DNS name in a VPC, so the standby's is turned off first.
        serving.resource.add_resource_dependency(standby.resource)
        add_output(self, Output.STANDBY_VPC_ENDPOINT_ID, standby.endpoint_id, "The endpoint beside it, without DNS")

    def _add_zone(self, reached: _Reached) -> None:
        link = self._link
        zone = self._zone("PrivateZone", reached, zone_name=None, hosted_zone_id=link.hosted_zone_id)
        add_output(self, Output.HOSTED_ZONE_ID, zone.hosted_zone_id, "The private hosted zone")
        if zone.resource is not None and reached.construct is not None:
            # A VPC takes one zone of a name, and the endpoint's private DNS name is one: it is turned off first.
            zone.resource.add_resource_dependency(reached.construct.resource)
        if link.dns == "profile":
            profile = DnsProfile(
                self,
                "Profile",
                hosted_zone_id=zone.hosted_zone_id,
                vpc_ids=link.client_vpc_ids,
                name=network_name(self._name),
                profile_id=link.profile_id,
            )
            add_output(self, Output.PROFILE_ID, profile.profile_id, "The Route 53 Profile")

    def _zone(self, construct_id: str, reached: _Reached, **zone: Any) -> PrivateZone:
        link = self._link
        # A Profile gives the zone of Pinecone's name to the client VPCs, not the narrower one.
        by_profile = link.dns == "profile" and zone["zone_name"] is None
        return PrivateZone(
            self,
            construct_id,
            region=self._deployment.region,
            vpc_ids=[reached.vpc_id, *([] if by_profile else link.client_vpc_ids)],
            endpoint_dns_name=str(reached.dns_name),
            endpoint_hosted_zone_id=str(reached.dns_zone_id),
            dual_stack=link.ip_address_type == "dualstack",
            **{**zone, "zone_name": zone["zone_name"] or private_zone_of(self._deployment)},
        )

    def _vpc(self, vpc: ExistingVpc | NewVpc | AdoptedEndpoint) -> tuple[str, Sequence[str]]:
        if isinstance(vpc, ExistingVpc):
            return vpc.id, vpc.subnet_ids
        if isinstance(vpc, AdoptedEndpoint):
            return vpc.id, ()
        made = IsolatedVpc(
            self,
            "Vpc",
            cidr=vpc.cidr,
            availability_zones=vpc.availability_zones,
            name=network_name(self._name),
            permissions_boundary=self._deployment.permissions_boundary,
            iam_path=written_path(self._deployment),
        )
        return made.vpc_id, made.subnet_ids

    def _add_outputs(self, reached: _Reached) -> None:
        add_output(self, Output.VPC_ENDPOINT_ID, reached.endpoint_id, "Pinecone console: VPC endpoint ID")
        if reached.dns_name is not None:
            add_output(self, Output.VPC_ENDPOINT_DNS_NAME, reached.dns_name, "Target for DNS that you run yourself")
        add_output(self, Output.PRIVATE_DNS_ZONE, private_zone_of(self._deployment), "Zone of Pinecone's private names")
        add_output(self, Output.VPC_ID, reached.vpc_id, "The endpoint's VPC")
        if reached.construct is not None:
            groups, subnets = reached.construct.security_group_ids, Fn.join(",", list(reached.subnet_ids))
            add_output(self, Output.SUBNET_IDS, subnets, "The endpoint's subnets")
            group = groups[0] if len(groups) == 1 else Fn.join(",", groups)
            add_output(self, Output.SECURITY_GROUP_ID, group, "The endpoint's security group")

    def _endpoint_name(self, generation: int) -> str:
        return network_name(self._name) if generation == 1 else f"{network_name(self._name)}-{generation}"
