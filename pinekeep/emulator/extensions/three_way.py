"""The three-way comparison of a drift-aware change set, one resource at a time.

Source: "Using drift-aware change sets" and ResourceChange, ResourceTargetDefinition of the CloudFormation API
reference, docs.aws.amazon.com, checked 2026-11-29.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ministack.services.cloudformation import drift, provisioners

from pinekeep.emulator.extensions.cloudformation import REPLACING
from pinekeep.emulator.extensions.patching import Document

KNOWN_LATER: Final = "{{changeSet:KNOWN_AFTER_APPLY}}"
"""What a change set says of a value that another resource will put out."""
_TAG_PROPERTIES: Final = ("Tags", "HostedZoneTags")


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A resource's live, deployed and desired states, compared.

    Attributes:
        status: ``IN_SYNC``, ``MODIFIED``, ``DELETED``, ``UNKNOWN`` or ``UNSUPPORTED``.
        actual: the live values of the properties that differ from the deployed ones.
        details: a ResourceChangeDetail for each property whose change depends on the live state.
        settled: the properties that have their desired values, or whose drift is not reverted.
    """

    status: str
    actual: Mapping[str, Any] = field(default_factory=dict)
    details: tuple[Document, ...] = ()
    settled: frozenset[str] = frozenset()


def compare(stack: Document, record: Document, desired: Mapping[str, Any], *, at: str) -> Compared:
    """Compare a resource of a stack, by its record, with its resolved properties in the new template."""
    kind = record["ResourceType"]
    if kind not in drift._DRIFT_READERS:
        return Compared(status="UNSUPPORTED")
    reader, readable = drift._DRIFT_READERS[kind]
    previous = record.get("Properties") or {}
    try:
        live = reader(record.get("PhysicalResourceId", ""), previous)
    except Exception:
        return Compared(status="UNKNOWN")
    if live is None:
        return Compared(status="DELETED")
    tags = stack.get("Tags") or []
    before = drift._expected_properties(kind, previous, readable, tags)
    after = drift._expected_properties(kind, dict(desired), readable, tags)
    details: list[Document] = []
    actual: dict[str, Any] = {}
    settled: set[str] = set()
    for name in sorted(before.keys() | after.keys()):
        if name not in live:
            continue
        was, will, is_ = before.get(name), after.get(name), live[name]
        sample = will if will is not None else was
        is_ = _named_tags(is_, was, will) if name in _TAG_PROPERTIES else drift._coerce_like(sample, is_)
        drifted = not _same(was, is_)
        if drifted and name in REPLACING.get(kind, frozenset()):
            settled.add(name)
            continue
        if drifted:
            actual[name] = copy.deepcopy(is_)
        if _same(will, is_):
            settled.add(name)
            if drifted:
                details.append(_detail(name, was, is_, will, at=at, how="SyncWithActual", drifted=True))
        elif drifted or not _same(was, will):
            how = "Modify" if will is not None else "Remove"
            details.append(_detail(name, was, is_, will, at=at, how=how, drifted=drifted))
    status = "MODIFIED" if actual else "IN_SYNC"
    return Compared(status=status, actual=actual, details=tuple(details), settled=frozenset(settled))


def _same(one: Any, other: Any) -> bool:
    return bool(drift._same(one, other))


def _named_tags(live: Any, *templates: Any) -> Any:
    """Return the live tags whose keys a template has."""
    named = {key for each in templates for key in provisioners._tag_map(each)}
    kept = {key: value for key, value in provisioners._tag_map(live).items() if key in named}
    like: Any = next((each for each in reversed(templates) if each is not None), [])
    return drift._tags_in_shape(kept, like)


def _detail(name: str, was: Any, is_: Any, will: Any, *, at: str, how: str, drifted: bool) -> Document:
    tags = name in _TAG_PROPERTIES
    target: Document = {
        "Attribute": "Tags" if tags else "Properties",
        "RequiresRecreation": "Never",
        "Path": f"/Properties/{name}",
        "BeforeValue": drift._scalar_text(is_),
        "BeforeValueFrom": "ACTUAL_STATE",
        "AttributeChangeType": how,
    }
    if not tags:
        target["Name"] = name
    if will is not None:
        target["AfterValue"] = drift._scalar_text(will)
        target["AfterValueFrom"] = "TEMPLATE"
    if drifted:
        target["Drift"] = {
            "PreviousValue": drift._scalar_text(was),
            "ActualValue": drift._scalar_text(is_),
            "DriftDetectionTimestamp": at,
        }
    source = "NoModification" if drifted and _same(was, will) else "DirectModification"
    return {"Target": target, "Evaluation": "Static", "ChangeSource": source}


def changed(found: Compared, record: Document, logical_id: str, planned: Document | None) -> Document | None:
    """Return the ResourceChange, or None. ``planned``: the change of a change set that ignores drift."""
    base: Document = {"LogicalResourceId": logical_id, "ResourceType": record["ResourceType"]}
    if found.status == "DELETED":
        return {**base, "Action": "Add", "ResourceDriftStatus": "DELETED"}
    others = [
        _from_previous(each)
        for each in (planned or {}).get("Details") or ()
        if each["Target"].get("Name") not in found.settled
        and each["Target"].get("Name") not in {one["Target"].get("Name") for one in found.details}
    ]
    details = [*found.details, *others]
    if not details:
        # A change of the stack's tags alone, or one that turned out to be so already.
        return None if found.settled or planned is None else {**planned, "ResourceDriftStatus": found.status}
    synced = all(each["Target"].get("AttributeChangeType") == "SyncWithActual" for each in details)
    made: Document = {
        **base,
        "Action": "SyncWithActual" if synced else "Modify",
        "PhysicalResourceId": record.get("PhysicalResourceId"),
        "ResourceDriftStatus": found.status,
        "Scope": list(dict.fromkeys(each["Target"]["Attribute"] for each in details)),
        "Details": details,
    }
    if not synced:
        made["Replacement"] = (planned or {}).get("Replacement", "False")
        if "PolicyAction" in (planned or {}):
            made["PolicyAction"] = (planned or {})["PolicyAction"]
    return made


def _from_previous(detail: Document) -> Document:
    return {**detail, "Target": {**detail["Target"], "BeforeValueFrom": "PREVIOUS_DEPLOYMENT_STATE"}}


def follows(logical_id: str, record: Document, causes: Mapping[str, str]) -> Document:
    """Return the change of a resource that refers to recreated ones; ``causes``: the reference by property."""
    return {
        "LogicalResourceId": logical_id,
        "ResourceType": record["ResourceType"],
        "PhysicalResourceId": record.get("PhysicalResourceId"),
        "Action": "Modify",
        "ResourceDriftStatus": "IN_SYNC",
        "Replacement": "False",
        "Scope": ["Properties"],
        "Details": [
            {
                "Target": {
                    "Attribute": "Properties",
                    "Name": name,
                    "RequiresRecreation": provisioners._property_recreation(record["ResourceType"], name),
                    "AfterValue": KNOWN_LATER,
                    "AfterValueFrom": "TEMPLATE",
                    "AttributeChangeType": "Modify",
                },
                "Evaluation": "Dynamic",
                "ChangeSource": "ResourceAttribute",
                "CausingEntity": cause,
            }
            for name, cause in sorted(causes.items())
        ],
    }
