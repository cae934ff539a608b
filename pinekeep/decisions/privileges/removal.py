"""What cutting off, letting in and offboarding call: the verbs that change keys and roles which are in use.

No other verb may do any of it, whoever deploys least of all.
"""

from typing import Final

from pinekeep.decisions.privileges.grant import EVERYTHING, Condition, Grant, both, tagged
from pinekeep.decisions.privileges.reads import key, role
from pinekeep.decisions.privileges.scope import Scope
from pinekeep.model.facts import aws

_GLOBAL_STS: Final = "us-east-1"
"""Where CloudTrail tells of calls to STS's global address."""

_STACKS_WITH_KEYS: Final = Grant(
    sid="ReadStacks",
    actions=("cloudformation:DescribeStacks",),
    on="the deployments' stacks of key and role",
    resources=lambda scope: scope.stacks(link=False),
)
_ROLES: Final = role("iam:GetRole", "iam:GetRolePolicy")
_RECORDS: Final = Grant(
    sid="NoteWhatIsDone",
    actions=("ssm:GetParameters", "ssm:PutParameter", "ssm:AddTagsToResource"),
    on="the parameters in which is noted what was handed over, revoked, and how far an offboarding is",
    resources=lambda scope: scope.records,
)
_ON_ROLES: Final = "the roles that Pinecone assumes; IAM knows no condition for the name of an inline policy"
_TAGGED_KEYS: Final = "the keys of the account and Region that carry the deployment's tag"


def _own_keys(sid: str, *actions: str) -> Grant:
    """Return the grant to change the state of the deployments' own keys, known by their tag."""
    return Grant(sid=sid, actions=actions, on=_TAGGED_KEYS, resources=lambda scope: scope.keys, condition=tagged)


def _adopted_keys(sid: str, *actions: str) -> Grant:
    return Grant(sid=sid, actions=actions, on="adopted keys", resources=lambda scope: scope.adopted_keys)


def _replicas(sid: str, *actions: str) -> Grant:
    """Return the grant to look at replicas, or at what opens them. They have tags of their own, or none."""
    return Grant(
        sid=sid,
        actions=actions,
        on="multi-Region keys of the account, in every Region",
        resources=lambda scope: scope.replicas,
    )


REVOKE: Final = (
    _STACKS_WITH_KEYS,
    _ROLES,
    key("kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants", "kms:GetKeyLastUsage"),
    _replicas("ReadReplicas", "kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants", "kms:GetKeyLastUsage"),
    _RECORDS,
    Grant(sid="CutTheRolesOff", actions=("iam:PutRolePolicy",), on=_ON_ROLES, resources=lambda scope: scope.roles),
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
    Grant(sid="LetTheRolesIn", actions=("iam:DeleteRolePolicy",), on=_ON_ROLES, resources=lambda scope: scope.roles),
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
    Grant(
        sid="ReadStacks",
        actions=("cloudformation:DescribeStacks",),
        on="the deployments' stacks",
        resources=lambda scope: scope.stacks() if any(each.cmek for each in scope.deployments.values()) else [],
    ),
    _ROLES,
    key("kms:DescribeKey", "kms:GetKeyLastUsage"),
    _RECORDS,
    Grant(
        sid="LookForUses",
        actions=("cloudtrail:LookupEvents",),
        on="CloudTrail's event history",
        resources=lambda scope: EVERYTHING if scope.roles else [],
        condition=_where_sts_is_asked,
        wildcard="CloudTrail looks events up for no resource; the policy limits it to the Regions",
    ),
    Grant(
        sid="SetTheAlarm",
        actions=(
            "events:PutRule",
            "events:PutTargets",
            "events:RemoveTargets",
            "events:DeleteRule",
            "events:TagResource",
        ),
        on="the rules of the alarms",
        resources=lambda scope: scope.alarm_rules,
    ),
    _own_keys("TurnTheKeysOffAndOn", "kms:DisableKey", "kms:EnableKey", "kms:CancelKeyDeletion"),
    Grant(
        sid="ScheduleTheDeletion",
        actions=("kms:ScheduleKeyDeletion",),
        on=f"{_TAGGED_KEYS}, with the longest window",
        resources=lambda scope: scope.keys,
        condition=_with_the_longest_window,
    ),
    Grant(
        sid="RemoveTheStacks",
        actions=("cloudformation:UpdateTerminationProtection", "cloudformation:DeleteStack"),
        on="the deployments' stacks of key and role",
        resources=lambda scope: scope.stacks(link=False),
    ),
)
"""Adopted keys are not among those that it turns off or deletes. Besides, it does what ``destroy`` does."""
