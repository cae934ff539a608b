"""The roles and their managed policies.

CloudFormation may create roles with the deployments' names only, write no inline policy, attach the deployments' own
managed policies only, and pass the flow logs' role to the flow logs only. With a permissions boundary in the
configuration it creates no role, and attaches to none, without that boundary.

Source: "Actions, resources, and condition keys for AWS Identity and Access Management" (docs.aws.amazon.com).
"""

from typing import Final

from pinekeep.decisions.privileges.grant import Condition, ResourceKind, both, grant, left_out
from pinekeep.decisions.privileges.monitoring_scope import forwarding_policies, forwarding_roles, monitoring_roles
from pinekeep.decisions.privileges.scope import Scope, once
from pinekeep.decisions.privileges.storage_scope import storage_policies, storage_roles

FLOW_LOGS_SERVICE: Final = "vpc-flow-logs.amazonaws.com"
_ROLES: Final = "the deployments' roles"


def _all_roles(scope: Scope) -> list[str]:
    return once([*scope.roles(), *scope.generated_roles(), *storage_roles(scope), *monitoring_roles(scope)])


def _policies(scope: Scope) -> list[str]:
    return once([*scope.policies(), *storage_policies(scope), *forwarding_policies(scope)])


def _roles_with_policies(scope: Scope) -> list[str]:
    return once([*scope.roles_with_policies(), *storage_roles(scope), *forwarding_roles(scope)])


def _with_the_boundary(scope: Scope) -> Condition:
    return {"StringEquals": {"iam:PermissionsBoundary": scope.boundaries()}} if scope.boundaries() else {}


def _own_policies(scope: Scope) -> Condition:
    return {"ArnLike": {"iam:PolicyARN": _policies(scope)}}


ROLE: Final = ResourceKind(
    name="AWS::IAM::Role",
    grants=(
        grant(
            "CreateRoles",
            "iam:CreateRole",
            on=f"{_ROLES}, with the permissions boundary where the configuration names one",
            resources=_all_roles,
            condition=_with_the_boundary,
        ),
        grant(
            "KeepTheBoundary",
            "iam:PutRolePermissionsBoundary",
            on=f"{_ROLES}, to set that boundary and no other",
            resources=lambda scope: _all_roles(scope) if scope.boundaries() else [],
            condition=_with_the_boundary,
        ),
        grant(
            "ManageRoles",
            "iam:DeleteRole",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
            "iam:ListRoleTags",
            "iam:TagRole",
            "iam:UntagRole",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
            "iam:UpdateRoleDescription",
            on=_ROLES,
            resources=_all_roles,
        ),
    ),
    left_out={
        **left_out("no role of the templates has an inline policy", "iam:PutRolePolicy", "iam:DeleteRolePolicy"),
        **left_out(
            "no role names its managed policies; AWS::IAM::ManagedPolicy attaches them",
            "iam:AttachRolePolicy",
            "iam:DetachRolePolicy",
        ),
        **left_out("a boundary stays once it is set: an administrator removes it", "iam:DeleteRolePermissionsBoundary"),
        **left_out("only for listing resources to import, never for a deployment", "iam:ListRoles"),
    },
)

MANAGED_POLICY: Final = ResourceKind(
    name="AWS::IAM::ManagedPolicy",
    grants=(
        grant(
            "ManageOwnPolicies",
            "iam:CreatePolicy",
            "iam:CreatePolicyVersion",
            "iam:DeletePolicy",
            "iam:DeletePolicyVersion",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:ListEntitiesForPolicy",
            "iam:ListPolicyVersions",
            on="the deployments' managed policies",
            resources=_policies,
        ),
        grant(
            "AttachOwnPolicies",
            "iam:AttachRolePolicy",
            on="the roles that have managed policies (the flow logs', those that use customers' keys or buckets, and "
            "those that forward events), and none but the deployments' managed policies",
            resources=_roles_with_policies,
            condition=lambda scope: both(_own_policies(scope), _with_the_boundary(scope)),
        ),
        grant(
            "DetachOwnPolicies",
            "iam:DetachRolePolicy",
            on="the same",
            resources=_roles_with_policies,
            condition=_own_policies,
        ),
    ),
    left_out={
        **left_out(
            "the policies are attached to roles alone",
            "iam:AttachGroupPolicy",
            "iam:AttachUserPolicy",
            "iam:DetachGroupPolicy",
            "iam:DetachUserPolicy",
        ),
        **left_out("only for listing resources to import, never for a deployment", "iam:ListPolicies"),
    },
)

PASS_FLOW_LOG_ROLE: Final = grant(
    "PassTheFlowLogRole",
    "iam:PassRole",
    on=f"the flow logs' roles, to {FLOW_LOGS_SERVICE} alone",
    resources=Scope.generated_roles,
    condition=lambda _: {"StringEquals": {"iam:PassedToService": FLOW_LOGS_SERVICE}},
)
