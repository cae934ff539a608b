"""IPv6 address ranges of VPCs and subnets."""

import ipaddress
import random
from typing import Any

from ministack.services import ec2
from ministack.services.cloudformation import _stacks

from pinekeep.emulator.extensions.patching import (
    HANDLERS,
    Attributes,
    Properties,
    after_provisioning,
    items,
    new_id,
    replacement,
)

Record = dict[str, Any]
_TRUE = "true"


def ipv6_blocks() -> None:
    """Gap: VPCs and subnets have no IPv6 ranges.

    On AWS a VPC gets one that Amazon provides, by its creation, AssociateVpcCidrBlock or `AWS::EC2::VPCCidrBlock`, and
    a subnet a /64 of it. Both are described, and returned by `Fn::GetAtt`. Ranges of one's own are not supported here.
    """
    _describe("_vpc_fields_xml", "vpc-cidr-assoc")
    _describe("_subnet_fields_xml", "subnet-cidr-assoc")
    create_vpc, create_subnet = ec2._ACTION_MAP["CreateVpc"], ec2._ACTION_MAP["CreateSubnet"]

    def create_vpc_with_ipv6(parameters: Record) -> Any:
        before = set(ec2._vpcs)
        answer = create_vpc(parameters)
        if ec2._p(parameters, "AmazonProvidedIpv6CidrBlock") == _TRUE:
            for vpc_id in set(ec2._vpcs) - before:
                _provide(vpc_id)
                return ec2._xml(200, "CreateVpcResponse", ec2._vpc_fields_xml(ec2._vpcs[vpc_id], tag="vpc"))
        return answer

    def create_subnet_with_ipv6(parameters: Record) -> Any:
        before = set(ec2._subnets)
        answer = create_subnet(parameters)
        for subnet_id in set(ec2._subnets) - before if ec2._p(parameters, "Ipv6CidrBlock") else ():
            try:
                _assign(subnet_id, ec2._p(parameters, "Ipv6CidrBlock"))
            except ValueError as error:
                del ec2._subnets[subnet_id]
                return ec2._error("InvalidSubnet.Range", str(error), 400)
            fields = ec2._subnet_fields_xml(ec2._subnets[subnet_id], tag="subnet")
            return ec2._xml(200, "CreateSubnetResponse", fields)
        return answer

    ec2._ACTION_MAP.update(
        CreateVpc=create_vpc_with_ipv6,
        CreateSubnet=create_subnet_with_ipv6,
        AssociateVpcCidrBlock=_associate_vpc,
        AssociateSubnetCidrBlock=_associate_subnet,
    )
    HANDLERS["AWS::EC2::VPCCidrBlock"] = _handler("VpcId", "VPC")
    HANDLERS["AWS::EC2::SubnetCidrBlock"] = _handler("SubnetId", "subnet")
    after_provisioning("AWS::EC2::Subnet", _complete_subnet)


def _provide(vpc_id: str) -> str:
    """Give a VPC the range that Amazon provides, and return it."""
    vpc = ec2._vpcs[vpc_id]
    if not vpc.get("Ipv6CidrBlock"):
        first = 0x2600_1F10 << 96 | random.getrandbits(40) << 72
        vpc["Ipv6CidrBlock"] = str(ipaddress.IPv6Network((first, 56)))
        for stack in _stacks.values():
            for record in stack.get("_resources", {}).values():
                if record.get("PhysicalResourceId") == vpc_id:
                    record["Attributes"]["Ipv6CidrBlocks"] = [vpc["Ipv6CidrBlock"]]
    return str(vpc["Ipv6CidrBlock"])


def _assign(subnet_id: str, block: str) -> None:
    """Give a subnet a range. Raises ValueError if it is not a free /64 of the VPC's."""
    subnet = ec2._subnets[subnet_id]
    of_vpc = ec2._vpcs.get(subnet["VpcId"], {}).get("Ipv6CidrBlock")
    wanted = ipaddress.IPv6Network(block)
    taken = {each.get("Ipv6CidrBlock") for each in ec2._subnets.values() if each is not subnet}
    if not of_vpc or not wanted.subnet_of(ipaddress.IPv6Network(of_vpc)) or str(wanted) in taken:
        raise ValueError(f"The IPv6 CIDR block {block} is not free in {subnet['VpcId']}, which has {of_vpc or 'none'}")
    subnet["Ipv6CidrBlock"] = str(wanted)


def _complete_subnet(physical_id: str, attributes: Attributes, properties: Properties) -> Attributes:
    if not properties.get("Ipv6CidrBlock"):
        return {**attributes, "Ipv6CidrBlocks": []}
    try:
        _assign(physical_id, properties["Ipv6CidrBlock"])
    except ValueError:
        if not ec2._subnets[physical_id].get("Ipv6CidrBlock"):
            ec2._subnets.pop(physical_id)
        raise
    return {**attributes, "Ipv6CidrBlocks": [properties["Ipv6CidrBlock"]]}


def _handler(key: str, what: str) -> dict[str, Any]:
    store = ec2._vpcs if key == "VpcId" else ec2._subnets

    def create(_: str, properties: Properties, *__: Any) -> tuple[str, Attributes]:
        if properties[key] not in store:
            raise ValueError(f"The {what} {properties[key]} does not exist")
        if key == "SubnetId":
            _assign(properties[key], properties["Ipv6CidrBlock"])
        elif properties.get("AmazonProvidedIpv6CidrBlock"):
            _provide(properties[key])
        else:
            raise ValueError("only a range that Amazon provides is supported here")
        association_id = new_id("vpc-cidr-assoc" if key == "VpcId" else "subnet-cidr-assoc")
        return association_id, {"Id": association_id}

    def delete(_: str, properties: Properties, *__: Any) -> None:
        if record := store.get(properties.get(key)):
            record.pop("Ipv6CidrBlock", None)

    return {"create": create, "update": replacement(create, delete), "delete": delete}


def _associate_vpc(parameters: Record) -> Any:
    vpc_id = ec2._p(parameters, "VpcId")
    if vpc_id not in ec2._vpcs:
        return ec2._error("InvalidVpcID.NotFound", f"The vpc ID '{vpc_id}' does not exist", 400)
    if ec2._p(parameters, "AmazonProvidedIpv6CidrBlock") != _TRUE:
        return ec2._error("InvalidParameterValue", "Only a range that Amazon provides is supported here", 400)
    inner = f"<vpcId>{vpc_id}</vpcId><ipv6CidrBlockAssociation>{_association(_provide(vpc_id), 'vpc-cidr-assoc')}"
    return ec2._xml(200, "AssociateVpcCidrBlockResponse", f"{inner}</ipv6CidrBlockAssociation>")


def _associate_subnet(parameters: Record) -> Any:
    subnet_id, block = ec2._p(parameters, "SubnetId"), ec2._p(parameters, "Ipv6CidrBlock")
    if subnet_id not in ec2._subnets:
        return ec2._error("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist", 400)
    try:
        _assign(subnet_id, block)
    except ValueError as error:
        return ec2._error("InvalidSubnet.Range", str(error), 400)
    inner = f"<subnetId>{subnet_id}</subnetId><ipv6CidrBlockAssociation>{_association(block, 'subnet-cidr-assoc')}"
    return ec2._xml(200, "AssociateSubnetCidrBlockResponse", f"{inner}</ipv6CidrBlockAssociation>")


def _association(block: str, prefix: str) -> str:
    state = "<ipv6CidrBlockState><state>associated</state></ipv6CidrBlockState>"
    return f"<associationId>{new_id(prefix)}</associationId><ipv6CidrBlock>{block}</ipv6CidrBlock>{state}"


def _describe(fields: str, prefix: str) -> None:
    describe = getattr(ec2, fields)

    def described(record: Record, tag: str = "item") -> str:
        blocks = [_association(record["Ipv6CidrBlock"], prefix)] if record.get("Ipv6CidrBlock") else []
        xml = str(describe(record, tag)).rstrip().removesuffix(f"</{tag}>")
        return f"{xml}<ipv6CidrBlockAssociationSet>{items(blocks)}</ipv6CidrBlockAssociationSet></{tag}>"

    setattr(ec2, fields, described)
