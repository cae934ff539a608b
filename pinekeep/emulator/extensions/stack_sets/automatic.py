"""Automatic deployment: instances that come and go with the accounts of an organizational unit.

Neither overrides nor preferences reach them ("StackSetOperationPreferences", CloudFormation API Reference).
"""

from pinekeep.emulator.extensions.organizations.records import account_of, parents_of
from pinekeep.emulator.extensions.stack_sets import schedule, targets
from pinekeep.emulator.extensions.stack_sets.protocol import Document
from pinekeep.emulator.extensions.stack_sets.records import Operation, Place, StackSet, sets


def note_targets(stack_set: StackSet, operation: Operation) -> None:
    """Keep the units of an operation as targets of automatic deployment, or drop them.

    Units whose accounts a filter chooses from are none.
    """
    if (operation.targets or {}).get("AccountFilterType", "NONE") != "NONE":
        return
    for unit in (operation.targets or {}).get("OrganizationalUnitIds", []):
        known = stack_set.automatic_targets.get(unit, [])
        if operation.action == "DELETE":
            left = [each for each in known if each not in operation.regions]
        else:
            left = [*known, *(each for each in operation.regions if each not in known)]
        stack_set.automatic_targets.pop(unit, None)
        if left:
            stack_set.automatic_targets[unit] = left


def described_targets(stack_set: StackSet) -> list[Document]:
    """Return the targets of automatic deployment in the form of an answer."""
    return [{"OrganizationalUnitId": unit, "Regions": regions} for unit, regions in stack_set.automatic_targets.items()]


def follow(management: str, account: str) -> None:
    """Deploy to an account that has entered units, and take the instances out of one that has left them."""
    for stack_set in list(sets.values()):
        automatic = stack_set.auto_deployment or {}
        if stack_set.account != management or stack_set.status != "ACTIVE" or not automatic.get("Enabled"):
            continue
        wanted = _wanted(stack_set, account)
        there = [
            place
            for place, each in stack_set.instances.items()
            if place[0] == account and each.unit in stack_set.automatic_targets
        ]
        if gone := [each for each in there if each not in wanted]:
            _start(stack_set, "DELETE", gone, retain=automatic.get("RetainStacksOnAccountRemoval", False))
        if new := {place: unit for place, unit in wanted.items() if place not in stack_set.instances}:
            for (_, region), unit in new.items():
                targets.add(stack_set, {account: unit}, [region], {})
            _start(stack_set, "CREATE", list(new))


def _wanted(stack_set: StackSet, account: str) -> dict[Place, str]:
    record = account_of(stack_set.account, account)
    if record is None or account == stack_set.account:
        return {}
    units = _above(stack_set.account, record["_ParentId"])
    return {
        (account, region): unit
        for unit, regions in stack_set.automatic_targets.items()
        if unit in units
        for region in regions
    }


def _above(management: str, unit: str | None) -> list[str]:
    parents, found = parents_of(management), list[str]()
    while unit is not None:
        found.append(unit)
        unit = parents[unit]
    return found


def _start(stack_set: StackSet, action: str, places: list[Place], *, retain: bool | None = None) -> None:
    account = places[0][0]
    operation = Operation(
        operation_id=schedule.new_id(),
        action=action,
        regions=list(dict.fromkeys(region for _, region in places)),
        accounts={account: stack_set.instances[places[0]].unit},
        preferences={},
        places=places,
        retain_stacks=retain,
    )
    schedule.accept(stack_set, operation)
