"""Sharing a Route 53 Profile with other accounts by AWS RAM, and associating it with their VPCs.

Within an organization that shares with AWS RAM the other account has the Profile at once; elsewhere it accepts an
invitation first. Sources: "Working with shared Route 53 Profiles" (docs.aws.amazon.com/Route53), "Accepting and
rejecting resource share invitations" (docs.aws.amazon.com/ram).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pinekeep.account.client.refusal_codes import DENIED, code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.process import Looks
from pinekeep.errors import AwsRefusedError, PinekeepError, WrongInputError
from pinekeep.model.naming import DEPLOYMENT_TAG, network_name
from pinekeep.operations.connectivity.association import Association, Status, Target, Ways

SECONDS_TO_SHARE: Final = 120.0
"""How long a Profile may take to be seen in the account that it was shared with."""
_PAUSE: Final = 3.0
_UNKNOWN: Final = frozenset({"ResourceNotFoundException", *DENIED})
_GONE: Final = frozenset({"DELETED", "DELETING", "FAILED"})
_SHARED: Final = frozenset({"ASSOCIATED", "ASSOCIATING"})


@dataclass(frozen=True)
class _Profile:
    arn: str
    owner: str


def look_at_profiles(targets: Sequence[Target], ways: Ways) -> list[Association]:
    """Return the state of associations with Profiles. Reads only: one call for each Profile, and one for each VPC.

    Raises WrongInputError if there is no such Profile; AwsRefusedError if AWS refuses to show it.
    """
    profiles: dict[tuple[str, str], _Profile] = {}
    found = []
    for target in targets:
        key = (target.deployment, target.resource_id)
        if key not in profiles:
            profiles[key] = _read_profile(target, ways)
        found.append(_look(target, profiles[key], ways))
    return found


def associate_with_profile(
    association: Association,
    ways: Ways,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Association:
    """Share the Profile with the VPC's account, and associate it; return it as it is then.

    A refusal is reported in it.
    """
    target = association.target
    try:
        with refusals_told():
            share = _share(target, ways)
            if association.status is Status.OWNER:
                return replace(association, authorized=True)
            looks = Looks(f"AWS RAM to share {target.resource}", seconds=SECONDS_TO_SHARE, clock=clock, sleep=sleep)
            while True:
                _accept(share, target, ways)
                if _associate(target, ways):
                    return replace(association, status=Status.ASSOCIATED)
                looks.pause(_PAUSE)
    except TimeoutError:
        return association.refused(
            f"account {target.account} does not see the Profile {SECONDS_TO_SHARE:.0f} s after it was shared",
            "see the share and its invitation in the AWS RAM console of both accounts, then run it again",
        )
    except PinekeepError as error:
        return association.refused(error.message, error.hint)


def share_name(target: Target) -> str:
    """Return the name of the resource share of a deployment's Profile."""
    return network_name(target.deployment)


def _read_profile(target: Target, ways: Ways) -> _Profile:
    with refusals_told():
        try:
            found = ways.to_deployment(target).client("route53profiles").get_profile(ProfileId=target.resource_id)
        except Exception as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
            raise WrongInputError(
                f"{target.deployment}: there is no Route 53 Profile {target.resource_id} in the account and Region",
                hint=f"aws route53profiles list-profiles --region {target.region}",
            ) from None
    return _Profile(arn=str(found["Profile"]["Arn"]), owner=str(found["Profile"]["OwnerId"]))


def _look(target: Target, profile: _Profile, ways: Ways) -> Association:
    needed = Association(target=target, status=Status.NEEDED)
    if ways.lead_to_vpc(target):
        try:
            with refusals_told():
                rivals = list(_profiles_of(target, ways))
        except PinekeepError as error:
            return needed.refused(error.message, error.hint)
        if target.resource_id in rivals:
            return replace(needed, status=Status.EXISTING)
        if rivals:
            return needed.refused(
                f"the VPC has Profile {rivals[0]}, and takes one",
                f"add the hosted zone to that Profile in its account; or, if it is no longer needed, run in account "
                f"{target.account}: aws route53profiles disassociate-profile --profile-id {rivals[0]} "
                f"--resource-id {target.vpc_id} --region {target.region}",
            )
    if profile.owner != ways.account_of(target):
        return needed.refused(
            f"the Profile belongs to account {profile.owner}, whose owner shares it",
            f"ask the owner of account {profile.owner} to share it with account {target.account} by AWS RAM",
        )
    if ways.lead_to_vpc(target):
        return needed
    with refusals_told():
        share, missing = _shared(profile.arn, target, ways)
    shared = share is not None and not missing
    return replace(needed, status=Status.OWNER, commands=_commands(target), authorized=shared)


def _profiles_of(target: Target, ways: Ways) -> Iterator[str]:
    client = ways.to_vpc(target).client("route53profiles")
    for page in client.get_paginator("list_profile_associations").paginate(ResourceId=target.vpc_id):
        for each in page["ProfileAssociations"]:
            if each.get("ResourceId") == target.vpc_id and each.get("Status") not in _GONE:
                yield str(each["ProfileId"])


def _share(target: Target, ways: Ways) -> str:
    """Share the Profile with the VPC's account, unless it is shared; return the ARN of the share."""
    profile = _read_profile(target, ways).arn
    share, missing = _shared(profile, target, ways)
    ram = ways.to_deployment(target).client("ram")
    if share is None:
        made = ram.create_resource_share(
            name=share_name(target),
            allowExternalPrincipals=True,
            tags=[{"key": DEPLOYMENT_TAG, "value": target.deployment}],
            **missing,
        )
        return str(made["resourceShare"]["resourceShareArn"])
    if missing:
        ram.associate_resource_share(resourceShareArn=share, **missing)
    return share


def _shared(profile: str, target: Target, ways: Ways) -> tuple[str | None, dict[str, list[str]]]:
    """Return the ARN of the deployment's share, if there is one, and what it lacks: the Profile, the VPC's account."""
    ram = ways.to_deployment(target).client("ram")
    asked = {"resourceOwner": "SELF", "name": share_name(target), "resourceShareStatus": "ACTIVE"}
    pages = ram.get_paginator("get_resource_shares").paginate(**asked)
    share = next((str(each["resourceShareArn"]) for page in pages for each in page["resourceShares"]), None)
    lacks: dict[str, list[str]] = {}
    for kind, argument, wanted in (("RESOURCE", "resourceArns", profile), ("PRINCIPAL", "principals", target.account)):
        if share is None or wanted not in _associated(ram, kind, share):
            lacks[argument] = [wanted]
    return share, lacks


def _associated(ram: Any, kind: str, share: str) -> set[str]:
    pages = ram.get_paginator("get_resource_share_associations").paginate(
        associationType=kind, resourceShareArns=[share]
    )
    found = (each for page in pages for each in page["resourceShareAssociations"])
    return {str(each["associatedEntity"]) for each in found if each["status"] in _SHARED}


def _accept(share: str, target: Target, ways: Ways) -> None:
    """Accept the invitation to a share, if there is one."""
    ram = ways.to_vpc(target).client("ram")
    for page in ram.get_paginator("get_resource_share_invitations").paginate(resourceShareArns=[share]):
        for each in page["resourceShareInvitations"]:
            if each["status"] == "PENDING":
                ram.accept_resource_share_invitation(resourceShareInvitationArn=each["resourceShareInvitationArn"])


def _associate(target: Target, ways: Ways) -> bool:
    """Associate the Profile with the VPC; return False if the VPC's account does not see the Profile yet.

    Raises AwsRefusedError if AWS refuses.
    """
    try:
        ways.to_vpc(target).client("route53profiles").associate_profile(
            Name=association_name(target), ProfileId=target.resource_id, ResourceId=target.vpc_id
        )
    except Exception as error:
        if code_of(error) in _UNKNOWN:
            return False
        if code_of(error) == "ResourceExistsException":
            raise AwsRefusedError(
                "the VPC has a Profile already, and takes one",
                hint=f"aws route53profiles list-profile-associations --resource-id {target.vpc_id} "
                f"--region {target.region}",
            ) from None
        raise
    return True


def association_name(target: Target) -> str:
    """Return the name of the Profile's association with a VPC, as stacks name those of their own VPCs."""
    return f"{network_name(target.deployment)}-{target.vpc_id}"


def _commands(target: Target) -> tuple[str, ...]:
    pending = f"resourceShareInvitations[?resourceShareName=='{share_name(target)}' && status=='PENDING']"
    return (
        f'invitation=$(aws ram get-resource-share-invitations --region {target.region} --output text --query "{pending}'
        '.resourceShareInvitationArn")',
        f'[ -z "$invitation" ] || aws ram accept-resource-share-invitation --region {target.region} '
        '--resource-share-invitation-arn "$invitation"',
        f"aws route53profiles associate-profile --region {target.region} --name {association_name(target)} "
        f"--profile-id {target.resource_id} --resource-id {target.vpc_id}",
    )
