"""The requests on S3 buckets, and on their keys through S3.

Sources: "Actions, resources, and condition keys for Amazon S3", "Using server-side encryption with AWS KMS keys", "How
S3 Object Lock works" (docs.aws.amazon.com, checked 2026-11-30).
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from pinekeep.decisions.access.policies import BucketPolicies, KeyPolicy, PolicySet
from pinekeep.decisions.access.requests import DIRECT, FOR_SERVICE, Group, Request
from pinekeep.model.facts import aws
from pinekeep.model.policies.storage import CONTEXT_KEY, KEY_HEADER, bucket_arn

_FILE: Final = "2026-11-30.json"
_ELSEWHERE: Final = "elsewhere"
_OTHER_BUCKET: Final = "another-bucket"
_OTHER_KEY: Final = "arn:aws:kms:us-east-1:210987654321:key/00000000-0000-4000-8000-000000000000"
_PREFIX: Final = "s3:prefix"
_TLS_VERSION: Final = "s3:tlsversion"

BUCKET_ACTIONS: Final[Mapping[Group, tuple[str, ...]]] = MappingProxyType(
    {
        Group.DELETE_OBJECTS: ("s3:DeleteObject", "s3:DeleteObjectVersion"),
        Group.RETENTION: ("s3:BypassGovernanceRetention", "s3:PutObjectRetention", "s3:PutObjectLegalHold"),
        Group.BUCKET: (
            "s3:PutBucketObjectLockConfiguration",
            "s3:PutBucketVersioning",
            "s3:PutLifecycleConfiguration",
            "s3:PutEncryptionConfiguration",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketLogging",
            "s3:PutBucketPolicy",
            "s3:DeleteBucketPolicy",
            "s3:DeleteBucket",
        ),
    }
)
"""The actions by purpose that are asked for once: on an object that Pinecone uses, or on the bucket."""

KEY_ACTIONS_OF_S3: Final = ("kms:GenerateDataKey", "kms:Decrypt")


def _places(prefixes: tuple[str | None, ...]) -> Iterator[tuple[str, str]]:
    """Yield the folders of objects, each with its name in words: of each use, beside them, and elsewhere."""
    if None in prefixes:
        yield "anywhere", ""
        return
    used = tuple(filter(None, prefixes))
    for prefix in used:
        yield f"under {prefix}/", f"{prefix}/"
        beside = f"{prefix}-beside"
        if beside not in used:
            yield f"under {beside}/", f"{beside}/"
    elsewhere = _ELSEWHERE
    while any(elsewhere.startswith(each) for each in used):
        elsewhere = f"not-{elsewhere}"
    yield "elsewhere", f"{elsewhere}/"


def bucket_requests(bucket: BucketPolicies, *, region: str) -> Iterator[Request]:
    """Yield the requests on a bucket and its objects, under the prefixes that Pinecone uses and elsewhere."""
    direct: dict[str, str | None] = {
        **DIRECT,
        "aws:requestedregion": region,
        _TLS_VERSION: "1.3",
        _PREFIX: None,
        KEY_HEADER.lower(): None,
    }

    def request(group: Group, action: str, words: str, *, at: str | None = None, **others: str | None) -> Request:
        words = f"{action} {words}".strip()
        context = {**direct, **{_CONTEXT[name]: value for name, value in others.items()}}
        arn = bucket.arn if at is None else f"{bucket.arn}/{at}"
        return Request(on=bucket.id, name=words, group=group, action=action, words=words, context=context, resource=arn)

    places = dict(_places(bucket.prefixes))
    (first, folder), *_ = places.items()
    for place, prefix in places.items():
        if prefix:
            yield request(Group.LIST, "s3:ListBucket", place, prefix=prefix)
    yield request(Group.LIST, "s3:ListBucket", "of the whole bucket")
    for place, prefix in places.items():
        yield request(Group.READ_OBJECTS, "s3:GetObject", place, at=f"{prefix}{_FILE}")
    yield request(Group.READ_OBJECTS, "s3:GetObjectVersion", first, at=f"{folder}{_FILE}")
    for place, prefix in places.items():
        yield request(Group.WRITE_OBJECTS, "s3:PutObject", place, at=f"{prefix}{_FILE}")
    for words, others in (
        ("with another key", {"key": _OTHER_KEY}),
        ("without TLS", {"tls": "false", "tls_version": None}),
        ("with TLS 1.1", {"tls_version": "1.1"}),
    ):
        yield request(Group.WRITE_OBJECTS, "s3:PutObject", f"{first} {words}", at=f"{folder}{_FILE}", **others)
    for group, actions in BUCKET_ACTIONS.items():
        at = None if group is Group.BUCKET else f"{folder}{_FILE}"
        for action in actions:
            yield request(group, action, "", at=at)


_CONTEXT: Final = MappingProxyType(
    {"prefix": _PREFIX, "key": KEY_HEADER.lower(), "tls": "aws:securetransport", "tls_version": _TLS_VERSION}
)


def key_through_s3_requests(key: KeyPolicy, policies: PolicySet) -> Iterator[Request]:
    """Yield the requests that S3 makes for a caller, with the key of a bucket; none for the key of CMEK."""
    region = key.arn.split(":")[3]
    for bucket in (each for each in policies.buckets if each.kms_key == key.arn):
        asked = {f"for objects {place}": f"{bucket.arn}/{folder}{_FILE}" for place, folder in _places(bucket.prefixes)}
        asked = {f"for the bucket {bucket.name}": bucket.arn, **asked, "for another bucket": bucket_arn(_OTHER_BUCKET)}
        for action in KEY_ACTIONS_OF_S3:
            for words, context in asked.items():
                yield _through("s3", action, words, context, key=key, region=region)
            yield _through("dynamodb", action, "through another service", bucket.arn, key=key, region=region)


def _through(service: str, action: str, words: str, arn: str, *, key: KeyPolicy, region: str) -> Request:
    context: dict[str, str | None] = {
        "aws:securetransport": "true",
        "aws:requestedregion": region,
        "kms:viaservice": f"{service}.{region}.{aws.DOMAIN}",
        CONTEXT_KEY.lower(): arn,
        FOR_SERVICE: None,
    }
    name = f"{action} {words}"
    return Request(on=key.id, name=name, group=Group.THROUGH_S3, action=action, words=name, context=context)
