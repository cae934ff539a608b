"""Associating VPCs with a private hosted zone, also across accounts.

The zone's account authorizes a VPC of another account, the VPC's account associates it, and the authorization is
deleted. Nothing is ever disassociated.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pinekeep.account.client.refusal_codes import DENIED, code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.operations.connectivity.association import Association, Status, Target, Ways

_CONFLICT = "ConflictingDomainExists"
_NO_AUTHORIZATION = "VPCAssociationAuthorizationNotFound"
_NO_ZONE = "NoSuchHostedZone"


@dataclass(frozen=True)
class _Zone:
    """A hosted zone with its VPCs, and the VPCs of other accounts that are authorized; each as Route 53 writes them."""

    vpcs: Sequence[dict[str, str]]
    authorized: Sequence[dict[str, str]]


def look_at_zones(targets: Sequence[Target], ways: Ways) -> list[Association]:
    """Return the state of associations with hosted zones. Reads only: two calls for each zone, one for each VPC.

    Raises WrongInputError if a zone does not exist, or is not the private one of Pinecone's names; AwsRefusedError if
    AWS refuses to show a zone.
    """
    zones: dict[str, _Zone] = {}
    found = []
    for target in targets:
        if target.resource_id not in zones:
            zones[target.resource_id] = _read_zone(target, ways)
        found.append(_look(target, zones[target.resource_id], ways))
    return found


def associate_with_zone(association: Association, ways: Ways) -> Association:
    """Do what is to do about an association; return it as it is then. A refusal is reported in it."""
    target = association.target
    try:
        with refusals_told():
            route53 = ways.to_deployment(target).client("route53")
            if association.status is Status.EXISTING:
                _deauthorize(route53, target)
                return replace(association, authorized=False)
            if not ways.is_own(target):
                route53.create_vpc_association_authorization(HostedZoneId=target.resource_id, VPC=_vpc(target))
            if association.status is Status.OWNER:
                return replace(association, authorized=True)
            done = False
            try:
                there = ways.to_vpc(target).client("route53")
                there.associate_vpc_with_hosted_zone(HostedZoneId=target.resource_id, VPC=_vpc(target))
                done = True
            except Exception as error:
                if code_of(error) == _CONFLICT:
                    return _conflicting(association, None)
                raise
            finally:
                # One that was there before is left for its owner, unless it is used up.
                if not ways.is_own(target) and (done or not association.authorized):
                    _deauthorize(route53, target)
    except PinekeepError as error:
        return association.refused(error.message, error.hint)
    return replace(association, status=Status.ASSOCIATED, authorized=False)


def _read_zone(target: Target, ways: Ways) -> _Zone:
    with refusals_told():
        route53 = ways.to_deployment(target).client("route53")
        try:
            answer = route53.get_hosted_zone(Id=target.resource_id)
        except Exception as error:
            if code_of(error) != _NO_ZONE:
                raise
            raise WrongInputError(
                f"{target.deployment}: there is no hosted zone {target.resource_id} in the account",
                hint=f"aws route53 list-hosted-zones-by-name --dns-name {target.zone}",
            ) from None
        zone = answer["HostedZone"]
        name = str(zone["Name"]).rstrip(".")
        if name != target.zone or not zone.get("Config", {}).get("PrivateZone"):
            kind = "private" if zone.get("Config", {}).get("PrivateZone") else "public"
            raise WrongInputError(
                f"{target.deployment}: hosted zone {target.resource_id} is the {kind} zone {name}, and Pinecone's "
                f"private names are in {target.zone}",
                hint=f"write the ID of a private hosted zone {target.zone} as hosted_zone_id, or remove the setting",
            )
        return _Zone(vpcs=answer.get("VPCs") or (), authorized=list(_authorized(route53, target.resource_id)))


def _authorized(route53: Any, zone_id: str) -> Iterator[dict[str, str]]:
    token: dict[str, str] = {}
    while True:
        page = route53.list_vpc_association_authorizations(HostedZoneId=zone_id, **token)
        yield from page["VPCs"]
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def _look(target: Target, zone: _Zone, ways: Ways) -> Association:
    needed = Association(target=target, status=Status.NEEDED, authorized=_vpc(target) in zone.authorized)
    if _vpc(target) in zone.vpcs:
        return replace(needed, status=Status.EXISTING)
    if not ways.lead_to_vpc(target):
        return replace(needed, status=Status.OWNER, commands=(_associate_command(target),))
    try:
        with refusals_told():
            rival = _rival(target, ways)
    except PinekeepError as error:
        return needed.refused(error.message, error.hint)
    return needed if rival is None else _conflicting(needed, rival)


def _rival(target: Target, ways: Ways) -> dict[str, Any] | None:
    """Return another private zone of the same name in the VPC; None too where that may not be read."""
    client, token = ways.to_vpc(target).client("route53"), dict[str, str]()
    while True:
        try:
            page = client.list_hosted_zones_by_vpc(VPCId=target.vpc_id, VPCRegion=target.region, **token)
        except Exception as error:
            if code_of(error) in DENIED:
                return None
            raise
        for each in page["HostedZoneSummaries"]:
            if str(each["Name"]).rstrip(".") == target.zone and each["HostedZoneId"] != target.resource_id:
                return dict(each)
        if not page.get("NextToken"):
            return None
        token = {"NextToken": page["NextToken"]}


def _conflicting(association: Association, rival: dict[str, Any] | None) -> Association:
    target = association.target
    if rival is not None and rival.get("Owner", {}).get("OwningService"):
        return association.refused(
            f"the VPC resolves {target.zone} already, by the private DNS name of an endpoint in it",
            f"turn that off in account {target.account}: aws ec2 modify-vpc-endpoint --no-private-dns-enabled "
            f"--region {target.region} --vpc-endpoint-id ENDPOINT",
        )
    other = rival["HostedZoneId"] if rival is not None else "ZONE"
    named = f"hosted zone {other}" if rival is not None else "another hosted zone"
    return association.refused(
        f"the VPC has {named} of the same name {target.zone}, and takes one of a name",
        f"if its records are no longer needed, run in account {target.account}: aws route53 "
        f"disassociate-vpc-from-hosted-zone --hosted-zone-id {other} --vpc {_vpc_argument(target)}",
    )


def _deauthorize(route53: Any, target: Target) -> None:
    try:
        route53.delete_vpc_association_authorization(HostedZoneId=target.resource_id, VPC=_vpc(target))
    except Exception as error:
        if code_of(error) != _NO_AUTHORIZATION:
            raise


def _vpc(target: Target) -> dict[str, str]:
    return {"VPCRegion": target.region, "VPCId": target.vpc_id}


def _vpc_argument(target: Target) -> str:
    return f"VPCRegion={target.region},VPCId={target.vpc_id}"


def _associate_command(target: Target) -> str:
    return (
        f"aws route53 associate-vpc-with-hosted-zone --hosted-zone-id {target.resource_id} "
        f"--vpc {_vpc_argument(target)}"
    )
