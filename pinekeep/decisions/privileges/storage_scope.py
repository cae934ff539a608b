"""The ARNs of storage stacks: buckets, their keys, and the roles of Pinecone's S3 account."""

from pinekeep.decisions.privileges.scope import COLLAPSE_OVER, GENERATED_PREFIX_MAX, Scope, once
from pinekeep.model import naming
from pinekeep.model.arns import role_arn
from pinekeep.model.config import Deployment
from pinekeep.model.config.storage import NewBucket
from pinekeep.model.config.storage_roles import planned_storage_roles
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


def named_buckets(scope: Scope) -> list[str]:
    """Return the ARNs of the audit buckets that the stacks create, and of those of their access logs."""
    names: list[str] = []
    for each in scope.deployments.values():
        if (bucket := new_bucket(each)) is not None:
            names.append(bucket.name)
            if bucket.access_logs_bucket is None:
                names.append(naming.access_logs_bucket(bucket.name))
    return once(f"arn:{aws.PARTITION}:s3:::{each}" for each in names)


def made_buckets(scope: Scope) -> list[str]:
    """Return the ARNs of all buckets that the stacks create; CloudFormation names those of results, in lower case."""
    stacks = [naming.storage_stack(name) for name, each in scope.deployments.items() if has_queries(each)]
    stems = [f"{naming.STACK_PREFIX}-"] if scope.many and stacks else stacks
    results = (f"arn:{aws.PARTITION}:s3:::{each.lower()[:GENERATED_PREFIX_MAX]}*" for each in stems)
    return once([*named_buckets(scope), *results])


def audit_keys(scope: Scope) -> list[str]:
    """Return the ARNs of every key of the account, in the Regions where a stack creates one for an audit bucket."""
    return [f"arn:{aws.PARTITION}:kms:{region}:{scope.account}:key/*" for region in audit_key_regions(scope)]


def audit_keys_by_alias(scope: Scope) -> list[str]:
    """Return the same, and the ARNs of the aliases."""
    aliases = (
        f"arn:{aws.PARTITION}:kms:{region}:{scope.account}:{alias}"
        for region in audit_key_regions(scope)
        for alias in audit_aliases(scope)
    )
    return [*audit_keys(scope), *aliases]


def storage_roles(scope: Scope) -> list[str]:
    """Return the ARNs of the roles of Pinecone's S3 account; a pattern for too many with default names."""
    planned = [role for name, each in scope.deployments.items() for role in planned_storage_roles(name, each)]
    if len(planned) <= COLLAPSE_OVER:
        return once(each.arn for each in planned)
    named = [each.arn for each in planned if not each.name.startswith("pinekeep-")]
    paths = once(each.path for each in planned if each.name.startswith("pinekeep-"))
    return once([*named, *(role_arn(account=scope.account, role_name="pinekeep-*", path=path) for path in paths)])


def storage_policies(scope: Scope) -> list[str]:
    """Return the ARNs of the managed policies of those roles, which are named after them."""
    return [naming.storage_policy(each.replace(":role/", ":policy/", 1)) for each in storage_roles(scope)]


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
