"""The changes of a change set, parsed from what DescribeChangeSet answers. Pure.

Source: the CloudFormation API reference (ResourceChange, ResourceChangeDetail, ResourceTargetDefinition),
docs.aws.amazon.com, checked 2026-11-29; for drift, :data:`pinekeep.model.facts.aws.DRIFT_AWARE_PAGE`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

NO_CHANGES: Final = ("didn't contain changes", "No updates are to be performed")
"""The reasons that CloudFormation gives for an empty change set."""

_SETTLED_ATTRIBUTES: Final = ("Arn", "KeyId", "GroupId", "Id")
"""Attributes that do not change unless a resource is replaced."""


class Action(StrEnum):
    """What happens to a resource."""

    ADD = "Add"
    MODIFY = "Modify"
    REMOVE = "Remove"
    IMPORT = "Import"
    DYNAMIC = "Dynamic"
    SYNC = "SyncWithActual"
    """The resource is unchanged; CloudFormation records that it matches the template."""


class Replacement(StrEnum):
    """Whether a resource is replaced."""

    NEVER = "False"
    MAYBE = "Conditional"
    ALWAYS = "True"


@dataclass(frozen=True, kw_only=True)
class PropertyChange:
    """One property, or other attribute of a resource (``Tags``, ``DeletionPolicy`` and so on), that changes.

    ``recreation`` is ``Never``, ``Conditionally`` or ``Always``; the values are text, if CloudFormation shows them.
    ``causes`` is the logical ID and attribute (``Key.Arn``) of the resource from which alone the change follows; None
    if the template changes it.
    """

    attribute: str
    name: str | None = None
    recreation: str = "Never"
    before: str | None = None
    after: str | None = None
    causes: str | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """The change of one resource.

    ``retained``: the old one stays in the account when it is removed or replaced. ``lost``: it was deleted outside of
    CloudFormation, and is created again.
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
    """A change set that CloudFormation has computed; ``name`` and ``stack_id`` are ARNs."""

    stack: str
    name: str
    stack_id: str
    executable: bool
    reason: str | None = None
    changes: tuple[Change, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it has no changes."""
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
    # Whatever CloudFormation calls it: a deleted resource is created again, and nothing is replaced.
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
    """Return the action; an unknown one may mean anything."""
    word = found.get("Action")
    return Action(word) if word in set(Action) else Action.DYNAMIC


def _replacement(found: Mapping[str, Any]) -> Replacement:
    word = found.get("Replacement") or Replacement.NEVER
    return Replacement(word) if word in set(Replacement) else Replacement.MAYBE


def _details(found: Iterable[Mapping[str, Any]]) -> list[PropertyChange]:
    """Return the details; CloudFormation lists a property once for each of its causes."""
    together: dict[tuple[str, str | None], PropertyChange] = {}
    for each in found:
        target = each.get("Target") or {}
        if target.get("AttributeChangeType") == Action.SYNC:
            continue  # it matches the template already
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
        # A change of the template takes precedence over one that follows from another resource.
        if place not in together or together[place].causes is not None:
            together[place] = made
    return list(together.values())


def _settled(changes: list[Change]) -> Iterable[Change]:
    """Yield the changes without those that CloudFormation lists as possible and that cannot happen.

    If a resource changes, CloudFormation lists everything that refers to one of its attributes as possibly changed or
    replaced. An ARN or an ID does not change unless its own resource is replaced.
    """
    kept = [each for each in changes if each.action is Action.MODIFY and each.replacement is Replacement.NEVER]
    stay = {each.logical_id for each in kept}
    for each in changes:
        details = tuple(detail for detail in each.details if not _is_settled(detail.causes, stay))
        if len(details) == len(each.details):
            yield each
            continue
        needs_another = any(detail.recreation != "Never" for detail in details)
        replacement = each.replacement if needs_another else Replacement.NEVER
        if details or replacement is not Replacement.NEVER:
            yield replace(each, details=details, replacement=replacement)


def _is_settled(causes: str | None, stay: Iterable[str]) -> bool:
    logical_id, _, attribute = (causes or "").partition(".")
    return logical_id in stay and attribute in _SETTLED_ATTRIBUTES
