"""The settings of `AWS::S3::Bucket` that the emulator ignores."""

from collections.abc import Callable, Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from ministack.services import s3
from ministack.services.cloudformation import provisioners

from pinekeep.emulator.extensions.patching import (
    Attributes,
    Properties,
    after_provisioning,
    before_provisioning,
    carry_stack_tags,
)

BUCKET: Final = "AWS::S3::Bucket"
OK: Final = 200
_LOCK: Final = "ObjectLockConfiguration"


def versioning_and_lock() -> None:
    """Gap: Object Lock of a template is ignored, and versioning is never suspended.

    AWS keeps the lock and versioning for good, applies the retention, and refuses a template that suspends the
    versioning of a locked bucket. The lock of a bucket cannot be disabled: without it in the template nothing changes.
    """

    def check(properties: Properties) -> None:
        status = (properties.get("VersioningConfiguration") or {}).get("Status")
        if _is_locked(properties) and status == "Suspended":
            raise ValueError(
                "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
                " (Service: S3, Status Code: 409)"
            )
        if properties.get(_LOCK) and not _is_locked(properties):
            raise ValueError(f"{_LOCK} needs ObjectLockEnabled (Service: S3, Status Code: 409)")

    def complete(physical_id: str, attributes: Attributes, properties: Properties) -> Attributes:
        if _is_locked(properties):
            rule = (properties.get(_LOCK) or {}).get("Rule") or {}
            retention = {
                name: int(value) if name in ("Days", "Years") else value
                for name, value in (rule.get("DefaultRetention") or {}).items()
            }
            s3._bucket_versioning[physical_id] = "Enabled"
            s3._bucket_object_lock[physical_id] = {"enabled": True, "default_retention": retention or None}
        elif not s3._bucket_object_lock.get(physical_id) and s3._bucket_versioning.get(physical_id):
            wanted = (properties.get("VersioningConfiguration") or {}).get("Status")
            s3._bucket_versioning[physical_id] = wanted or "Suspended"
        return attributes

    before_provisioning(BUCKET, check)
    after_provisioning(BUCKET, complete)


def _is_locked(properties: Properties) -> bool:
    return str(properties.get("ObjectLockEnabled", "")).lower() == "true"


def settings_and_tags() -> None:
    """Gap: encryption, lifecycle, logging, ownership, tags of a template's bucket, and the stack's tags are ignored.

    AWS applies them, and removes what a later template leaves out.
    """
    provisioners._S3_BUCKET_CONFIGURATIONS = (
        *provisioners._S3_BUCKET_CONFIGURATIONS,
        ("BucketEncryption", _encryption, s3._put_bucket_encryption, s3._delete_bucket_encryption),
        ("LifecycleConfiguration", _lifecycle, _accepted(s3._put_bucket_lifecycle), s3._delete_bucket_lifecycle),
        ("LoggingConfiguration", _logging, _accepted(s3._put_bucket_logging), _no_logging),
        (
            "OwnershipControls",
            _ownership,
            _accepted(s3._put_bucket_ownership_controls),
            s3._delete_bucket_ownership_controls,
        ),
    )

    def complete(physical_id: str, attributes: Attributes, properties: Properties) -> Attributes:
        tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags") or []}
        if tags:
            s3._bucket_tags[physical_id] = tags
        else:
            s3._bucket_tags.pop(physical_id, None)
        return attributes

    after_provisioning(BUCKET, complete)
    carry_stack_tags(BUCKET)


def _accepted(put: Callable[[str, bytes], Any]) -> Callable[[str, bytes], None]:
    """Return a setter that raises what S3 refuses."""

    def set_or_raise(name: str, body: bytes) -> None:
        status, _, answer = put(name, body)
        if status != OK:
            raise ValueError(f"{name}: {answer!r} (Service: S3, Status Code: {status})")

    return set_or_raise


def _no_logging(name: str) -> None:
    s3._bucket_logging_config.pop(name, None)


def _root(name: str) -> Element:
    return Element(name, xmlns=s3.S3_NS)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _encryption(encryption: dict[str, Any]) -> bytes:
    root = _root("ServerSideEncryptionConfiguration")
    for rule in encryption.get("ServerSideEncryptionConfiguration") or []:
        element = SubElement(root, "Rule")
        default = SubElement(element, "ApplyServerSideEncryptionByDefault")
        for name, value in (rule.get("ServerSideEncryptionByDefault") or {}).items():
            SubElement(default, name).text = str(value)
        if "BucketKeyEnabled" in rule:
            SubElement(element, "BucketKeyEnabled").text = _text(rule["BucketKeyEnabled"])
    return tostring(root)


def _ownership(controls: dict[str, Any]) -> bytes:
    root = _root("OwnershipControls")
    for rule in controls.get("Rules") or []:
        SubElement(SubElement(root, "Rule"), "ObjectOwnership").text = rule["ObjectOwnership"]
    return tostring(root)


def _logging(logging: dict[str, Any]) -> bytes:
    root = _root("BucketLoggingStatus")
    enabled = SubElement(root, "LoggingEnabled")
    SubElement(enabled, "TargetBucket").text = logging.get("DestinationBucketName", "")
    SubElement(enabled, "TargetPrefix").text = logging.get("LogFilePrefix", "")
    return tostring(root)


def _lifecycle(lifecycle: dict[str, Any]) -> bytes:
    root = _root("LifecycleConfiguration")
    for rule in lifecycle.get("Rules") or []:
        element = SubElement(root, "Rule")
        if rule.get("Id"):
            SubElement(element, "ID").text = rule["Id"]
        SubElement(SubElement(element, "Filter"), "Prefix").text = rule.get("Prefix", "")
        SubElement(element, "Status").text = rule["Status"]
        for name, values in _actions(rule):
            action = SubElement(element, name)
            for key, value in values.items():
                SubElement(action, key).text = _text(value)
    return tostring(root)


def _actions(rule: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the actions of a lifecycle rule, in S3's own words instead of CloudFormation's."""
    for each in rule.get("Transitions") or []:
        yield "Transition", {"Days": each["TransitionInDays"], "StorageClass": each["StorageClass"]}
    expired = {"ExpirationInDays": "Days", "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker"}
    if given := {name: rule[key] for key, name in expired.items() if key in rule}:
        yield "Expiration", given
    for each in rule.get("NoncurrentVersionTransitions") or []:
        yield (
            "NoncurrentVersionTransition",
            {"NoncurrentDays": each["TransitionInDays"], "StorageClass": each["StorageClass"]},
        )
    if old := rule.get("NoncurrentVersionExpiration"):
        kept = {"NewerNoncurrentVersions": old["NewerNoncurrentVersions"]} if "NewerNoncurrentVersions" in old else {}
        yield "NoncurrentVersionExpiration", {"NoncurrentDays": old["NoncurrentDays"], **kept}
    if aborted := rule.get("AbortIncompleteMultipartUpload"):
        yield "AbortIncompleteMultipartUpload", {"DaysAfterInitiation": aborted["DaysAfterInitiation"]}
