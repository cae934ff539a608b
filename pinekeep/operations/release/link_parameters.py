"""The parameters of the released templates of endpoints, each with its value for a deployment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pinekeep.model.addressing import subnet_cidr
from pinekeep.model.config.private_link import Endpoint, ExistingVpc, NewVpc
from pinekeep.operations.release.parameters import Parameter, Subject, Value

_CIDR: Final = r"[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}"
_HEX: Final = "([0-9a-f]{8}|[0-9a-f]{17})"


@dataclass(frozen=True, kw_only=True)
class ListParameter(Parameter):
    """A parameter with several values in one text, separated by commas: its pattern limits how many.

    CloudFormation has no such limit for its list types, and refuses an empty list of IDs.

    Attributes:
        item: the name of one of the values in conditions.
        most_items: how many values it takes.
    """

    item: str
    most_items: int


def _vpc_id(of: Subject) -> str:
    link = of.deployment.private_link
    return link.vpc.id if link is not None and isinstance(link.vpc, ExistingVpc) else ""


def _subnet_ids(of: Subject) -> str:
    link = of.deployment.private_link
    return ",".join(link.vpc.subnet_ids) if link is not None and isinstance(link.vpc, ExistingVpc) else ""


EXISTING_VPC: Final = (
    Parameter(
        name="VpcId",
        label="VPC",
        description="The VPC of the endpoint",
        group="Network",
        kind="AWS::EC2::VPC::Id",
        value=_vpc_id,
    ),
    Parameter(
        name="SubnetIds",
        label="Subnets",
        description="The subnets of the endpoint, at least two, each in another Availability Zone",
        group="Network",
        kind="List<AWS::EC2::Subnet::Id>",
        value=_subnet_ids,
    ),
)


def _new_vpc(value: Callable[[NewVpc], str]) -> Value:
    def found(of: Subject) -> str:
        link = of.deployment.private_link
        return value(link.vpc) if link is not None and isinstance(link.vpc, NewVpc) else ""

    return found


def _zone(index: int) -> Callable[[NewVpc], str]:
    return lambda vpc: vpc.availability_zones[index]


def _subnet(index: int) -> Callable[[NewVpc], str]:
    return lambda vpc: subnet_cidr(vpc.cidr, vpc.availability_zones[index])


ZONES: Final = (1, 2)
"""The Availability Zones of a new VPC, by number."""

NEW_VPC: Final = (
    Parameter(
        name="VpcCidr",
        label="VPC network",
        description="The CIDR block of the new VPC, such as 10.20.0.0/16",
        group="Network",
        pattern=f"^{_CIDR}$",
        constraint="A CIDR block, such as 10.20.0.0/16",
        value=_new_vpc(lambda vpc: vpc.cidr),
    ),
    *(
        parameter
        for number in ZONES
        for parameter in (
            Parameter(
                name=f"AvailabilityZone{number}",
                label=f"Availability Zone {number}",
                description="An Availability Zone in which Pinecone has its endpoint service",
                group="Network",
                kind="AWS::EC2::AvailabilityZone::Name",
                value=_new_vpc(_zone(number - 1)),
            ),
            Parameter(
                name=f"SubnetCidr{number}",
                label=f"Subnet {number}",
                description="The CIDR block of the subnet in that Availability Zone, such as 10.20.0.0/19",
                group="Network",
                pattern=f"^{_CIDR}$",
                constraint="A CIDR block within the VPC's",
                value=_new_vpc(_subnet(number - 1)),
            ),
        )
    ),
)


def _of_link(values: Callable[[Endpoint], list[str]]) -> Value:
    def found(of: Subject) -> str:
        link = of.deployment.private_link
        return ",".join(values(link)) if link is not None else ""

    return found


def _list(
    name: str,
    label: str,
    description: str,
    *,
    item: str,
    pattern: str,
    most: int,
    values: Callable[[Endpoint], list[str]],
    is_required: bool = False,
) -> ListParameter:
    several = f"{pattern}(,{pattern}){{0,{most - 1}}}"
    return ListParameter(
        name=name,
        label=label,
        description=f"{description}. At most {most}, separated by commas without spaces"
        + ("" if is_required else "; empty for none"),
        group="Clients",
        default=None if is_required else "",
        pattern=f"^{several}$" if is_required else f"^({several})?$",
        constraint=f"{'1' if is_required else '0'} to {most} values, separated by commas without spaces",
        value=_of_link(values),
        item=item,
        most_items=most,
    )


CLIENT_CIDRS: Final = _list(
    "ClientCidrs",
    "Networks of clients",
    "The networks whose hosts may connect, such as 10.0.0.0/16",
    item="ClientCidr",
    pattern=_CIDR,
    most=20,
    values=lambda link: list(link.clients.cidrs),
)
CLIENT_GROUPS: Final = _list(
    "ClientSecurityGroupIds",
    "Security groups of clients",
    "The security groups whose members may connect",
    item="ClientGroup",
    pattern=f"sg-{_HEX}",
    most=10,
    values=lambda link: list(link.clients.security_group_ids),
)
CLIENT_VPCS: Final = _list(
    "ClientVpcIds",
    "Client VPCs",
    "Further VPCs of this account and Region that resolve Pinecone's private names",
    item="ClientVpc",
    pattern=f"vpc-{_HEX}",
    most=10,
    values=lambda link: list(link.client_vpc_ids),
)
RESOLVER_CLIENTS: Final = _list(
    "ResolverClientCidrs",
    "DNS servers",
    "The networks of DNS servers that forward queries, such as 10.0.53.0/24",
    item="ResolverClientCidr",
    pattern=_CIDR,
    most=10,
    values=lambda link: list(link.resolver.client_cidrs) if link.resolver else [],
    is_required=True,
)
