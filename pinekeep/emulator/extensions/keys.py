"""KMS."""

import json
import re
import time
import uuid
from collections.abc import Mapping
from typing import Any, Final

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import kms
from ministack.services.cloudformation import provisioners

from pinekeep.emulator.extensions.patching import (
    HANDLERS,
    Attributes,
    Properties,
    before_provisioning,
    carry_stack_tags,
    replacement,
)

OK = 200
SECONDS_A_DAY = 86_400
LAST_USAGE: Final = "GetKeyLastUsage"
TRACKED: Final = frozenset(
    f"{operation}{suffix}"
    for operation, suffixes in {
        "": ("Encrypt", "Decrypt", "Sign", "Verify", "GenerateMac", "VerifyMac"),
        "GenerateDataKey": ("", "WithoutPlaintext", "Pair", "PairWithoutPlaintext"),
    }.items()
    for suffix in suffixes
)
"""The cryptographic operations that the emulator supports and AWS tracks (facts.aws.KMS_LAST_USAGE_PAGE)."""
KEY_ID = re.compile(r"^(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")


def multi_region_key_ids() -> None:
    """Gap: Decrypt without KeyId is refused for a multi-Region key, whose ID is not a UUID.

    AWS reads the key from the ciphertext and evaluates that key's policy, for every type of key.
    """
    iam_actions._KMS_KEY_ID_RE = KEY_ID


def dry_runs() -> None:
    """Gap: Encrypt, Decrypt, GenerateDataKey run despite `DryRun`. AWS answers DryRunOperationException if allowed."""

    def instead(operation: str) -> None:
        run = getattr(kms, operation)

        def perhaps(request: dict[str, Any]) -> Any:
            answer = run(request)
            return kms._dry_run_error(operation) if request.get("DryRun") and answer[0] == OK else answer

        setattr(kms, operation, perhaps)

    for operation in ("_encrypt", "_decrypt", "_generate_data_key", "_generate_data_key_without_plaintext"):
        instead(operation)


def key_owner() -> None:
    """Gap: DescribeKey has no `AWSAccountId`, which AWS always returns."""
    metadata_of = kms._key_metadata

    def metadata(key: dict[str, Any]) -> Attributes:
        return {"AWSAccountId": key["Arn"].split(":")[4], **metadata_of(key)}

    kms._key_metadata = metadata


def rotation_status() -> None:
    """Gap: GetKeyRotationStatus has a period for a key without rotation, and no date of the next rotation.

    AWS always returns the key ID, and the period and the date only with rotation.
    """
    status_of = kms._get_key_rotation_status

    def status(request: dict[str, Any]) -> Any:
        answer = status_of(request)
        key = kms._resolve_key(request.get("KeyId", ""))
        if answer[0] != OK or key is None:
            return answer
        period = int(key.get("RotationPeriodInDays") or 365)
        rotated = bool(key.get("KeyRotationEnabled"))
        known: dict[str, Any] = {"KeyId": key["KeyId"], "KeyRotationEnabled": rotated}
        if rotated:
            known["RotationPeriodInDays"] = period
            known["NextRotationDate"] = key["CreationDate"] + period * SECONDS_A_DAY
        return kms.json_response(known)

    kms._get_key_rotation_status = status


def replica_keys() -> None:
    """Gap: `AWS::KMS::ReplicaKey` is missing.

    AWS creates a key with the primary's ID and material in the stack's Region, with its own policy,
    description and tags. Deleting it schedules its deletion.
    """

    def create(logical_id: str, properties: Properties, *_: Any) -> tuple[str, Attributes]:
        primary = properties["PrimaryKeyArn"]
        request = {
            "KeyId": primary,
            "ReplicaRegion": get_region(),
            "Policy": json.dumps(properties["KeyPolicy"]),
            "Description": properties.get("Description", ""),
            "Tags": provisioners._kms_tags(properties),
        }
        with request_scope(get_account_id(), primary.split(":")[3]):
            status, _, body = kms._replicate_key(request)
        if status != OK:
            raise ValueError(f"AWS::KMS::ReplicaKey {logical_id}: {json.loads(body).get('message')}")
        key = kms._keys[primary.rsplit("/", 1)[-1]]
        set_enabled(key, properties)
        return key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]}

    def update(physical_id: str, old: Properties, new: Properties, *_: Any) -> tuple[str, Attributes]:
        if old["PrimaryKeyArn"] != new["PrimaryKeyArn"]:
            return replacement(create, delete)(physical_id, old, new)
        key = kms._keys[physical_id]
        key["Policy"] = json.dumps(new["KeyPolicy"])
        key["Description"] = new.get("Description", "")
        key["Tags"] = provisioners._kms_tags(new)
        set_enabled(key, new)
        return physical_id, {"Arn": key["Arn"], "KeyId": key["KeyId"]}

    def set_enabled(key: dict[str, Any], properties: Properties) -> None:
        key["Enabled"] = properties.get("Enabled", True) is not False
        key["KeyState"] = "Enabled" if key["Enabled"] else "Disabled"

    def delete(physical_id: str, properties: Properties, *_: Any) -> None:
        days = int(properties.get("PendingWindowInDays", 30))
        kms._schedule_key_deletion({"KeyId": physical_id, "PendingWindowInDays": days})

    HANDLERS["AWS::KMS::ReplicaKey"] = {"create": create, "update": update, "delete": delete}
    carry_stack_tags("AWS::KMS::ReplicaKey")


def taken_aliases() -> None:
    """Gap: a template's alias silently replaces an existing one. AWS refuses it, and the stack is rolled back."""

    def check(properties: Properties) -> None:
        arn = kms._alias_arn(properties.get("AliasName", ""))
        if arn in kms._aliases:
            raise ValueError(f"An alias with the name {arn} already exists (Service: Kms, Status Code: 400)")

    before_provisioning("AWS::KMS::Alias", check, operations=("create",))


def key_last_usage() -> None:
    """Gap: GetKeyLastUsage is missing.

    AWS returns a key's last successful cryptographic operation: kind, time and CloudTrail's event ID; nothing where
    there was none. Refused operations and dry runs do not count. Each replica has its own. An alias and a key of
    another account are refused.
    """
    handle = kms.handle_request

    async def handled(method: str, path: str, headers: Mapping[str, str], body: Any, query: Any) -> Any:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if action == LAST_USAGE:
            return _answer(str(json.loads(body or "{}").get("KeyId", "")))
        answer = await handle(method, path, headers, body, query)
        if action in TRACKED and answer[0] == OK:
            note(action, json.loads(answer[2])["KeyId"])
        return answer

    kms.handle_request = handled


def note(action: str, key_id: str) -> None:
    """Record a use of a key, as GetKeyLastUsage returns it."""
    key = kms._resolve_key(key_id)
    if key is not None:
        key["_last_usage"] = {
            "Operation": action,
            "Timestamp": time.time(),
            "CloudTrailEventId": str(uuid.uuid4()),
            "KmsRequestId": str(uuid.uuid4()),
        }


def _answer(key_id: str) -> Any:
    key = None if "alias/" in key_id else kms._resolve_key(key_id)
    if key is None:
        return kms.error_response_json("NotFoundException", f"Key {key_id} not found", 400)
    answer = {"KeyId": key["KeyId"], "KeyCreationDate": key["CreationDate"], "TrackingStartDate": key["CreationDate"]}
    return kms.json_response({**answer, "KeyLastUsage": key.get("_last_usage", {})})
