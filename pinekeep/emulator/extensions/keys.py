"""KMS."""

import json
import re
from typing import Any

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import kms
from ministack.services.cloudformation import provisioners

from pinekeep.emulator.extensions.patching import HANDLERS, Attributes, Properties, carry_stack_tags

OK = 200
SECONDS_A_DAY = 86_400
KEY_ID = re.compile(r"^(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")


def multi_region_key_ids() -> None:
    """Gap: Decrypt without KeyId is refused for a multi-Region key, whose ID is not a UUID.

    AWS reads the key from the ciphertext and decides by that key's policy, whatever the kind of key.
    """
    iam_actions._KMS_KEY_ID_RE = KEY_ID


def dry_runs() -> None:
    """Gap: Encrypt, Decrypt and GenerateDataKey ignore `DryRun` and really run.

    AWS answers a permitted dry run with DryRunOperationException, after all other checks.
    """

    def instead(operation: str) -> None:
        run = getattr(kms, operation)

        def perhaps(request: dict[str, Any]) -> Any:
            answer = run(request)
            return kms._dry_run_error(operation) if request.get("DryRun") and answer[0] == OK else answer

        setattr(kms, operation, perhaps)

    for operation in ("_encrypt", "_decrypt", "_generate_data_key", "_generate_data_key_without_plaintext"):
        instead(operation)


def key_owner() -> None:
    """Gap: DescribeKey does not say whose key it is.

    AWS gives `AWSAccountId` always.
    """
    metadata_of = kms._key_metadata

    def metadata(key: dict[str, Any]) -> Attributes:
        return {"AWSAccountId": key["Arn"].split(":")[4], **metadata_of(key)}

    kms._key_metadata = metadata


def rotation_status() -> None:
    """Gap: GetKeyRotationStatus has a period for a key that is not rotated, and no date of the next rotation.

    AWS gives the key ID always, the period and the date only when rotation is on.
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
    """Gap: `AWS::KMS::ReplicaKey` is unknown.

    AWS makes a key with the primary's ID and material in the stack's Region, with a policy,
    description and tags of its own. Deleting it schedules its deletion.
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
            created = create(physical_id, new)
            provisioners._delete_predecessor(delete, physical_id, old)
            return created
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
    """Gap: a template's alias silently takes over one that is there already.

    AWS refuses to create it, and the stack is rolled back.
    """
    handler = HANDLERS["AWS::KMS::Alias"]
    create = handler["create"]

    def create_new(logical_id: str, properties: Properties, *others: Any) -> tuple[str, Attributes]:
        arn = kms._alias_arn(properties.get("AliasName", ""))
        if arn in kms._aliases:
            raise ValueError(f"An alias with the name {arn} already exists (Service: Kms, Status Code: 400)")
        made: tuple[str, Attributes] = create(logical_id, properties, *others)
        return made

    handler["create"] = create_new
