"""The changes between two filled-in templates of one stack, as a change set would have them. Pure.

A change set needs a call in each account. Here the templates of a stack before and after are compared instead; which
properties replace a resource is known as data.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pinekeep.model.facts.replacement import recreation
from pinekeep.operations.plan.changes import Action, Change, PropertyChange, Replacement

Template = Mapping[str, Any]

_ATTRIBUTES: Final = ("DeletionPolicy", "UpdateReplacePolicy", "Metadata", "CreationPolicy", "UpdatePolicy")
"""What a resource has besides properties and the order of creation."""
_TAGS: Final = "Tags"
_RETAINED: Final = frozenset({"Retain", "RetainExceptOnCreate"})
_NEVER: Final = "Never"


def local_changes(stack: str, before: Template, after: Template) -> tuple[Change, ...]:
    """Return the changes of a stack from one filled-in template to another, in the order of the templates."""
    old, new = before.get("Resources") or {}, after.get("Resources") or {}
    found = {name: each for name in {**old, **new} if (each := _change(stack, name, old.get(name), new.get(name)))}
    while another := next(_following(stack, new, found), None):
        found[another.logical_id] = another
    return tuple(found[name] for name in {**old, **new} if name in found)


def _change(stack: str, name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Change | None:
    if after is None:
        kind = str((before or {}).get("Type"))
        retained = (before or {}).get("DeletionPolicy") in _RETAINED
        return Change(stack=stack, logical_id=name, type=kind, action=Action.REMOVE, retained=retained)
    kind = str(after.get("Type"))
    if before is None:
        return Change(stack=stack, logical_id=name, type=kind, action=Action.ADD)
    details = tuple(_details(kind, before, after))
    is_another = before.get("Type") != kind
    if not details and not is_another:
        return None
    return _modified(
        Change(
            stack=stack,
            logical_id=name,
            type=kind,
            action=Action.MODIFY,
            retained=after.get("UpdateReplacePolicy") in _RETAINED,
            replacement=Replacement.ALWAYS if is_another else Replacement.NEVER,
        ),
        details,
    )


def _modified(change: Change, details: tuple[PropertyChange, ...]) -> Change:
    """Return a change with details, and with the replacement that follows from them."""
    needed = {each.recreation for each in details}
    replacement = change.replacement
    if "Always" in needed:
        replacement = Replacement.ALWAYS
    elif "Conditionally" in needed and replacement is Replacement.NEVER:
        replacement = Replacement.MAYBE
    return replace(change, details=details, replacement=replacement)


def _details(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[PropertyChange]:
    old, new = before.get("Properties") or {}, after.get("Properties") or {}
    for name in {**old, **new}:
        if not _equal(old.get(name), new.get(name)):
            yield PropertyChange(
                attribute=_TAGS if name == _TAGS else "Properties",
                name=None if name == _TAGS else name,
                recreation=recreation(kind, name),
                before=_text(old.get(name)),
                after=_text(new.get(name)),
            )
    for name in _ATTRIBUTES:
        if not _equal(before.get(name), after.get(name)):
            yield PropertyChange(attribute=name, before=_text(before.get(name)), after=_text(after.get(name)))


def _following(stack: str, resources: Mapping[str, Any], found: Mapping[str, Change]) -> Iterator[Change]:
    """Yield the resources that refer to a replaced one by a property that is not known to change yet."""
    replaced = {name for name, each in found.items() if each.replacement is not Replacement.NEVER}
    for name, resource in resources.items():
        known = found.get(name)
        if known is not None and known.action is not Action.MODIFY:
            continue
        seen = {each.name for each in known.details} if known is not None else set()
        kind = str(resource.get("Type"))
        more = tuple(
            PropertyChange(
                attribute="Properties", name=each, recreation=_at_most_maybe(kind, each, found, causes), causes=causes
            )
            for each, value in (resource.get("Properties") or {}).items()
            if each not in seen and (causes := next((one for one in _referred(value) if one in replaced), None))
        )
        if more:
            base = known or Change(
                stack=stack,
                logical_id=name,
                type=kind,
                action=Action.MODIFY,
                retained=resource.get("UpdateReplacePolicy") in _RETAINED,
            )
            yield _modified(base, (*base.details, *more))


def _at_most_maybe(kind: str, name: str, found: Mapping[str, Change], causes: str) -> str:
    needed = recreation(kind, name)
    certain = found[causes].replacement is Replacement.ALWAYS
    return needed if certain or needed == _NEVER else "Conditionally"


def _referred(value: Any) -> Iterator[str]:
    """Yield the logical IDs that a value refers to."""
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case dict():
            for each in value.values():
                yield from _referred(each)
        case list():
            for each in value:
                yield from _referred(each)
        case str():
            for part in value.split("${")[1:]:
                yield part.partition("}")[0].partition(".")[0]
        case _:
            pass


def _equal(before: Any, after: Any) -> bool:
    """Return whether CloudFormation takes two values for the same: scalars are texts to it."""
    match before, after:
        case dict(), dict():
            return before.keys() == after.keys() and all(_equal(before[name], after[name]) for name in before)
        case list(), list():
            return len(before) == len(after) and all(map(_equal, before, after))
        case (dict() | list() | None, _) | (_, dict() | list() | None):
            return bool(before == after)
        case _:
            return _text(before) == _text(after)


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case dict() | list():
            return json.dumps(value)
        case _:
            return str(value)
