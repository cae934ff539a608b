"""The Availability Zones that Pinecone's endpoint service offers to an account, and those for a new VPC."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.reads.calls import ask
from pinekeep.account.reads.live import Unreadable
from pinekeep.errors import AwsRefusedError, PinekeepError, WrongInputError
from pinekeep.model import naming
from pinekeep.model.config import Configuration, Deployment, load
from pinekeep.model.config.editing import with_list, write_atomically
from pinekeep.model.config.further_endpoints import SETTING, further_name
from pinekeep.model.config.models import endpoint_service_of
from pinekeep.model.config.private_link import PrivateLink
from pinekeep.model.config.problems import Path
from pinekeep.model.config.yaml_source import read_yaml
from pinekeep.model.facts import pinecone
from pinekeep.model.facts.stack_status import NEVER_CREATED
from pinekeep.model.output.zones import ZoneOutput, ZonesDeploymentOutput
from pinekeep.model.values.networks import is_zone_id

ZONES_LEAST: Final = 2
"""The fewest zones of an endpoint here, so that one may fail."""


def offered_zones(name: str, deployment: Deployment, clients: Clients) -> ZonesDeploymentOutput:
    """Return what the endpoint service offers to a deployment's account. Reads only.

    Raises:
        AwsRefusedError: AWS refuses a call.
        PinekeepError: the service is not offered to the account.
    """
    link = _link(name, deployment)
    service_name = endpoint_service_of(deployment).service_name
    elsewhere = link.service_region not in (None, deployment.region)
    where = {"ServiceRegions": [link.service_region]} if elsewhere else {}
    services = _asked(
        clients, "ec2:DescribeVpcEndpointServices", "ServiceDetails", ServiceNames=[service_name], **where
    )
    if not services:
        raise PinekeepError(
            f"{name}: EC2 knows no endpoint service {service_name} for account {deployment.account} in "
            f"{deployment.region}",
            hint=f"ask Pinecone's support whether its name is still right ({pinecone.PRIVATE_ENDPOINTS_PAGE}) and is "
            "open to your account",
        )
    service = services[0]
    names = {
        str(each["ZoneId"]): str(each["ZoneName"])
        for each in _asked(clients, "ec2:DescribeAvailabilityZones", "AvailabilityZones")
    }
    ids = service.get("AvailabilityZoneIds") or [
        zone for zone, known in names.items() if known in (service.get("AvailabilityZones") or ())
    ]
    subnets: list[Any] = []
    if link.vpc_id is not None:
        asked = [{"Name": "vpc-id", "Values": [link.vpc_id]}]
        subnets = _asked(clients, "ec2:DescribeSubnets", "Subnets", Filters=asked)
    return ZonesDeploymentOutput(
        name=name,
        service_name=service_name,
        service_region=str(service.get("ServiceRegion") or link.service_region or deployment.region),
        zones=[
            ZoneOutput(
                id=zone,
                name=names.get(zone),
                subnet_ids=sorted(str(each["SubnetId"]) for each in subnets if each["AvailabilityZoneId"] == zone),
            )
            for zone in sorted(map(str, ids))
        ],
        acceptance_required=bool(service.get("AcceptanceRequired")),
        ip_address_types=list(service.get("SupportedIpAddressTypes") or ["ipv4"]),
        written=None,
    )


def zones_for(name: str, current: Sequence[str], offered: Sequence[ZoneOutput]) -> list[str]:
    """Return the zone IDs for a new VPC: the current zones that are offered, and others in place of the rest.

    ``current``: the zones of the file, all by ID or all by name. Raises PinekeepError if too few are offered.
    """
    by_name: Mapping[str | None, str] = {each.name: each.id for each in offered}
    usable = [each.id for each in offered if each.name is not None]
    ids = [zone if is_zone_id(zone) else by_name.get(zone) for zone in current]
    kept = [each for each in ids if each in usable]
    free = iter([each for each in usable if each not in kept])
    chosen = [each if each is not None and each in usable else next(free, None) for each in ids]
    found = [each for each in chosen if each is not None]
    if len(found) < ZONES_LEAST:
        raise PinekeepError(
            f"{name}: the endpoint service is offered in {len(found)} of the account's zones, and {ZONES_LEAST} are "
            "needed",
            hint="ask Pinecone's support, or deploy in another Region",
        )
    return found


def zones_text(found: ZonesDeploymentOutput) -> str:
    """Return the offer as a table for a terminal."""
    acceptance = "each connection must be accepted" if found.acceptance_required else "connections are accepted at once"
    lines = [
        f"{found.name}: {found.service_name}",
        f"hosted in {found.service_region}; {', '.join(found.ip_address_types)}; {acceptance}",
        "",
        f"{'ZONE ID':<12} {'NAME':<18} SUBNETS",
    ]
    for each in found.zones:
        name = each.name or "not in this account"
        lines.append(f"{each.id:<12} {name:<18} {', '.join(each.subnet_ids) or '-'}")
    return "\n".join(lines)


def _asked(clients: Clients, permission: str, name: str, **arguments: Any) -> list[Any]:
    with refusals_told():
        answer = ask(clients, permission, **arguments)
    if isinstance(answer, Unreadable):
        raise AwsRefusedError(f"these credentials lack the permission {answer.permission}", hint=answer.reason)
    return list(answer[name]) if answer else []


def _link(name: str, deployment: Deployment) -> PrivateLink:
    if deployment.private_link is None:
        raise ValueError(f"deployment {name} has no private_link")
    return deployment.private_link


def is_deployed(name: str, clients: Clients) -> bool:
    """Return whether a deployment's endpoint stack exists. Raises AwsRefusedError if AWS refuses the call."""
    stacks = _asked(clients, "cloudformation:DescribeStacks", "Stacks", StackName=naming.private_link_stack(name))
    return any(each["StackStatus"] not in (*NEVER_CREATED, "DELETE_COMPLETE") for each in stacks)


def write_zones(configuration: Configuration, zones: Mapping[str, Sequence[str]]) -> bool:
    """Write the zones of new VPCs into the configuration file, and return whether it changed.

    ``zones``: the zone IDs by the deployment's name in AWS. The file is loaded again; if it is not valid, or says
    anything else than before, it is put back.

    Raises:
        WrongInputError: the file cannot be changed without changing something else.
    """
    path = configuration.path
    before = after = path.read_bytes().decode("utf-8")
    data = read_yaml(path).data
    for name, chosen in zones.items():
        after = with_list(after, _place(configuration, data, name), chosen)
    if after == before:
        return False
    write_atomically(path, after)
    try:
        if _without_zones(load(path), zones) != _without_zones(configuration, zones):
            raise WrongInputError(f"{path} would say something else besides the zones", hint="edit it yourself")
    except BaseException:
        write_atomically(path, before)
        raise
    return True


def _place(configuration: Configuration, data: Any, name: str) -> Path:
    """Return where the file has the zones of a deployment, or of a further endpoint of one."""
    in_file = {aws: file for file, aws in configuration.names.items()}.get(name, name)
    end = ("vpc", "availability_zones")
    if in_file in data["deployments"]:
        return ("deployments", in_file, "private_link", *end)
    for parent, each in data["deployments"].items():
        for key in (each.get("private_link") or {}).get(SETTING) or {}:
            if further_name(parent, key) == in_file:
                return ("deployments", parent, "private_link", SETTING, key, *end)
    raise WrongInputError(f"the file has no deployment {name}", hint="write the zones into the file yourself")


def _without_zones(configuration: Configuration, zones: Mapping[str, Sequence[str]]) -> Any:
    found = configuration.content.model_dump(exclude_unset=True)
    for name in zones:
        found["deployments"][name]["private_link"]["vpc"]["availability_zones"] = None
    return found
