"""What new instances of a fleet depend on besides the stack set: the organization, quotas, and other fleets."""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads import organization
from pinekeep.account.reads.organization import Account, Organization
from pinekeep.account.reads.stack_sets import list_instances, list_stack_sets, organizations_access, read_stack_set
from pinekeep.errors import AwsRefusedError
from pinekeep.model import naming
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.operations.fleet.desired import Place, call_as, part_of, stack_set_name
from pinekeep.operations.fleet.members import Members
from pinekeep.operations.fleet.observed import Observed
from pinekeep.operations.fleet.quotas import StackSetQuotas, read_quotas

_ONE_BY_ONE_MAX: Final = 20
"""The most accounts that are read one by one; for more, all are listed."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What new instances depend on besides the stack set. Empty if there are none, or it could not be read.

    Attributes:
        organization: None with self-managed permissions, or if the account is in none.
        unreadable: whether the organization could not be read, and is not checked.
        accounts: the accounts of new instances that are in the organization, by ID; None if they were not read.
        access: whether StackSets has trusted access to the organization, as AWS says it.
        delegated: the delegated administrators of StackSets; None if they were not read.
        root: the ID of the organization's root.
        stack_sets: the number of stack sets of the account and Region.
        rivals: the instances of other fleets' stack sets, with the name of the fleet.
        notes: what could not be checked, and why.
    """

    organization: Organization | None = None
    unreadable: bool = False
    accounts: Mapping[str, Account] | None = None
    access: str | None = None
    delegated: frozenset[str] | None = None
    root: str | None = None
    quotas: StackSetQuotas = field(default_factory=StackSetQuotas)
    stack_sets: int = 0
    rivals: Mapping[Place, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_surroundings(
    found: FleetTargets, observed: Observed, *, clients: Clients, new: Collection[Place], members: Members
) -> Surroundings:
    """Return what new instances depend on; nothing is read if there are none.

    Raises AwsRefusedError if AWS refuses to show the organization.
    """
    if not new:
        return Surroundings()
    notes: list[str] = []
    with ThreadPoolExecutor(4) as pool:
        quotas = pool.submit(read_quotas, clients)
        others = pool.submit(_rivals, found, clients)
        of_organization = Surroundings()
        if found.fleet.permissions == "service-managed":
            accounts = {account for account, _ in new}
            of_organization = _organization(found, observed, clients, accounts, members)
        number, rivals, unread = others.result()
        known = quotas.result()
    if known.unreadable:
        notes.append(f"the quotas of stack sets could not be read: {known.unreadable}")
    return replace(
        of_organization,
        quotas=known,
        stack_sets=number,
        rivals=rivals,
        notes=(*of_organization.notes, *unread, *notes),
    )


def _organization(
    found: FleetTargets, observed: Observed, clients: Clients, accounts: Collection[str], members: Members
) -> Surroundings:
    try:
        its_organization = organization.read_organization(clients)
    except AwsRefusedError as error:
        if error.transient:
            raise
        return Surroundings(unreadable=True, notes=(f"the organization could not be read: {error.message}",))
    if its_organization is None:
        return Surroundings()
    notes: list[str] = []
    as_whom = call_as(found)
    in_units = {each for unit in members.by_unit.values() for each in unit}
    unknown = sorted(set(accounts) - in_units)
    known: dict[str, Account] | None = {}
    root = delegated = access = None
    try:
        if len(unknown) > _ONE_BY_ONE_MAX:
            known = organization.list_accounts(clients)
        elif unknown:
            known = organization.read_accounts(clients, unknown)
    except AwsRefusedError as error:
        known = None
        notes.append(f"whether the accounts are in the organization could not be checked: {error.message}")
    try:
        root = next(iter(organization.list_roots(clients)), None) if unknown else None
    except AwsRefusedError as error:
        notes.append(f"the root of the organization, through which accounts are addressed: {error.message}")
    try:
        access = organizations_access(clients, call_as=as_whom) if observed.stack_set is None else None
    except AwsRefusedError as error:
        notes.append(f"whether StackSets has trusted access to the organization could not be checked: {error.message}")
    if found.fleet.delegated and observed.stack_set is None:
        try:
            delegated = organization.delegated_administrators(clients)
        except AwsRefusedError as error:
            notes.append(f"the delegated administrators could not be read: {error.message}")
    return Surroundings(
        organization=its_organization,
        accounts=known,
        access=access,
        delegated=delegated,
        root=root,
        notes=tuple(notes),
    )


def _rivals(found: FleetTargets, clients: Clients) -> tuple[int, dict[Place, str], tuple[str, ...]]:
    """Return the number of stack sets, and the instances of other fleets' stack sets of the same kind."""
    as_whom, part = call_as(found), part_of(found)
    own = stack_set_name(found.name, part)
    try:
        names = [each.name for each in list_stack_sets(clients, call_as=as_whom)]
        begin, end = stack_set_name("|", part).split("|")
        alike = [each for each in names if each != own and each.startswith(begin) and each.endswith(end)]
        rivals: dict[Place, str] = {}
        with ThreadPoolExecutor(4) as pool:
            for each in pool.map(partial(read_stack_set, clients, call_as=as_whom), alike):
                if each is not None and naming.FLEET_TAG in each.tags:
                    instances = list_instances(clients, each.name, call_as=as_whom)
                    rivals |= {one.place: each.tags[naming.FLEET_TAG] for one in instances}
    except AwsRefusedError as error:
        return 0, {}, (f"other fleets' stack sets could not be read: {error.message}",)
    return len(names), rivals, ()
