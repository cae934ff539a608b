"""The accounts and Regions that an operation is about."""

from functools import cache
from typing import Final

import botocore.session
from ministack.services.cloudformation import helpers

from pinekeep.emulator.extensions import service_quotas
from pinekeep.emulator.extensions.json_services import RefusedError
from pinekeep.emulator.extensions.organizations.records import accounts_of, parents_of
from pinekeep.emulator.extensions.stack_sets.protocol import Document
from pinekeep.emulator.extensions.stack_sets.records import Instance, Place, StackSet
from pinekeep.emulator.extensions.stack_sets.templates import refused

MOST_UNITS: Final = 50
_ONLY_UNITS: Final = "StackSets with SERVICE_MANAGED permission model can only have OrganizationalUnit as target"
_ONLY_ACCOUNTS: Final = "StackSets with SELF_MANAGED permission model can only have accounts as target"


def accounts_asked(stack_set: StackSet, asked: Document, *, creates: bool) -> dict[str, str | None]:
    """Return the accounts of a request, each with the unit among the targets that it was found in.

    Raises RefusedError: the wrong kind of targets, unknown or too many units, a filter without what it filters.
    """
    accounts, targets = asked.get("Accounts"), asked.get("DeploymentTargets")
    if not stack_set.is_service_managed:
        if targets is not None:
            accounts = accounts or _listed_accounts(targets)
            if targets.get("OrganizationalUnitIds") or asked.get("Accounts"):
                raise RefusedError("ValidationError", _ONLY_ACCOUNTS)
        if not accounts:
            raise RefusedError("ValidationError", "Specify at least one account")
        return dict.fromkeys(accounts)
    if accounts or not targets or not targets.get("OrganizationalUnitIds"):
        raise RefusedError("ValidationError", _ONLY_UNITS)
    return _of_units(stack_set.account, targets, creates=creates)


def regions_asked(asked: Document) -> list[str]:
    """Return the Regions of a request. Raises RefusedError: none, or unknown ones."""
    regions = list(dict.fromkeys(asked.get("Regions") or []))
    if not regions:
        raise RefusedError("ValidationError", "Specify at least one Region")
    if unknown := [each for each in regions if each not in _known_regions()]:
        raise RefusedError("ValidationError", f"Some regions not supported: [{', '.join(unknown)}]")
    return regions


def existing(stack_set: StackSet, accounts: dict[str, str | None], regions: list[str]) -> list[Place]:
    """Return the instances of a set in accounts and Regions.

    Raises RefusedError (StackInstanceNotFoundException): an instance that a self-managed set does not have, or none.
    """
    wanted = [(account, region) for account in accounts for region in regions]
    found = [each for each in wanted if each in stack_set.instances]
    if not found or (len(found) < len(wanted) and not stack_set.is_service_managed):
        missing = sorted({each for each in wanted if each not in stack_set.instances})
        named = ", ".join(f"{account}/{region}" for account, region in missing)
        raise RefusedError("StackInstanceNotFoundException", f"Stack instances not found: [{named}]")
    return found


def add(
    stack_set: StackSet, accounts: dict[str, str | None], regions: list[str], overrides: dict[str, str]
) -> list[Place]:
    """Add the instances that a set lacks in accounts and Regions, with overrides. Returns all that are there then.

    Raises RefusedError (LimitExceededException): more instances than the quota.
    """
    places = [(account, region) for account in accounts for region in regions]
    wanted, most = len({*places, *stack_set.instances}), service_quotas.limit(service_quotas.INSTANCES)
    if wanted > most:
        raise RefusedError("LimitExceededException", f"The StackSet would have {wanted} of {most} stack instances")
    for account, region in places:
        found = stack_set.instances.setdefault((account, region), Instance(account, region, overrides=overrides))
        found.unit = accounts[account] or found.unit
    return places


def _of_units(management: str, targets: Document, *, creates: bool) -> dict[str, str | None]:
    units, kind = targets["OrganizationalUnitIds"], targets.get("AccountFilterType")
    named = _listed_accounts(targets)
    known = parents_of(management)
    if len(units) > MOST_UNITS:
        raise RefusedError("ValidationError", f"At most {MOST_UNITS} organizational units are supported")
    if unknown := [each for each in units if each not in known]:
        raise RefusedError("ValidationError", f"Organizational units not found: [{', '.join(unknown)}]")
    if creates and kind == "UNION":
        raise RefusedError("ValidationError", "AccountFilterType UNION is not supported for CreateStackInstances")
    if kind is None:
        kind = "UNION" if named and not creates else "NONE"
    if bool(named) != (kind != "NONE"):
        raise RefusedError("ValidationError", f"AccountFilterType {kind} does not fit the accounts of the targets")
    members = accounts_of(management)
    inside: dict[str, str | None] = {
        account: unit
        for account, each in members.items()
        if account != management and (unit := _unit_of(each["_ParentId"], units, known))
    }
    match kind:
        case "INTERSECTION":
            return {account: unit for account, unit in inside.items() if account in named}
        case "DIFFERENCE":
            return {account: unit for account, unit in inside.items() if account not in named}
        case "UNION":
            others = [each for each in named if each in members and each != management]
            return {**dict.fromkeys(others), **inside}
        case _:
            return inside


def _unit_of(parent: str | None, units: list[str], known: dict[str, str | None]) -> str | None:
    """Return the closest of some units that a unit is, or is in."""
    while parent is not None and parent not in units:
        parent = known[parent]
    return parent


def _listed_accounts(targets: Document) -> list[str]:
    named = list(targets.get("Accounts") or [])
    if "AccountsUrl" in targets:
        if named:
            raise RefusedError("ValidationError", "Specify only one of Accounts and AccountsUrl")
        body, error = helpers._resolve_document({"Url": targets["AccountsUrl"]}, "Body", "Url", "Accounts")
        if error:
            raise refused(error)
        named = [each.strip() for line in (body or "").splitlines() for each in line.split(",") if each.strip()]
    return list(dict.fromkeys(named))


@cache
def _known_regions() -> frozenset[str]:
    session = botocore.session.get_session()
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("cloudformation", partition_name=partition)
    )
