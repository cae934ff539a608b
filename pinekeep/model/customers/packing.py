"""Packing many customers' keys into managed policies and roles, within IAM's quotas.

A customer who has a place keeps it: Pinecone knows the customer's key by the role that may use it, so nobody is ever
moved to another role. Those without a place fill the room there is, first come first served.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.model.facts import aws
from pinekeep.model.policies.permissions import customer_keys_policy

_SEPARATORS: Final = len('"",')
"""What a resource takes in a policy besides its own characters."""


@dataclass(frozen=True)
class CustomerKeys:
    """One customer: a name unique in its deployment, and ARNs of keys, or one pattern for all keys of an account."""

    name: str
    resources: tuple[str, ...]


@dataclass(frozen=True)
class RoleContent:
    """One role and the managed policies attached to it.

    ``policies``: for each policy, its resources. A policy may be empty where its customers have left. ``customers``:
    the names of the customers whose keys the role may use, in the order of the file.
    """

    number: int
    policies: tuple[tuple[str, ...], ...]
    customers: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where a customer's keys are: the role, and for each part of the keys the policy that holds it. From 1."""

    role: int
    policies: tuple[int, ...]


@dataclass(frozen=True)
class Packing:
    """Where everybody is. ``roles``: the roles, by number. ``places``: each customer's place, by name."""

    roles: tuple[RoleContent, ...]
    places: Mapping[str, Place]


def policy_capacity(*, describe: bool) -> int:
    """Return how many characters of resources a managed policy holds, less white space (facts.aws.IAM_QUOTAS_PAGE)."""
    empty = json.dumps(customer_keys_policy([], describe=describe), separators=(",", ":"))
    return aws.MANAGED_POLICY_MAX - len(empty)


def size(resource: str) -> int:
    """Return how many characters a resource takes in a policy."""
    return len(resource) + _SEPARATORS


def pack(
    customers: Sequence[CustomerKeys],
    *,
    places: Mapping[str, Place] | None = None,
    describe: bool = False,
    policies_per_role: int = aws.MANAGED_POLICIES_PER_ROLE,
) -> Packing:
    """Give every customer a place. Takes time in proportion to the number of keys.

    Args:
        customers: the customers, in the order of the file.
        places: where customers are already; a name that is gone leaves its room to others.
        describe: whether the policies hold kms:DescribeKey too.
        policies_per_role: how many managed policies a role takes; 20 after a quota increase.

    Returns where everybody is. The same input gives the same answer. Raises WrongInputError if a customer's keys fit
    into no role, or no longer into the role that they are in.
    """
    shelf = _Shelf(capacity=policy_capacity(describe=describe), policies_per_role=policies_per_role)
    known = places or {}
    parts = {each.name: _parts(each, shelf.capacity) for each in customers}
    # Small ones first: where keys outgrew their policy, it is the one with many that moves, not all its neighbours.
    for each in sorted(customers, key=lambda each: len(each.resources)):
        if each.name in known:
            shelf.keep(each.name, parts[each.name], known[each.name])
    # Whoever has to move moves within the role, once everybody else has kept their place.
    for each in customers:
        if each.name in known and each.name not in shelf.places:
            shelf.place_in(each.name, parts[each.name], known[each.name].role)
    for each in customers:
        if each.name not in known:
            shelf.place(each.name, parts[each.name])
    return shelf.packing([each.name for each in customers])


@dataclass(frozen=True)
class _Part:
    """As many of a customer's keys as one policy holds."""

    resources: tuple[str, ...]
    size: int


def _parts(customer: CustomerKeys, capacity: int) -> list[_Part]:
    parts: list[_Part] = []
    held: list[str] = []
    used = 0
    for resource in customer.resources:
        if held and used + size(resource) > capacity:
            parts.append(_Part(tuple(held), used))
            held.clear()
            used = 0
        held.append(resource)
        used += size(resource)
    return [*parts, _Part(tuple(held), used)]


@dataclass
class _Policy:
    room: int
    parts: list[tuple[str, _Part]] = field(default_factory=list)


class _Shelf:
    """Roles with policies, being filled."""

    def __init__(self, *, capacity: int, policies_per_role: int) -> None:
        self.capacity = capacity
        self.places: dict[str, Place] = {}
        self._policies_per_role = policies_per_role
        self._roles: list[list[_Policy]] = []
        # Room only shrinks, so the first policy that can hold a part of some size is never before the last one found.
        self._first: dict[int, tuple[int, int]] = {}

    def keep(self, name: str, parts: Sequence[_Part], place: Place) -> None:
        """Put a customer back where it was, if it still fits there."""
        policies = [self._policy(place.role, number) for number in place.policies]
        if len(parts) != len(policies) or any(
            policy is None or part.size > policy.room for part, policy in zip(parts, policies, strict=False)
        ):
            return
        for part, number in zip(parts, place.policies, strict=True):
            self._put(name, part, place.role, number)
        self.places[name] = place

    def place_in(self, name: str, parts: Sequence[_Part], role: int) -> None:
        """Find a customer new policies in the role that it is in."""
        self._policy(role, 1)
        numbers = self._fit(parts, role)
        if numbers is None:
            needed = sum(part.size for part in parts)
            raise WrongInputError(
                f"the keys of customer {name} take {needed:,} characters of policy, and role {role}, which the "
                f"customer was given, has no room for them: a role holds {self._policies_per_role} managed policies "
                f"with {self.capacity:,} characters each",
                hint="leave key_arns out, which takes one entry for the whole account, or remove keys",
            )
        self._settle(name, parts, role, numbers)

    def place(self, name: str, parts: Sequence[_Part]) -> None:
        """Find a customer a place in the first role that has room for all of its keys."""
        if len(parts) > self._policies_per_role:
            needed = sum(part.size for part in parts)
            raise WrongInputError(
                f"the keys of customer {name} take {needed:,} characters of policy; a role holds "
                f"{self._policies_per_role} managed policies with {self.capacity:,} characters each",
                hint="leave key_arns out, which takes one entry for the whole account",
            )
        if len(parts) == 1:
            role, number = self._first_fit(parts[0])
            self._settle(name, parts, role, [number])
            return
        role = 1
        while (numbers := self._fit(parts, role)) is None:
            role += 1
        self._settle(name, parts, role, numbers)

    def packing(self, names: Iterable[str]) -> Packing:
        """Return where everybody is, in the order of the names."""
        order = {name: index for index, name in enumerate(names)}
        residents: list[list[str]] = [[] for _ in self._roles]
        for name in order:
            residents[self.places[name].role - 1].append(name)
        roles = [
            RoleContent(
                number=number,
                policies=tuple(_resources(policy, order) for policy in policies),
                customers=tuple(residents[number - 1]),
            )
            for number, policies in enumerate(self._roles, start=1)
        ]
        return Packing(roles=tuple(roles), places={name: self.places[name] for name in order})

    def _first_fit(self, part: _Part) -> tuple[int, int]:
        role, number = self._first.get(part.size, (1, 1))
        while not self._holds(part, role, number):
            role, number = (role, number + 1) if number < self._policies_per_role else (role + 1, 1)
        self._first[part.size] = (role, number)
        return role, number

    def _holds(self, part: _Part, role: int, number: int) -> bool:
        policy = self._policy(role, number)
        return policy is not None and part.size <= policy.room

    def _fit(self, parts: Sequence[_Part], role: int) -> list[int] | None:
        """Return policies of one role that hold the parts, each part in a policy of its own, or None."""
        numbers: list[int] = []
        number = 1
        for part in parts:
            while number <= self._policies_per_role and not self._holds(part, role, number):
                number += 1
            if number > self._policies_per_role:
                return None
            numbers.append(number)
            number += 1
        return numbers

    def _settle(self, name: str, parts: Sequence[_Part], role: int, numbers: Sequence[int]) -> None:
        for part, number in zip(parts, numbers, strict=True):
            self._put(name, part, role, number)
        self.places[name] = Place(role, tuple(numbers))

    def _put(self, name: str, part: _Part, role: int, number: int) -> None:
        policy = self._policy(role, number)
        if policy is not None:
            policy.room -= part.size
            policy.parts.append((name, part))

    def _policy(self, role: int, number: int) -> _Policy | None:
        """Return a policy, made where it is missing; None where a role cannot have so many."""
        if number > self._policies_per_role or role < 1 or number < 1:
            return None
        while len(self._roles) < role:
            self._roles.append([])
        policies = self._roles[role - 1]
        while len(policies) < number:
            policies.append(_Policy(self.capacity))
        return policies[number - 1]


def _resources(policy: _Policy, order: Mapping[str, int]) -> tuple[str, ...]:
    """Return a policy's resources in the order of the file, whatever the order in which they were put there."""
    ordered = sorted(policy.parts, key=lambda each: order[each[0]])
    return tuple(resource for _, part in ordered for resource in part.resources)
