"""The released shapes: for each a sample deployment with placeholders, and what replaces them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pinekeep.model.facts import pinecone
from pinekeep.model.policies.key import MULTI_REGION_ACTIONS
from pinekeep.model.values.trust import PLACEHOLDER_EXTERNAL_ID
from pinekeep.operations.release import parameters
from pinekeep.operations.release.parameterization import NO_VALUE, ConditionalResource, Slot
from pinekeep.operations.release.parameters import Parameter, trust_parameter

NAME: Final = "placeholder-name"
ACCOUNT: Final = "990000000099"
REGION: Final = "ap-southeast-1"
"""The Region of the samples: one with an endpoint service, and not among those that a trust policy names."""
PINECONE_ACCOUNT: Final = "880000000088"
SAMPLE_BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/placeholder-boundary"
SAMPLE_PATH: Final = "/placeholder-path/"
SAMPLE_ROLE: Final = "placeholder-role"
SAMPLE_ALIAS: Final = "placeholder/alias"
SAMPLE_KEY: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-4000-8000-000000000099"
_EXTERNAL_ID: Final = "5ba9e000-0000-4000-8000-000000000099"
_ADMINISTRATOR: Final = f"arn:aws:iam::{ACCOUNT}:role/placeholder-administrator"
_CUSTOMER: Final = "777700007777"
_ROTATION_DAYS: Final = 2559
_DELETION_WINDOW_DAYS: Final = 29
_VPC: Final = "vpc-fadefadefadefade0"
_NEW_VPC: Final = "10.97.0.0/16"
_ZONES: Final = {f"{REGION}a": "10.97.0.0/19", f"{REGION}b": "10.97.32.0/19"}
_SUBNETS: Final = ("subnet-fadefadefadefade1", "subnet-fadefadefadefade2")

REGIONS_MAPPING: Final = "PineconeRegions"
"""The mapping from a Region to Pinecone's endpoint service and DNS zone."""


@dataclass(frozen=True, kw_only=True)
class ReleasedShape:
    """A shape of deployments that has a released template.

    Attributes:
        key: its name in file names.
        title: what the template creates, for the console's list and the page.
        part: the part of a deployment, as the configuration file calls it.
        sample: the settings of the sample deployment.
        slots: what replaces the sample's placeholders.
        properties: values by the name of the property that gets them.
        conditional: the resources that only some stacks of the template create.
        conditions: the conditions of the slots and of these resources.
        rules: the rules that the console checks before it creates anything.
    """

    key: str
    title: str
    part: str
    sample: Mapping[str, Any]
    parameters: tuple[Parameter, ...]
    slots: tuple[Slot, ...]
    properties: Mapping[str, Any] = field(default_factory=dict)
    conditional: tuple[ConditionalResource, ...] = ()
    conditions: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    mappings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stack(self) -> str:
        """The name that the launch link proposes for the stack."""
        return "Pinekeep-Cmek" if self.part == "cmek" else "Pinekeep-PrivateLink"


def _ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def _given(parameter: str) -> dict[str, Any]:
    return {"Fn::Not": [{"Fn::Equals": [_ref(parameter), ""]}]}


def _equals(parameter: str, value: str) -> dict[str, Any]:
    return {"Fn::Equals": [_ref(parameter), value]}


_COMMON: Final = (
    Slot(placeholder=NAME, value=_ref("DeploymentName"), variable="DeploymentName"),
    Slot(placeholder=ACCOUNT, value=_ref("AWS::AccountId"), variable="AWS::AccountId"),
    Slot(placeholder=REGION, value=_ref("AWS::Region"), variable="AWS::Region"),
)

# --- CMEK ---

_TRUSTED: Final = {region: trust_parameter(region) for region in pinecone.DOCUMENTED_ACCESS_REGIONS}
_CMEK_SLOTS: Final = (
    *_COMMON,
    Slot(placeholder=PINECONE_ACCOUNT, value=_ref("PineconeAccount"), variable="PineconeAccount"),
    Slot(placeholder=_EXTERNAL_ID, value=_ref("ExternalId"), variable="ExternalId"),
    Slot(placeholder=SAMPLE_ROLE, value=_ref("RoleName"), variable="RoleName"),
    Slot(placeholder=SAMPLE_BOUNDARY, value={"Fn::If": ["HasBoundary", _ref("PermissionsBoundary"), dict(NO_VALUE)]}),
    *(
        Slot(placeholder=f"{pinecone.ACCESS_ROLE_PREFIX}{region}", condition=f"{parameter}Given")
        for region, parameter in _TRUSTED.items()
    ),
)
_CMEK_CONDITIONS: Final = {
    "HasBoundary": _given("PermissionsBoundary"),
    **{f"{parameter}Given": _equals(parameter, "true") for parameter in _TRUSTED.values()},
}
_CMEK_RULES: Final = {
    "TrustsARegion": {
        "Assertions": [
            {
                "Assert": {"Fn::Or": [_equals(parameter, "true") for parameter in _TRUSTED.values()]},
                "AssertDescription": "Trust at least one Pinecone region",
            }
        ]
    },
    "HasAnExternalIdOfItsOwn": {
        "Assertions": [
            {
                "Assert": {"Fn::Not": [_equals("ExternalId", PLACEHOLDER_EXTERNAL_ID)]},
                "AssertDescription": "Give this account an external ID of its own, in place of the placeholder",
            }
        ]
    },
}
_ROLE_ELSEWHERE: Final = ConditionalResource(
    logical_id="PineconeRole",
    condition="CreatesRole",
    attributes={"Arn": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role${RolePath}${RoleName}"}},
)
_CREATES_ROLE: Final = {
    "Fn::Or": [_equals("RoleRegion", ""), {"Fn::Equals": [_ref("RoleRegion"), _ref("AWS::Region")]}]
}


def _cmek(sample: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "iam_path": SAMPLE_PATH,
        "permissions_boundary": SAMPLE_BOUNDARY,
        "cmek": {
            "role_name": SAMPLE_ROLE,
            "trust": {"regions": list(_TRUSTED), "external_id": _EXTERNAL_ID},
            **sample,
        },
    }


_PATH: Final = Slot(placeholder=SAMPLE_PATH, value=_ref("RolePath"), variable="RolePath")

CMEK: Final = (
    ReleasedShape(
        key="cmek-own-key",
        title="An IAM role for Pinecone and a KMS key that it uses (CMEK)",
        part="cmek",
        sample=_cmek(
            {
                "key": {
                    "alias": SAMPLE_ALIAS,
                    "administrators": [_ADMINISTRATOR],
                    "rotation_days": _ROTATION_DAYS,
                    "deletion_window_days": _DELETION_WINDOW_DAYS,
                    "multi_region": True,
                }
            }
        ),
        parameters=(
            parameters.DEPLOYMENT,
            *parameters.TRUST,
            *parameters.ROLE,
            parameters.ROLE_REGION,
            *parameters.KEY,
        ),
        slots=(
            *_CMEK_SLOTS,
            _PATH,
            Slot(placeholder=SAMPLE_ALIAS, value=_ref("KeyAlias"), variable="KeyAlias"),
            *(Slot(placeholder=action, condition="IsMultiRegion") for action in MULTI_REGION_ACTIONS),
            Slot(placeholder=_ROTATION_DAYS, value=_ref("RotationDays")),
            Slot(placeholder=_DELETION_WINDOW_DAYS, value=_ref("DeletionWindowDays")),
            Slot(
                placeholder=_ADMINISTRATOR,
                value=_ref("KeyAdministrators"),
                condition="HasAdministrators",
                is_list=True,
            ),
        ),
        properties={"MultiRegion": {"Fn::If": ["IsMultiRegion", True, False]}},
        conditional=(_ROLE_ELSEWHERE,),
        conditions={
            **_CMEK_CONDITIONS,
            _ROLE_ELSEWHERE.condition: _CREATES_ROLE,
            "IsMultiRegion": _equals("MultiRegion", "true"),
            "HasAdministrators": {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", _ref("KeyAdministrators")]}, ""]}]},
        },
        rules=_CMEK_RULES,
    ),
    ReleasedShape(
        key="cmek-adopted-key",
        title="An IAM role for Pinecone that uses an existing KMS key (CMEK)",
        part="cmek",
        sample=_cmek({"key": {"adopt": SAMPLE_KEY}}),
        parameters=(parameters.DEPLOYMENT, *parameters.TRUST, *parameters.ROLE, parameters.ADOPTED_KEY),
        slots=(*_CMEK_SLOTS, _PATH, Slot(placeholder=SAMPLE_KEY, value=_ref("KeyArn"), variable="KeyArn")),
        conditions=_CMEK_CONDITIONS,
        rules=_CMEK_RULES,
    ),
    ReleasedShape(
        key="cmek-customer-keys",
        title="An IAM role for Pinecone that uses KMS keys of your customers (CMEK)",
        part="cmek",
        sample=_cmek({"customer_keys": [{"name": "placeholder", "account": _CUSTOMER}]}),
        parameters=(parameters.DEPLOYMENT, *parameters.TRUST, *parameters.ROLE, parameters.CUSTOMER_KEYS),
        slots=(
            *_CMEK_SLOTS,
            _PATH,
            Slot(placeholder=f"arn:aws:kms:*:{_CUSTOMER}:key/*", value=_ref("CustomerKeyArns"), is_list=True),
        ),
        conditions=_CMEK_CONDITIONS,
        rules=_CMEK_RULES,
    ),
)

# --- PrivateLink ---

_SERVICE: Final = pinecone.PRIVATE_LINK[REGION]
_LINK_SLOTS: Final = (
    *_COMMON,
    Slot(
        placeholder=_SERVICE.service_name,
        value={"Fn::FindInMap": [REGIONS_MAPPING, _ref("AWS::Region"), "EndpointService"]},
    ),
    Slot(
        placeholder=_SERVICE.private_zone,
        value={"Fn::FindInMap": [REGIONS_MAPPING, _ref("AWS::Region"), "PrivateZone"]},
    ),
)
_SUBNET_SLOTS: Final = (
    Slot(placeholder=",".join(_SUBNETS), value={"Fn::Join": [",", _ref("SubnetIds")]}),
    *(
        Slot(placeholder=subnet, value={"Fn::Select": [str(index), _ref("SubnetIds")]})
        for index, subnet in enumerate(_SUBNETS)
    ),
)
_LINK_MAPPING: Final = {
    REGIONS_MAPPING: {
        region: {"EndpointService": each.service_name, "PrivateZone": each.private_zone}
        for region, each in pinecone.PRIVATE_LINK.items()
    }
}
_LINK_RULES: Final = {
    "RegionOfPinecone": {
        "Assertions": [
            {
                "Assert": {"Fn::Contains": [list(pinecone.REGIONS), _ref("AWS::Region")]},
                "AssertDescription": f"Pinecone has endpoint services in {', '.join(pinecone.REGIONS)}",
            }
        ]
    },
}


def _cidr(number: int) -> str:
    return f"10.99.{number}.0/24"


def _resolver_client(number: int) -> str:
    return f"10.98.{number}.0/24"


CLIENT_VPC: Final = "vpc-fadefadefadefac"
"""The client VPCs of the samples; two digits follow."""


def _client_vpc(number: int) -> str:
    return f"{CLIENT_VPC}{number:02}"


_NUMBERS: Final = range(1, parameters.CLIENTS_MAX + 1)
_CLIENT_SLOTS: Final = tuple(
    Slot(
        placeholder=_cidr(number),
        value=_ref(f"ClientCidr{number}"),
        variable=f"ClientCidr{number}",
        condition=None if number == 1 else f"HasClientCidr{number}",
    )
    for number in _NUMBERS
)
_CLIENT_VPC_SLOTS: Final = tuple(
    Slot(
        placeholder=_client_vpc(number),
        value=_ref(f"ClientVpcId{number}"),
        variable=f"ClientVpcId{number}",
        condition=f"HasClientVpcId{number}",
    )
    for number in _NUMBERS
)
_RESOLVER_SLOTS: Final = tuple(
    Slot(
        placeholder=_resolver_client(number),
        value=_ref(f"ResolverClientCidr{number}"),
        variable=f"ResolverClientCidr{number}",
        condition=None if number == 1 else f"HasResolverClientCidr{number}",
    )
    for number in _NUMBERS
)
_NEW_VPC_SLOTS: Final = (
    Slot(placeholder=_NEW_VPC, value=_ref("VpcCidr"), variable="VpcCidr"),
    *(
        slot
        for number, (zone, subnet) in enumerate(_ZONES.items(), 1)
        for slot in (
            Slot(placeholder=zone, value=_ref(f"AvailabilityZone{number}"), variable=f"AvailabilityZone{number}"),
            Slot(placeholder=subnet, value=_ref(f"SubnetCidr{number}")),
        )
    ),
    Slot(placeholder=SAMPLE_BOUNDARY, value={"Fn::If": ["HasBoundary", _ref("PermissionsBoundary"), dict(NO_VALUE)]}),
    _PATH,
)
_DNS_TITLES: Final = {
    "endpoint": "its own private DNS",
    "hosted-zone": "a Route 53 private hosted zone",
    "profile": "a hosted zone in a Route 53 Profile",
    "resolver-inbound": "its own private DNS and an inbound endpoint of Route 53 Resolver",
    "none": "DNS that you run",
}


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Settings that a sample has, with their parameters and slots."""

    settings: Mapping[str, Any]
    parameters: tuple[Parameter, ...] = ()
    slots: tuple[Slot, ...] = ()


_VPCS: Final = {
    "existing-vpc": _Part(
        settings={"vpc": {"id": _VPC, "subnet_ids": list(_SUBNETS)}},
        parameters=parameters.EXISTING_VPC,
        slots=(Slot(placeholder=_VPC, value=_ref("VpcId"), variable="VpcId"), *_SUBNET_SLOTS),
    ),
    "new-vpc": _Part(
        settings={"vpc": {"cidr": _NEW_VPC, "availability_zones": list(_ZONES)}},
        parameters=(*parameters.NEW_VPC, *parameters.ROLE[1:]),
        slots=_NEW_VPC_SLOTS,
    ),
}
_WITH_VPCS: Final = _Part(
    settings={"client_vpc_ids": [_client_vpc(number) for number in _NUMBERS]},
    parameters=parameters.CLIENT_VPCS,
    slots=_CLIENT_VPC_SLOTS,
)
_DNS: Final = {
    "hosted-zone": _WITH_VPCS,
    "profile": _WITH_VPCS,
    "resolver-inbound": _Part(
        settings={"resolver": {"client_cidrs": [_resolver_client(number) for number in _NUMBERS]}},
        parameters=parameters.RESOLVER_CLIENTS,
        slots=_RESOLVER_SLOTS,
    ),
}


def _private_link(vpc: str, dns: str) -> ReleasedShape:
    parts = (_VPCS[vpc], _DNS.get(dns, _Part(settings={})))
    slots = (*_LINK_SLOTS, *_CLIENT_SLOTS, *(slot for part in parts for slot in part.slots))
    is_new = vpc == "new-vpc"
    sample = {"clients": {"cidrs": [_cidr(number) for number in _NUMBERS]}, "dns": dns}
    for part in parts:
        sample |= part.settings
    own = {"iam_path": SAMPLE_PATH, "permissions_boundary": SAMPLE_BOUNDARY} if is_new else {}
    return ReleasedShape(
        key=f"private-link-{vpc}-{dns}",
        title=f"A private endpoint to Pinecone in {_VPC_TITLES[vpc]}, with {_DNS_TITLES[dns]} (PrivateLink)",
        part="private_link",
        sample={"private_link": sample, **own},
        parameters=(
            parameters.DEPLOYMENT,
            *parts[0].parameters,
            *parameters.CLIENT_CIDRS,
            *parts[1].parameters,
        ),
        slots=slots,
        properties={} if is_new else {"SubnetIds": _ref("SubnetIds")},
        conditions={
            **({"HasBoundary": _given("PermissionsBoundary")} if is_new else {}),
            **{slot.condition: _given(slot.condition.removeprefix("Has")) for slot in slots if slot.condition},
        },
        rules=_LINK_RULES,
        mappings=_LINK_MAPPING,
    )


_VPC_TITLES: Final = {"existing-vpc": "an existing VPC", "new-vpc": "a new, isolated VPC"}

PRIVATE_LINK: Final = tuple(_private_link(vpc, dns) for vpc in _VPCS for dns in _DNS_TITLES)

SHAPES: Final = (*CMEK, *PRIVATE_LINK)
