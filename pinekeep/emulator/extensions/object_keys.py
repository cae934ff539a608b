"""KMS keys of S3 objects, which the emulator names without using them.

Source: S3 User Guide, "Using server-side encryption with AWS KMS keys"; docs.aws.amazon.com, read 2026-11-30.
"""

import contextvars
from typing import Any, Final

from ministack.core.router import extract_access_key_id
from ministack.services import s3

from pinekeep.emulator.extensions import service_access
from pinekeep.emulator.extensions.storage import KEY_HEADER

OK: Final = 200
_MANAGED: Final = "alias/aws/"
_access_key: contextvars.ContextVar[str] = contextvars.ContextVar("s3_caller", default="")


def keys_of_objects() -> None:
    """Gap: an object is encrypted with a KMS key whatever the key's state, its policy and the caller's policies say.

    AWS needs kms:GenerateDataKey from who writes and kms:Decrypt from who reads, through S3, and a key that can be
    used: GetKeyLastUsage tells of both. Keys that AWS manages admit everyone of the account. Here a bucket key saves
    no use.
    """
    handle, resolve, read = s3.handle_request, s3._resolve_sse_write_headers, s3._get_object

    async def handled(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
        _access_key.set(extract_access_key_id(headers, query) or "")
        return await handle(method, path, headers, body, query)

    def resolved(headers: dict[str, str], bucket: str) -> Any:
        found, error = resolve(headers, bucket)
        key = (found or {}).get(KEY_HEADER, "")
        if error is None and (refusal := _refused(key, "GenerateDataKey", bucket)) is not None:
            return None, refusal
        return found, error

    def got(bucket: str, key: str, headers: dict[str, str], query: Any = None) -> Any:
        answer = read(bucket, key, headers, query)
        if answer[0] >= 300:  # noqa: PLR2004 - no object was read
            return answer
        used = next((value for name, value in answer[1].items() if name.lower() == KEY_HEADER), "")
        return _refused(used, "Decrypt", bucket) or answer

    s3.handle_request, s3._resolve_sse_write_headers, s3._get_object = handled, resolved, got


def _refused(key: str, operation: str, bucket: str) -> Any:
    """Return S3's refusal of an object for its key; None where the key can be used, with the use recorded."""
    if not key or _MANAGED in key:
        return None
    refusal = service_access.caller_refusal(key, _access_key.get(), (f"kms:{operation}",), via="s3")
    if not refusal:
        service_access.note_use(key, operation)
        return None
    code = {"KMSDisabled": "KMS.DisabledException", "KMSNotFound": "KMS.NotFoundException"}.get(refusal)
    if refusal == "KMSInvalidState":
        code = "KMS.KMSInvalidStateException"
    if code is None:
        denied = f"The caller is not authorized to perform: kms:{operation} on resource: {key}"
        return s3._error("AccessDenied", denied, 403, f"/{bucket}")
    return s3._error(code, f"{key} cannot be used", 400, f"/{bucket}")
