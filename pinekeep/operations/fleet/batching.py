"""The operations that bring a stack set to what it should be. Pure.

An update of the stack set changes its template at once, for all operations that follow, and marks every instance as
outdated; it can be made for some instances alone. It acts on each of its Regions in each of its accounts, so the
instances that no single call covers follow with an operation of their own. Instances that are in no operation keep
the old template.

Source: the API reference of AWS CloudFormation (UpdateStackSet, UpdateStackInstances), docs.aws.amazon.com (checked
2026-11-30).
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from pinekeep.errors import PinekeepError
from pinekeep.operations.fleet.desired import Desired, DesiredInstance, Group, Place, groups, new_operation_id
from pinekeep.operations.fleet.observed import Observed
from pinekeep.operations.fleet.operations import UNITS_MAX, Action, Batch, SetContent

Units = Callable[[str], str | None]
"""Returns the organizational unit, or the root, through which a new account is addressed; None if self-managed."""


def batches_of(
    desired: Desired,
    observed: Observed,
    *,
    places: Collection[Place],
    content: SetContent | None,
    units: Units,
) -> list[Batch]:
    """Return the operations that deploy some instances, in order.

    ``places``: the instances that are created, or that are not as they should be and may be updated; with ``content``,
    also those that get its template alone. ``content``: what the stack set deploys from now on; None if it stays.

    Raises PinekeepError if the stack set must be updated, and none of its instances may be.
    """
    wanted = [each for place, each in desired.instances.items() if place in places]
    new = [each for each in wanted if each.place not in observed.instances]
    existing = [each for each in wanted if each.place in observed.instances]
    update: list[Batch] = [] if content is None else _update_of_set(desired, observed, existing, content, units)
    own_parameters = frozenset(observed.stack_set.parameters if observed.stack_set is not None else ())
    covered = {place for each in update for place in each.places}
    left = [
        each
        for each in existing
        if each.place not in covered
        or each.place not in observed.as_desired
        or not own_parameters.issuperset(each.overrides)
    ]
    first = frozenset(each.id for each in update)
    made = [
        *_batches(groups(left), Action.UPDATE, observed, units),
        *_batches(groups(new), Action.CREATE, observed, units),
    ]
    return [*update, *_in_order([replace(each, after=each.after | first) for each in made], wanted)]


def split_by_units(batch: Batch, unit_of: Units) -> Iterator[Batch]:
    """Yield an operation as several, if its accounts are in more organizational units than a call takes."""
    units: dict[str, list[str]] = {}
    for account in batch.accounts:
        unit = unit_of(account)
        if unit is None:
            yield batch
            return
        units.setdefault(unit, []).append(account)
    names = list(units)
    for begin in range(0, len(names), UNITS_MAX):
        some = names[begin : begin + UNITS_MAX]
        accounts = tuple(sorted(account for unit in some for account in units[unit]))
        identifier = batch.id if begin == 0 else new_operation_id(batch.id.split("-")[1])
        # Only the first of them has the content: a second one would make the instances of the first outdated.
        action = batch.action if begin == 0 or batch.action is not Action.UPDATE_SET else Action.UPDATE
        content = batch.content if begin == 0 else None
        after = batch.after if action is batch.action else batch.after | {batch.id}
        yield replace(
            batch, id=identifier, accounts=accounts, units=tuple(some), action=action, content=content, after=after
        )


def unit_of_instances(observed: Observed, units: Units) -> Units:
    """Return the units through which accounts are addressed: those that their instances were created through."""
    known = {account: each.unit for (account, _), each in observed.instances.items() if each.unit is not None}
    return lambda account: known.get(account) or units(account)


def _update_of_set(
    desired: Desired, observed: Observed, existing: list[DesiredInstance], content: SetContent, units: Units
) -> list[Batch]:
    """Return the update of the stack set, for as many instances as one call covers."""
    identifier = new_operation_id(desired.template_digest or "0" * 12)
    if not observed.instances:
        return [Batch(id=identifier, action=Action.UPDATE_SET, accounts=(), regions=(), content=content)]
    known = set(observed.stack_set.parameters if observed.stack_set is not None else ())
    # Those whose own values change are updated once, with them; but a new parameter needs the template first.
    alone = [each for each in existing if each.place in observed.as_desired or not known.issuperset(each.overrides)]
    shapes: dict[tuple[str, ...], list[str]] = {}
    of_account: dict[str, list[DesiredInstance]] = {}
    for each in alone or existing:
        of_account.setdefault(each.target.account, []).append(each)
    for account, members in of_account.items():
        ordered = sorted(members, key=lambda each: (not each.has_role, each.target.region))
        shapes.setdefault(tuple(each.target.region for each in ordered), []).append(account)
    if not shapes:
        raise PinekeepError(
            f"the template of stack set {desired.stack_set} changes, and none of its instances may be updated",
            hint="StackSets changes a template together with at least one instance: see why the instances are held "
            f"back with `pinekeep fleet plan --fleet {desired.name}`",
        )
    regions = max(shapes, key=lambda each: (len(shapes[each]) * len(each), each))
    batch = Batch(
        id=identifier,
        action=Action.UPDATE_SET,
        accounts=tuple(sorted(shapes[regions])),
        regions=regions,
        content=content,
    )
    return list(split_by_units(batch, unit_of_instances(observed, units)))


def _batches(found: Iterable[Group], action: Action, observed: Observed, units: Units) -> Iterator[Batch]:
    unit_of = unit_of_instances(observed, units) if action is not Action.CREATE else units
    for group in found:
        batch = Batch(
            id=new_operation_id(group.digest),
            action=action,
            accounts=group.accounts,
            regions=group.regions,
            overrides=group.overrides,
        )
        yield from split_by_units(batch, unit_of)


def _in_order(batches: list[Batch], wanted: Iterable[DesiredInstance]) -> list[Batch]:
    """Return the operations with those first that create the roles of accounts; the accounts' others follow them."""
    has_role = {each.place for each in wanted if each.has_role}
    of_roles: dict[str, str] = {
        account: batch.id for batch in batches for account, region in batch.places if (account, region) in has_role
    }
    found = []
    for batch in batches:
        roles = {of_roles[account] for account in batch.accounts if account in of_roles}
        is_first = any(place in has_role for place in batch.places)
        found.append(batch if is_first else replace(batch, after=batch.after | roles))
    return sorted(found, key=lambda each: len(each.after))
