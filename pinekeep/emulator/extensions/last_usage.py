"""When a KMS key was last used."""

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any, Final

from ministack.services import kms

ACTION: Final = "GetKeyLastUsage"
TRACKED: Final = frozenset(
    {
        "Encrypt",
        "Decrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "Sign",
        "Verify",
        "GenerateMac",
        "VerifyMac",
    }
)
"""The cryptographic operations that the emulator knows and AWS keeps track of (facts.aws.KMS_LAST_USAGE_PAGE)."""
_OK: Final = 200
_USED: Final = "_last_usage"


def key_last_usage() -> None:
    """Gap: GetKeyLastUsage is unknown.

    AWS tells the last cryptographic operation with a key that succeeded: kind, time and CloudTrail's event ID. It is
    empty where there was none; refused operations and dry runs are not counted. Each replica has its own. An alias and
    a key of another account are not taken.
    """
    handle = kms.handle_request

    async def handled(method: str, path: str, headers: Mapping[str, str], body: Any, query: Any) -> Any:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if action == ACTION:
            return _answer(str(json.loads(body or "{}").get("KeyId", "")))
        answer = await handle(method, path, headers, body, query)
        if action in TRACKED and answer[0] == _OK:
            _note(action, json.loads(answer[2])["KeyId"])
        return answer

    kms.handle_request = handled


def _note(action: str, key_id: str) -> None:
    key = kms._resolve_key(key_id)
    if key is not None:
        key[_USED] = {
            "Operation": action,
            "Timestamp": time.time(),
            "CloudTrailEventId": str(uuid.uuid4()),
            "KmsRequestId": str(uuid.uuid4()),
        }


def _answer(key_id: str) -> Any:
    key = None if "alias/" in key_id else kms._resolve_key(key_id)
    if key is None:
        return kms.error_response_json("NotFoundException", f"Key {key_id} not found", 400)
    told = {"KeyId": key["KeyId"], "KeyCreationDate": key["CreationDate"], "TrackingStartDate": key["CreationDate"]}
    return kms.json_response({**told, "KeyLastUsage": key.get(_USED, {})})
