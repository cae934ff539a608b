"""The ARNs of storage stacks: buckets, their keys, and the roles of Pinecone's S3 account."""

from collections.abc import Iterator

from pinekeep.decisions.privileges.scope import GENERATED_PREFIX_MAX, Scope, once
from pinekeep.decisions.privileges.storage import storage_role_arns
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.storage import NewBucket
from pinekeep.model.facts import aws


def new_bucket(deployment: Deployment) -> NewBucket | None:
    """Return the settings of the audit bucket that a deployment creates; None where it creates none."""
    logs = deployment.audit_logs
    return logs.bucket if logs is not None and isinstance(logs.bucket, NewBucket) else None


def makes_audit_key(deployment: Deployment) -> bool:
    """Return whether a deployment creates a key for its audit bucket."""
    bucket = new_bucket(deployment)
    return bucket is not None and bucket.kms_key is None


def has_queries(deployment: Deployment) -> bool:
    """Return whether a deployment has a table and saved queries over its audit logs."""
    return deployment.audit_logs is not None and deployment.audit_logs.queries is not None


def made_buckets(scope: Scope) -> list[str]:
    """Return the ARNs of the buckets that the stacks create."""
    return once(f"arn:{aws.PARTITION}:s3:::{each}" for each in _bucket_names(scope))


def _bucket_names(scope: Scope) -> Iterator[str]:
    for name, each in scope.deployments.items():
        if (bucket := new_bucket(each)) is not None:
            yield bucket.name
            if bucket.access_logs_bucket is None:
                yield naming.access_logs_bucket(bucket.name)
        if has_queries(each):
            # CloudFormation generates the name, in lower case.
            stem = naming.STACK_PREFIX if scope.many else naming.storage_stack(name)
            yield f"{stem.lower()[:GENERATED_PREFIX_MAX]}*"


def storage_policies(scope: Scope) -> list[str]:
    """Return the ARNs of the managed policies of those roles, which are named after them."""
    return [naming.storage_policy(each.replace(":role/", ":policy/", 1)) for each in storage_role_arns(scope)]


def audit_aliases(scope: Scope) -> list[str]:
    """Return the aliases of the keys of audit buckets, with ``alias/``."""
    names = [name for name, each in scope.deployments.items() if makes_audit_key(each)]
    return once(f"alias/{naming.audit_alias('*' if scope.many else name)}" for name in names)


def audit_key_regions(scope: Scope) -> list[str]:
    """Return the Regions in which the stacks create keys of audit buckets."""
    return once(each.region for each in scope.deployments.values() if makes_audit_key(each))


def catalog(scope: Scope) -> list[str]:
    """Return the ARNs of the Glue catalog, the databases over the audit logs and their tables."""
    regions = once(each.region for each in scope.deployments.values() if has_queries(each))
    names = once(
        naming.audit_database(naming.audit_workgroup("*" if scope.many else name))
        for name, each in scope.deployments.items()
        if has_queries(each)
    )
    kinds = ["catalog", *(part for each in names for part in (f"database/{each}", f"table/{each}/*"))]
    return [f"arn:{aws.PARTITION}:glue:{region}:{scope.account}:{kind}" for region in regions for kind in kinds]


def workgroups(scope: Scope) -> list[str]:
    """Return the ARNs of the Athena workgroups over the audit logs."""
    return once(
        f"arn:{aws.PARTITION}:athena:{each.region}:{scope.account}:workgroup/"
        + naming.audit_workgroup("*" if scope.many else name)
        for name, each in scope.deployments.items()
        if has_queries(each)
    )
