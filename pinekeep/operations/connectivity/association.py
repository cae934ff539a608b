"""The associations that no stack makes: client VPCs of other accounts and Regions, and the VPCs of an adopted zone.

Sources: "Associating more VPCs with a private hosted zone", "Associating an Amazon VPC and a private hosted zone that
you created with different AWS accounts" (docs.aws.amazon.com/Route53).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.errors import WrongInputError
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import private_zone_of
from pinekeep.model.config.private_link import ClientVpc, Endpoint
from pinekeep.model.naming import Output, bridge_zone
from pinekeep.model.output.association import AssociateOutput, AssociationOutput


class Status(StrEnum):
    """What is so of an association, or was done about it."""

    EXISTING = "existing"
    NEEDED = "needed"
    ASSOCIATED = "associated"
    OWNER = "owner"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Target:
    """One VPC, and the hosted zone or Route 53 Profile that it is to have.

    ``zone``: the name of the hosted zone; None for a Profile. ``client``: the entry of ``client_vpcs``; None for a VPC
    of the deployment's account and Region.
    """

    deployment: str
    kind: Literal["hosted-zone", "profile"]
    resource_id: str
    zone: str | None = None
    vpc_id: str
    account: str
    region: str
    client: ClientVpc | None = None

    @property
    def resource(self) -> str:
        """The hosted zone or the Profile, for a sentence."""
        return f"hosted zone {self.resource_id}" if self.kind == "hosted-zone" else f"Profile {self.resource_id}"

    @property
    def vpc(self) -> str:
        """The VPC, for a sentence."""
        return f"{self.vpc_id} of account {self.account} in {self.region}"


@dataclass(frozen=True, kw_only=True)
class Association:
    """A target with its state.

    Attributes:
        why: why it is refused.
        hint: what to do about it.
        commands: what the owner of the VPC's account runs.
        authorized: whether the zone's account has authorized it, or shared the Profile for it.
    """

    target: Target
    status: Status
    why: str | None = None
    hint: str | None = None
    commands: tuple[str, ...] = ()
    authorized: bool = False

    @property
    def is_to_do(self) -> bool:
        """Whether something is left to do here: to associate, to authorize, or to delete an authorization."""
        match self.status:
            case Status.NEEDED:
                return True
            case Status.OWNER:
                return not self.authorized
            case Status.EXISTING:
                return self.authorized
            case _:
                return False

    def refused(self, why: str, hint: str | None) -> "Association":
        """Return it as refused."""
        return replace(self, status=Status.REFUSED, why=why, hint=hint)


class Ways:
    """The clients of the deployments' accounts, and of the accounts of their client VPCs."""

    def __init__(self, deployments: Mapping[str, Deployment], access: Access) -> None:
        self._deployments = deployments
        self._access = access

    def to_deployment(self, target: Target) -> Clients:
        """Return the clients of the account that has the hosted zone or the Profile."""
        return self._access.clients_for(self._deployments[target.deployment])

    def account_of(self, target: Target) -> str:
        """Return the deployment's account."""
        return self._deployments[target.deployment].account

    def is_own(self, target: Target) -> bool:
        """Return whether the VPC is of the deployment's account."""
        return target.account == self.account_of(target)

    def lead_to_vpc(self, target: Target) -> bool:
        """Return whether the file gives credentials of the VPC's account."""
        given = target.client is not None and bool(target.client.profile or target.client.assume_role)
        return given or self.is_own(target)

    def to_vpc(self, target: Target) -> Clients:
        """Return the clients of the VPC's account and Region.

        Raises AwsRefusedError or WrongAccountError if the credentials of the file are not usable.
        """
        deployment = self._deployments[target.deployment]
        if target.client is None or self.is_own(target):
            return self._access.clients_for(deployment).in_region(target.region)
        there = {"account": target.account, "region": target.region}
        credentials = {"profile": target.client.profile, "assume_role": target.client.assume_role}
        return self._access.clients_for(deployment.model_copy(update={**there, **credentials}))


def needs_associations(deployment: Deployment) -> bool:
    """Return whether a deployment has VPCs that its stack does not associate."""
    link = deployment.private_link
    return link is not None and link.has_zone and bool(link.client_vpcs or link.hosted_zone_id)


def targets_of(name: str, deployment: Deployment, outputs: Mapping[str, str]) -> list[Target]:
    """Return what is to be associated for a deployment that :func:`needs_associations`.

    ``outputs``: those of its stack. Raises WrongInputError if the stack does not have what the file says.
    """
    link = deployment.private_link
    if link is None:
        return []
    zone = private_zone_of(deployment)
    own_account = {"deployment": name, "account": deployment.account, "region": deployment.region}
    found: list[Target] = []
    if link.hosted_zone_id is not None:
        zone_id = link.hosted_zone_id
        found += [
            Target(kind="hosted-zone", resource_id=zone_id, zone=zone, vpc_id=vpc_id, **own_account)
            for vpc_id in _vpcs_of_adopted_zone(name, link, outputs)
        ]
    for each in link.client_vpcs:
        of_client = {
            "deployment": name,
            "vpc_id": each.id,
            "account": each.account or deployment.account,
            "region": each.region or deployment.region,
        }
        if link.dns == "profile":
            profile_id = link.profile_id or _output(name, outputs, Output.PROFILE_ID)
            found.append(Target(kind="profile", resource_id=profile_id, client=each, **of_client))
        else:
            zone_id = link.hosted_zone_id or _output(name, outputs, Output.HOSTED_ZONE_ID)
            found.append(Target(kind="hosted-zone", resource_id=zone_id, zone=zone, client=each, **of_client))
        if link.dns_bridge:
            zone_id, narrower = _output(name, outputs, Output.BRIDGE_ZONE_ID), bridge_zone(zone)
            found.append(Target(kind="hosted-zone", resource_id=zone_id, zone=narrower, client=each, **of_client))
    return found


def _vpcs_of_adopted_zone(name: str, link: Endpoint, outputs: Mapping[str, str]) -> Iterator[str]:
    yield link.vpc_id or _output(name, outputs, Output.VPC_ID)
    if link.dns == "hosted-zone":
        yield from link.client_vpc_ids


def _output(name: str, outputs: Mapping[str, str], output: Output) -> str:
    if found := outputs.get(output):
        return found
    raise WrongInputError(
        f"{name}: the stack of the endpoint has no {output.value}: it is not deployed with the DNS of the file",
        hint=f"run `pinekeep deploy --deployment {name}` first, or again once its endpoint is available",
    )


_STATES = {
    Status.EXISTING: "is associated already",
    Status.NEEDED: "is not associated yet",
    Status.ASSOCIATED: "is associated now",
    Status.OWNER: "is to be associated by the owner of the account",
    Status.REFUSED: "is not associated",
}


def associations_text(found: Sequence[Association]) -> str:
    """Return the associations for a terminal, with the commands for the owners of other accounts."""
    return "\n".join(line for each in found for line in _lines(each))


def _lines(association: Association) -> Iterator[str]:
    target = association.target
    why = f": {association.why}" if association.why else ""
    yield f"{target.deployment}: {target.resource}: {target.vpc} {_STATES[association.status]}{why}"
    if association.hint:
        yield f"  {association.hint}"
    if association.commands:
        yield f"  To be run with credentials of account {target.account}:"
        yield from (f"    {each}" for each in association.commands)
        yield "  Then check it from a client in the VPC: `pinekeep private-link check`"


def associations_output(found: Sequence[Association], *, changed: bool) -> AssociateOutput:
    """Return the associations for JSON."""
    return AssociateOutput(
        changed=changed,
        associations=[
            AssociationOutput(
                deployment=each.target.deployment,
                kind=each.target.kind,
                resource=each.target.resource_id,
                vpc_id=each.target.vpc_id,
                account=each.target.account,
                region=each.target.region,
                status=each.status.value,
                why=each.why,
                hint=each.hint,
                commands=list(each.commands),
            )
            for each in found
        ],
    )
