"""Object Lock of S3, where the emulator accepts what AWS refuses.

Source: S3 User Guide, "Locking objects with Object Lock" and "Object Lock considerations"; docs.aws.amazon.com, read
2026-11-30.
"""

from typing import Any, Final

from ministack.services import s3

OK: Final = 200
_LOCK_HEADERS: Final = "x-amz-object-lock-"


def locked_versioning() -> None:
    """Gap: the versioning of a bucket with Object Lock can be suspended. AWS refuses it, for good."""
    put = s3._put_bucket_versioning

    def checked(name: str, body: bytes) -> Any:
        if s3._bucket_object_lock.get(name) and b"Suspended" in body:
            message = (
                "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
            )
            return s3._error("InvalidBucketState", message, 409, f"/{name}")
        return put(name, body)

    s3._put_bucket_versioning = checked


def locked_uploads() -> None:
    """Gap: neither a bucket's default retention nor the request's own applies to an object uploaded in parts.

    AWS applies the retention of CreateMultipartUpload, else the bucket's default, once the upload is complete.
    """
    create, complete = s3._create_multipart_upload, s3._complete_multipart_upload

    def created(bucket: str, key: str, headers: dict[str, str]) -> Any:
        before = set(s3._multipart_uploads)
        answer = create(bucket, key, headers)
        for upload in set(s3._multipart_uploads) - before:
            own = {name: value for name, value in headers.items() if name.startswith(_LOCK_HEADERS)}
            s3._multipart_uploads[upload]["_lock"] = own
        return answer

    def completed(bucket: str, key: str, body: bytes, query: dict[str, Any], headers: Any = None) -> Any:
        upload = s3._multipart_uploads.get(s3._qp(query, "uploadId")) or {}
        answer = complete(bucket, key, body, query, headers)
        version = answer[1].get("x-amz-version-id") if answer[0] == OK else None
        if version and "_lock" in upload:
            s3._apply_object_lock_from_headers(bucket, key, upload["_lock"], version)
        return answer

    s3._create_multipart_upload, s3._complete_multipart_upload = created, completed
