"""An interface endpoint's DNS names, network interfaces and other fields, in the emulator's own record."""

import json
import random
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.responses import get_region
from ministack.services import ec2

from pinekeep.emulator.extensions import interfaces, offers, private_names
from pinekeep.emulator.extensions.patching import HEX, items
from pinekeep.emulator.services import EndpointService

# The hosted zone of endpoints' own names in us-east-1; other Regions have others, which nothing here needs.
ENDPOINT_ZONE = "Z7HUB22UULQXV"
FIRST_FREE_ADDRESS = 10
FULL_ACCESS = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}'
INVALID = "InvalidParameter"

Record = dict[str, Any]
Refusal = tuple[str, str]


def refusal(endpoint: Record) -> Refusal | None:
    """Return the code and message with which AWS refuses an endpoint, or a change of it; None where it does not."""
    if not _is_interface(endpoint):
        return None
    service = offers.service_of(endpoint["ServiceName"], endpoint.get("ServiceRegion") or get_region())
    if service is None:
        return "InvalidServiceName", f"The Vpc Endpoint Service '{endpoint['ServiceName']}' does not exist"
    return _refused_subnet(endpoint, service) or _refused_private_dns(endpoint, service)


def _refused_subnet(endpoint: Record, service: EndpointService) -> Refusal | None:
    name, ip_type = endpoint["ServiceName"], ip_address_type(endpoint)
    if ip_type not in service.ip_address_types:
        return INVALID, f"The VPC endpoint service {name} does not support the IP address type {ip_type}."
    zones = set[str]()
    for subnet_id in endpoint["SubnetIds"]:
        subnet = ec2._subnets.get(subnet_id)
        if subnet is None:
            return "InvalidSubnetId.NotFound", f"The subnet ID '{subnet_id}' does not exist"
        if service.zone_ids and subnet["AvailabilityZoneId"] not in service.zone_ids:
            return INVALID, (
                f"The VPC endpoint service {name} does not support the availability zone of the subnet: {subnet_id}."
            )
        if subnet["AvailabilityZoneId"] in zones:
            return "DuplicateSubnetsInSameZone", (
                f"Found another VPC endpoint subnet in the availability zone of {subnet_id}"
            )
        zones.add(subnet["AvailabilityZoneId"])
        if ip_type != "ipv4" and not subnet.get("Ipv6CidrBlock"):
            return INVALID, f"The subnet {subnet_id} does not have an IPv6 CIDR block, which {ip_type} requires."
    return None


def _refused_private_dns(endpoint: Record, service: EndpointService) -> Refusal | None:
    if not _private_dns(endpoint):
        return None
    vpc_id, name = endpoint["VpcId"], endpoint["ServiceName"]
    vpc = ec2._vpcs.get(vpc_id, {})
    if not (vpc.get("EnableDnsSupport", True) and vpc.get("EnableDnsHostnames", False)):
        return INVALID, (
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames "
            f"VPC attributes set to true for {vpc_id}"
        )
    if offers.is_third_party(name) and not service.private_dns_name:
        message = f"Private DNS can't be enabled because the service {name} does not provide a private DNS name."
        return INVALID, message
    if state_of(endpoint, service) != "available":
        return INVALID, (
            f"Private DNS can't be enabled for {endpoint['VpcEndpointId']} before the service {name} accepts it."
        )
    others = (each for each in ec2._vpc_endpoints.values() if each is not endpoint and _private_dns(each))
    domain = (service.private_dns_name or "").removeprefix("*.")
    taken = domain and private_names.conflicting(domain, vpc_id, get_region(), besides=endpoint.get("_zone_id", ""))
    if taken or any((each["VpcId"], each["ServiceName"]) == (vpc_id, name) for each in others):
        return INVALID, (
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
            f"{domain or name} in the VPC {vpc_id}"
        )
    return None


def is_completed(endpoint: Record) -> bool:
    """Tell whether `complete` was called for an endpoint."""
    return "DnsEntries" in endpoint and "_label" in endpoint


def ip_address_type(endpoint: Record) -> str:
    """Return the endpoint's IP address type."""
    return str(endpoint.get("IpAddressType") or "ipv4")


def state_of(endpoint: Record, service: EndpointService) -> str:
    """Return the state of an endpoint: the one that its provider decided on, or that of a new one."""
    if "_decided" in endpoint:
        return str(endpoint["_decided"])
    if is_completed(endpoint):
        return str(endpoint["State"])
    return "pendingAcceptance" if service.acceptance_required else "available"


def complete(endpoint: Record) -> None:
    """Set an endpoint's state, groups, network interfaces and DNS names, on creation and after a change."""
    endpoint.setdefault("CreationTimestamp", ec2._now_ts())
    if not _is_interface(endpoint):
        return
    service_region = endpoint.get("ServiceRegion") or get_region()
    offer = offers.service_of(endpoint["ServiceName"], service_region) or EndpointService()
    endpoint["State"] = state_of(endpoint, offer)
    if not endpoint.get("SecurityGroupIds"):
        default = ec2._vpcs.get(endpoint["VpcId"], {}).get("DefaultSecurityGroupId")
        endpoint["SecurityGroupIds"] = [default] if default else []
    _place_interfaces(endpoint)
    endpoint.setdefault("_label", "".join(random.choices(HEX, k=8)))  # noqa: S311 - a name, not a secret
    endpoint.setdefault("_zone_id", "Z0" + "".join(random.choices(HEX, k=19)).upper())  # noqa: S311
    service = endpoint["ServiceName"].rsplit(".", 1)[-1]
    zones = sorted(str(ec2._subnets[s]["AvailabilityZone"]) for s in endpoint["SubnetIds"] if s in ec2._subnets)
    first = f"{endpoint['VpcEndpointId']}-{endpoint['_label']}"
    hosts = [first, *(f"{first}-{zone}" for zone in zones)]
    entries = [f"{ENDPOINT_ZONE}:{host}.{service}.{service_region}.vpce.amazonaws.com" for host in hosts]
    endpoint["_private_name"] = offer.private_dns_name if _private_dns(endpoint) else None
    if endpoint["_private_name"]:
        entries.append(f"{endpoint['_zone_id']}:{endpoint['_private_name']}")
    endpoint["DnsEntries"] = entries


def _place_interfaces(endpoint: Record) -> None:
    placed: dict[str, str] = endpoint.setdefault("_interfaces", {})
    for subnet_id in set(placed) - set(endpoint["SubnetIds"]):
        ec2._network_interfaces.pop(placed.pop(subnet_id), None)
    for subnet_id in endpoint["SubnetIds"]:
        if subnet_id not in placed:
            description = f"VPC Endpoint Interface {endpoint['VpcEndpointId']}"
            placed[subnet_id] = interfaces.new_interface(subnet_id, description, kind="vpc_endpoint")
        interface = ec2._network_interfaces[placed[subnet_id]]
        interface["Groups"] = [_group(group_id) for group_id in endpoint["SecurityGroupIds"]]
        interfaces.address_ipv6(interface, wanted=ip_address_type(endpoint) != "ipv4")
    endpoint["NetworkInterfaceIds"] = list(placed.values())


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
        f"<policyDocument>{escape(policy)}</policyDocument>{_address_fields(endpoint)}"
        f"<creationTimestamp>{endpoint.get('CreationTimestamp', '')}</creationTimestamp>"
        "<requesterManaged>false</requesterManaged>"
    )


def _address_fields(endpoint: Record) -> str:
    ip_type = ip_address_type(endpoint)
    asked = endpoint.get("DnsOptions") or {}
    return (
        f"<ipAddressType>{ip_type}</ipAddressType>"
        f"<dnsOptions><dnsRecordIpType>{asked.get('DnsRecordIpType') or ip_type}</dnsRecordIpType></dnsOptions>"
        f"<serviceRegion>{endpoint.get('ServiceRegion') or get_region()}</serviceRegion>"
    )
