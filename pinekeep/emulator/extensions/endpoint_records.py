"""An interface endpoint's DNS names, network interfaces and other fields, in the emulator's own record."""

import ipaddress
import json
import random
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2

from pinekeep.emulator.extensions.patching import HEX, items, new_id

# The hosted zone of endpoints' own names in us-east-1; other Regions have others, which nothing here needs.
ENDPOINT_ZONE = "Z7HUB22UULQXV"
PRIVATE_NAME_ZONE = "Z06LOCALPRIVATEDNS"
FIRST_FREE_ADDRESS = 10
FULL_ACCESS = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}'

Record = dict[str, Any]


def problem(endpoint: Record) -> str | None:
    """Return why AWS would refuse an endpoint; None where it would not."""
    if not (_is_interface(endpoint) and _private_dns(endpoint)):
        return None
    vpc_id, service = endpoint["VpcId"], endpoint["ServiceName"]
    vpc = ec2._vpcs.get(vpc_id, {})
    if not (vpc.get("EnableDnsSupport", True) and vpc.get("EnableDnsHostnames", False)):
        return (
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames "
            f"VPC attributes set to true for {vpc_id}"
        )
    others = (each for each in ec2._vpc_endpoints.values() if each is not endpoint and _private_dns(each))
    if any((each["VpcId"], each["ServiceName"]) == (vpc_id, service) for each in others):
        return (
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
            f"{service} in the VPC {vpc_id}"
        )
    return None


def is_completed(endpoint: Record) -> bool:
    """Tell whether `complete` was called for an endpoint."""
    return "DnsEntries" in endpoint and "_label" in endpoint


def complete(endpoint: Record, services: Mapping[str, str]) -> None:
    """Set an endpoint's groups, network interfaces and DNS names, on creation and after a change."""
    endpoint.setdefault("CreationTimestamp", ec2._now_ts())
    if not _is_interface(endpoint):
        return
    if not endpoint.get("SecurityGroupIds"):
        default = ec2._vpcs.get(endpoint["VpcId"], {}).get("DefaultSecurityGroupId")
        endpoint["SecurityGroupIds"] = [default] if default else []
    _place_interfaces(endpoint)
    endpoint.setdefault("_label", "".join(random.choices(HEX, k=8)))  # noqa: S311 - a name, not a secret
    service = endpoint["ServiceName"].rsplit(".", 1)[-1]
    region = get_region()
    zones = sorted(str(ec2._subnets[s]["AvailabilityZone"]) for s in endpoint["SubnetIds"] if s in ec2._subnets)
    first = f"{endpoint['VpcEndpointId']}-{endpoint['_label']}"
    hosts = [first, *(f"{first}-{zone}" for zone in zones)]
    entries = [f"{ENDPOINT_ZONE}:{host}.{service}.{region}.vpce.amazonaws.com" for host in hosts]
    private_name = services.get(endpoint["ServiceName"])
    if private_name and _private_dns(endpoint):
        entries.append(f"{PRIVATE_NAME_ZONE}:{private_name}")
    endpoint["DnsEntries"] = entries


def _place_interfaces(endpoint: Record) -> None:
    placed: dict[str, str] = endpoint.setdefault("_interfaces", {})
    for subnet_id in set(placed) - set(endpoint["SubnetIds"]):
        ec2._network_interfaces.pop(placed.pop(subnet_id), None)
    for subnet_id in endpoint["SubnetIds"]:
        if subnet_id not in placed:
            placed[subnet_id] = _new_interface(endpoint["VpcEndpointId"], subnet_id)
        interface = ec2._network_interfaces[placed[subnet_id]]
        interface["Groups"] = [_group(group_id) for group_id in endpoint["SecurityGroupIds"]]
    endpoint["NetworkInterfaceIds"] = list(placed.values())


def _new_interface(endpoint_id: str, subnet_id: str) -> str:
    subnet = ec2._subnets.get(subnet_id)
    if subnet is None:
        raise ValueError(f"The subnet ID '{subnet_id}' does not exist")
    interface_id = new_id("eni")
    taken = {known["PrivateIpAddress"] for known in ec2._network_interfaces.values()}
    network = ipaddress.ip_network(subnet["CidrBlock"])
    free = (str(network[n]) for n in range(FIRST_FREE_ADDRESS, network.num_addresses - 1))
    ec2._network_interfaces[interface_id] = {
        "NetworkInterfaceId": interface_id,
        "SubnetId": subnet_id,
        "VpcId": subnet["VpcId"],
        "AvailabilityZone": subnet["AvailabilityZone"],
        "Description": f"VPC Endpoint Interface {endpoint_id}",
        "OwnerId": get_account_id(),
        "Status": "in-use",
        "PrivateIpAddress": next(address for address in free if address not in taken),
        "InterfaceType": "vpc_endpoint",
        "SourceDestCheck": False,
        "MacAddress": "02:00:00:00:00:01",
        "Groups": [],
        "Attachment": None,
    }
    return interface_id


def remove_interfaces(endpoint_id: str) -> None:
    """Delete the network interfaces of an endpoint before its deletion."""
    for interface_id in ec2._vpc_endpoints.get(endpoint_id, {}).get("NetworkInterfaceIds") or []:
        ec2._network_interfaces.pop(interface_id, None)


def _is_interface(endpoint: Record) -> bool:
    return bool(endpoint["VpcEndpointType"] == "Interface")


def _private_dns(endpoint: Record) -> bool:
    return str(endpoint.get("PrivateDnsEnabled", False)).lower() == "true"


def _group(group_id: str) -> dict[str, str]:
    return {"GroupId": group_id, "GroupName": ec2._security_groups.get(group_id, {}).get("GroupName", group_id)}


def more_fields(endpoint: Record) -> str:
    """Return the fields of DescribeVpcEndpoints that the emulator omits, as XML."""
    dns = items(
        [
            f"<dnsName>{name}</dnsName><hostedZoneId>{zone}</hostedZoneId>"
            for zone, _, name in (entry.partition(":") for entry in endpoint.get("DnsEntries") or [])
        ]
    )
    groups = items(
        [
            f"<groupId>{group['GroupId']}</groupId><groupName>{escape(group['GroupName'])}</groupName>"
            for group in map(_group, endpoint.get("SecurityGroupIds") or [])
        ]
    )
    policy = endpoint.get("PolicyDocument") or FULL_ACCESS
    if not isinstance(policy, str):
        policy = json.dumps(policy)
    return (
        f"<dnsEntrySet>{dns}</dnsEntrySet><groupSet>{groups}</groupSet>"
        f"<networkInterfaceIdSet>{items(endpoint.get('NetworkInterfaceIds') or [])}</networkInterfaceIdSet>"
        f"<privateDnsEnabled>{str(_private_dns(endpoint)).lower()}</privateDnsEnabled>"
        f"<policyDocument>{escape(policy)}</policyDocument><ipAddressType>ipv4</ipAddressType>"
        f"<creationTimestamp>{endpoint.get('CreationTimestamp', '')}</creationTimestamp>"
        "<requesterManaged>false</requesterManaged>"
    )
