"""Pinecone's endpoint service as this account sees it, and the zones in which it is offered.

Zones are compared by their IDs: their names differ from account to account.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pinekeep.account.reads.live import Document
from pinekeep.model.config.models import endpoint_service_of, private_zone_of
from pinekeep.model.config.private_link import NewVpc
from pinekeep.model.facts import pinecone
from pinekeep.model.values.networks import is_zone_id
from pinekeep.operations.preflight.check import Subject, registry, with_link
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged, noted, passed

_VERIFIED: Final = "verified"


def _with_private_name(subject: Subject) -> bool:
    """An endpoint that answers to Pinecone's private name itself."""
    return with_link(subject) and subject.link.has_private_dns


def _dualstack(subject: Subject) -> bool:
    """An endpoint with IPv6 addresses."""
    return with_link(subject) and subject.link.ip_address_type == "dualstack"


CHECKS: Final = registry(applies=with_link)


@CHECKS.add(
    id="endpoint-service-exists",
    title="Pinecone's endpoint service",
    wanted="Pinecone's endpoint service of the Region, offered to this account",
    meaning="There is nothing to connect to.",
    reads=("service",),
)
def _exists(subject: Subject) -> Verdict:
    name, elsewhere = endpoint_service_of(subject.deployment).service_name, subject.link.service_region
    if _service(subject):
        return passed(name)
    if elsewhere and elsewhere != subject.region:
        return failed(
            f"the endpoint service {name} in {elsewhere} is not offered to this account in {subject.region}",
            fix=f"create the endpoint in {elsewhere}: write region: {elsewhere} and remove service_region; or "
            f"ask Pinecone's support whether the service allows access from {subject.region}",
        )
    return failed(
        f"EC2 knows no endpoint service {name} for this account in {subject.region}",
        fix="ask Pinecone's support whether the service's name is still right "
        f"({pinecone.PRIVATE_ENDPOINTS_PAGE}) and is open to your account",
    )


@CHECKS.add(
    id="endpoint-service-kind",
    title="Kind of the endpoint service",
    wanted="an interface endpoint service for IPv4",
    meaning="EC2 refuses an endpoint of another kind.",
    reads=("service",),
)
def _kind(subject: Subject) -> Verdict | None:
    if not (service := _service(subject)):
        return None
    kinds = [each.get("ServiceType") for each in service.get("ServiceType") or []]
    speaks = service.get("SupportedIpAddressTypes") or ["ipv4"]
    problems = []
    if "Interface" not in kinds:
        problems.append(f"it is of type {', '.join(map(str, kinds)) or 'unknown'}")
    if "ipv4" not in speaks:
        problems.append(f"it supports {', '.join(speaks)} only")
    return judged(problems, right=f"Interface, {', '.join(speaks)}", fix="ask Pinecone's support")


@CHECKS.add(
    id="endpoint-service-region",
    title="Region of the endpoint service",
    wanted="the endpoint service of the Region of the Pinecone indexes",
    meaning="The endpoint leads to Pinecone's indexes of another Region.",
    reads=("service",),
)
def _region(subject: Subject) -> Verdict | None:
    if not (service := _service(subject)):
        return None
    wanted = subject.link.service_region or subject.region
    found = str(service.get("ServiceRegion") or wanted)
    if found != wanted:
        return failed(
            f"the service is hosted in {found}, not in {wanted}",
            fix=f"write private_link.service_region: {found}, or ask Pinecone's support",
        )
    if found != subject.region:
        return noted(
            f"the service is hosted in {found} and offered in {subject.region}",
            fix="nothing; Pinecone documents the same Region for endpoint and indexes, and traffic between Regions "
            "is charged",
        )
    return passed(f"hosted in {found}")


@CHECKS.add(
    id="endpoint-addresses",
    title="IPv6 of the endpoint",
    wanted="an endpoint service and subnets with IPv6",
    meaning="EC2 refuses a dual-stack endpoint where the service or a subnet has no IPv6.",
    reads=("service",),
    uses=("subnets",),
    applies=_dualstack,
)
def _ipv6(subject: Subject) -> Verdict | None:
    if not (service := _service(subject)):
        return None
    speaks = service.get("SupportedIpAddressTypes") or ["ipv4"]
    problems = [] if "ipv6" in speaks else [f"the endpoint service supports {', '.join(speaks)} only"]
    subnets = subject.seen.subnets if isinstance(subject.seen.subnets, list) else []
    without = [str(each["SubnetId"]) for each in subnets if not _has_ipv6(each)]
    if without:
        problems.append(f"no IPv6 network: {', '.join(without)}")
    return judged(problems, right=", ".join(speaks), fix="write ip_address_type: ipv4, or remove it")


@CHECKS.add(
    id="endpoint-service-zones",
    title="Zones of the endpoint service",
    wanted="zones in which the endpoint service is offered",
    meaning="EC2 refuses an endpoint in a zone in which the service is not offered.",
    reads=("service", "zones"),
    uses=("subnets",),
)
def _zones(subject: Subject) -> Verdict | None:
    service, names = _service(subject), _names(subject)
    if not service:
        return None
    ids = set(service.get("AvailabilityZoneIds") or ())
    if not ids:  # an older answer names the zones as this account does
        ids = {zone for zone, name in names.items() if name in (service.get("AvailabilityZones") or ())}
    problems: list[str] = []
    right: list[str] = []
    for what, zone in _wanted_zones(subject, names):
        told = f"{what} ({zone})" if zone and zone != what else what
        if zone is None:
            problems.append(f"there is no zone {what} in this account")
        elif zone not in ids:
            problems.append(f"{told} is in a zone in which the service is not offered")
        else:
            right.append(told)
    if not problems and not right:
        return None
    offered = ", ".join(f"{each} ({names[each]})" if each in names else each for each in sorted(ids))
    part = "vpc.subnet_ids" if subject.existing_vpc else "vpc.availability_zones"
    return judged(
        problems,
        right=", ".join(right),
        fix=f"it is offered in {offered or 'no zone that this account sees'}: change private_link.{part}",
    )


@CHECKS.add(
    id="endpoint-service-name",
    title="Private DNS name of the endpoint service",
    wanted="Pinecone's private name, verified",
    meaning="EC2 refuses the private DNS name on the endpoint when the service has none that is verified.",
    reads=("service",),
    applies=_with_private_name,
)
def _private_name(subject: Subject) -> Verdict | None:
    if not (service := _service(subject)):
        return None
    wanted = f"*.{private_zone_of(subject.deployment)}"
    names = [each["PrivateDnsName"] for each in service.get("PrivateDnsNames") or []]
    names = names or [service["PrivateDnsName"]] if service.get("PrivateDnsName") else names
    state = service.get("PrivateDnsNameVerificationState", _VERIFIED)
    fix = "write dns: hosted-zone, which needs no private DNS name of the service; and ask Pinecone's support"
    if not names:
        return failed("the service has no private DNS name", fix=fix)
    if state != _VERIFIED:
        return failed(f"the service's private DNS name {names[0]} is not verified ({state})", fix=fix)
    if wanted not in names:
        return noted(
            f"the service's private DNS name is {', '.join(names)}, and Pinecone documents {wanted}",
            wanted=wanted,
            fix=f"compare with the host of an index (`private_host`) and with {pinecone.PRIVATE_ENDPOINTS_PAGE}",
        )
    return passed(wanted=wanted)


@CHECKS.add(
    id="endpoint-service-acceptance",
    title="Acceptance by the endpoint service",
    wanted="connections are accepted automatically",
    meaning="Nothing gets through the endpoint until Pinecone has accepted it.",
    reads=("service",),
    blocks=False,
)
def _acceptance(subject: Subject) -> Verdict | None:
    if not (service := _service(subject)):
        return None
    if service.get("AcceptanceRequired"):
        return noted(
            "Pinecone accepts each connection: the endpoint stays in state pendingAcceptance until then",
            fix=f"register the endpoint in Pinecone after the deployment ({pinecone.ENDPOINT_CONSOLE_PATH}); if it "
            "stays so, ask Pinecone's support",
        )
    return passed()


def _wanted_zones(subject: Subject, names: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    """Yield what is to be in a zone, with the zone's ID; None where there is no such zone."""
    vpc = subject.link.vpc
    if isinstance(vpc, NewVpc):
        ids = {name: zone for zone, name in names.items()}
        for each in vpc.availability_zones:
            yield each, (each if each in names else None) if is_zone_id(each) else ids.get(each)
    elif isinstance(subject.seen.subnets, list):
        for each in subject.seen.subnets:
            yield f"{each['SubnetId']} in {each['AvailabilityZone']}", each["AvailabilityZoneId"]


def _has_ipv6(subnet: Document) -> bool:
    """Tell whether a subnet has an IPv6 network that is associated."""
    return any(
        (each.get("Ipv6CidrBlockState") or {}).get("State", "associated") == "associated"
        for each in subnet.get("Ipv6CidrBlockAssociationSet") or []
    )


def _service(subject: Subject) -> Document | None:
    found: Any = subject.seen.service
    return found if isinstance(found, dict) else None


def _names(subject: Subject) -> dict[str, str]:
    """Return the zones' names in this account, by ID."""
    found = subject.seen.zones
    return {each["ZoneId"]: each["ZoneName"] for each in found} if isinstance(found, list) else {}
