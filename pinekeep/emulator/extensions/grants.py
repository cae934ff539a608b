"""KMS grants, which the emulator stores and lists without effect."""

import json
from typing import Any

from ministack.services import kms

from pinekeep.model.facts.aws import GRANT_OPERATIONS_WITHOUT_CONTEXT

Statement = dict[str, Any]


def grants_allow() -> None:
    """Gap: a grant allows nothing.

    AWS allows its grantee the operations as if the key policy did; an explicit deny in a policy prevails. A
    constraint on the encryption context applies to the operations that take one; the names of the pairs ignore case,
    their values do not. The retiring principal may retire it. Grants that were created through a grant are not limited
    to its operations here.
    """
    policy_of = kms.key_policy_for_arn

    def policy(resource_arn: str) -> Any:
        found = policy_of(resource_arn)
        key = kms._resolve_key(resource_arn)
        if found is None or key is None:
            return found
        granted = [
            each for grant in kms._grants.values() if grant["KeyId"] == key["Arn"] for each in _statements(grant)
        ]
        if not granted:
            return found
        written, owner = found
        try:
            document = json.loads(written or "{}")
        except ValueError:
            return found
        own = document.get("Statement") or []
        document["Statement"] = [*(own if isinstance(own, list) else [own]), *granted]
        return json.dumps(document), owner

    kms.key_policy_for_arn = policy


def _statements(grant: dict[str, Any]) -> list[Statement]:
    constraints = grant.get("Constraints") or {}
    free = [each for each in grant["Operations"] if not constraints or each in GRANT_OPERATIONS_WITHOUT_CONTEXT]
    held = [each for each in grant["Operations"] if each not in free]
    statements = [_allow(grant["GranteePrincipal"], free)] if free else []
    if held and "SourceArn" not in constraints:
        statements.append({**_allow(grant["GranteePrincipal"], held), "Condition": _condition(constraints)})
    if grant.get("RetiringPrincipal"):
        statements.append(_allow(grant["RetiringPrincipal"], ["RetireGrant"]))
    return statements


def _allow(principal: str, operations: list[str]) -> Statement:
    actions = [f"kms:{each}" for each in operations]
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": "*"}


def _condition(constraints: dict[str, Any]) -> dict[str, Any]:
    equals = constraints.get("EncryptionContextEquals")
    wanted = {**(constraints.get("EncryptionContextSubset") or {}), **(equals or {})}
    condition: dict[str, Any] = {
        "StringEquals": {f"kms:EncryptionContext:{key}": value for key, value in wanted.items()}
    }
    if equals is not None:
        names = "kms:EncryptionContextKeys"
        if equals:
            condition["ForAllValues:StringEqualsIgnoreCase"] = {names: list(equals)}
        else:
            condition["Null"] = {names: "true"}
    return {operator: keys for operator, keys in condition.items() if keys}


def service_grantees() -> None:
    """Gap: CreateGrant does not support `GranteeServicePrincipal`, `RetiringServicePrincipal` and `SourceArn`.

    AWS accepts a service principal as the grantee, requires a `SourceArn` and a retiring principal with it, and lists
    both under these names.
    """
    create = kms._create_grant

    def create_for_service(request: dict[str, Any]) -> Any:
        service = request.get("GranteeServicePrincipal")
        if service is None:
            return create(request)
        retiring = request.get("RetiringServicePrincipal") or request.get("RetiringPrincipal")
        source = (request.get("Constraints") or {}).get("SourceArn")
        if request.get("GranteePrincipal") or not retiring or not source:
            message = "A GranteeServicePrincipal needs a SourceArn and a retiring principal, and no GranteePrincipal."
            return kms.error_response_json("ValidationException", message, 400)
        answer = create({**request, "GranteePrincipal": service, "RetiringPrincipal": retiring})
        if answer[0] == _OK and not request.get("DryRun"):
            grant = kms._grants[json.loads(answer[2])["GrantId"]]
            grant["GranteeServicePrincipal"] = service
            grant["RetiringServicePrincipal"] = request.get("RetiringServicePrincipal")
        return answer

    kms._create_grant = create_for_service


_OK = 200
