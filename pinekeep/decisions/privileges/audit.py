"""The grants that reading audit logs needs: the buckets, the files, and the keys that encrypt them."""

from collections.abc import Iterator
from typing import Final

from pinekeep.decisions.privileges.grant import Condition, grant
from pinekeep.decisions.privileges.scope import Scope, once
from pinekeep.model.config.storage import AuditLogs, NewBucket
from pinekeep.model.facts import aws
from pinekeep.model.policies.storage import bucket_arn, objects_arn


def _audit_logs(scope: Scope) -> Iterator[tuple[str, AuditLogs]]:
    for each in scope.deployments.values():
        if each.audit_logs is not None:
            yield each.region, each.audit_logs


def _buckets(scope: Scope) -> list[str]:
    return once(bucket_arn("*" if scope.many else logs.bucket_name) for _, logs in _audit_logs(scope))


def _files(scope: Scope) -> list[str]:
    return once(
        objects_arn("*", None) if scope.many else objects_arn(logs.bucket_name, logs.prefix)
        for _, logs in _audit_logs(scope)
    )


def _keys(scope: Scope) -> list[str]:
    return once(
        (not scope.many and logs.bucket.kms_key) or f"arn:{aws.PARTITION}:kms:{region}:{scope.account}:key/*"
        for region, logs in _audit_logs(scope)
        if logs.bucket.kms_key or isinstance(logs.bucket, NewBucket)
    )


def _through_s3(scope: Scope) -> Condition:
    services = once(f"s3.{region}.{aws.DOMAIN}" for region, _ in _audit_logs(scope))
    return {"StringEquals": {"kms:ViaService": services}}


AUDIT_LOGS: Final = (
    grant(
        "ListAuditLogs",
        "s3:ListBucket",
        on="the buckets of the audit logs; any, for too many deployments to name",
        resources=_buckets,
    ),
    grant("ReadAuditLogs", "s3:GetObject", on="the files in these buckets, under their prefix", resources=_files),
    grant(
        "DecryptAuditLogs",
        "kms:Decrypt",
        on="the keys of these buckets, through S3 alone; of a new key, any key in the Region: KMS generates its ID",
        resources=_keys,
        condition=_through_s3,
    ),
)
"""For ``audit``. S3 decrypts with the caller's permissions."""
