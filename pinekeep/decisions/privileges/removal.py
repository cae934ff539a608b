"""The grants of ``revoke``, ``restore`` and ``offboard``, which change keys and roles in use. No other verb has any."""

from typing import Final

from pinekeep.decisions.privileges.grant import EVERYTHING, Condition, Grant, both, grant, tagged
from pinekeep.decisions.privileges.reads import key, role
from pinekeep.decisions.privileges.scope import Scope
from pinekeep.model.facts import aws

_GLOBAL_STS: Final = "us-east-1"
"""The Region in which CloudTrail records calls to STS's global endpoint."""

_STACKS_WITH_KEYS: Final = grant(
    "ReadStacks",
    "cloudformation:DescribeStacks",
    on="the deployments' stacks of key and role",
    resources=lambda scope: scope.stacks(link=False, further=False),
)
_ROLES: Final = role("iam:GetRole", "iam:GetRolePolicy")
_RECORDS: Final = grant(
    "NoteWhatIsDone",
    "ssm:GetParameters",
    "ssm:PutParameter",
    "ssm:AddTagsToResource",
    on="the parameters that record what was handed over and revoked, and the progress of an offboarding",
    resources=Scope.records,
)
_ON_ROLES: Final = "the roles that Pinecone assumes; IAM knows no condition for the name of an inline policy"
_TAGGED_KEYS: Final = "the keys of the account and Region that carry the deployment's tag"


def _own_keys(sid: str, *actions: str) -> Grant:
    """Return the grant to change the state of the deployments' own keys, identified by their tag."""
    return grant(sid, *actions, on=_TAGGED_KEYS, resources=Scope.keys, condition=tagged)


def _adopted_keys(sid: str, *actions: str) -> Grant:
    return grant(sid, *actions, on="adopted keys", resources=Scope.adopted_keys)


def _replicas(sid: str, *actions: str) -> Grant:
    """Return the grant on replicas. They have tags of their own, or none."""
    return grant(sid, *actions, on="multi-Region keys of the account, in every Region", resources=Scope.replicas)


REVOKE: Final = (
    _STACKS_WITH_KEYS,
    _ROLES,
    key("kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants", "kms:GetKeyLastUsage"),
    _replicas("ReadReplicas", "kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants", "kms:GetKeyLastUsage"),
    _RECORDS,
    grant("CutTheRolesOff", "iam:PutRolePolicy", on=_ON_ROLES, resources=Scope.roles),
    _own_keys("DisableTheKeys", "kms:DisableKey"),
    _adopted_keys("DisableAdoptedKeys", "kms:DisableKey"),
    _own_keys("EndGrants", "kms:RevokeGrant"),
    _adopted_keys("EndGrantsOnAdoptedKeys", "kms:RevokeGrant"),
    _replicas("EndGrantsOnReplicas", "kms:RevokeGrant"),
)
RESTORE: Final = (
    _STACKS_WITH_KEYS,
    _ROLES,
    key("kms:DescribeKey"),
    _RECORDS,
    grant("LetTheRolesIn", "iam:DeleteRolePolicy", on=_ON_ROLES, resources=Scope.roles),
    _own_keys("EnableTheKeys", "kms:EnableKey", "kms:CancelKeyDeletion"),
    _adopted_keys("EnableAdoptedKeys", "kms:EnableKey", "kms:CancelKeyDeletion"),
)


def _with_the_longest_window(scope: Scope) -> Condition:
    window: dict[str, list[str] | str] = {
        "kms:ScheduleKeyDeletionPendingWindowInDays": str(aws.DELETION_WINDOW_DAYS_MAX)
    }
    return both(tagged(scope), {"NumericEquals": window})


def _where_sts_is_asked(scope: Scope) -> Condition:
    return {"StringEquals": {"aws:RequestedRegion": list(dict.fromkeys([*scope.regions, _GLOBAL_STS]))}}


OFFBOARD: Final = (
    grant(
        "ReadStacks",
        "cloudformation:DescribeStacks",
        on="the deployments' stacks",
        resources=lambda scope: scope.stacks() if any(each.cmek for each in scope.deployments.values()) else [],
    ),
    _ROLES,
    key("kms:DescribeKey", "kms:GetKeyLastUsage"),
    _RECORDS,
    grant(
        "LookForUses",
        "cloudtrail:LookupEvents",
        on="CloudTrail's event history",
        resources=lambda scope: EVERYTHING if scope.roles() else [],
        condition=_where_sts_is_asked,
        wildcard="CloudTrail's event history takes no resource; the policy limits it to the Regions",
    ),
    grant(
        "SetTheAlarm",
        "events:PutRule",
        "events:PutTargets",
        "events:RemoveTargets",
        "events:DeleteRule",
        "events:TagResource",
        on="the rules of the alarms",
        resources=Scope.alarm_rules,
    ),
    _own_keys("TurnTheKeysOffAndOn", "kms:DisableKey", "kms:EnableKey", "kms:CancelKeyDeletion"),
    grant(
        "ScheduleTheDeletion",
        "kms:ScheduleKeyDeletion",
        on=f"{_TAGGED_KEYS}, with the longest window",
        resources=Scope.keys,
        condition=_with_the_longest_window,
    ),
    grant(
        "RemoveTheStacks",
        "cloudformation:UpdateTerminationProtection",
        "cloudformation:DeleteStack",
        on="the deployments' stacks of key and role",
        resources=lambda scope: scope.stacks(link=False, further=False),
    ),
)
"""Adopted keys are neither disabled nor deleted. It also does what ``destroy`` does."""
