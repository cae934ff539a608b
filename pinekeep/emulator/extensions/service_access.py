"""What AWS services and callers may do with a KMS key, a role or a queue, when one service uses another."""

from collections.abc import Mapping
from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam, kms

from pinekeep.emulator.extensions import keys
from pinekeep.emulator.extensions.patching import listed, parsed

NO_CONTEXT: Final[Mapping[str, str]] = {}
DATA_KEY_ACTIONS: Final = ("kms:GenerateDataKey", "kms:Decrypt")


def key_state_refusal(key_reference: str) -> str:
    """Return why a key cannot be used, whoever asks, as a code of SNS; empty where it can."""
    key = find_key(key_reference)
    if key is None:
        return "KMSNotFound"
    return {"Enabled": "", "Disabled": "KMSDisabled"}.get(key["KeyState"], "KMSInvalidState")


def service_refusal(key_reference: str, service: str, *, source_arn: str) -> str:
    """Return why a service cannot use a key for a resource, as a code of SNS; empty where it can.

    The key policy alone decides: no policy of a role covers a service, nor does an AWS managed key admit one.
    """
    if refusal := key_state_refusal(key_reference):
        return refusal
    key = find_key(key_reference)
    for action in DATA_KEY_ACTIONS:
        context = iam_evaluator.EvalContext(
            principal_arn="",
            principal_type="Service",
            principal_account="",
            action=action,
            resource_arn=key["Arn"],
            region=get_region(),
            service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": get_account_id()},
        )
        policy = key.get("Policy") or "{}"
        if iam_evaluator.evaluate_resource_policy(policy, context, service=service).decision != "Allow":
            return "KMSAccessDenied"
    return ""


def caller_refusal(
    key_reference: str,
    access_key: str,
    actions: tuple[str, ...],
    *,
    via: str,
    encryption_context: Mapping[str, str] = NO_CONTEXT,
) -> str:
    """Return why the current request's caller cannot use a key through a service; empty where it can.

    ``encryption_context``: what the service passes to KMS. A root user is not limited, as in the whole emulator.
    """
    if refusal := key_state_refusal(key_reference):
        return refusal
    arn = find_key(key_reference)["Arn"]
    region = arn.split(":")[3]
    context = {
        "kms:ViaService": f"{via}.{region}.amazonaws.com",
        "kms:CallerAccount": get_account_id(),
        **{f"kms:EncryptionContext:{name}": value for name, value in encryption_context.items()},
        **({"kms:EncryptionContextKeys": list(encryption_context)} if encryption_context else {}),
    }
    for action in actions:
        denied = iam_evaluator.enforce(access_key, action, "kms", region, resource_arn=arn, service_context=context)
        if denied is not None:
            return "KMSAccessDenied"
    return ""


def find_key(reference: str) -> Any:
    """Return the record of a key by its ID, ARN or alias; None for an unknown one."""
    return kms._resolve_key(reference)


def note_use(key_reference: str, operation: str) -> None:
    """Record a use of a key by a service, as GetKeyLastUsage returns it."""
    keys.note(operation, key_reference)


def role_allows(role_arn: str, service: str, action: str, resource: str) -> bool:
    """Tell whether a service can assume a role, and the role's policies allow an action on a resource."""
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    role = iam._roles.get_scoped(account, None, name)
    if role is None or not _trusts(parsed(role["AssumeRolePolicyDocument"]), service):
        return False
    context = iam_evaluator.EvalContext(
        principal_arn=role_arn,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
    )
    policies = iam_evaluator._gather_role_policies(name, account)
    return iam_evaluator.evaluate(context, policies).decision == "Allow"


def _trusts(policy: Mapping[str, Any], service: str) -> bool:
    for statement in listed(policy.get("Statement")):
        principal = statement.get("Principal")
        named = listed(principal.get("Service")) if isinstance(principal, dict) else []
        if statement.get("Effect") == "Allow" and service in named:
            return True
    return False
