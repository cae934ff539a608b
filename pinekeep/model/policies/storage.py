"""The policies of Pinecone's access to S3: trust and permissions of the roles, and those of the audit bucket.

Sources: facts.pinecone.STORAGE_PAGE for trust and permissions; facts.aws.S3_KMS_PAGE for the use of KMS by S3,
facts.aws.S3_ACCESS_LOGS_PAGE for the delivery of access logs.

Pinecone documents no external ID for S3, and its account for S3 is a general one. So the trust policy is bounded by
``aws:PrincipalArn`` where the customer knows a pattern, and by nothing else: a condition on a session name, an address
or an organization of Pinecone's would be a guess, and a wrong guess stops the delivery. The permissions are bounded by
the bucket's account, so that nothing is written into a bucket that somebody else has made under the same name.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from pinekeep.model.arns import root_arn
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.policies.document import Policy, Statement, policy
from pinekeep.model.policies.key import root_statement

StorageUse = Literal["audit", "import", "export"]
"""What Pinecone does with a bucket: write audit logs, import objects, or export backups."""

TRUST_SID: Final = "AllowPineconeToAssumeTheRole"
LIST_SID: Final = "AllowListingTheBucket"
OBJECTS_SID: Final = "AllowUseOfTheObjects"
KEY_SID: Final = "AllowUseOfTheKeyThroughS3"
TLS_SID: Final = "DenyWithoutTls"
OLD_TLS_SID: Final = "DenyOldTls"
WRITERS_SID: Final = "DenyWritesByOthers"
OTHER_KEYS_SID: Final = "DenyOtherKeys"
DELETE_MARKERS_SID: Final = "DenyDeleteMarkers"
ACCESS_LOGS_SID: Final = "AllowDeliveryOfAccessLogs"

_WRITE_WITH_KEY: Final = ("kms:GenerateDataKey", "kms:Decrypt")
KEY_ACTIONS: Final[Mapping[StorageUse, tuple[str, ...]]] = MappingProxyType(
    {"audit": _WRITE_WITH_KEY, "import": ("kms:Decrypt",), "export": _WRITE_WITH_KEY}
)
"""What S3 asks KMS for in the caller's name. An upload in parts also decrypts: S3 reads the parts to assemble them."""

KEY_HEADER: Final = "s3:x-amz-server-side-encryption-aws-kms-key-id"
"""The condition key for the key that a request to write an object names."""
CONTEXT_KEY: Final = "kms:EncryptionContext:aws:s3:arn"
LOG_DELIVERY: Final = f"logging.s3.{aws.DOMAIN}"


def bucket_arn(bucket: str) -> str:
    """Return the ARN of a bucket."""
    return f"arn:{aws.PARTITION}:s3:::{bucket}"


def objects_arn(bucket: str, prefix: str | None) -> str:
    """Return the pattern of the ARNs of a bucket's objects under a prefix, which has no slash at its ends."""
    return f"{bucket_arn(bucket)}/{f'{prefix}/' if prefix else ''}*"


# --- The roles ---


def storage_trust(*, principal_arn: str | None = None) -> Policy:
    """Return the trust policy for Pinecone's S3 account.

    ``principal_arn``: a pattern for the principals of that account that may assume the role; None for all of them.
    """
    statement: Statement = {
        "Sid": TRUST_SID,
        "Effect": "Allow",
        "Principal": {"AWS": root_arn(pinecone.STORAGE_ACCOUNT)},
        "Action": "sts:AssumeRole",
    }
    if principal_arn is not None:
        statement["Condition"] = {"ArnLike": {"aws:PrincipalArn": principal_arn}}
    return policy([statement])


def storage_permissions(
    *, use: StorageUse, bucket: str, prefix: str | None, account: str, region: str, kms_key: str | None = None
) -> Policy:
    """Return the permissions of the role for one use of one bucket.

    Args:
        prefix: the prefix of the objects, without slashes at its ends; None for the whole bucket.
        account: the account that owns the bucket.
        region: the bucket's Region.
        kms_key: the ARN of the key of its objects, where the role's own policy is to allow its use.
    """
    own = {"StringEquals": {"aws:ResourceAccount": account}}
    listing = own if prefix is None else {**own, "StringLike": {"s3:prefix": [f"{prefix}/", f"{prefix}/*"]}}
    made: list[Statement] = [
        {
            "Sid": LIST_SID,
            "Effect": "Allow",
            "Action": list(pinecone.STORAGE_USES[use].bucket),
            "Resource": bucket_arn(bucket),
            "Condition": listing,
        },
        {
            "Sid": OBJECTS_SID,
            "Effect": "Allow",
            "Action": list(pinecone.STORAGE_USES[use].objects),
            "Resource": objects_arn(bucket, prefix),
            "Condition": own,
        },
    ]
    if kms_key is not None:
        made.append(
            {
                "Sid": KEY_SID,
                "Effect": "Allow",
                "Action": list(KEY_ACTIONS[use]),
                "Resource": kms_key,
                "Condition": through_s3(bucket=bucket, prefix=prefix, region=region),
            }
        )
    return policy(made)


def through_s3(*, bucket: str, prefix: str | None, region: str) -> dict[str, dict[str, str | list[str]]]:
    """Return the condition that a key is used by S3, for objects of a bucket.

    The encryption context is the bucket's ARN where the bucket uses an S3 Bucket Key, and the object's ARN elsewhere,
    or where a request turns the Bucket Key off.
    """
    return {
        "StringEquals": {"kms:ViaService": f"s3.{region}.{aws.DOMAIN}"},
        "StringLike": {CONTEXT_KEY: [bucket_arn(bucket), objects_arn(bucket, prefix)]},
    }


# --- The audit bucket ---


def key_use_statement(*, role: str, bucket: str, prefix: str | None, region: str) -> Statement:
    """Return the statement of a key policy that lets the audit role use the key through S3.

    ``role``: the role's ARN, or a CloudFormation reference to it.
    """
    return {
        "Sid": KEY_SID,
        "Effect": "Allow",
        "Principal": {"AWS": role},
        "Action": list(KEY_ACTIONS["audit"]),
        "Resource": "*",
        "Condition": through_s3(bucket=bucket, prefix=prefix, region=region),
    }


def audit_key_policy(*, account: str, role: str, bucket: str, prefix: str | None, region: str) -> Policy:
    """Return the policy of the audit bucket's own key. Readers need IAM policies of the account."""
    return policy([root_statement(account), key_use_statement(role=role, bucket=bucket, prefix=prefix, region=region)])


def tls_statements(bucket: str) -> list[Statement]:
    """Return the statements that refuse requests without TLS, and with TLS older than 1.2."""
    everything = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn(bucket), objects_arn(bucket, None)],
    }
    return [
        {"Sid": TLS_SID, **everything, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Sid": OLD_TLS_SID, **everything, "Condition": {"NumericLessThan": {"s3:TlsVersion": aws.TLS_VERSION_MIN}}},
    ]


def audit_bucket_policy(*, bucket: str, role: str, kms_key: str) -> Policy:
    """Return the policy of the audit bucket. It only denies; the role's own policy allows.

    - Nobody but the role adds files, so that none is forged.
    - A file is not encrypted with another key, which its reader may not have. A request without encryption headers,
      as Pinecone documents it, passes: the bucket's default encryption applies.
    - Nobody hides a file behind a delete marker, which Object Lock allows. Deleting versions is left to Object Lock
      and IAM, so that a bucket without retention can be emptied.

    It denies no change of the bucket's own settings: whoever may change them may change this policy first, and
    CloudFormation would be locked out. Monitoring and the fence watch those.

    ``role``, ``kms_key``: ARNs, or CloudFormation references to them.
    """
    objects = objects_arn(bucket, None)
    return policy(
        [
            *tls_statements(bucket),
            {
                "Sid": WRITERS_SID,
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:PutObject",
                "Resource": objects,
                "Condition": {"ArnNotEquals": {"aws:PrincipalArn": role}},
            },
            {
                "Sid": OTHER_KEYS_SID,
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:PutObject",
                "Resource": objects,
                "Condition": {"Null": {KEY_HEADER: "false"}, "StringNotEquals": {KEY_HEADER: kms_key}},
            },
            {
                "Sid": DELETE_MARKERS_SID,
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:DeleteObject",
                "Resource": objects,
            },
        ]
    )


def access_logs_statement(*, logs_bucket: str, bucket: str, account: str) -> Statement:
    """Return the statement that lets S3 deliver the access logs of one bucket into another one of the account."""
    return {
        "Sid": ACCESS_LOGS_SID,
        "Effect": "Allow",
        "Principal": {"Service": LOG_DELIVERY},
        "Action": "s3:PutObject",
        "Resource": objects_arn(logs_bucket, bucket),
        "Condition": {
            "ArnLike": {"aws:SourceArn": bucket_arn(bucket)},
            "StringEquals": {"aws:SourceAccount": account},
        },
    }


def access_logs_policy(*, logs_bucket: str, bucket: str, account: str) -> Policy:
    """Return the policy of the bucket of access logs. They are under the name of the bucket that they are about."""
    return policy(
        [*tls_statements(logs_bucket), access_logs_statement(logs_bucket=logs_bucket, bucket=bucket, account=account)]
    )
