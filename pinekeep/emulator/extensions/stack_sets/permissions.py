"""The roles with which StackSets acts in a target account."""

from typing import Final

from ministack.core import iam_evaluator
from ministack.services import iam

from pinekeep.emulator.extensions.stack_sets.records import StackSet
from pinekeep.model.facts.stack_sets import ADMINISTRATION_ROLE, EXECUTION_ROLE

SERVICE: Final = "cloudformation.amazonaws.com"


def administration_role_arn(stack_set: StackSet) -> str:
    """Return the ARN of the role that a self-managed set uses in its own account."""
    named = stack_set.administration_role_arn
    return named or f"arn:aws:iam::{stack_set.account}:role/{ADMINISTRATION_ROLE}"


def session_arn(stack_set: StackSet, account: str) -> str:
    """Return the session with which a set acts in a target account."""
    if stack_set.is_service_managed:
        return f"arn:aws:sts::{account}:assumed-role/stacksets-exec-{stack_set.uuid[:8]}/{stack_set.name}"
    return f"arn:aws:sts::{account}:assumed-role/{_execution_role(stack_set)}/{stack_set.name}"


def refusal(stack_set: StackSet, account: str, region: str, action: str) -> str | None:
    """Return why a self-managed set cannot call CloudFormation in a target account; None where it can.

    ``action``: of CloudFormation, such as ``CreateStack``. What the stack's own resources need is not checked.
    """
    if stack_set.is_service_managed:
        return None
    administrator = administration_role_arn(stack_set)
    admin_name = administrator.rpartition("/")[2]
    role = iam._roles.get_scoped(stack_set.account, None, admin_name)
    if role is None or role["Arn"] != administrator or not _trusts_service(role["AssumeRolePolicyDocument"], stack_set):
        return (
            f"Account {stack_set.account} should have '{admin_name}' role with trust relationship to CloudFormation "
            "service."
        )
    name = _execution_role(stack_set)
    target = iam._roles.get_scoped(account, None, name)
    arn = target["Arn"] if target else f"arn:aws:iam::{account}:role/{name}"
    session = f"arn:aws:sts::{stack_set.account}:assumed-role/{admin_name}/{stack_set.name}"
    may_assume = _allows(session, "sts:AssumeRole", arn, region)
    trusts = target is not None and _trusts(target["AssumeRolePolicyDocument"], session, arn, region)
    if not (may_assume and trusts):
        return f"Account {account} should have '{name}' role with trust relationship to Role '{admin_name}'."
    stack = f"arn:aws:cloudformation:{region}:{account}:stack/StackSet-{stack_set.name}-*/*"
    own = session_arn(stack_set, account)
    if not _allows(own, f"cloudformation:{action}", stack, region):
        return (
            f"User: {own} is not authorized to perform: cloudformation:{action} on resource: {stack} "
            f"(Service: AmazonCloudFormation; Status Code: 403; Error Code: AccessDenied)"
        )
    return None


def _execution_role(stack_set: StackSet) -> str:
    return stack_set.execution_role_name or EXECUTION_ROLE


def _context(principal: str, action: str, resource: str, region: str) -> iam_evaluator.EvalContext:
    return iam_evaluator.EvalContext(
        principal_arn=principal,
        principal_type="AssumedRole",
        principal_account=principal.split(":")[4],
        action=action,
        resource_arn=resource,
        region=region,
    )


def _allows(session: str, action: str, resource: str, region: str) -> bool:
    account, role = session.split(":")[4], session.split("/")[1]
    policies = iam_evaluator._gather_role_policies(role, account)
    return iam_evaluator.evaluate(_context(session, action, resource, region), policies).decision == "Allow"


def _trusts(document: str, session: str, role: str, region: str) -> bool:
    context = _context(session, "sts:AssumeRole", role, region)
    return bool(iam_evaluator.evaluate_trust_policy(document, session, context))


def _trusts_service(document: str, stack_set: StackSet) -> bool:
    """Tell whether a trust policy lets CloudFormation assume the administration role for a set."""
    source = {"aws:sourceaccount": stack_set.account, "aws:sourcearn": stack_set.arn}
    context = iam_evaluator.EvalContext(
        principal_arn="",
        principal_type="Service",
        principal_account="",
        action="sts:AssumeRole",
        resource_arn="*",
        region=stack_set.region,
        service_context=source,
    )
    return iam_evaluator.evaluate_resource_policy(document, context, service=SERVICE).decision == "Allow"
