"""Network interfaces that AWS places into subnets for endpoints."""

import ipaddress
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import ec2

from pinekeep.emulator.extensions.patching import items, new_id

FIRST_FREE_ADDRESS = 10
Record = dict[str, Any]


def interface_fields() -> None:
    """Gap: DescribeNetworkInterfaces has no IPv6 addresses and ignores its filters.

    The filters here are those by VPC, subnet, description and interface type, and by the ID itself.
    """
    fields = ec2._eni_fields_xml

    def all_fields(interface: Record, tag: str = "item") -> str:
        addresses = [f"<ipv6Address>{each}</ipv6Address>" for each in interface.get("Ipv6Addresses") or []]
        xml = str(fields(interface, tag)).rstrip().removesuffix(f"</{tag}>")
        return f"{xml}<ipv6AddressesSet>{items(addresses)}</ipv6AddressesSet></{tag}>"

    describe = ec2._ACTION_MAP["DescribeNetworkInterfaces"]

    def described(parameters: dict[str, Any]) -> Any:
        asked = ec2._parse_member_list(parameters, "NetworkInterfaceId")
        missing = [each for each in asked if each not in ec2._network_interfaces]
        if missing:
            message = f"The networkInterface ID '{missing[0]}' does not exist"
            return ec2._error("InvalidNetworkInterfaceID.NotFound", message, 400)
        filters = {
            _FILTERS[name]: values for name, values in ec2._parse_filters(parameters).items() if name in _FILTERS
        }
        found = [
            interface_id
            for interface_id, each in ec2._network_interfaces.items()
            if (not asked or interface_id in asked) and all(each[field] in filters[field] for field in filters)
        ]
        if not found:
            return ec2._xml(200, "DescribeNetworkInterfacesResponse", "<networkInterfaceSet/>")
        return describe({f"NetworkInterfaceId.{n}": [each] for n, each in enumerate(found, start=1)})

    ec2._eni_fields_xml = all_fields
    ec2._ACTION_MAP["DescribeNetworkInterfaces"] = described


_FILTERS = {
    "vpc-id": "VpcId",
    "subnet-id": "SubnetId",
    "description": "Description",
    "interface-type": "InterfaceType",
    "network-interface-id": "NetworkInterfaceId",
}


def new_interface(subnet_id: str, description: str, *, kind: str = "interface", address: str = "") -> str:
    """Place a network interface into a subnet and return its ID. ``address``: the one wanted, the next free if none.

    Raises ValueError for an unknown subnet, and for an address that is taken or not in the subnet.
    """
    subnet = ec2._subnets.get(subnet_id)
    if subnet is None:
        raise ValueError(f"The subnet ID '{subnet_id}' does not exist")
    taken = {known["PrivateIpAddress"] for known in ec2._network_interfaces.values() if known["SubnetId"] == subnet_id}
    network = ipaddress.ip_network(subnet["CidrBlock"])
    if address and (ipaddress.ip_address(address) not in network or address in taken):
        raise ValueError(f"The address {address} is not free in the subnet {subnet_id}, which has {network}")
    free = (str(network[n]) for n in range(min(FIRST_FREE_ADDRESS, network.num_addresses - 2), network.num_addresses))
    interface_id = new_id("eni")
    ec2._network_interfaces[interface_id] = {
        "NetworkInterfaceId": interface_id,
        "SubnetId": subnet_id,
        "VpcId": subnet["VpcId"],
        "AvailabilityZone": subnet["AvailabilityZone"],
        "Description": description,
        "OwnerId": get_account_id(),
        "Status": "in-use",
        "PrivateIpAddress": address or next(each for each in free if each not in taken),
        "InterfaceType": kind,
        "SourceDestCheck": False,
        "MacAddress": "02:00:00:00:00:01",
        "Groups": [],
        "Attachment": None,
    }
    return interface_id


def address_ipv6(interface: Record, *, wanted: bool, address: str = "") -> None:
    """Give an interface an IPv6 address of its subnet, or take it away. ``address``: the one wanted, or the next."""
    if not wanted:
        interface["Ipv6Addresses"] = list[str]()
        return
    if interface.get("Ipv6Addresses"):
        return
    network = ipaddress.ip_network(ec2._subnets[interface["SubnetId"]]["Ipv6CidrBlock"])
    taken = {each for known in ec2._network_interfaces.values() for each in known.get("Ipv6Addresses") or []}
    free = (str(network[n]) for n in range(FIRST_FREE_ADDRESS, network.num_addresses))
    interface["Ipv6Addresses"] = [address or next(each for each in free if each not in taken)]


def remove(interface_ids: list[str]) -> None:
    """Delete network interfaces."""
    for interface_id in interface_ids:
        ec2._network_interfaces.pop(interface_id, None)
