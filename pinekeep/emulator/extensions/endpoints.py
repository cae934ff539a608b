"""Interface endpoints (PrivateLink)."""

import copy
from collections.abc import Iterable
from typing import Any

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from pinekeep.emulator.extensions import endpoint_records
from pinekeep.emulator.extensions.endpoint_records import Record
from pinekeep.emulator.extensions.patching import Attributes, Properties, after_provisioning, before_deletion

ENDPOINT = "AWS::EC2::VPCEndpoint"
_FROM_TEMPLATE = ("IpAddressType", "DnsOptions", "ServiceRegion")


def interface_endpoints() -> None:
    """Gap: an interface endpoint has no DNS names, groups, network interfaces or private DNS flag.

    AWS returns `DnsEntries` (the Regional name, one for each zone, and the service's private name with private
    DNS), one network interface for each subnet, and the default group if none is given. DescribeVpcEndpoints
    returns all of it, supports filters and refuses unknown IDs. An endpoint is refused in zones and with IP address
    types that its service does not support, and with two subnets in one zone. Private DNS is refused in a VPC without
    both DNS attributes, where another endpoint or a hosted zone has the name, and before the service accepts the
    endpoint. CreateVpcEndpoint and ModifyVpcEndpoint set and refuse the same.
    """

    def complete(physical_id: str, attributes: Attributes, properties: Properties) -> Attributes:
        endpoint = ec2._vpc_endpoints[physical_id]
        endpoint.update({name: properties.get(name) for name in _FROM_TEMPLATE})
        if refused := endpoint_records.refusal(endpoint):
            if not endpoint_records.is_completed(endpoint):
                ec2._vpc_endpoints.pop(physical_id)  # never created, so nobody else would delete it
            raise ValueError(refused[1])
        endpoint_records.complete(endpoint)
        return {**attributes, **provisioners._ec2_vpc_endpoint_attributes(endpoint)}

    after_provisioning(ENDPOINT, complete)
    before_deletion(ENDPOINT, endpoint_records.remove_interfaces)
    _extend_calls()
    fields = ec2._vpce_fields_xml

    def all_fields(endpoint: Record, tag: str = "item") -> str:
        xml = str(fields(endpoint, tag)).rstrip()
        return xml.removesuffix(f"</{tag}>") + endpoint_records.more_fields(endpoint) + f"</{tag}>"

    ec2._vpce_fields_xml = all_fields


def endpoint_dry_runs() -> None:
    """Gap: CreateVpcEndpoint ignores `DryRun`. AWS creates nothing; DryRunOperation means that it would have."""
    create = ec2._ACTION_MAP["CreateVpcEndpoint"]

    def create_endpoint(parameters: dict[str, Any]) -> Any:
        if ec2._p(parameters, "DryRun") == "true":
            return ec2._error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
        return create(parameters)

    ec2._ACTION_MAP["CreateVpcEndpoint"] = create_endpoint


def _extend_calls() -> None:
    create, delete = ec2._ACTION_MAP["CreateVpcEndpoint"], ec2._ACTION_MAP["DeleteVpcEndpoints"]
    modify, describe = ec2._ACTION_MAP["ModifyVpcEndpoint"], ec2._ACTION_MAP["DescribeVpcEndpoints"]

    def create_endpoint(parameters: dict[str, Any]) -> Any:
        before = set(ec2._vpc_endpoints)
        answer = create(parameters)
        for endpoint_id in set(ec2._vpc_endpoints) - before:
            endpoint = ec2._vpc_endpoints[endpoint_id]
            endpoint["SecurityGroupIds"] = ec2._parse_member_list(parameters, "SecurityGroupId")
            endpoint["PrivateDnsEnabled"] = ec2._p(parameters, "PrivateDnsEnabled") == "true"
            endpoint["ServiceRegion"] = ec2._p(parameters, "ServiceRegion") or None
            _set_addressing(endpoint, parameters)
            if refused := endpoint_records.refusal(endpoint):
                ec2._vpc_endpoints.pop(endpoint_id)
                return ec2._error(*refused, 400)
            endpoint_records.complete(endpoint)
            fields = ec2._vpce_fields_xml(endpoint, tag="vpcEndpoint")
            return ec2._xml(200, "CreateVpcEndpointResponse", fields)
        return answer

    def modify_endpoint(parameters: dict[str, Any]) -> Any:
        endpoint = ec2._vpc_endpoints.get(ec2._p(parameters, "VpcEndpointId"))
        before = copy.deepcopy(endpoint)
        answer = modify(parameters)
        if endpoint is None or before is None:
            return answer
        gone = ec2._parse_member_list(parameters, "RemoveSecurityGroupId")
        groups = [group for group in endpoint.get("SecurityGroupIds", []) if group not in gone]
        groups += ec2._parse_member_list(parameters, "AddSecurityGroupId")
        endpoint["SecurityGroupIds"] = list(dict.fromkeys(groups))
        if wanted := ec2._p(parameters, "PrivateDnsEnabled"):
            endpoint["PrivateDnsEnabled"] = wanted == "true"
        _set_addressing(endpoint, parameters)
        if refused := endpoint_records.refusal(endpoint):
            endpoint.clear()
            endpoint.update(before)
            return ec2._error(*refused, 400)
        endpoint_records.complete(endpoint)
        return answer

    def delete_endpoints(parameters: dict[str, Any]) -> Any:
        for endpoint_id in ec2._parse_member_list(parameters, "VpcEndpointId"):
            endpoint_records.remove_interfaces(endpoint_id)
        return delete(parameters)

    def describe_endpoints(parameters: dict[str, Any]) -> Any:
        asked = ec2._parse_member_list(parameters, "VpcEndpointId")
        missing = [endpoint_id for endpoint_id in asked if endpoint_id not in ec2._vpc_endpoints]
        if missing:
            problem = f"The Vpc Endpoint Id '{missing[0]}' does not exist"
            return ec2._error("InvalidVpcEndpointId.NotFound", problem, 400)
        filters = ec2._parse_filters(parameters)
        if not filters:
            return describe(parameters)
        found = _matching(ec2._vpc_endpoints.values(), asked, filters)
        shown = "".join(ec2._vpce_fields_xml(endpoint) for endpoint in found)
        return ec2._xml(200, "DescribeVpcEndpointsResponse", f"<vpcEndpointSet>{shown}</vpcEndpointSet>")

    ec2._ACTION_MAP.update(
        CreateVpcEndpoint=create_endpoint,
        ModifyVpcEndpoint=modify_endpoint,
        DeleteVpcEndpoints=delete_endpoints,
        DescribeVpcEndpoints=describe_endpoints,
    )


def _set_addressing(endpoint: Record, parameters: dict[str, Any]) -> None:
    if ip_type := ec2._p(parameters, "IpAddressType"):
        endpoint["IpAddressType"] = ip_type
    if record_type := ec2._p(parameters, "DnsOptions.DnsRecordIpType"):
        endpoint["DnsOptions"] = {"DnsRecordIpType": record_type}


def _matching(known: Iterable[Record], asked: list[str], filters: dict[str, list[str]]) -> list[Record]:
    field_of = {
        "vpc-id": "VpcId",
        "service-name": "ServiceName",
        "vpc-endpoint-id": "VpcEndpointId",
        "vpc-endpoint-state": "State",
        "vpc-endpoint-type": "VpcEndpointType",
    }

    def fits(endpoint: Record) -> bool:
        return (
            (not asked or endpoint["VpcEndpointId"] in asked)
            and all(endpoint[f] in filters[name] for name, f in field_of.items() if name in filters)
            and ec2._resource_matches_tag_filters(endpoint["VpcEndpointId"], filters)
        )

    return [endpoint for endpoint in known if fits(endpoint)]
