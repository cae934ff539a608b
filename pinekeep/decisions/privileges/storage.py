"""The permissions around the roles of Pinecone's S3 account: to read them, and the most that they may do."""

from typing import Final

from pinekeep.decisions.privileges.grant import grant
from pinekeep.decisions.privileges.scope import COLLAPSE_OVER, Scope, once
from pinekeep.decisions.privileges.storage_scope import storage_roles
from pinekeep.model import naming
from pinekeep.model.config.storage_roles import PlannedStorageRole, planned_storage_roles
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.policies.document import Statement
from pinekeep.model.policies.permissions import account_keys_arn
from pinekeep.model.policies.storage import KEY_ACTIONS, bucket_arn, objects_arn

LIST_SID: Final = "AtMostListBuckets"
OBJECTS_SIDS: Final = {"s3:GetObject": "AtMostReadObjects", "s3:PutObject": "AtMostWriteObjects"}
KEYS_SID: Final = "AtMostUseKeysThroughS3"
_ANY_BUCKET: Final = f"arn:{aws.PARTITION}:s3:::*"


def storage_roles_in(scope: Scope) -> list[PlannedStorageRole]:
    """Return the roles for S3 of the deployments, in their order."""
    return [role for name, each in scope.deployments.items() for role in planned_storage_roles(name, each)]


def bucket_arns(scope: Scope) -> list[str]:
    """Return the ARNs of the buckets that Pinecone uses; any bucket for too many."""
    found = once(bucket_arn(each.bucket) for each in storage_roles_in(scope))
    return found if len(found) <= COLLAPSE_OVER else [_ANY_BUCKET]


def bucket_key_arns(scope: Scope) -> list[str]:
    """Return the ARNs of the keys of the buckets: existing ones, and any of the account where one is made."""
    planned = storage_roles_in(scope)
    given = [each.kms_key for each in planned if each.kms_key is not None]
    made = [
        f"arn:{aws.PARTITION}:kms:{each.region}:{scope.account}:key/*"
        for each in planned
        if each.makes_bucket and each.kms_key is None
    ]
    return once([*made, *(given if len(given) <= COLLAPSE_OVER else [account_keys_arn(scope.account)])])


def storage_stacks(scope: Scope) -> list[str]:
    """Return the ARNs of the stacks with the audit bucket and the roles for S3."""
    return [
        f"arn:{aws.PARTITION}:cloudformation:{each.region}:{scope.account}:stack/{naming.storage_stack(name)}/*"
        for name, each in scope.deployments.items()
        if planned_storage_roles(name, each)
    ]


READ_ACCESS: Final = (
    grant(
        "ReadStorageStacks",
        "cloudformation:DescribeStacks",
        on="the deployments' stacks with the audit bucket and the roles for S3",
        resources=storage_stacks,
    ),
    grant(
        "ReadStorageRoles",
        "iam:GetRole",
        "iam:ListRolePolicies",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        on="the roles of Pinecone's S3 account",
        resources=storage_roles,
    ),
    grant(
        "ReadBucketPolicies",
        "s3:GetBucketPolicy",
        on="the buckets that Pinecone uses",
        resources=bucket_arns,
    ),
    grant(
        "ReadKeysOfBuckets",
        "kms:GetKeyPolicy",
        "kms:ListGrants",
        on="the keys of these buckets; for a key of its own, the keys of the account and Region",
        resources=bucket_key_arns,
    ),
)
"""For ``access``."""


def storage_boundary_statements(scope: Scope) -> list[Statement]:
    """Return what the roles for S3 may do at most, as a part of a permissions boundary."""
    planned = storage_roles_in(scope)
    if not planned:
        return []
    own = {"StringEquals": {"aws:ResourceAccount": scope.account}}
    made: list[Statement] = [
        {
            "Sid": LIST_SID,
            "Effect": "Allow",
            "Action": once(action for each in pinecone.STORAGE_USES.values() for action in each.bucket),
            "Resource": bucket_arns(scope),
            "Condition": own,
        }
    ]
    for action, sid in OBJECTS_SIDS.items():
        using = [each for each in planned if action in pinecone.STORAGE_USES[each.use].objects]
        found = once(objects_arn(each.bucket, each.prefix) for each in using)
        if found:
            resources = found if len(found) <= COLLAPSE_OVER else [f"{_ANY_BUCKET}/*"]
            made.append({"Sid": sid, "Effect": "Allow", "Action": [action], "Resource": resources, "Condition": own})
    if keys := bucket_key_arns(scope):
        services = [f"s3.{region}.{aws.DOMAIN}" for region in scope.regions]
        made.append(
            {
                "Sid": KEYS_SID,
                "Effect": "Allow",
                "Action": once(action for each in planned for action in KEY_ACTIONS[each.use]),
                "Resource": keys,
                "Condition": {"StringEquals": {"kms:ViaService": services}},
            }
        )
    return made
