"""The released shapes of private endpoints."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pinekeep.model.facts import pinecone
from pinekeep.operations.release import link_parameters as parameters
from pinekeep.operations.release import samples
from pinekeep.operations.release.link_parameters import ListParameter
from pinekeep.operations.release.parameterization import Slot
from pinekeep.operations.release.parameters import DEPLOYMENT, ROLE, Parameter
from pinekeep.operations.release.shape import (
    BOUNDARY_CONDITION,
    BOUNDED,
    COMMON,
    ReleasedShape,
    given,
    ref,
    rule,
)

REGIONS_MAPPING: Final = "PineconeRegions"
"""The mapping from a Region to Pinecone's endpoint service and DNS zone."""
_SERVICE: Final = pinecone.PRIVATE_LINK[samples.REGION]
_SLOTS: Final = (
    *COMMON,
    Slot(
        placeholder=_SERVICE.service_name,
        value={"Fn::FindInMap": [REGIONS_MAPPING, ref("AWS::Region"), "EndpointService"]},
    ),
    Slot(
        placeholder=_SERVICE.private_zone,
        value={"Fn::FindInMap": [REGIONS_MAPPING, ref("AWS::Region"), "PrivateZone"]},
    ),
)
_MAPPING: Final = {
    REGIONS_MAPPING: {
        region: {"EndpointService": each.service_name, "PrivateZone": each.private_zone}
        for region, each in pinecone.PRIVATE_LINK.items()
    }
}
_RULES: Final = {
    "RegionOfPinecone": rule(
        {"Fn::Contains": [list(pinecone.REGIONS), ref("AWS::Region")]},
        f"Pinecone has endpoint services in {', '.join(pinecone.REGIONS)}",
    ),
    "HasClients": rule(
        {"Fn::Or": [given(each.name) for each in (parameters.CLIENT_CIDRS, parameters.CLIENT_GROUPS)]},
        "Name a network or a security group of clients",
    ),
}


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Settings that a sample has, with their parameters, slots and conditions."""

    settings: Mapping[str, Any]
    parameters: tuple[Parameter, ...] = ()
    slots: tuple[Slot, ...] = ()
    conditions: Mapping[str, Any] = field(default_factory=dict)


def _item(index: int, text: Mapping[str, Any]) -> dict[str, Any]:
    """Return one item of a list in one text."""
    return {"Fn::Select": [str(index), {"Fn::Split": [",", text]}]}


def _listed(parameter: ListParameter, placeholder: Callable[[int], str]) -> tuple[list[Slot], dict[str, Any]]:
    """Return the slots of a list's items, and their conditions. A required list always has its first item."""
    slots: list[Slot] = []
    conditions: dict[str, Any] = {}
    # A condition asks for items that are not there: empty ones follow the last.
    padded = {"Fn::Join": ["", [ref(parameter.name), "," * (parameter.most_items - 1)]]}
    for number in range(1, parameter.most_items + 1):
        item = _item(number - 1, ref(parameter.name))
        condition = None if number == 1 and parameter.default is None else f"Has{parameter.item}{number}"
        if condition is not None:
            conditions[condition] = {"Fn::Not": [{"Fn::Equals": [_item(number - 1, padded), ""]}]}
        slots.append(Slot(placeholder=placeholder(number), value=item, condition=condition))
    return slots, conditions


def _list_part(settings: Mapping[str, Any], lists: Iterable[tuple[ListParameter, Callable[[int], str]]]) -> _Part:
    slots: list[Slot] = []
    conditions: dict[str, Any] = {}
    lists = list(lists)
    for parameter, placeholder in lists:
        more, of_these = _listed(parameter, placeholder)
        slots += more
        conditions |= of_these
    return _Part(
        settings=settings,
        parameters=tuple(parameter for parameter, _ in lists),
        slots=tuple(slots),
        conditions=conditions,
    )


def _samples(parameter: ListParameter, placeholder: Callable[[int], str]) -> list[str]:
    return [placeholder(number) for number in range(1, parameter.most_items + 1)]


_SUBNET_SLOTS: Final = (
    Slot(placeholder=",".join(samples.SUBNETS), value={"Fn::Join": [",", ref("SubnetIds")]}),
    *(
        Slot(placeholder=subnet, value={"Fn::Select": [str(index), ref("SubnetIds")]})
        for index, subnet in enumerate(samples.SUBNETS)
    ),
)
_NEW_VPC_SLOTS: Final = (
    *BOUNDED,
    Slot(placeholder=samples.NEW_VPC, value=ref("VpcCidr"), variable="VpcCidr"),
    *(
        slot
        for number, (zone, subnet) in enumerate(samples.ZONES.items(), 1)
        for slot in (
            Slot(placeholder=zone, value=ref(f"AvailabilityZone{number}"), variable=f"AvailabilityZone{number}"),
            Slot(placeholder=subnet, value=ref(f"SubnetCidr{number}")),
        )
    ),
)
_VPCS: Final = {
    "existing-vpc": _Part(
        settings={"vpc": {"id": samples.VPC, "subnet_ids": list(samples.SUBNETS)}},
        parameters=parameters.EXISTING_VPC,
        slots=(Slot(placeholder=samples.VPC, value=ref("VpcId"), variable="VpcId"), *_SUBNET_SLOTS),
    ),
    "new-vpc": _Part(
        settings={"vpc": {"cidr": samples.NEW_VPC, "availability_zones": list(samples.ZONES)}},
        parameters=(*parameters.NEW_VPC, *ROLE[1:]),
        slots=_NEW_VPC_SLOTS,
        conditions=BOUNDARY_CONDITION,
    ),
}
_VPC_TITLES: Final = {"existing-vpc": "an existing VPC", "new-vpc": "a new, isolated VPC"}
_CLIENTS: Final = _list_part(
    {
        "clients": {
            "cidrs": _samples(parameters.CLIENT_CIDRS, samples.client_cidr),
            "security_group_ids": _samples(parameters.CLIENT_GROUPS, samples.client_group),
        }
    },
    [(parameters.CLIENT_CIDRS, samples.client_cidr), (parameters.CLIENT_GROUPS, samples.client_group)],
)
_WITH_VPCS: Final = _list_part(
    {"client_vpc_ids": _samples(parameters.CLIENT_VPCS, samples.client_vpc)},
    [(parameters.CLIENT_VPCS, samples.client_vpc)],
)
_DNS: Final = {
    "endpoint": _Part(settings={}),
    "hosted-zone": _WITH_VPCS,
    "profile": _WITH_VPCS,
    "resolver-inbound": _list_part(
        {"resolver": {"client_cidrs": _samples(parameters.RESOLVER_CLIENTS, samples.resolver_client)}},
        [(parameters.RESOLVER_CLIENTS, samples.resolver_client)],
    ),
    "none": _Part(settings={}),
}
_DNS_TITLES: Final = {
    "endpoint": "its own private DNS",
    "hosted-zone": "a Route 53 private hosted zone",
    "profile": "a hosted zone in a Route 53 Profile",
    "resolver-inbound": "its own private DNS and an inbound endpoint of Route 53 Resolver",
    "none": "DNS that you run",
}


def _private_link(vpc: str, dns: str) -> ReleasedShape:
    parts = (_VPCS[vpc], _CLIENTS, _DNS[dns])
    is_new = vpc == "new-vpc"
    sample: dict[str, Any] = {"dns": dns}
    conditions: dict[str, Any] = {}
    for part in parts:
        sample |= part.settings
        conditions |= part.conditions
    own = {"iam_path": samples.PATH, "permissions_boundary": samples.BOUNDARY} if is_new else {}
    return ReleasedShape(
        key=f"private-link-{vpc}-{dns}",
        title=f"A private endpoint to Pinecone in {_VPC_TITLES[vpc]}, with {_DNS_TITLES[dns]} (PrivateLink)",
        part="private_link",
        sample={"private_link": sample, **own},
        parameters=(DEPLOYMENT, *(parameter for part in parts for parameter in part.parameters)),
        slots=(*_SLOTS, *(slot for part in parts for slot in part.slots)),
        properties={} if is_new else {"SubnetIds": ref("SubnetIds")},
        conditions=conditions,
        rules=_RULES,
        mappings=_MAPPING,
    )


PRIVATE_LINK: Final = tuple(_private_link(vpc, dns) for vpc in _VPCS for dns in _DNS)
