"""The adopted hosted zone, and Route 53 Profiles: the adopted one, and those that the VPCs have already.

Source: :data:`pinekeep.model.facts.aws.PROFILES_PAGE`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pinekeep.account.reads.answers import plain_name
from pinekeep.account.reads.live import Document
from pinekeep.model.config.models import private_zone_of
from pinekeep.model.naming import Output
from pinekeep.operations.preflight.check import Subject, registry, with_link
from pinekeep.operations.preflight.vpc import with_dns
from pinekeep.operations.verification.checks.base import items, mapping
from pinekeep.operations.verification.checks.finding import Verdict, failed, judged, noted, passed

_CLASHING: Final = frozenset({"A", "AAAA", "CNAME"})


def _adopts_zone(subject: Subject) -> bool:
    """A hosted zone that the customer has."""
    return with_link(subject) and subject.link.hosted_zone_id is not None


def _adopts_profile(subject: Subject) -> bool:
    """A Route 53 Profile that the customer has."""
    return with_link(subject) and subject.link.profile_id is not None


CHECKS: Final = registry(applies=_adopts_zone, reads=("adopted_zone",))


@CHECKS.add(
    id="adopted-zone",
    title="The adopted hosted zone",
    wanted="a private hosted zone of the account, named as Pinecone's private zone",
    meaning="The record would lead nobody to the endpoint.",
)
def _zone(subject: Subject) -> Verdict:
    zone_id, wanted = subject.link.hosted_zone_id, private_zone_of(subject.deployment)
    found: Any = subject.seen.adopted_zone
    if not isinstance(found, dict):
        return failed(
            f"there is no hosted zone {zone_id} in account {subject.account}",
            fix=f"correct private_link.hosted_zone_id (`aws route53 list-hosted-zones-by-name --dns-name {wanted}` "
            "finds it), or remove it: then the stack creates a zone",
        )
    hosted = found["HostedZone"]
    problems: list[str] = []
    if plain_name(hosted["Name"]) != plain_name(wanted):
        problems.append(f"{zone_id} is named {hosted['Name'].rstrip('.')}, not {wanted}")
    if not (hosted.get("Config") or {}).get("PrivateZone"):
        problems.append(f"{zone_id} is a public zone")
    return judged(
        problems,
        right=f"{zone_id}, {wanted}",
        fix="name a private hosted zone of that name, or remove private_link.hosted_zone_id: then the stack creates "
        "one",
    )


@CHECKS.add(
    id="adopted-zone-records",
    title="Records of the adopted hosted zone",
    wanted="no wildcard record in the zone yet",
    meaning="Route 53 refuses a second record of that name, and CloudFormation rolls the deployment back.",
    reads=("adopted_zone_records",),
)
def _records(subject: Subject) -> Verdict | None:
    if subject.seen.adopted_zone_records is None or subject.deployed(Output.HOSTED_ZONE_ID) is not None:
        return None  # the wildcard record of a stack that uses the zone already is its own
    name = private_zone_of(subject.deployment)
    wildcard = plain_name(f"*.{name}")
    found = [
        str(each["Type"])
        for each in items(subject.seen.adopted_zone_records)
        if plain_name(each["Name"]) == wildcard and each["Type"] in _CLASHING
    ]
    zone_id = subject.link.hosted_zone_id
    return judged(
        [f"{zone_id} has a record *.{name} of type {', '.join(found)}"] if found else [],
        fix=f"see what uses it (aws route53 list-resource-record-sets --hosted-zone-id {zone_id}), and delete the "
        "record",
    )


@CHECKS.add(
    id="adopted-zone-vpcs",
    title="VPCs of the adopted hosted zone",
    wanted="the zone is associated with the endpoint's VPC and the client VPCs",
    meaning="Clients in a VPC that is not associated do not find Pinecone's private names.",
    blocks=False,
)
def _zone_vpcs(subject: Subject) -> Verdict | None:
    found: Any = subject.seen.adopted_zone
    if not isinstance(found, dict) or not found["HostedZone"].get("Config", {}).get("PrivateZone"):
        return None
    have = {str(each["VPCId"]) for each in found.get("VPCs") or []}
    by_profile = subject.link.dns == "profile"
    ids = [subject.link.vpc_id, *([] if by_profile else subject.link.client_vpc_ids)]
    missing = [each for each in ids if each is not None and each not in have]
    if not missing:
        return passed()
    return noted(
        f"{subject.link.hosted_zone_id} is not associated with {', '.join(missing)}; the stack does not associate a "
        "zone that exists",
        fix=f"after the deployment: {subject.run('private-link associate')}",
        meaning="Until then, clients there do not find Pinecone's private names.",
    )


@CHECKS.add(
    id="adopted-profile",
    title="The adopted Route 53 Profile",
    wanted="a Route 53 Profile of the account, or one that is shared with it",
    meaning="Route 53 refuses to add the zone to the Profile, and CloudFormation rolls the deployment back.",
    reads=("adopted_profile",),
    uses=("profile_zones",),
    applies=_adopts_profile,
)
def _profile(subject: Subject) -> Iterator[Verdict]:
    profile_id, found = subject.link.profile_id, subject.seen.adopted_profile
    if not isinstance(found, dict):
        yield failed(
            f"there is no Route 53 Profile {profile_id} for account {subject.account} in {subject.region}",
            fix=f"correct private_link.profile_id (`aws route53profiles list-profiles --region {subject.region}` lists "
            "them), or remove it: then the stack creates one",
        )
        return
    if found.get("Status", "COMPLETE") != "COMPLETE":
        yield failed(
            f"{profile_id} is in state {found['Status']}", fix="wait until it is COMPLETE, then run preflight again"
        )
        return
    wanted = plain_name(private_zone_of(subject.deployment))
    ours = {subject.link.hosted_zone_id, subject.deployed(Output.HOSTED_ZONE_ID)}
    zones = [each for each in mapping(subject.seen.profile_zones).get(str(profile_id)) or [] if each["Id"] not in ours]
    taken = [str(each["Id"]) for each in zones if each["Name"] and plain_name(each["Name"]) == wanted]
    if taken:
        yield failed(
            f"{profile_id} has a zone of that name already: {', '.join(taken)}",
            fix=f"write private_link.hosted_zone_id: {taken[0]} to use that zone, or remove it from the Profile",
        )
    elif found.get("OwnerId", subject.account) != subject.account:
        yield noted(
            f"{profile_id} belongs to account {found['OwnerId']}, which shares it",
            fix="have its owner allow route53profiles:AssociateResourceToProfile and route53profiles:AssociateProfile "
            "in the share of AWS RAM",
        )
    else:
        yield passed(str(profile_id))


@CHECKS.add(
    id="profile-conflict",
    title="Route 53 Profiles of the VPCs",
    wanted="no Route 53 Profile in the way in the VPCs",
    meaning="A VPC takes one Profile: Route 53 refuses the second, and CloudFormation rolls the deployment back.",
    reads=("profile_associations",),
    uses=("profile_zones",),
    applies=with_dns,
)
def _conflicts(subject: Subject) -> Iterator[Verdict]:
    """The client VPCs have no Profile yet; in the others, a Profile has no zone of Pinecone's name."""
    if subject.seen.profile_associations is None:
        return
    associations: list[Document] = items(subject.seen.profile_associations)
    verdicts = [verdict for each in associations for verdict in _conflict(subject, each)]
    yield from verdicts or [passed()]


def _conflict(subject: Subject, association: Mapping[str, Any]) -> Iterator[Verdict]:
    profile_id, vpc_id = str(association["ProfileId"]), str(association["ResourceId"])
    mine = subject.deployed(Output.PROFILE_ID)
    if subject.link.dns == "profile" and vpc_id in subject.link.client_vpc_ids:
        if profile_id == mine:
            return
        told = f"{vpc_id} is associated with the Route 53 Profile {profile_id} already"
        if profile_id == subject.link.profile_id:
            yield failed(told, fix=f"remove {vpc_id} from private_link.client_vpc_ids: it has the Profile")
        else:
            yield failed(
                told,
                fix=f"write private_link.profile_id: {profile_id} to use that Profile, and remove {vpc_id} from "
                "client_vpc_ids; or take it off (aws route53profiles disassociate-profile --profile-id "
                f"{profile_id} --resource-id {vpc_id} --region {subject.region})",
            )
        return
    wanted = plain_name(private_zone_of(subject.deployment))
    for zone in mapping(subject.seen.profile_zones).get(profile_id) or []:
        if not zone["Name"] or zone["Id"] in (subject.link.hosted_zone_id, subject.deployed(Output.HOSTED_ZONE_ID)):
            continue
        name = plain_name(zone["Name"])
        told = f"{zone['Id']} ({name.rstrip('.')}) of the Route 53 Profile {profile_id} answers in {vpc_id} already"
        if name == wanted:
            yield noted(
                told,
                fix="nothing: a zone or an endpoint's private DNS name of the VPC itself takes precedence over the "
                "Profile's; clients of a VPC without one are led where the Profile's zone says",
            )
        elif name.endswith(f".{wanted}"):
            yield noted(told, fix="the names below it lead where that zone says, whatever the new endpoint answers")
