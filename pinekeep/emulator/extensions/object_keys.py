"""KMS keys of S3 objects, which the emulator names without using them.

Source: S3 User Guide, "Using server-side encryption with AWS KMS keys"; docs.aws.amazon.com, read 2026-11-30.
"""

import contextvars
from dataclasses import dataclass
from typing import Any, Final

from ministack.core.router import extract_access_key_id
from ministack.services import s3

from pinekeep.emulator.extensions import service_access
from pinekeep.emulator.extensions.storage import KEY_HEADER

_MANAGED: Final = "alias/aws/"
_BUCKET_KEY_HEADER: Final = "x-amz-server-side-encryption-bucket-key-enabled"
_REFUSED: Final = 300
_ERRORS: Final = {
    "KMSDisabled": "KMS.DisabledException",
    "KMSNotFound": "KMS.NotFoundException",
    "KMSInvalidState": "KMS.KMSInvalidStateException",
}


@dataclass(frozen=True)
class _Caller:
    """Who sends the current request, and the path that it names."""

    access_key: str = ""
    path: str = ""


_caller: contextvars.ContextVar[_Caller | None] = contextvars.ContextVar("s3_caller", default=None)


def keys_of_objects() -> None:
    """Gap: an object is encrypted with a KMS key whatever the key's state, its policy and the caller's policies say.

    AWS needs kms:GenerateDataKey from who writes, kms:Decrypt from who reads or completes an upload in parts, through
    S3 and with the ARN of the object, or of a bucket with a bucket key, as the encryption context; and a key that can
    be used. GetKeyLastUsage tells of both uses. Keys that AWS manages admit everyone of the account. Here a bucket key
    saves no use.
    """
    handle, resolve, read = s3.handle_request, s3._resolve_sse_write_headers, s3._get_object
    complete = s3._complete_multipart_upload

    async def handled(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
        _caller.set(_Caller(access_key=extract_access_key_id(headers, query) or "", path=path))
        return await handle(method, path, headers, body, query)

    def resolved(headers: dict[str, str], bucket: str) -> Any:
        found, error = resolve(headers, bucket)
        key = (found or {}).get(KEY_HEADER, "")
        has_bucket_key = headers.get(_BUCKET_KEY_HEADER, "").lower() == "true" or None
        if error is None and (refusal := _refused(key, "GenerateDataKey", bucket, has_bucket_key)) is not None:
            return None, refusal
        return found, error

    def got(bucket: str, key: str, headers: dict[str, str], query: Any = None) -> Any:
        answer = read(bucket, key, headers, query)
        if answer[0] >= _REFUSED:
            return answer
        used = next((value for name, value in answer[1].items() if name.lower() == KEY_HEADER), "")
        return _refused(used, "Decrypt", bucket) or answer

    def completed(bucket: str, key: str, body: bytes, query: dict[str, Any], headers: Any = None) -> Any:
        upload = s3._multipart_uploads.get(s3._qp(query, "uploadId")) or {}
        used = upload.get("preserved_headers", {}).get(KEY_HEADER, "")
        return _refused(used, "Decrypt", bucket) or complete(bucket, key, body, query, headers)

    s3.handle_request, s3._resolve_sse_write_headers, s3._get_object = handled, resolved, got
    s3._complete_multipart_upload = completed


def _refused(key: str, operation: str, bucket: str, has_bucket_key: bool | None = None) -> Any:
    """Return S3's refusal of an object for its key; None where the key can be used, with the use recorded.

    ``has_bucket_key``: None is the bucket's default.
    """
    if not key or _MANAGED in key:
        return None
    caller = _caller.get() or _Caller()
    if has_bucket_key is None:
        has_bucket_key = "<BucketKeyEnabled>true" in _text(s3._bucket_encryption.get(bucket))
    about = f"arn:aws:s3:::{bucket if has_bucket_key else caller.path.lstrip('/')}"
    refusal = service_access.caller_refusal(
        key, caller.access_key, (f"kms:{operation}",), via="s3", encryption_context={"aws:s3:arn": about}
    )
    if not refusal:
        service_access.note_use(key, operation)
        return None
    if refusal in _ERRORS:
        return s3._error(_ERRORS[refusal], f"{key} cannot be used", 400, f"/{bucket}")
    denied = f"The caller is not authorized to perform: kms:{operation} on resource: {key}"
    return s3._error("AccessDenied", denied, 403, f"/{bucket}")


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value or "")
