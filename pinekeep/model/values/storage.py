"""S3 buckets, prefixes, retention, and the principals of Pinecone's S3 account."""

import ipaddress
import re
from typing import Annotated, Any, Final

from pinekeep.model.facts import aws, pinecone
from pinekeep.model.values import Check, limit, matching, refuse
from pinekeep.model.values.numbers import between
from pinekeep.model.words import shown

NO_LOCK: Final = "none"
"""The word for a bucket without Object Lock."""
PREFIX_MAX: Final = 512
"""Half of an object's key: the rest is for what Pinecone and Athena append."""
SOFT_RETENTION_YEARS: Final = 10
"""More needs a second word in the file: a typing error would cost decades of storage."""
SCAN_LIMIT_MIB_MIN: Final = -(-aws.SCAN_LIMIT_BYTES_MIN // 2**20)
SCAN_LIMIT_MIB_MAX: Final = 2**20
INTEGRATION_NAME_MAX: Final = 32
_RESULT_DAYS_MAX: Final = 3650
_LIST: Final = "`aws s3api list-buckets` prints the names of your buckets"
_BUCKET_CHARACTERS: Final = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
_PREFIX: Final = r"(?:[A-Za-z0-9!_.()=+,@:-]+/)*[A-Za-z0-9!_.()=+,@:-]+"
_PRINCIPAL: Final = rf"arn:{aws.PARTITION}:iam::{pinecone.STORAGE_ACCOUNT}:role/[A-Za-z0-9+=,.@_/*?-]+"
_INTEGRATION_NAME: Final = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"


def _existing_bucket(value: str, hint: str = _LIST) -> str:
    if value.startswith("s3://") or "/" in value:
        name, _, prefix = value.removeprefix("s3://").strip("/").partition("/")
        meant = f"write {name or 'the name alone'}" + (f", and prefix: {prefix} beside it" if prefix else "")
        refuse(
            "bucket-name-path", f"this must be a bucket's name, without s3:// and slashes, got {shown(value)}", meant
        )
    if value.startswith("arn:"):
        meant = f"write {value.rpartition(':')[2] or 'the name alone'}"
        refuse("bucket-name-arn", f"this must be a bucket's name, not its ARN: {shown(value)}", meant)
    least, most = aws.BUCKET_NAME_MIN, aws.BUCKET_NAME_MAX
    limit(value, "bucket-name-length", "a bucket's name", hint, most=most, least=least)
    if not re.fullmatch(_BUCKET_CHARACTERS, value) or ".." in value:
        refuse(
            "bucket-name",
            "a bucket's name is lower-case letters, digits, hyphens and single dots, with a letter or digit at both "
            f"ends, got {shown(value)}",
            hint,
        )
    if _is_address(value):
        refuse("bucket-name-address", f"a bucket's name is not in the form of an IP address, got {shown(value)}", hint)
    ends = aws.BUCKET_RESERVED_SUFFIXES
    for reserved in (*(each for each in aws.BUCKET_RESERVED_PREFIXES if value.startswith(each)), *ends):
        if value.startswith(reserved) or value.endswith(reserved):
            where = "begin with" if value.startswith(reserved) else "end in"
            message = f"names that {where} {reserved} are reserved by S3, got {shown(value)}"
            meant = "name the bucket itself, not an access point or an alias of it"
            refuse("bucket-name-reserved", message, meant)
    return value


def _is_address(value: str) -> bool:
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        return False
    return True


def _suggestion(value: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", value[: aws.BUCKET_NAME_MAX].lower()).strip("-")
    fits = len(name) >= aws.BUCKET_NAME_MIN and not _is_address(value) and name != value
    return f"write {name}" if fits else "for example example-pinecone-audit-logs"


def _new_bucket(value: str) -> str:
    _existing_bucket(value, _suggestion(value))
    if "." in value:
        refuse(
            "bucket-name-dots",
            "a new bucket's name has no dots: the TLS certificates of S3 do not cover such host names, and rules of "
            f"data perimeters that match them by pattern miss it; got {shown(value)}",
            f"write {value.replace('.', '-')}",
        )
    if value.endswith(aws.BUCKET_REGIONAL_SUFFIX):
        refuse(
            "bucket-name-namespace",
            f"new names that end in {aws.BUCKET_REGIONAL_SUFFIX} are of an account's regional namespace, got "
            f"{shown(value)}",
            f"write {value.removesuffix(aws.BUCKET_REGIONAL_SUFFIX) or 'another name'}",
        )
    return value


def lock_or_none(value: Any) -> Any:
    """Return the value of a lock: a mapping, or the word none."""
    if isinstance(value, str) and value != NO_LOCK:
        message = f"a lock is a mapping with days or years, or the word {NO_LOCK}, got {shown(value)}"
        refuse("lock-word", message, "for example lock: {days: 365}")
    return value


def _prefix(value: str) -> str:
    inside = re.sub("/+", "/", value[:PREFIX_MAX]).strip("/")
    meant = f"write {inside}" if re.fullmatch(_PREFIX, inside) else "remove prefix to use the whole bucket"
    if value.startswith("/") or value.endswith("/") or "//" in value:
        message = f"a prefix has no slash at its ends, and single slashes between its parts, got {shown(value)}"
        refuse("prefix-slash", message, meant)
    if "*" in value or "?" in value:
        message = f"a prefix has no wildcards: everything below it is meant in any case, got {shown(value)}"
        refuse("prefix-wildcard", message, meant if inside == value else "write the prefix without it")
    if not re.fullmatch(_PREFIX, value):
        message = "a prefix contains only letters, digits and any of !_.()=+,@:-, in parts with / between them, got {}"
        refuse("prefix", message.format(shown(value)), meant)
    if any(part in (".", "..") for part in value.split("/")):
        message = f"no part of a prefix is a dot or two dots, got {shown(value)}"
        refuse("prefix-dots", message, "write the whole prefix without them")
    limit(value, "prefix-length", "a prefix", "shorten it: keys of objects follow it", most=PREFIX_MAX)
    return value


def _principal_hint(value: str) -> str:
    if ":assumed-role/" in value:
        return "aws:PrincipalArn of a session is the ARN of its role: write role/NAME"
    return f"for example arn:{aws.PARTITION}:iam::{pinecone.STORAGE_ACCOUNT}:role/NAME*"


def _integration_name(value: str) -> str:
    if not re.fullmatch(_INTEGRATION_NAME, value):
        suggestion = re.sub(r"[^a-z0-9]+", "-", value[:INTEGRATION_NAME_MAX].lower()).strip("-0123456789")
        refuse(
            "integration-name",
            "an integration's name is lower-case letters, digits and single hyphens between them, and begins with a "
            f"letter, got {shown(value)}",
            f"write {suggestion or 'a name such as imports'}",
        )
    hint = "the name of its role contains it; choose a shorter one"
    limit(value, "integration-name-length", "an integration's name", hint, most=INTEGRATION_NAME_MAX)
    return value


_BUCKET_SCHEMA: Final = {"minLength": aws.BUCKET_NAME_MIN, "maxLength": aws.BUCKET_NAME_MAX}
_NEW_BUCKET: Final = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
NewBucketName = Annotated[
    str,
    Check(
        _new_bucket,
        allowed=f"lower-case letters, digits, hyphens; {aws.BUCKET_NAME_MIN} to {aws.BUCKET_NAME_MAX}",
        pattern=f"^(?!{'|'.join(aws.BUCKET_RESERVED_PREFIXES)}){_NEW_BUCKET}$",
        **_BUCKET_SCHEMA,
    ),
]
BucketName = Annotated[
    str,
    Check(
        _existing_bucket,
        allowed=f"lower-case letters, digits, dots, hyphens; {aws.BUCKET_NAME_MIN} to {aws.BUCKET_NAME_MAX}",
        pattern=f"^(?!{'|'.join(aws.BUCKET_RESERVED_PREFIXES)}){_BUCKET_CHARACTERS}$",
        **_BUCKET_SCHEMA,
    ),
]
Prefix = Annotated[
    str,
    Check(
        _prefix,
        allowed=f"letters, digits, `!_.()=+,@:-`, single slashes between its parts; at most {PREFIX_MAX}",
        pattern=f"^{_PREFIX}$",
        maxLength=PREFIX_MAX,
    ),
]
StoragePrincipal = Annotated[
    str,
    matching(
        "storage-principal",
        _PRINCIPAL,
        f"a principal of Pinecone's S3 account is a role of {pinecone.STORAGE_ACCOUNT}, with * for any characters",
        _principal_hint,
        allowed=f"`arn:{aws.PARTITION}:iam::{pinecone.STORAGE_ACCOUNT}:role/NAME`, with `*` for any characters",
    ),
]
IntegrationName = Annotated[
    str,
    Check(
        _integration_name,
        allowed=f"lower-case letters, digits, single hyphens, a letter first; at most {INTEGRATION_NAME_MAX}",
        pattern=f"^{_INTEGRATION_NAME}$",
        maxLength=INTEGRATION_NAME_MAX,
    ),
]
LockDays = Annotated[int, between("lock-days", 1, aws.LOCK_DAYS_MAX, unit="days", example=365)]
LockYears = Annotated[int, between("lock-years", 1, aws.LOCK_YEARS_MAX, unit="years", example=1)]
InfrequentAccessDays = Annotated[
    int,
    between("infrequent-access-days", aws.STANDARD_IA_DAYS_MIN, aws.LOCK_DAYS_MAX, unit="days", example=90),
]
GlacierDays = Annotated[int, between("glacier-days", 1, aws.LOCK_DAYS_MAX, unit="days", example=180)]
ExpireDays = Annotated[int, between("expire-days", 1, aws.LOCK_DAYS_MAX, unit="days", example=400)]
ScanLimit = Annotated[int, between("scan-limit", SCAN_LIMIT_MIB_MIN, SCAN_LIMIT_MIB_MAX, unit="MiB", example=1024)]
ResultDays = Annotated[int, between("result-days", 1, _RESULT_DAYS_MAX, unit="days", example=30)]
