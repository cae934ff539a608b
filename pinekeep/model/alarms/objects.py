"""The event pattern of new objects in a bucket. Source: facts.aws.S3_EVENTBRIDGE_PAGE."""

from typing import Any


def object_created_pattern(bucket: str, prefix: str | None) -> dict[str, Any]:
    """Return the pattern of new objects of a bucket, below a prefix without slashes at its ends."""
    detail: dict[str, Any] = {"bucket": {"name": [bucket]}}
    if prefix is not None:
        detail["object"] = {"key": [{"prefix": f"{prefix}/"}]}
    return {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}
