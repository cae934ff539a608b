"""The stack of the interface endpoint to Pinecone."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import CfnOutput, Fn, Stack
from constructs import Construct

from pinekeep.constructs import InterfaceEndpoint, IsolatedVpc, PrivateZone
from pinekeep.model.config.derived import written_path
from pinekeep.model.config.models import Deployment, ExistingVpc, PrivateLink, private_zone_of
from pinekeep.model.naming import Output, endpoint_logical_id, network_name


class PrivateLinkStack(Stack):
    """The endpoint, its VPC and DNS, of a deployment with ``private_link``. ``stack``: the props of every stack."""

    def __init__(self, scope: Construct, construct_id: str, *, name: str, deployment: Deployment, **stack: Any) -> None:
        if deployment.private_link is None:
            raise ValueError(f"deployment {name} has no private_link")
        super().__init__(scope, construct_id, description=f"A private way to Pinecone's indexes ({name})", **stack)
        link = deployment.private_link
        vpc_id, subnet_ids = self._vpc(name, link, deployment)
        endpoint = InterfaceEndpoint(
            self,
            "Endpoint",
            region=deployment.region,
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            client_cidrs=link.clients.cidrs,
            client_security_group_ids=link.clients.security_group_ids,
            client_prefix_list_ids=link.clients.prefix_list_ids,
            private_dns=link.dns == "endpoint",
            name=_endpoint_name(name, link.generation),
        )
        endpoint.resource.override_logical_id(endpoint_logical_id(link.generation))
        standby = self._standby(name, deployment, vpc_id, subnet_ids, serving=endpoint)
        if link.dns == "hosted-zone":
            zone = PrivateZone(
                self,
                "PrivateZone",
                region=deployment.region,
                vpc_ids=[vpc_id, *link.client_vpc_ids],
                endpoint_dns_name=endpoint.dns_name,
                endpoint_hosted_zone_id=endpoint.hosted_zone_id,
            )
            self._output(Output.HOSTED_ZONE_ID, zone.resource.ref, "The private hosted zone")
        self._output(Output.VPC_ENDPOINT_ID, endpoint.endpoint_id, "Pinecone console: VPC endpoint ID")
        if standby is not None:
            self._output(Output.STANDBY_VPC_ENDPOINT_ID, standby.endpoint_id, "The endpoint beside it, without DNS")
        self._output(Output.VPC_ENDPOINT_DNS_NAME, endpoint.dns_name, "Target for DNS that you run yourself")
        self._output(Output.PRIVATE_DNS_ZONE, private_zone_of(deployment), "Zone of Pinecone's private names")
        self._output(Output.VPC_ID, vpc_id, "The endpoint's VPC")
        self._output(Output.SUBNET_IDS, Fn.join(",", list(subnet_ids)), "The endpoint's subnets")
        self._output(Output.SECURITY_GROUP_ID, endpoint.security_group.attr_group_id, "The endpoint's security group")

    def _standby(
        self, name: str, deployment: Deployment, vpc_id: str, subnet_ids: Sequence[str], *, serving: InterfaceEndpoint
    ) -> InterfaceEndpoint | None:
        """Add the standby endpoint: the same clients, without private DNS."""
        link = deployment.private_link
        if link is None or link.standby is None:
            return None
        standby = InterfaceEndpoint(
            self,
            "StandbyEndpoint",
            region=deployment.region,
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            security_group=serving.security_group,
            private_dns=False,
            name=_endpoint_name(name, link.standby),
        )
        standby.resource.override_logical_id(endpoint_logical_id(link.standby))
        # EC2 refuses a second endpoint with the same private DNS name in a VPC, so the standby's is turned off first.
        serving.resource.add_resource_dependency(standby.resource)
        return standby

    def _vpc(self, name: str, link: PrivateLink, deployment: Deployment) -> tuple[str, Sequence[str]]:
        if isinstance(link.vpc, ExistingVpc):
            return link.vpc.id, link.vpc.subnet_ids
        vpc = IsolatedVpc(
            self,
            "Vpc",
            cidr=link.vpc.cidr,
            availability_zones=link.vpc.availability_zones,
            name=network_name(name),
            permissions_boundary=deployment.permissions_boundary,
            iam_path=written_path(deployment),
        )
        return vpc.vpc_id, vpc.subnet_ids

    def _output(self, output: Output, value: str, description: str) -> None:
        CfnOutput(self, output.value, value=value, description=description)


def _endpoint_name(deployment: str, generation: int) -> str:
    return network_name(deployment) if generation == 1 else f"{network_name(deployment)}-{generation}"
