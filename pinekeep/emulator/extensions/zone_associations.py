"""Associations of private hosted zones with VPCs, across accounts."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from ministack.core.responses import AccountScopedDict, get_account_id
from ministack.services import route53

from pinekeep.emulator.extensions import private_names

Vpc = dict[str, str]
Answer = tuple[int, dict[str, str], bytes]

_authorized = AccountScopedDict()  # a zone's ID -> the VPCs of other accounts that may be associated with it
_AUTHORIZATIONS = re.compile(r"^/2013-04-01/hostedzone/([^/]+)/(authorize|deauthorize)vpcassociation$")
_SERVICE = "vpce.amazonaws.com"
_PAGE = 50


def zone_authorizations() -> None:
    """Gap: the calls to authorize another account's VPC are missing.

    On AWS the zone's owner creates, lists and deletes authorizations; only with one can the VPC's owner associate the
    VPC. An association stays when its authorization is deleted.
    """
    handle = route53.handle_request

    async def handle_all(method: str, path: str, headers: Any, body: bytes, query: Mapping[str, Any]) -> Any:
        matched = _AUTHORIZATIONS.match(path)
        if matched is None:
            return await handle(method, path, headers, body, query)
        zone_id, action = matched.groups()
        zone = route53._zones.get(zone_id)
        if zone is None:
            return _no_zone(zone_id)
        if method == "GET":
            return _list(zone_id, query)
        vpc, _, refusal = route53._parse_vpc_request(body)
        if refusal:
            return refusal
        return _authorize(zone, vpc) if action == "authorize" else _deauthorize(zone_id, vpc)

    route53.handle_request = handle_all


def zone_associations() -> None:
    """Gap: zones and VPCs of other accounts are unknown, and an endpoint's private DNS conflicts with no zone.

    On AWS a VPC has one private zone of a name, that of an endpoint with private DNS included. A zone of another
    account needs an authorization. The owners of the zone and of the VPC can disassociate the two, except for the
    zone's last VPC. ListHostedZonesByVPC lists the zones of all owners, and AWS's own for an endpoint.
    """
    route53._associate_vpc = _associate
    route53._disassociate_vpc = _across_accounts(route53._disassociate_vpc)
    route53._create_hosted_zone = _checked_creation(route53._create_hosted_zone)
    route53._list_hosted_zones_by_vpc = _list_by_vpc


def refusal_of(name: str, vpc: Vpc, *, besides: str = "") -> tuple[str, str] | None:
    """Return the error code and message with which AWS refuses a zone of that name in a VPC of the caller."""
    vpc_id, region = vpc["VPCId"], vpc["VPCRegion"]
    if private_names.account_of_vpc(vpc_id, region) != get_account_id():
        message = f"The VPC {vpc_id} in region {region} that you provided is not authorized to make the association."
        return "InvalidVPCId", message
    rival = private_names.conflicting(name, vpc_id, region, besides=besides)
    if rival is None:
        return None
    message = (
        f"The VPC {vpc_id} in region {region} has already been associated with the hosted zone {rival.zone_id} "
        "with the same domain name."
    )
    return "ConflictingDomainExists", message


def _associate(zone_id: str, body: bytes) -> Answer:
    vpc, comment, refusal = route53._parse_vpc_request(body)
    if refusal:
        return refusal
    owner, zone = private_names.account_of_zone(zone_id), private_names.zone_of(zone_id)
    if owner is None or zone is None:
        return _no_zone(zone_id)
    if not zone.get("private"):
        return _error("PublicZoneVPCAssociation", "You can't associate a VPC with a public hosted zone.")
    found = refusal_of(zone["name"], vpc)
    if found and found[0] == "InvalidVPCId":
        return _error(*found)
    if owner != get_account_id() and vpc not in _authorized._data.get((owner, zone_id), []):
        return _error("NotAuthorizedException", f"The VPC {vpc['VPCId']} is not authorized for {zone_id}.", 401)
    if found:
        return _error(*found)
    with route53._lock:
        zone.setdefault("vpcs", []).append(vpc)
        change = route53._new_change(comment)
    return _xml("AssociateVPCWithHostedZoneResponse", lambda root: route53._build_change_info_el(root, change))


def _across_accounts(disassociate: Callable[[str, bytes], Answer]) -> Callable[[str, bytes], Answer]:
    def disassociate_vpc(zone_id: str, body: bytes) -> Answer:
        owner = private_names.account_of_zone(zone_id)
        if owner in (None, get_account_id()):
            return disassociate(zone_id, body)
        vpc, comment, refusal = route53._parse_vpc_request(body)
        if refusal:
            return refusal
        zone = private_names.zone_of(zone_id) or {}
        mine = private_names.account_of_vpc(vpc["VPCId"], vpc["VPCRegion"]) == get_account_id()
        if not mine or vpc not in zone.get("vpcs", []):
            message = f"The VPC {vpc['VPCId']} in {vpc['VPCRegion']} is not associated with the hosted zone."
            return _error("VPCAssociationNotFound", message, 404)
        if len(zone["vpcs"]) == 1:
            message = "A private hosted zone must stay associated with at least one VPC."
            return _error("LastVPCAssociation", message)
        zone["vpcs"] = [each for each in zone["vpcs"] if each != vpc]
        change = route53._new_change(comment)
        return _xml("DisassociateVPCFromHostedZoneResponse", lambda root: route53._build_change_info_el(root, change))

    return disassociate_vpc


def _checked_creation(create: Callable[..., Answer]) -> Callable[..., Answer]:
    def create_hosted_zone(body: bytes, query: Mapping[str, Any]) -> Answer:
        root = route53._parse_body(body)
        vpc, refusal = route53._parse_vpc(root) if root is not None else (None, None)
        again = root is not None and route53._text(root, "CallerReference") in route53._caller_refs
        if vpc and not refusal and not again and (found := refusal_of(route53._text(root, "Name"), vpc)):
            return _error(*found)
        return create(body, query)

    return create_hosted_zone


def _list_by_vpc(query: Mapping[str, Any]) -> Answer:
    vpc_id, region, token = _asked(query, "vpcid"), _asked(query, "vpcregion"), _asked(query, "nexttoken")
    if not (vpc_id and region):
        return _error("InvalidInput", "vpcid and vpcregion are required.")
    if private_names.account_of_vpc(vpc_id, region) not in (None, get_account_id()):
        return _error("AccessDenied", f"The VPC {vpc_id} in {region} is not owned by {get_account_id()}.", 403)
    zones = sorted(private_names.zones_of_vpc(vpc_id, region), key=lambda zone: zone.zone_id)
    size = int(_asked(query, "maxitems") or 100)
    zones = [zone for zone in zones if zone.zone_id >= token]

    def build(root: Element) -> None:
        summaries = SubElement(root, "HostedZoneSummaries")
        for zone in zones[:size]:
            summary = SubElement(summaries, "HostedZoneSummary")
            SubElement(summary, "HostedZoneId").text = zone.zone_id
            SubElement(summary, "Name").text = f"{zone.name}."
            owner = SubElement(summary, "Owner")
            if zone.endpoint is None:
                SubElement(owner, "OwningAccount").text = zone.account
            else:
                SubElement(owner, "OwningService").text = _SERVICE
        SubElement(root, "MaxItems").text = str(size)
        if len(zones) > size:
            SubElement(root, "NextToken").text = zones[size].zone_id

    return _xml("ListHostedZonesByVPCResponse", build)


def _authorize(zone: dict[str, Any], vpc: Vpc) -> Answer:
    if not zone.get("private"):
        return _error("InvalidInput", f"The hosted zone {zone['id']} is public.")
    known = _authorized.setdefault(zone["id"], [])
    if vpc not in known:
        known.append(vpc)

    def build(root: Element) -> None:
        SubElement(root, "HostedZoneId").text = zone["id"]
        route53._build_vpc_el(root, vpc)

    return _xml("CreateVPCAssociationAuthorizationResponse", build)


def _deauthorize(zone_id: str, vpc: Vpc) -> Answer:
    known = _authorized.get(zone_id, [])
    if vpc not in known:
        message = f"The VPC {vpc['VPCId']} is not authorized for {zone_id}."
        return _error("VPCAssociationAuthorizationNotFound", message, 404)
    known.remove(vpc)
    return _xml("DeleteVPCAssociationAuthorizationResponse", lambda _: None)


def _list(zone_id: str, query: Mapping[str, Any]) -> Answer:
    first, size = int(_asked(query, "nexttoken") or 0), int(_asked(query, "maxresults") or _PAGE)
    known = _authorized.get(zone_id, [])

    def build(root: Element) -> None:
        SubElement(root, "HostedZoneId").text = zone_id
        if len(known) > first + size:
            SubElement(root, "NextToken").text = str(first + size)
        vpcs = SubElement(root, "VPCs")
        for vpc in known[first : first + size]:
            route53._build_vpc_el(vpcs, vpc)

    return _xml("ListVPCAssociationAuthorizationsResponse", build)


def _asked(query: Mapping[str, Any], name: str) -> str:
    value = query.get(name) or ""
    return str(value[0] if isinstance(value, list) else value)


def _no_zone(zone_id: str) -> Answer:
    return _error("NoSuchHostedZone", f"No hosted zone found with ID: {zone_id}", 404)


def _error(code: str, message: str, status: int = 400) -> Answer:
    answer: Answer = route53._error_response(code, message, status)
    return answer


def _xml(root: str, build: Callable[[Element], None]) -> Answer:
    answer: Answer = route53._xml_response(root, build)
    return answer
