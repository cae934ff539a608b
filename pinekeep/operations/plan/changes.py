"""What a change set would do, as typed values. Pure: from what DescribeChangeSet answers.

Source: the CloudFormation API reference (ResourceChange, ResourceChangeDetail, ResourceTargetDefinition),
docs.aws.amazon.com, checked 2026-11-29; for drift, :data:`pinekeep.model.facts.aws.DRIFT_AWARE_PAGE`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

NO_CHANGES: Final = ("didn't contain changes", "No updates are to be performed")
"""What CloudFormation says of a change set that is empty."""

_SETTLED_ATTRIBUTES: Final = ("Arn", "KeyId", "GroupId", "Id")
"""Attributes that a resource keeps for as long as it is not replaced."""


class Action(StrEnum):
    """What happens to a resource."""

    ADD = "Add"
    MODIFY = "Modify"
    REMOVE = "Remove"
    IMPORT = "Import"
    DYNAMIC = "Dynamic"
    SYNC = "SyncWithActual"
    """The resource stays as it is; CloudFormation notes that it is as the template says."""


class Replacement(StrEnum):
    """Whether another resource takes the place of this one."""

    NEVER = "False"
    MAYBE = "Conditional"
    ALWAYS = "True"


@dataclass(frozen=True, kw_only=True)
class PropertyChange:
    """One thing that changes in a resource.

    Attributes:
        attribute: what kind of thing: ``Properties``, ``Tags``, ``Metadata``, ``DeletionPolicy`` and so on.
        name: the property's name, where it is one.
        recreation: whether the change takes another resource: ``Never``, ``Conditionally`` or ``Always``.
        before: the value before as text, where CloudFormation tells it.
        after: the value after.
        causes: the logical ID and attribute (``Key.Arn``) of the other resource that it follows from, where that alone
            is the reason; None where the template itself says otherwise than before.
    """

    attribute: str
    name: str | None = None
    recreation: str = "Never"
    before: str | None = None
    after: str | None = None
    causes: str | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a change set would do to one resource.

    Attributes:
        action: what happens to it.
        physical_id: what it is now, where it is anything.
        replacement: whether another one takes its place.
        retained: whether the old one stays in the account when it is removed or replaced.
        lost: whether it was deleted behind the stack's back, and is made again.
    """

    stack: str
    logical_id: str
    type: str
    action: Action
    physical_id: str | None = None
    replacement: Replacement = Replacement.NEVER
    retained: bool = False
    lost: bool = False
    details: tuple[PropertyChange, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChangeSet:
    """A change set that CloudFormation has worked out.

    Attributes:
        name: the change set's own ARN.
        stack_id: the stack's ARN.
    """

    stack: str
    name: str
    stack_id: str
    executable: bool
    reason: str | None = None
    changes: tuple[Change, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.executable and any(each in (self.reason or "") for each in NO_CHANGES)


def parse_change_set(stack: str, description: Mapping[str, Any]) -> ChangeSet:
    """Return a change set."""
    found = [each["ResourceChange"] for each in description.get("Changes") or [] if "ResourceChange" in each]
    return ChangeSet(
        stack=stack,
        name=str(description["ChangeSetId"]),
        stack_id=str(description["StackId"]),
        executable=description.get("ExecutionStatus") == "AVAILABLE",
        reason=description.get("StatusReason") or None,
        changes=tuple(_settled([_change(stack, each) for each in found])),
    )


def _change(stack: str, found: Mapping[str, Any]) -> Change:
    action = _action(found)
    # However CloudFormation says that it makes a deleted resource again: nothing that is there is replaced.
    lost = found.get("ResourceDriftStatus") == "DELETED" and action is not Action.REMOVE
    return Change(
        stack=stack,
        logical_id=str(found["LogicalResourceId"]),
        type=str(found["ResourceType"]),
        action=Action.ADD if lost else action,
        physical_id=found.get("PhysicalResourceId") or None,
        replacement=Replacement.NEVER if lost else _replacement(found),
        retained=str(found.get("PolicyAction") or "").endswith("Retain"),
        lost=lost,
        details=() if lost else tuple(_details(found.get("Details") or ())),
    )


def _action(found: Mapping[str, Any]) -> Action:
    """Return what happens to a resource. A word that is not known yet may mean anything."""
    word = found.get("Action")
    return Action(word) if word in set(Action) else Action.DYNAMIC


def _replacement(found: Mapping[str, Any]) -> Replacement:
    word = found.get("Replacement") or Replacement.NEVER
    return Replacement(word) if word in set(Replacement) else Replacement.MAYBE


def _details(found: Iterable[Mapping[str, Any]]) -> list[PropertyChange]:
    """Return the details; CloudFormation tells of one property once for each of its causes."""
    together: dict[tuple[str, str | None], PropertyChange] = {}
    for each in found:
        target = each.get("Target") or {}
        if target.get("AttributeChangeType") == Action.SYNC:
            continue  # it is as the template says already
        by_reference = each.get("Evaluation") == "Dynamic" and each.get("ChangeSource") == "ResourceAttribute"
        made = PropertyChange(
            attribute=str(target.get("Attribute") or "Properties"),
            name=target.get("Name") or None,
            recreation=str(target.get("RequiresRecreation") or "Never"),
            before=target.get("BeforeValue"),
            after=target.get("AfterValue"),
            causes=each.get("CausingEntity") if by_reference else None,
        )
        place = made.attribute, made.name
        # What the template itself changes says more than what follows from another resource.
        if place not in together or together[place].causes is not None:
            together[place] = made
    return list(together.values())


def _settled(changes: list[Change]) -> Iterable[Change]:
    """Yield the changes without what CloudFormation cannot rule out before it runs, and what cannot be.

    Wherever a resource changes, it tells of everything that refers to one of its attributes, and that this might be
    replaced. An ARN or an ID stays what it is while its own resource is not replaced.
    """
    stay = {each.logical_id for each in changes if each.action is Action.MODIFY and not _may_be_replaced(each)}
    for each in changes:
        details = tuple(detail for detail in each.details if not _is_settled(detail.causes, stay))
        if len(details) == len(each.details):
            yield each
            continue
        needs_another = any(detail.recreation != "Never" for detail in details)
        replacement = each.replacement if needs_another else Replacement.NEVER
        if details or replacement is not Replacement.NEVER:
            yield replace(each, details=details, replacement=replacement)


def _may_be_replaced(change: Change) -> bool:
    return change.replacement is not Replacement.NEVER


def _is_settled(causes: str | None, stay: Iterable[str]) -> bool:
    logical_id, _, attribute = (causes or "").partition(".")
    return logical_id in stay and attribute in _SETTLED_ATTRIBUTES
