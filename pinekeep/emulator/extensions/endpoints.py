"""Interface endpoints and endpoint services (PrivateLink)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ministack.core.responses import get_region
from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from pinekeep.emulator.extensions import endpoint_records
from pinekeep.emulator.extensions.endpoint_records import Record
from pinekeep.emulator.extensions.patching import Attributes, Properties, after_provisioning, before_deletion, items

ENDPOINT = "AWS::EC2::VPCEndpoint"
THIRD_PARTY = re.compile(r"^com\.amazonaws\.vpce\.(?P<region>[a-z0-9-]+)\.(?P<id>vpce-svc-[0-9a-f]{8,17})$")
PROVIDER_ACCOUNT = "740000000001"


def interface_endpoints(services: Mapping[str, str]) -> None:
    """Gap: an interface endpoint has no DNS names, groups, network interfaces or private DNS flag.

    AWS returns `DnsEntries` (the Regional name, one for each zone, and the service's private name with private
    DNS), one network interface for each subnet, and the default group if none is given. DescribeVpcEndpoints
    returns all of it, supports filters and refuses unknown IDs. Private DNS is refused in a VPC without both DNS
    attributes, or where another endpoint of the service has it. CreateVpcEndpoint and ModifyVpcEndpoint set the same.
    """

    def complete(physical_id: str, attributes: Attributes, _: Properties) -> Attributes:
        endpoint = ec2._vpc_endpoints[physical_id]
        if problem := endpoint_records.problem(endpoint):
            if not endpoint_records.is_completed(endpoint):
                ec2._vpc_endpoints.pop(physical_id)  # never created, so nobody else would delete it
            raise ValueError(problem)
        endpoint_records.complete(endpoint, services)
        return {**attributes, **provisioners._ec2_vpc_endpoint_attributes(endpoint)}

    after_provisioning(ENDPOINT, complete)
    before_deletion(ENDPOINT, endpoint_records.remove_interfaces)
    _extend_calls(services)
    fields = ec2._vpce_fields_xml

    def all_fields(endpoint: Record, tag: str = "item") -> str:
        xml = str(fields(endpoint, tag)).rstrip()
        return xml.removesuffix(f"</{tag}>") + endpoint_records.more_fields(endpoint) + f"</{tag}>"

    ec2._vpce_fields_xml = all_fields


def endpoint_services(services: Mapping[str, str]) -> None:
    """Gap: DescribeVpcEndpointServices supports AWS's own services only, and has an empty answer for an unknown name.

    AWS describes a third party's service to the accounts that may use it: type, zones, owner, private name.
    Here every well-formed name of the Region exists; only the given ones have a private DNS name.
    """
    describe = ec2._ACTION_MAP["DescribeVpcEndpointServices"]

    def describe_all(parameters: dict[str, Any]) -> Any:
        asked = ec2._parse_member_list(parameters, "ServiceName")
        asked += ec2._parse_filters(parameters).get("service-name", [])
        known = [match for match in map(THIRD_PARTY.match, asked) if match and match["region"] == get_region()]
        if not known:
            return describe(parameters)
        details = items([_service_fields(match, services.get(match.string)) for match in known])
        names = items([match.string for match in known])
        inner = f"<serviceNameSet>{names}</serviceNameSet><serviceDetailSet>{details}</serviceDetailSet>"
        return ec2._xml(200, "DescribeVpcEndpointServicesResponse", inner)

    ec2._ACTION_MAP["DescribeVpcEndpointServices"] = describe_all


def endpoint_dry_runs() -> None:
    """Gap: CreateVpcEndpoint ignores `DryRun`. AWS creates nothing; DryRunOperation means that it would have."""
    create = ec2._ACTION_MAP["CreateVpcEndpoint"]

    def create_endpoint(parameters: dict[str, Any]) -> Any:
        if ec2._p(parameters, "DryRun") == "true":
            return ec2._error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
        return create(parameters)

    ec2._ACTION_MAP["CreateVpcEndpoint"] = create_endpoint


def _extend_calls(services: Mapping[str, str]) -> None:
    create, delete = ec2._ACTION_MAP["CreateVpcEndpoint"], ec2._ACTION_MAP["DeleteVpcEndpoints"]
    modify, describe = ec2._ACTION_MAP["ModifyVpcEndpoint"], ec2._ACTION_MAP["DescribeVpcEndpoints"]

    def create_endpoint(parameters: dict[str, Any]) -> Any:
        before = set(ec2._vpc_endpoints)
        answer = create(parameters)
        for endpoint_id in set(ec2._vpc_endpoints) - before:
            endpoint = ec2._vpc_endpoints[endpoint_id]
            endpoint["SecurityGroupIds"] = ec2._parse_member_list(parameters, "SecurityGroupId")
            endpoint["PrivateDnsEnabled"] = ec2._p(parameters, "PrivateDnsEnabled") == "true"
            if problem := endpoint_records.problem(endpoint):
                ec2._vpc_endpoints.pop(endpoint_id)
                return ec2._error("InvalidParameter", problem, 400)
            endpoint_records.complete(endpoint, services)
            fields = ec2._vpce_fields_xml(endpoint, tag="vpcEndpoint")
            return ec2._xml(200, "CreateVpcEndpointResponse", fields)
        return answer

    def modify_endpoint(parameters: dict[str, Any]) -> Any:
        answer = modify(parameters)
        endpoint = ec2._vpc_endpoints.get(ec2._p(parameters, "VpcEndpointId"))
        if endpoint is None:
            return answer
        gone = ec2._parse_member_list(parameters, "RemoveSecurityGroupId")
        groups = [group for group in endpoint.get("SecurityGroupIds", []) if group not in gone]
        groups += ec2._parse_member_list(parameters, "AddSecurityGroupId")
        endpoint["SecurityGroupIds"] = list(dict.fromkeys(groups))
        if wanted := ec2._p(parameters, "PrivateDnsEnabled"):
            previous, endpoint["PrivateDnsEnabled"] = endpoint.get("PrivateDnsEnabled"), wanted == "true"
            if problem := endpoint_records.problem(endpoint):
                endpoint["PrivateDnsEnabled"] = previous
                return ec2._error("InvalidParameter", problem, 400)
        endpoint_records.complete(endpoint, services)
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


def _service_fields(service: re.Match[str], private_name: str | None) -> str:
    names = [f"{service['region']}{letter}" for letter in "abc"]
    zone_ids = [ec2._az_id_for_zone_name(name) for name in names]
    zones = f"<availabilityZoneSet>{items(names)}</availabilityZoneSet>"
    zones += f"<availabilityZoneIdSet>{items(zone_ids)}</availabilityZoneIdSet>"
    private = ""
    if private_name:
        private = (
            f"<privateDnsName>{private_name}</privateDnsName>"
            f"<privateDnsNameSet><item><privateDnsName>{private_name}</privateDnsName></item></privateDnsNameSet>"
            "<privateDnsNameVerificationState>verified</privateDnsNameVerificationState>"
        )
    base = f"{service['id']}.{service['region']}.vpce.amazonaws.com"
    return (
        f"<serviceName>{service.string}</serviceName><serviceId>{service['id']}</serviceId>"
        "<serviceType><item><serviceType>Interface</serviceType></item></serviceType>"
        f"<serviceRegion>{service['region']}</serviceRegion>{zones}"
        f"<owner>{PROVIDER_ACCOUNT}</owner>"
        f"<baseEndpointDnsNameSet>{items([base])}</baseEndpointDnsNameSet>{private}"
        "<vpcEndpointPolicySupported>false</vpcEndpointPolicySupported>"
        "<acceptanceRequired>false</acceptanceRequired><managesVpcEndpoints>false</managesVpcEndpoints>"
        "<supportedIpAddressTypeSet><item>ipv4</item></supportedIpAddressTypeSet>"
    )
