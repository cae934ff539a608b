"""Route 53 Resolver: forwarding rules and endpoints."""

import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region
from ministack.services import ec2
from ministack.services.cloudformation import drift

from pinekeep.emulator.extensions import interfaces, json_services
from pinekeep.emulator.extensions.json_services import Document, RefusedError
from pinekeep.emulator.extensions.patching import (
    HANDLERS,
    Attributes,
    Properties,
    carry_stack_tags,
    new_id,
    replacement,
)

ENDPOINT: Final = "AWS::Route53Resolver::ResolverEndpoint"
LEAST_ADDRESSES: Final = 2
_CREATE_ONLY: Final = ("Direction", "SecurityGroupIds", "OutpostArn", "PreferredInstanceType")
_PREFIXES: Final = {"INBOUND": "rslvr-in", "OUTBOUND": "rslvr-out"}

rules = AccountRegionScopedDict()
associations = AccountRegionScopedDict()
endpoints = AccountRegionScopedDict()


def rules_and_endpoints() -> None:
    """Gap: Route 53 Resolver is missing: rules, their associations with VPCs, endpoints and the template's endpoints.

    On AWS an endpoint has at least two addresses in the subnets of one VPC. Its security groups and its direction are
    fixed; its name, addresses and tags can be changed. Filters here are those by the direction, the VPC and the name.
    """
    json_services.register("route53resolver", "Route53Resolver", _CALLS)
    json_services.authorize("route53resolver")
    HANDLERS[ENDPOINT] = {"create": _create_resource, "update": _update_resource, "delete": _delete_resource}
    carry_stack_tags(ENDPOINT)
    drift._DRIFT_READERS[ENDPOINT] = (_read, frozenset({"Name", "SecurityGroupIds", "ResolverEndpointType", "Tags"}))


# --- Rules ---


def _create_rule(asked: Document) -> Document:
    rule_id = new_id("rslvr-rr")
    rules[rule_id] = {
        "Id": rule_id,
        "Arn": _arn("resolver-rule", rule_id),
        "CreatorRequestId": asked.get("CreatorRequestId", rule_id),
        "Name": asked.get("Name", ""),
        "DomainName": f"{asked['DomainName'].rstrip('.')}.",
        "RuleType": asked["RuleType"],
        **({"TargetIps": asked["TargetIps"]} if asked.get("TargetIps") else {}),
        "Status": "COMPLETE",
        "ShareStatus": "NOT_SHARED",
        "OwnerId": get_account_id(),
        **({"ResolverEndpointId": asked["ResolverEndpointId"]} if asked.get("ResolverEndpointId") else {}),
    }
    return {"ResolverRule": rules[rule_id]}


def _delete_rule(asked: Document) -> Document:
    rule = _known(rules, asked["ResolverRuleId"], "resolver rule")
    if any(each["ResolverRuleId"] == rule["Id"] for each in associations.values()):
        raise RefusedError("ResourceInUseException", f"The resolver rule {rule['Id']} is associated with VPCs")
    del rules[rule["Id"]]
    return {"ResolverRule": {**rule, "Status": "DELETING"}}


def _associate(asked: Document) -> Document:
    association = {
        "Id": new_id("rslvr-rrassoc"),
        "ResolverRuleId": asked["ResolverRuleId"],
        "VPCId": asked["VPCId"],
        "Status": "COMPLETE",
    }
    associations[association["Id"]] = association
    return {"ResolverRuleAssociation": association}


def _disassociate(asked: Document) -> Document:
    wanted = (asked["ResolverRuleId"], asked["VPCId"])
    found = next((each for each in associations.values() if (each["ResolverRuleId"], each["VPCId"]) == wanted), None)
    if found is None:
        raise RefusedError("ResourceNotFoundException", f"The rule {wanted[0]} is not associated with {wanted[1]}")
    del associations[found["Id"]]
    return {"ResolverRuleAssociation": {**found, "Status": "DELETING"}}


def _list_associations(asked: Document) -> Document:
    return {"ResolverRuleAssociations": _filtered(associations.values(), asked, ("VPCId",)), "MaxResults": 100}


# --- Endpoints ---


def _create_endpoint(asked: Document) -> Document:
    addresses, groups = asked.get("IpAddresses") or [], list(asked.get("SecurityGroupIds") or [])
    vpc_id = _checked_vpc(addresses, groups)
    direction = asked["Direction"]
    endpoint_id = new_id(_PREFIXES.get(direction, "rslvr-in"))
    now = _now()
    endpoint = {
        "Id": endpoint_id,
        "CreatorRequestId": asked.get("CreatorRequestId", endpoint_id),
        "Arn": _arn("resolver-endpoint", endpoint_id),
        "Name": asked.get("Name", ""),
        "SecurityGroupIds": groups,
        "Direction": direction,
        "HostVPCId": vpc_id,
        "Status": "OPERATIONAL",
        "StatusMessage": "This Resolver Endpoint is operational.",
        "CreationTime": now,
        "ModificationTime": now,
        "ResolverEndpointType": asked.get("ResolverEndpointType") or "IPV4",
        "Protocols": list(asked.get("Protocols") or ["Do53"]),
        "Tags": list(asked.get("Tags") or []),
        "_addresses": dict[str, Document](),
    }
    _place(endpoint, addresses)
    endpoints[endpoint_id] = endpoint
    return {"ResolverEndpoint": _shown(endpoint)}


def _delete_endpoint(asked: Document) -> Document:
    endpoint = _known(endpoints, asked["ResolverEndpointId"], "resolver endpoint")
    if any(rule.get("ResolverEndpointId") == endpoint["Id"] for rule in rules.values()):
        raise RefusedError("InvalidRequestException", f"A resolver rule uses the endpoint {endpoint['Id']}")
    interfaces.remove([each["_interface"] for each in endpoint["_addresses"].values()])
    del endpoints[endpoint["Id"]]
    return {"ResolverEndpoint": {**_shown(endpoint), "Status": "DELETING"}}


def _checked_vpc(addresses: list[Document], groups: list[str]) -> str:
    if len(addresses) < LEAST_ADDRESSES:
        raise RefusedError("InvalidRequestException", f"An endpoint needs {LEAST_ADDRESSES} IP addresses")
    vpcs = set[str]()
    for each in addresses:
        subnet = ec2._subnets.get(each["SubnetId"])
        if subnet is None:
            raise RefusedError("ResourceNotFoundException", f"The subnet {each['SubnetId']} does not exist")
        vpcs.add(subnet["VpcId"])
    if len(vpcs) > 1:
        raise RefusedError("InvalidParameterException", "The subnets of a resolver endpoint must be in one VPC")
    (vpc_id,) = vpcs
    for group_id in groups:
        if ec2._security_groups.get(group_id, {}).get("VpcId") != vpc_id:
            raise RefusedError("InvalidParameterException", f"The security group {group_id} is not in {vpc_id}")
    return vpc_id


def _place(endpoint: Document, addresses: list[Document]) -> None:
    """Give an endpoint the wanted addresses, and keep those that it has already."""
    with_ipv4 = endpoint["ResolverEndpointType"] != "IPV6"
    placed, left = endpoint["_addresses"], dict(endpoint["_addresses"])
    for wanted in addresses:
        asked = (wanted["SubnetId"], wanted.get("Ip"), wanted.get("Ipv6"))
        kept = next((ip_id for ip_id, each in left.items() if each["_asked"] == asked), None)
        if kept:
            del left[kept]
            continue
        ip_id = new_id("rni")
        description = f"Route 53 Resolver: {endpoint['Id']}:{ip_id}"
        try:
            interface_id = interfaces.new_interface(wanted["SubnetId"], description, address=wanted.get("Ip") or "")
        except ValueError as error:
            raise RefusedError("InvalidParameterException", str(error)) from None
        interface = ec2._network_interfaces[interface_id]
        interface["Groups"] = [{"GroupId": each, "GroupName": each} for each in endpoint["SecurityGroupIds"]]
        if endpoint["ResolverEndpointType"] != "IPV4":
            if not ec2._subnets[wanted["SubnetId"]].get("Ipv6CidrBlock"):
                raise RefusedError("InvalidParameterException", f"{wanted['SubnetId']} has no IPv6 CIDR block")
            interfaces.address_ipv6(interface, wanted=True, address=wanted.get("Ipv6") or "")
        placed[ip_id] = {
            "IpId": ip_id,
            "SubnetId": wanted["SubnetId"],
            **({"Ip": interface["PrivateIpAddress"]} if with_ipv4 else {}),
            **({"Ipv6": interface["Ipv6Addresses"][0]} if interface.get("Ipv6Addresses") else {}),
            "Status": "ATTACHED",
            "StatusMessage": "This IP address is operational.",
            "CreationTime": _now(),
            "ModificationTime": _now(),
            "_interface": interface_id,
            "_asked": asked,
        }
    for ip_id, each in left.items():
        interfaces.remove([each["_interface"]])
        del placed[ip_id]
    endpoint["IpAddressCount"] = len(placed)


def _shown(record: Document) -> Document:
    return {key: each for key, each in record.items() if not key.startswith("_") and key != "Tags"}


def _list_endpoints(asked: Document) -> Document:
    found = _filtered(endpoints.values(), asked, ("Direction", "HostVPCId", "Name"))
    return {"ResolverEndpoints": [_shown(each) for each in found], "MaxResults": 100}


def _list_addresses(asked: Document) -> Document:
    endpoint = _known(endpoints, asked["ResolverEndpointId"], "resolver endpoint")
    return {"IpAddresses": [_shown(each) for each in endpoint["_addresses"].values()], "MaxResults": 100}


def _list_tags(asked: Document) -> Document:
    found = next((each for each in endpoints.values() if each["Arn"] == asked["ResourceArn"]), None)
    return {"Tags": found["Tags"] if found else []}


_CALLS: Final[dict[str, Callable[[Document], Document]]] = {
    "CreateResolverRule": _create_rule,
    "GetResolverRule": lambda asked: {"ResolverRule": _known(rules, asked["ResolverRuleId"], "resolver rule")},
    "DeleteResolverRule": _delete_rule,
    "AssociateResolverRule": _associate,
    "DisassociateResolverRule": _disassociate,
    "ListResolverRules": lambda _: {"ResolverRules": list(rules.values()), "MaxResults": 100},
    "ListResolverRuleAssociations": _list_associations,
    "CreateResolverEndpoint": _create_endpoint,
    "GetResolverEndpoint": lambda asked: {
        "ResolverEndpoint": _shown(_known(endpoints, asked["ResolverEndpointId"], "resolver endpoint"))
    },
    "ListResolverEndpoints": _list_endpoints,
    "ListResolverEndpointIpAddresses": _list_addresses,
    "DeleteResolverEndpoint": _delete_endpoint,
    "ListTagsForResource": _list_tags,
}


# --- In templates ---


def _attributes(endpoint: Document) -> Attributes:
    names = ("Arn", "Direction", "HostVPCId", "IpAddressCount", "Name")
    return {"ResolverEndpointId": endpoint["Id"], **{name: endpoint[name] for name in names}}


def _create_resource(_: str, properties: Properties, *__: Any) -> tuple[str, Attributes]:
    made = _create_endpoint(dict(properties))["ResolverEndpoint"]
    return made["Id"], _attributes(made)


def _delete_resource(physical_id: str, *_: Any) -> None:
    if physical_id in endpoints:
        _delete_endpoint({"ResolverEndpointId": physical_id})


def _update_resource(physical_id: str, old: Properties, new: Properties, *_: Any) -> tuple[str, Attributes]:
    if any(old.get(name) != new.get(name) for name in _CREATE_ONLY):
        return replacement(_create_resource, _delete_resource)(physical_id, old, new)
    endpoint = endpoints[physical_id]
    addresses = list(new["IpAddresses"])
    _checked_vpc(addresses, endpoint["SecurityGroupIds"])
    endpoint.update(
        Name=new.get("Name", ""),
        ResolverEndpointType=new.get("ResolverEndpointType") or "IPV4",
        Protocols=list(new.get("Protocols") or ["Do53"]),
        Tags=list(new.get("Tags") or []),
        ModificationTime=_now(),
    )
    _place(endpoint, addresses)
    return physical_id, _attributes(endpoint)


def _read(physical_id: str, _: Properties) -> Attributes | None:
    endpoint = endpoints.get(physical_id)
    if endpoint is None:
        return None
    read = {name: endpoint[name] for name in ("Name", "SecurityGroupIds", "ResolverEndpointType")}
    return {**read, "Tags": {each["Key"]: each["Value"] for each in endpoint["Tags"]}}


# --- Common ---


def _known(store: AccountRegionScopedDict, wanted: str, what: str) -> Document:
    found: Document | None = store.get(wanted)
    if found is None:
        raise RefusedError("ResourceNotFoundException", f"The {what} {wanted} does not exist")
    return found


def _filtered(records: Iterable[Document], asked: Document, names: tuple[str, ...]) -> list[Document]:
    filters = {each["Name"]: each["Values"] for each in asked.get("Filters") or [] if each["Name"] in names}
    return [each for each in records if all(each.get(name) in values for name, values in filters.items())]


def _arn(kind: str, resource_id: str) -> str:
    return f"arn:aws:route53resolver:{get_region()}:{get_account_id()}:{kind}/{resource_id}"


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
