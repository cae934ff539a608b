"""Rotations of KMS keys on demand.

Sources, read 2026-11-30: RotateKeyOnDemand and ListKeyRotations (KMS API Reference); KMS Developer Guide, "Monitor KMS
keys with EventBridge".
"""

import json
import time
from collections.abc import Mapping
from typing import Any, Final

from ministack.core.responses import get_region
from ministack.services import kms

from pinekeep.emulator.extensions.api_events import send

ON_DEMAND_LIMIT: Final = 25


def rotations_on_demand() -> None:
    """Gap: RotateKeyOnDemand and ListKeyRotations are missing, and KMS sends no event of its own.

    AWS rotates the material, lists the rotation, and sends `KMS CMK Rotation`, without a trail too. Here the material
    stays, as nobody sees it. The other events of KMS itself, of a key's deletion and of expired material, cannot arise:
    no time passes for a key.
    """
    handle = kms.handle_request
    calls = {"RotateKeyOnDemand": _rotate, "ListKeyRotations": _list}

    async def handled(method: str, path: str, headers: Mapping[str, str], body: Any, query: Any) -> Any:
        call = calls.get(headers.get("x-amz-target", "").rpartition(".")[2])
        if call is None:
            return await handle(method, path, headers, body, query)
        asked = str(json.loads(body or "{}").get("KeyId", ""))
        key = None if "alias/" in asked else kms._resolve_key(asked)
        if key is None:
            return kms.error_response_json("NotFoundException", f"Key {asked} not found", 400)
        return call(key)

    kms.handle_request = handled


def _rotate(key: dict[str, Any]) -> Any:
    if key["KeyState"] == "Disabled":
        return kms.error_response_json("DisabledException", f"{key['Arn']} is disabled.", 400)
    if key["KeyState"] != "Enabled":
        return kms.error_response_json("KMSInvalidStateException", f"{key['Arn']} is pending deletion.", 400)
    if key.get("KeySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT":
        return kms.error_response_json("UnsupportedOperationException", "only symmetric keys rotate", 400)
    done = key.setdefault("_rotations", [])
    if len(done) >= ON_DEMAND_LIMIT:
        return kms.error_response_json("LimitExceededException", "the limit of on-demand rotations is reached", 400)
    done.append({"KeyId": key["KeyId"], "RotationDate": time.time(), "RotationType": "ON_DEMAND"})
    detail = {"key-id": key["KeyId"], "key-origin": key.get("Origin", "AWS_KMS"), "rotation-type": "ON_DEMAND"}
    send("aws.kms", "KMS CMK Rotation", detail, region=get_region(), resources=(key["Arn"],))
    return kms.json_response({"KeyId": key["KeyId"]})


def _list(key: dict[str, Any]) -> Any:
    return kms.json_response({"Rotations": key.get("_rotations", []), "Truncated": False})
