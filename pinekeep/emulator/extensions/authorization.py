"""Authorization of requests: condition keys, resources and policy simulation."""

import ipaddress
import json
from typing import Any

import ministack.app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import iam

from pinekeep.emulator.extensions.storage import KEY_HEADER


def loopback_counts_as_tls() -> None:
    """Gap: over plain HTTP `aws:SecureTransport` is false, and CDK's TLS-only bucket policy denies every request.

    AWS is reached over TLS. Here a request from loopback counts as TLS, as it does not leave this machine.
    """
    pin = ministack.app.pin_request_origin

    def pin_origin(source_ip: str, secure: bool) -> None:
        pin(source_ip, secure or ipaddress.ip_address(source_ip).is_loopback)

    ministack.app.pin_request_origin = pin_origin


def kms_condition_keys() -> None:
    """Gap: KMS's own condition keys have no values, so a key policy that uses them does not match.

    AWS sets `kms:EncryptionContext:<key>`, `kms:EncryptionContextKeys` and
    `kms:ScheduleKeyDeletionPendingWindowInDays` from the request, and `kms:CallerAccount` to the caller's account.
    """
    context_of = iam_actions.request_tag_context

    def context(service: str, action: str, body: bytes, parameters: dict[str, Any]) -> dict[str, Any]:
        known = dict(context_of(service, action, body, parameters) or {})
        if service != "kms":
            return known
        try:
            asked: dict[str, Any] = json.loads(body or b"{}")
            pairs: dict[str, Any] = asked.get("EncryptionContext") or {}
        except (ValueError, AttributeError):
            asked = {}
            pairs = {}
        known.update({f"kms:EncryptionContext:{name}": value for name, value in pairs.items()})
        if pairs:
            known["kms:EncryptionContextKeys"] = list(pairs)
        if action.endswith("ScheduleKeyDeletion"):
            known["kms:ScheduleKeyDeletionPendingWindowInDays"] = str(asked.get("PendingWindowInDays", 30))
        known["kms:CallerAccount"] = get_account_id()
        return known

    iam_actions.request_tag_context = context


def principal_arns() -> None:
    """Gap: `aws:PrincipalArn` of a role's session is the session's ARN. AWS compares the role's, with its path."""
    resolve = iam_evaluator._resolve_condition_key

    def resolved(key: str, context: Any) -> Any:
        arn = str(context.principal_arn)
        if key.lower() == "aws:principalarn" and ":assumed-role/" in arn:
            name = iam_evaluator._role_name_from_assumed_arn(arn)
            role = iam._roles.get_scoped(arn.split(":")[4], None, name)
            return role["Arn"] if role else arn
        return resolve(key, context)

    iam_evaluator._resolve_condition_key = resolved


def bucket_policies_for_root() -> None:
    """Gap: a bucket policy's deny does not apply to an account's root user.

    AWS applies it to everyone, but lets the root user of the bucket's account read and change the policy itself.
    """
    enforce = iam_evaluator.enforce

    def enforced(key: str, action: str, service: str, region: str, *resource: str, **given: Any) -> Any:
        denied = enforce(key, action, service, region, *resource, **given)
        if denied is not None or service != "s3" or action in _OF_BUCKET_POLICIES or not key:
            return denied
        arn = resource[0] if resource else given.get("resource_arn", "*")
        principal = iam_evaluator.resolve_principal(key, get_account_id())
        found = iam_evaluator._resource_policy(service, arn)
        if getattr(principal, "policies", ()) is not None or found is None:
            return None
        context = iam_evaluator.EvalContext(
            principal_arn=principal.arn,
            principal_type="Root",
            principal_account=principal.account,
            action=action,
            resource_arn=arn,
            region=region,
            service_context={name.lower(): each for name, each in (given.get("service_context") or {}).items()},
        )
        result = iam_evaluator.evaluate_resource_policy(found[0], context)
        if result.decision != "Deny":
            return None
        result.principal_arn, result.resource_policy_arn = principal.arn, arn
        return result

    iam_evaluator.enforce = enforced


_OF_BUCKET_POLICIES = frozenset({"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"})


def s3_condition_keys() -> None:
    """Gap: the KMS key of a write and the version of TLS have no values in conditions of S3. AWS sets both."""
    context_of = iam_actions.s3_service_context

    def context(action: str, query: Any, path: str = "", headers: Any = None) -> dict[str, Any]:
        known = dict(context_of(action, query, path, headers))
        key = (headers or {}).get(KEY_HEADER) if action == "s3:PutObject" else None
        return {**known, "s3:TlsVersion": "1.3", **({f"s3:{KEY_HEADER}": key} if key else {})}

    iam_actions.s3_service_context = context


def simulations() -> None:
    """Gap: SimulatePrincipalPolicy evaluates the first resource alone, fails on a path, and accepts unknown principals.

    AWS evaluates each action on each resource, identifies a principal by its whole ARN, and refuses an unknown one.
    The call itself is authorized on the principal, not on all resources.
    """
    resource_of = iam_actions.extract_resource_arn

    def resource(service: str, *request: Any) -> str:
        _, _, _, _, query, *_ = request
        asked = iam_actions._query_param(query, "PolicySourceArn") if service == "iam" else ""
        return str(asked or resource_of(service, *request))

    iam_actions.extract_resource_arn = resource
    simulate = iam._IAM_HANDLERS["SimulatePrincipalPolicy"]

    def simulate_all(parameters: dict[str, Any]) -> Any:
        arn = iam._p(parameters, "PolicySourceArn")
        kind, _, name = arn.rpartition(":")[2].partition("/")
        name = name.rpartition("/")[2]
        known = {"role": iam._roles, "user": iam._users}.get(kind, {})
        if name not in known or known[name]["Arn"] != arn:
            return iam._error(404, "NoSuchEntity", f"The entity {arn} cannot be found.", ns="iam")
        asked = [each for number in range(1, _RESOURCES) if (each := _resource(parameters, number))]
        asked_as = {**parameters, "PolicySourceArn": [arn.partition(":" + kind)[0] + f":{kind}/{name}"]}
        answers = [simulate({**asked_as, "ResourceArns.member.1": [each]}) for each in asked or ["*"]]
        members = b"".join(_between(answer[2]) for answer in answers)
        status, headers, body = answers[0]
        return status, headers, body.replace(_between(body), members)

    iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = simulate_all


_RESOURCES = 100


def _resource(parameters: dict[str, Any], number: int) -> str:
    return str(iam._p(parameters, f"ResourceArns.member.{number}") or "")


def _between(body: bytes) -> bytes:
    """Return the results of a simulation's answer."""
    return body.partition(b"<EvaluationResults>")[2].partition(b"</EvaluationResults>")[0]


def event_rule_arns() -> None:
    """Gap: a rule of the default event bus is authorized as ``rule/default/NAME``, and its targets as ``*``.

    AWS names it ``rule/NAME``, in PutTargets and RemoveTargets too, so that a policy can be about one rule.
    """
    resource_of = iam_actions.extract_resource_arn

    def resource(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:
        found = str(resource_of(service, method, path, headers, body, *rest))
        if service != "events":
            return found
        try:
            asked = json.loads(body or b"{}")
        except ValueError:
            return found
        rule = asked.get("Rule") if found == "*" else None
        if rule and asked.get("EventBusName", "default") == "default":
            region, account_id = rest[-2:]
            return f"arn:aws:events:{region}:{account_id}:rule/{rule}"
        return found.replace(":rule/default/", ":rule/")

    iam_actions.extract_resource_arn = resource


def several_parameters() -> None:
    """Gap: reading several parameters at once is authorized on all resources.

    AWS requires the permission on each of them. Here the first one decides: those of one call belong together.
    GetParametersByPath requires the permission on the path.
    """
    resource_of = iam_actions.extract_resource_arn

    def resource(service: str, *request: Any) -> str:
        found = str(resource_of(service, *request))
        _, _, headers, body, _, region, account = request
        target = next((str(value) for name, value in headers.items() if name.lower() == "x-amz-target"), "")
        if service != "ssm" or not target.endswith((".GetParameters", ".GetParametersByPath")):
            return found
        try:
            asked = json.loads(body)
            first = str(asked["Names"][0] if "Names" in asked else asked["Path"])
        except (ValueError, LookupError, TypeError):
            return found
        return f"arn:aws:ssm:{region}:{account}:parameter/{first.lstrip('/')}"

    iam_actions.extract_resource_arn = resource
