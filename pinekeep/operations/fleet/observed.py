"""A fleet's stack set as it is, with the parameters of its instances.

The parameters of an instance cost a call each. They are known without one if its last operation says in its ID that it
deployed what is wanted, or if this machine has fingerprints of them for the same operation: parameters cannot change
without another one.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.stack_sets import (
    CallAs,
    Instance,
    Operation,
    StackSet,
    list_instances,
    list_operations,
    overrides_of,
    read_stack_set,
)
from pinekeep.operations.fleet.desired import Desired, DesiredInstance, Place, digest_of
from pinekeep.operations.fleet.fingerprints import Fingerprints, fingerprint

SIDE_BY_SIDE: Final = 8
"""Reads of parameters at the same time. Adaptive retries slow down when AWS throttles."""
CURRENT: Final = "CURRENT"
INOPERABLE: Final = "INOPERABLE"
"""The statuses of an instance that is as the stack set, and of one that StackSets can no longer operate on."""


@dataclass(frozen=True, kw_only=True)
class Observed:
    """A stack set and its instances as they are; None and empty if there is no such stack set.

    Attributes:
        instances: by account and Region.
        overrides: the parameters that instances override, of those that were read. They may be secret.
        as_desired: the instances whose parameters are known to be the wanted ones.
        operations: the newest operations, the newest first.
    """

    stack_set: StackSet | None = None
    instances: Mapping[Place, Instance] = field(default_factory=dict)
    overrides: Mapping[Place, Mapping[str, str]] = field(default_factory=dict)
    as_desired: frozenset[Place] = frozenset()
    operations: tuple[Operation, ...] = ()

    @property
    def under_way(self) -> tuple[Operation, ...]:
        """The operations that have not ended."""
        return tuple(each for each in self.operations if each.is_under_way)

    def values(self, place: Place, desired: Desired) -> Mapping[str, str] | None:
        """Return the values of all parameters of an instance, None if they were not read. They may be secret."""
        wanted = desired.instances.get(place)
        if place in self.as_desired and wanted is not None:
            return wanted.values
        own = self.overrides.get(place)
        if own is None or self.stack_set is None:
            return None
        return {**self.stack_set.parameters, **own}


def read_observed(
    clients: Clients,
    stack_set: str,
    *,
    call_as: CallAs | None = None,
    operations: int = 100,
) -> Observed:
    """Return a stack set, its instances and its newest operations, without parameters. Three calls, more for each page.

    Raises AwsRefusedError if AWS refuses.
    """
    with ThreadPoolExecutor(3) as pool:
        reading = pool.submit(read_stack_set, clients, stack_set, call_as=call_as)
        listing = pool.submit(list_instances, clients, stack_set, call_as=call_as)
        newest = pool.submit(list_operations, clients, stack_set, call_as=call_as, newest=operations)
        found = reading.result()
        instances, last = listing.result(), newest.result()
    if found is None:
        return Observed()
    return Observed(stack_set=found, instances={each.place: each for each in instances}, operations=tuple(last))


def with_parameters(
    observed: Observed,
    desired: Desired,
    *,
    clients: Clients,
    call_as: CallAs | None = None,
    places: Iterable[Place] | None = None,
    fingerprints: Fingerprints | None = None,
) -> Observed:
    """Return the stack set with the parameters of the instances that are targets. One call for each not known yet.

    ``places``: None for all targets. ``fingerprints``: those of this machine, which are read and written. Raises
    AwsRefusedError if AWS refuses.
    """
    found = observed.stack_set
    if found is None:
        return observed
    wanted = set(desired.instances if places is None else places)
    kept = fingerprints or Fingerprints.none()
    as_desired: set[Place] = set()
    unknown: list[Instance] = []
    for place, instance in observed.instances.items():
        target = desired.instances.get(place)
        if target is None or place not in wanted:
            continue
        if _says_so(instance, target) or kept.match(instance, found.parameters, target.values):
            as_desired.add(place)
        else:
            unknown.append(instance)

    def read(instance: Instance) -> Mapping[str, str] | None:
        account, region = instance.place
        return overrides_of(clients, found.name, account=account, region=region, call_as=call_as)

    overrides = dict(zip([each.place for each in unknown], _side_by_side(read, unknown), strict=True))
    known = {place: each for place, each in overrides.items() if each is not None}
    for instance in unknown:
        if instance.place in known:
            kept.put(instance, {name: fingerprint(value) for name, value in known[instance.place].items()})
    kept.save()
    same = {
        place for place, each in known.items() if {**found.parameters, **each} == dict(desired.instances[place].values)
    }
    gone = {place for place, each in overrides.items() if each is None}
    return replace(
        observed,
        instances={place: each for place, each in observed.instances.items() if place not in gone},
        overrides=known,
        as_desired=frozenset(as_desired | same),
    )


def _says_so(instance: Instance, target: DesiredInstance) -> bool:
    """Return whether the ID of the last operation says that it deployed what is wanted, and it succeeded."""
    return instance.status == CURRENT and digest_of(instance.last_operation) == target.digest


def _side_by_side(
    read: Callable[[Instance], Mapping[str, str] | None], instances: list[Instance]
) -> list[Mapping[str, str] | None]:
    if not instances:
        return []
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return list(pool.map(read, instances))
