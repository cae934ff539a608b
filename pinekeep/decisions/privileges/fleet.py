"""The grants that a fleet needs in the account that administers its stack set.

Source: "Actions, resources, and condition keys for AWS CloudFormation" of the Service Authorization Reference,
docs.aws.amazon.com (checked 2026-11-30).
"""

from collections.abc import Iterator
from typing import Final

from pinekeep.decisions.privileges.grant import Condition, grant
from pinekeep.decisions.privileges.scope import Scope, once
from pinekeep.model import naming
from pinekeep.model.arns import role_arn
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.facts import aws, stack_sets

_ANYTHING: Final = ["*"]


def _fleets(scope: Scope, *, permissions: str | None = None, units: bool | None = None) -> Iterator[tuple[str, Fleet]]:
    for name, each in scope.fleets.items():
        if permissions in (None, each.permissions) and units in (None, bool(each.units)):
            yield name, each


def _stack_sets(scope: Scope) -> list[str]:
    """Return the stack sets of the fleets. A delegated administrator's belong to the management account."""
    return once(
        f"arn:{aws.PARTITION}:cloudformation:{each.administrator.region}:{_owner(scope, each)}:stackset/{stack_set}:*"
        for name, each in _fleets(scope)
        for stack_set in (naming.cmek_stack(name), naming.private_link_stack(name))
    )


def _owner(scope: Scope, fleet: Fleet) -> str:
    return "*" if fleet.delegated else scope.account


def _targets(scope: Scope) -> list[str]:
    """Return the stack sets, their targets, and the types of resources in their templates."""
    kinds = (naming.cmek_stack, naming.private_link_stack)
    names = [stack_set(name) for name, _ in _fleets(scope) for stack_set in kinds]
    targets = [f"arn:{aws.PARTITION}:cloudformation:*:*:stackset-target/{name}:*" for name in names]
    types = [f"arn:{aws.PARTITION}:cloudformation:*:*:type/resource/*"] if names else []
    return [*_stack_sets(scope), *once(targets), *types]


def _if_any(scope: Scope) -> list[str]:
    return list(_ANYTHING) if scope.fleets else []


def _if_service_managed(scope: Scope) -> list[str]:
    return list(_ANYTHING) if any(_fleets(scope, permissions="service-managed")) else []


def _if_units(scope: Scope) -> list[str]:
    return list(_ANYTHING) if any(_fleets(scope, units=True)) else []


def _administration_roles(scope: Scope) -> list[str]:
    return once(
        each.administration_role_arn or role_arn(account=scope.account, role_name=stack_sets.ADMINISTRATION_ROLE)
        for _, each in _fleets(scope, permissions="self-managed")
    )


def _roles_in_accounts(scope: Scope) -> list[str]:
    names = [
        name
        for _, each in _fleets(scope)
        for name in (each.verification_role_name, each.pinecone_role_name)
        if name is not None
    ]
    return once(f"arn:{aws.PARTITION}:iam::*:role/{name}" for name in names)


def _in_its_regions(scope: Scope) -> Condition:
    return {"StringEquals": {"aws:RequestedRegion": once(each.administrator.region for _, each in _fleets(scope))}}


def _to_cloudformation(_: Scope) -> Condition:
    return {"StringEquals": {"iam:PassedToService": f"cloudformation.{aws.DOMAIN}"}}


_ORGANIZATION: Final = "Reads of an organization take no resource, or one whose ID is not in the file"

FLEET: Final = (
    grant(
        "ReadStackSets",
        "cloudformation:DescribeStackSet",
        "cloudformation:DescribeStackInstance",
        "cloudformation:DescribeStackSetOperation",
        "cloudformation:ListStackInstances",
        "cloudformation:ListStackSetOperations",
        "cloudformation:ListStackSetOperationResults",
        "cloudformation:ListStackInstanceResourceDrifts",
        on="the fleets' stack sets, and those of other fleets of the account",
        resources=lambda scope: [*_stack_sets(scope), *_of_other_fleets(scope)],
    ),
    grant(
        "ListStackSets",
        "cloudformation:ListStackSets",
        "cloudformation:DescribeOrganizationsAccess",
        on="no resource: the stack sets of the account, and whether StackSets has access to the organization",
        resources=_if_any,
        condition=_in_its_regions,
        wildcard="These calls take no resource; the policy limits them to the Regions of the stack sets",
    ),
    grant(
        "CreateStackSets",
        "cloudformation:CreateStackSet",
        on="no resource: a new stack set",
        resources=_if_any,
        condition=_in_its_regions,
        wildcard="CreateStackSet takes no resource; the policy limits it to the Regions of the stack sets",
    ),
    grant(
        "OperateStackSets",
        "cloudformation:CreateStackInstances",
        "cloudformation:UpdateStackInstances",
        "cloudformation:DeleteStackInstances",
        "cloudformation:UpdateStackSet",
        on="the fleets' stack sets, their targets, and the types of resources in their templates",
        resources=_targets,
    ),
    grant(
        "FinishStackSets",
        "cloudformation:DeleteStackSet",
        "cloudformation:StopStackSetOperation",
        "cloudformation:DetectStackSetDrift",
        "cloudformation:TagResource",
        "cloudformation:UntagResource",
        on="the fleets' stack sets",
        resources=_stack_sets,
    ),
    grant(
        "ReadOrganization",
        "organizations:DescribeOrganization",
        "organizations:DescribeAccount",
        "organizations:ListAccounts",
        "organizations:ListRoots",
        "organizations:ListDelegatedAdministrators",
        on="the organization, with service-managed permissions: whether the accounts are in it",
        resources=_if_service_managed,
        wildcard=_ORGANIZATION,
    ),
    grant(
        "ReadOrganizationalUnits",
        "organizations:ListAccountsForParent",
        "organizations:ListOrganizationalUnitsForParent",
        on="the organizational units of the fleets, and those below",
        resources=_if_units,
        wildcard=_ORGANIZATION,
    ),
    grant(
        "ReadStackSetQuotas",
        "servicequotas:ListServiceQuotas",
        "servicequotas:ListAWSDefaultServiceQuotas",
        on="the quotas of CloudFormation",
        resources=_if_any,
        condition=_in_its_regions,
        wildcard="These calls take no resource; the policy limits them to the Regions of the stack sets",
    ),
    grant(
        "PassAdministrationRole",
        "iam:PassRole",
        on="the administration roles of self-managed permissions, to CloudFormation alone",
        resources=_administration_roles,
        condition=_to_cloudformation,
    ),
    grant(
        "ActAsVerificationRole",
        "sts:AssumeRole",
        on="the read-only role in every account, for `fleet verify` and `fleet handoff`, and the role that stores API "
        "keys, if the fleet names one",
        resources=_roles_in_accounts,
    ),
)
"""For ``fleet``, in the administrator's account."""


def _of_other_fleets(scope: Scope) -> list[str]:
    return once(
        f"arn:{aws.PARTITION}:cloudformation:{each.administrator.region}:{_owner(scope, each)}:stackset/{stack_set}:*"
        for _, each in _fleets(scope)
        for stack_set in (naming.cmek_stack("*"), naming.private_link_stack("*"))
    )
