"""The plan of a fleet: its targets with what ``deploy`` would do to each."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pinekeep.account.reads.stack_sets import Instance
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.operations.fleet.desired import Desired, DesiredInstance, Place
from pinekeep.operations.fleet.members import Members
from pinekeep.operations.fleet.observed import Observed
from pinekeep.operations.fleet.surroundings import Surroundings
from pinekeep.operations.plan.classify import Finding, worst
from pinekeep.operations.plan.rules import Kind


class Action(StrEnum):
    """What ``deploy`` does to a target."""

    HELD_BACK = "held_back"
    UPDATE = "update"
    RETRY = "retry"
    CREATE = "create"
    INCOMPLETE = "incomplete"
    SKIPPED = "skipped"
    LEFT_ALONE = "left_alone"
    NONE = "none"

    @property
    def words(self) -> str:
        """The action as a person reads it."""
        return _WORDS[self]

    @property
    def rank(self) -> int:
        """Its place in a list: what deserves attention comes first."""
        return _RANKS[self]


_RANKS: Final = {action: rank for rank, action in enumerate(Action)}
_WORDS: Final = {
    Action.HELD_BACK: "held back",
    Action.UPDATE: "update",
    Action.RETRY: "retry",
    Action.CREATE: "create",
    Action.INCOMPLETE: "incomplete",
    Action.SKIPPED: "skipped",
    Action.LEFT_ALONE: "left alone",
    Action.NONE: "no change",
}
DEPLOYED: Final = (Action.UPDATE, Action.RETRY, Action.CREATE)
"""The actions that change something."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetPlan:
    """The plan of one account and Region.

    Attributes:
        region: None for an account of an organizational unit that needs a row first.
        reason: why this is the action; None if the findings say it, or nothing happens.
        remedy: what to do instead.
        parameters: the names of the parameters that change.
        template: whether the template changes.
    """

    account: str
    region: str | None
    action: Action
    reason: str | None = None
    remedy: str | None = None
    parameters: tuple[str, ...] = ()
    template: bool = False
    findings: tuple[Finding, ...] = ()
    instance: Instance | None = None
    desired: DesiredInstance | None = None

    @property
    def kind(self) -> Kind:
        """The most severe kind of its findings."""
        return worst(self.findings)


@dataclass(frozen=True, kw_only=True)
class SetChanges:
    """What changes in the stack set itself.

    Attributes:
        creates: whether it is created.
        tags: the keys of the tags that change.
        auto_deployment: whether its automatic deployment is turned off.
        managed_execution: whether managed execution is turned on.
    """

    creates: bool = False
    template: bool = False
    tags: tuple[str, ...] = ()
    auto_deployment: bool = False
    managed_execution: bool = False

    @property
    def any(self) -> bool:
        """Whether anything changes."""
        return bool(self.creates or self.template or self.tags or self.auto_deployment or self.managed_execution)


@dataclass(frozen=True, kw_only=True)
class FleetPlan:
    """The plan of a fleet, its targets with the most severe first.

    Attributes:
        found: the fleet with its targets.
        members: the accounts of its organizational units.
        surroundings: what else was read, such as the root of the organization.
        warnings: what deserves attention, and is no obstacle to a plan.
        narrowed: whether the plan is of some targets alone.
    """

    found: FleetTargets
    desired: Desired
    observed: Observed
    targets: tuple[TargetPlan, ...]
    changes: SetChanges
    members: Members = field(default_factory=Members)
    surroundings: Surroundings = field(default_factory=Surroundings)
    warnings: tuple[str, ...] = ()
    narrowed: bool = False

    @property
    def kind(self) -> Kind:
        """The most severe kind of its findings."""
        return max((each.kind for each in self.targets), key=lambda kind: kind.rank, default=Kind.SAFE)

    @property
    def would_change(self) -> bool:
        """Whether ``deploy`` would change anything."""
        return self.changes.any or any(each.action in DEPLOYED for each in self.targets)

    @property
    def held_back(self) -> tuple[TargetPlan, ...]:
        """The targets that ``deploy`` leaves as they are because of what would change."""
        return tuple(each for each in self.targets if each.action is Action.HELD_BACK)

    @property
    def counts(self) -> dict[Action, int]:
        """The number of targets by action, without zeros."""
        found = Counter(each.action for each in self.targets)
        return {each: found[each] for each in Action if found[each]}

    def places(self, *actions: Action) -> frozenset[Place]:
        """Return the accounts and Regions with one of some actions."""
        return frozenset(
            (each.account, each.region) for each in self.targets if each.region is not None and each.action in actions
        )

    def unit_of(self, account: str) -> str | None:
        """Return the organizational unit, or the root, through which an account is addressed; None if self-managed."""
        if self.found.fleet.permissions == "self-managed":
            return None
        return self.members.units.get(account) or self.surroundings.root


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """The accounts and Regions that a plan is narrowed to; empty for all."""

    accounts: Collection[str] = ()
    regions: Collection[str] = ()

    def __bool__(self) -> bool:
        """Whether anything is left out."""
        return bool(self.accounts or self.regions)

    def includes(self, place: tuple[str, str | None]) -> bool:
        """Return whether an account and Region is included."""
        account, region = place
        return account in (self.accounts or (account,)) and region in (self.regions or (region,))
