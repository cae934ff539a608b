"""Endpoint services and the connections to them (PrivateLink), from the consumer's and the provider's side."""

import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2

from pinekeep.emulator.extensions import offers
from pinekeep.emulator.extensions.endpoint_records import Record
from pinekeep.emulator.extensions.patching import items
from pinekeep.emulator.services import PROVIDER_ACCOUNT, EndpointService

Parameters = dict[str, Any]


def endpoint_services() -> None:
    """Gap: DescribeVpcEndpointServices supports AWS's own services only, and has an empty answer for an unknown name.

    AWS describes a third party's service to the accounts that may use it: type, zones, owner, private name, address
    types and whether it requires acceptance. `ServiceRegions` asks for services of other Regions that can be used from
    this one. Here every well-formed name of the Region exists; only the given ones have a private DNS name.
    """
    describe = ec2._ACTION_MAP["DescribeVpcEndpointServices"]

    def describe_all(parameters: Parameters) -> Any:
        asked = ec2._parse_member_list(parameters, "ServiceName")
        asked += ec2._parse_filters(parameters).get("service-name", [])
        regions = ec2._parse_member_list(parameters, "ServiceRegion") or [get_region()]
        wanted = [match for match in map(offers.THIRD_PARTY.match, asked) if match]
        known = [match for match in wanted if any(offers.service_of(match.string, region) for region in regions)]
        if not known and not wanted:
            return describe(parameters)
        if not known:
            message = f"The Vpc Endpoint Service '{wanted[0].string}' does not exist"
            return ec2._error("InvalidServiceName", message, 400)
        details = items([_service_fields(match) for match in known])
        names = items([match.string for match in known])
        inner = f"<serviceNameSet>{names}</serviceNameSet><serviceDetailSet>{details}</serviceDetailSet>"
        return ec2._xml(200, "DescribeVpcEndpointServicesResponse", inner)

    ec2._ACTION_MAP["DescribeVpcEndpointServices"] = describe_all


def endpoint_connections() -> None:
    """Gap: the provider of an endpoint service has no calls.

    On AWS the provider lists the connections to a service, accepts and rejects them, and changes whether the service
    requires acceptance. An account other than the provider's is refused.
    """
    ec2._ACTION_MAP.update(
        DescribeVpcEndpointConnections=_describe_connections,
        AcceptVpcEndpointConnections=_deciding("Accept", "available"),
        RejectVpcEndpointConnections=_deciding("Reject", "rejected"),
        ModifyVpcEndpointServiceConfiguration=_modify_service,
    )


def _connections(service_id: str = "") -> Iterator[tuple[str, Record]]:
    """Return the endpoints of all accounts at third parties' services, with the ID of their service."""
    if get_account_id() != PROVIDER_ACCOUNT:
        return
    for endpoint in list(ec2._vpc_endpoints._data.values()):
        matched = offers.THIRD_PARTY.match(endpoint["ServiceName"])
        if matched and matched["region"] == get_region() and service_id in ("", matched["id"]):
            yield matched["id"], endpoint


def _describe_connections(parameters: Parameters) -> Any:
    filters = ec2._parse_filters(parameters)
    found = [
        f"<serviceId>{service_id}</serviceId><vpcEndpointId>{endpoint['VpcEndpointId']}</vpcEndpointId>"
        f"<vpcEndpointOwner>{endpoint['OwnerId']}</vpcEndpointOwner>"
        f"<vpcEndpointState>{endpoint['State']}</vpcEndpointState>"
        f"<creationTimestamp>{endpoint['CreationTimestamp']}</creationTimestamp>"
        for service_id, endpoint in _connections()
        if service_id in filters.get("service-id", [service_id])
        and endpoint["VpcEndpointId"] in filters.get("vpc-endpoint-id", [endpoint["VpcEndpointId"]])
        and endpoint["OwnerId"] in filters.get("vpc-endpoint-owner", [endpoint["OwnerId"]])
        and endpoint["State"] in filters.get("vpc-endpoint-state", [endpoint["State"]])
    ]
    inner = f"<vpcEndpointConnectionSet>{items(found)}</vpcEndpointConnectionSet>"
    return ec2._xml(200, "DescribeVpcEndpointConnectionsResponse", inner)


def _deciding(verb: str, state: str) -> Callable[[Parameters], Any]:
    def decide(parameters: Parameters) -> Any:
        service_id = ec2._p(parameters, "ServiceId")
        if get_account_id() != PROVIDER_ACCOUNT or offers.name_of(service_id) is None:
            return _no_service(service_id)
        connected = {endpoint["VpcEndpointId"]: endpoint for _, endpoint in _connections(service_id)}
        failed = list[str]()
        for endpoint_id in ec2._parse_member_list(parameters, "VpcEndpointId"):
            if endpoint_id not in connected:
                problem = f"The Vpc Endpoint Id '{endpoint_id}' does not exist"
                failed.append(
                    f"<error><code>InvalidVpcEndpointId.NotFound</code><message>{problem}</message></error>"
                    f"<resourceId>{endpoint_id}</resourceId>"
                )
                continue
            connected[endpoint_id].update(State=state, _decided=state)
        return ec2._xml(200, f"{verb}VpcEndpointConnectionsResponse", f"<unsuccessful>{items(failed)}</unsuccessful>")

    return decide


def _modify_service(parameters: Parameters) -> Any:
    service_id = ec2._p(parameters, "ServiceId")
    name = offers.name_of(service_id)
    if get_account_id() != PROVIDER_ACCOUNT or name is None:
        return _no_service(service_id)
    service = offers.services.get(name, EndpointService())
    if required := ec2._p(parameters, "AcceptanceRequired"):
        service = dataclasses.replace(service, acceptance_required=required == "true")
    added = ec2._parse_member_list(parameters, "AddSupportedIpAddressType")
    removed = ec2._parse_member_list(parameters, "RemoveSupportedIpAddressType")
    types = [each for each in dict.fromkeys([*service.ip_address_types, *added]) if each not in removed]
    offers.services[name] = dataclasses.replace(service, ip_address_types=tuple(types))
    return ec2._xml(200, "ModifyVpcEndpointServiceConfigurationResponse", "<return>true</return>")


def _no_service(service_id: str) -> Any:
    message = f"The VpcEndpointService Id '{service_id}' does not exist"
    return ec2._error("InvalidVpcEndpointServiceId.NotFound", message, 400)


def _service_fields(matched: re.Match[str]) -> str:
    service, region = offers.services.get(matched.string, EndpointService()), matched["region"]
    here = {ec2._az_id_for_zone_name(f"{region}{letter}"): f"{region}{letter}" for letter in "abcdef"}
    zone_ids = list(service.zone_ids) or list(here)[:3]
    zones = f"<availabilityZoneSet>{items([here[each] for each in zone_ids if each in here])}</availabilityZoneSet>"
    zones += f"<availabilityZoneIdSet>{items(zone_ids)}</availabilityZoneIdSet>"
    private = ""
    if service.private_dns_name:
        private = (
            f"<privateDnsName>{service.private_dns_name}</privateDnsName><privateDnsNameSet><item>"
            f"<privateDnsName>{service.private_dns_name}</privateDnsName></item></privateDnsNameSet>"
            "<privateDnsNameVerificationState>verified</privateDnsNameVerificationState>"
        )
    base = f"{matched['id']}.{region}.vpce.amazonaws.com"
    return (
        f"<serviceName>{matched.string}</serviceName><serviceId>{matched['id']}</serviceId>"
        "<serviceType><item><serviceType>Interface</serviceType></item></serviceType>"
        f"<serviceRegion>{region}</serviceRegion>{zones}"
        f"<owner>{PROVIDER_ACCOUNT}</owner>"
        f"<baseEndpointDnsNameSet>{items([base])}</baseEndpointDnsNameSet>{private}"
        "<vpcEndpointPolicySupported>false</vpcEndpointPolicySupported>"
        f"<acceptanceRequired>{str(service.acceptance_required).lower()}</acceptanceRequired>"
        "<managesVpcEndpoints>false</managesVpcEndpoints>"
        f"<supportedIpAddressTypeSet>{items(list(service.ip_address_types))}</supportedIpAddressTypeSet>"
    )
