"""The policies of a deployment's roles for S3, with their buckets and keys: of the settings, and what they share."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pinekeep.decisions.access.policies import (
    Agreement,
    BucketPolicies,
    KeyPolicy,
    NamedPolicy,
    Origin,
    PolicySet,
    RolePolicies,
)
from pinekeep.decisions.access.template import UNKNOWN_KEY_ID
from pinekeep.model.arns import KeyArn
from pinekeep.model.config import Deployment
from pinekeep.model.config.storage_roles import PlannedStorageRole, planned_storage_roles
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.policies.document import Policy, policy
from pinekeep.model.policies.key import root_statement
from pinekeep.model.policies.storage import audit_bucket_policy, audit_key_policy


def storage_policy_set(
    *,
    name: str,
    origin: Origin,
    deployment: Deployment,
    roles: Sequence[RolePolicies],
    bucket_policies: Mapping[str, Policy | None],
    own_key: KeyPolicy | None,
    keys: Sequence[KeyPolicy] = (),
) -> PolicySet:
    """Return the policies of a deployment's roles for S3.

    Args:
        roles: the roles with their policies; a missing one is left out.
        bucket_policies: the policies of the buckets by name, empty where a bucket has none; None where one is not
            known. A bucket that is left out is assumed to have none.
        own_key: the key of the audit bucket that the deployment makes, or None.
        keys: existing keys with their policies. One that is left out is assumed to leave its use to IAM policies.
    """
    planned = planned_storage_roles(name, deployment)
    used = _keys(planned, own_key)
    known = {each.arn: each for each in keys}
    default = policy([root_statement(deployment.account)])
    existing = {
        arn: replace(known.get(arn) or KeyPolicy(arn=arn, document=default), name=key_name(bucket))
        for bucket, arn in used.items()
        if own_key is None or arn != own_key.arn
    }
    return PolicySet(
        name=name,
        origin=origin,
        account=deployment.account,
        region=deployment.region,
        agreed=Agreement(
            pinecone_account=pinecone.STORAGE_ACCOUNT,
            regions=(),
            external_id=None,
            principal_arns=tuple(dict.fromkeys(each.principal_arn for each in planned if each.principal_arn)),
        ),
        roles=tuple(roles),
        keys=(*([] if own_key is None else [own_key]), *existing.values()),
        buckets=tuple(
            BucketPolicies(
                name=bucket,
                account=deployment.account,
                document=bucket_policies.get(bucket, policy([])),
                prefixes=tuple(dict.fromkeys(each.prefix for each in planned if each.bucket == bucket)),
                kms_key=used.get(bucket),
            )
            for bucket in dict.fromkeys(each.bucket for each in planned)
        ),
    )


def _keys(planned: Sequence[PlannedStorageRole], own_key: KeyPolicy | None) -> dict[str, str]:
    """Return the ARN of the customer managed key of each bucket that has one."""
    found = {each.bucket: each.kms_key for each in planned if each.kms_key is not None}
    made = next((each.bucket for each in planned if each.makes_bucket and each.kms_key is None), None)
    if made is not None and own_key is not None:
        found[made] = own_key.arn
    return found


def key_name(bucket: str) -> str:
    """Return the name of a bucket's key in a table."""
    return f"bucket {bucket}"


def configured_storage_policies(*, name: str, deployment: Deployment) -> PolicySet:
    """Return the policies of a deployment's roles for S3, as its template would have them. Needs no synthesis."""
    planned = planned_storage_roles(name, deployment)
    boundary = deployment.permissions_boundary
    roles = [
        RolePolicies(
            arn=each.arn,
            trust=each.trust(),
            permissions=(NamedPolicy(name=each.policy_arn.rsplit("/", 1)[-1], document=each.permissions()),),
            boundary=NamedPolicy(name=boundary, document=None) if boundary else None,
        )
        for each in planned
    ]
    own_key: KeyPolicy | None = None
    bucket_policies: dict[str, Policy] = {}
    for each in planned:
        if not each.makes_bucket:
            continue
        key_arn = each.kms_key
        if key_arn is None:
            own_key = _configured_key(each)
            key_arn = own_key.arn
        bucket_policies[each.bucket] = audit_bucket_policy(bucket=each.bucket, role=each.arn, kms_key=key_arn)
    return storage_policy_set(
        name=name,
        origin="synthesized",
        deployment=deployment,
        roles=roles,
        bucket_policies=bucket_policies,
        own_key=own_key,
    )


def _configured_key(role: PlannedStorageRole) -> KeyPolicy:
    arn = KeyArn(partition=aws.PARTITION, region=role.region, account=role.account, key_id=UNKNOWN_KEY_ID.format(0))
    document = audit_key_policy(
        account=role.account, role=role.arn, bucket=role.bucket, prefix=role.prefix, region=role.region
    )
    return KeyPolicy(arn=str(arn), document=document, name=key_name(role.bucket))
