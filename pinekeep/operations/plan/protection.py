"""The protections of the audit bucket, before and after a deployment. Each function serves one rule. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pinekeep.model.facts import aws
from pinekeep.model.naming import Output

if TYPE_CHECKING:
    from pinekeep.operations.plan.subject import Subject

_BUCKET_TYPE: Final = "AWS::S3::Bucket"
_BUCKET_POLICY_TYPE: Final = "AWS::S3::BucketPolicy"
_BUCKET: Final = "AuditBucket"
_MODES: Final = (None, "GOVERNANCE", "COMPLIANCE")
"""The modes of Object Lock, from weak to strong."""


@dataclass(frozen=True, kw_only=True)
class Protection:
    """The protections of the audit bucket as a template has them.

    Attributes:
        mode: the mode of Object Lock; None without a retention.
        days: the retention, in days.
        settings: which of the bucket's settings protect its files.
        denied: the statements of its policy that deny, as JSON, by ID.
        allowed: those that allow.
    """

    mode: str | None = None
    days: int = 0
    settings: frozenset[str] = frozenset()
    denied: Mapping[str, str] | None = None
    allowed: frozenset[str] = frozenset()


def protection_of(template: Mapping[str, Any] | None) -> Protection | None:
    """Return the protections of the audit bucket of a storage stack; None where it has no bucket of its own."""
    resources = (template or {}).get("Resources") or {}
    bucket = resources.get(_BUCKET)
    if bucket is None or bucket.get("Type") != _BUCKET_TYPE:
        return None
    properties = bucket.get("Properties") or {}
    rule = (properties.get("ObjectLockConfiguration") or {}).get("Rule") or {}
    retention = rule.get("DefaultRetention") or {}
    statements = [
        each
        for policy in resources.values()
        if policy.get("Type") == _BUCKET_POLICY_TYPE
        and policy["Properties"].get("Bucket") in ({"Ref": _BUCKET}, properties.get("BucketName"))
        for each in policy["Properties"]["PolicyDocument"].get("Statement") or ()
    ]
    return Protection(
        mode=retention.get("Mode"),
        days=int(retention.get("Days") or 0) + int(retention.get("Years") or 0) * aws.DAYS_PER_YEAR,
        settings=frozenset(_settings(properties)),
        denied={
            str(each.get("Sid") or _text(each)): _text(each) for each in statements if each.get("Effect") == "Deny"
        },
        allowed=frozenset(_text(each) for each in statements if each.get("Effect") == "Allow"),
    )


def _settings(properties: Mapping[str, Any]) -> Iterator[str]:
    if (properties.get("VersioningConfiguration") or {}).get("Status") == "Enabled":
        yield "versioning"
    for name, value in (properties.get("PublicAccessBlockConfiguration") or {}).items():
        if str(value).lower() == "true":
            yield name
    rules = (properties.get("OwnershipControls") or {}).get("Rules") or ()
    if any(each.get("ObjectOwnership") == "BucketOwnerEnforced" for each in rules):
        yield "BucketOwnerEnforced"


def retention_weakened(subject: "Subject") -> Iterator[str]:
    """Yield how the default retention becomes weaker."""
    for before, after in _both(subject):
        if before.mode is None:
            continue
        if after.mode is None:
            yield f"Object Lock loses its retention ({before.mode.lower()}, {before.days} days)"
            continue
        if _strength(after.mode) < _strength(before.mode):
            yield f"Object Lock changes from {before.mode.lower()} to {after.mode.lower()} mode"
        if after.days < before.days:
            yield f"the retention is shortened from {before.days} to {after.days} days"


def bucket_weakened(subject: "Subject") -> Iterator[str]:
    """Yield each setting that protected the bucket's files and would not any more."""
    for before, after in _both(subject):
        for each in sorted(before.settings - after.settings):
            yield f"{each} is turned off"


def policy_loosened(subject: "Subject") -> Iterator[str]:
    """Yield each refusal that the bucket's policy loses or changes, and each permission that it gains."""
    for before, after in _both(subject):
        was, is_ = before.denied or {}, after.denied or {}
        for sid, statement in was.items():
            if sid not in is_:
                yield f"the statement {sid} no longer denies"
            elif is_[sid] != statement:
                yield f"the denying statement {sid} changes"
        yield from (f"a statement is added that allows: {each}" for each in sorted(after.allowed - before.allowed))


def destination(subject: "Subject") -> Iterator[str]:
    """Yield each value of the audit logs that Pinecone's console has and that changes."""
    names = {Output.AUDIT_ROLE_ARN: "role ARN", Output.AUDIT_LOCATION: "bucket"}
    if subject.before is None:
        return
    for output, what in names.items():
        before, after = (state.audit.get(output) for state in (subject.before, subject.after))
        if before is not None and after is not None and before != after:
            yield f"the {what} of the audit logs changes from {before} to {after}"


def _both(subject: "Subject") -> Iterable[tuple[Protection, Protection]]:
    before = subject.before.protection if subject.before is not None else None
    after = subject.after.protection
    return [(before, after)] if before is not None and after is not None else []


def _strength(mode: str) -> int:
    return _MODES.index(mode) if mode in _MODES else len(_MODES)


def _text(statement: Mapping[str, Any]) -> str:
    return json.dumps(statement, sort_keys=True)
