"""Principals in trust policies and key policies, and permissions boundaries.

Sources: "AWS JSON policy elements: Principal" (IAM User Guide), PutKeyPolicy and CreateKey (KMS API Reference),
docs.aws.amazon.com, checked 2026-11-29.
"""

import json
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any, Final

from ministack.core.iam_evaluator import _request_caller_arn
from ministack.core.responses import get_account_id
from ministack.services import iam, kms
from ministack.services.cloudformation import provisioners

from pinekeep.emulator.extensions.patching import (
    HANDLERS,
    Attributes,
    Document,
    Properties,
    before_provisioning,
    listed,
    parsed,
)

INVALID_IN_KMS: Final = "Policy contains a statement with one or more invalid principals."
LOCKED_OUT: Final = "The new key policy will not allow you to update the key policy in the future."
_KEY_TYPES: Final = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
_ROLE: Final = "AWS::IAM::Role"
_PUT: Final = "kms:putkeypolicy"


def role_boundaries() -> None:
    """Gap: a role's `PermissionsBoundary` in a template is lost. AWS sets and removes it, refuses an unknown one."""
    handler = HANDLERS[_ROLE]
    create, update = handler["create"], handler["update"]

    def check(properties: Properties) -> None:
        boundary = properties.get("PermissionsBoundary")
        if boundary and (refusal := iam._boundary_policy_error(boundary)) is not None:
            raise ValueError(_message(refusal, "Iam"))

    def create_bounded(logical_id: str, properties: Properties, *others: Any) -> tuple[str, Attributes]:
        made: tuple[str, Attributes] = create(logical_id, properties, *others)
        iam._roles[made[0]]["PermissionsBoundary"] = properties.get("PermissionsBoundary")
        return made

    def update_bounded(physical_id: str, old: Properties, new: Properties, *others: Any) -> tuple[str, Attributes]:
        made: tuple[str, Attributes] = update(physical_id, old, new, *others)
        if old.get("PermissionsBoundary") or new.get("PermissionsBoundary"):
            iam._roles[made[0]]["PermissionsBoundary"] = new.get("PermissionsBoundary")
        return made

    handler.update(create=create_bounded, update=update_bounded)
    before_provisioning(_ROLE, check)


def taken_roles() -> None:
    """Gap: a template's role silently replaces one of its name. AWS refuses it, and the stack is rolled back."""

    def check(properties: Properties) -> None:
        name = properties.get("RoleName")
        if name in iam._roles:
            raise ValueError(f"Resource of type '{_ROLE}' with identifier '{name}' already exists.")

    before_provisioning(_ROLE, check, operations=("create",))


def unique_ids_of_the_deleted() -> None:
    """Gap: a policy still names a role or user that was deleted, and allows its successor of the same name.

    AWS keeps the principal's unique ID, and returns it instead of the ARN once the principal is deleted. A successor
    has another ID, so the policy does not apply to it.
    """

    def noticing(store: Any, identifier: str, delete: Callable[..., Any], name_of: Callable[..., str]) -> Any:
        def delete_and_tell(*arguments: Any) -> Any:
            name = name_of(*arguments)
            known = store.get(name)
            answer = delete(*arguments)
            if known is not None and name not in store:
                _forget(known["Arn"], known[identifier])
            return answer

        return delete_and_tell

    def parameter(name: str) -> Callable[..., str]:
        def value(asked: dict[str, Any]) -> str:
            return str(iam._p(asked, name))

        return value

    def first(name: str, *_: Any) -> str:
        return name

    calls = iam._IAM_HANDLERS
    calls["DeleteRole"] = noticing(iam._roles, "RoleId", calls["DeleteRole"], parameter("RoleName"))
    calls["DeleteUser"] = noticing(iam._users, "UserId", calls["DeleteUser"], parameter("UserName"))
    handler = HANDLERS[_ROLE]
    handler["delete"] = noticing(iam._roles, "RoleId", handler["delete"], first)


def _forget(arn: str, unique_id: str) -> None:
    for kept, field in ((iam._roles, "AssumeRolePolicyDocument"), (kms._keys, "Policy")):
        for record in list(kept._data.values()):
            policy = parsed(record[field])
            if arn in json.dumps(policy):
                record[field] = json.dumps(_replaced(policy, arn, unique_id))


def _replaced(policy: Document, arn: str, unique_id: str) -> Document:
    for statement in _statements(policy):
        for element in ("Principal", "NotPrincipal"):
            named = statement.get(element)
            if isinstance(named, dict) and "AWS" in named:
                found = [unique_id if each == arn else each for each in listed(named["AWS"])]
                named["AWS"] = found if isinstance(named["AWS"], list) else found[0]
    return policy


def invalid_principals() -> None:
    """Gap: a trust policy or key policy may name roles and users that do not exist.

    AWS verifies each, and refuses the policy. The emulator does not know the roles of every account: it verifies those
    of the caller's account, and of each account in which a role or user was created. Others count as existing, and so
    do whole accounts and services.
    """
    calls = iam._IAM_HANDLERS
    for name, parameter in (("CreateRole", "AssumeRolePolicyDocument"), ("UpdateAssumeRolePolicy", "PolicyDocument")):
        calls[name] = _refusing_in_iam(calls[name], parameter)
    _refusing_in_kms(INVALID_IN_KMS, lambda asked: next(_missing(asked.get("Policy")), None) is not None)
    for kind, field, message_of in (
        (_ROLE, "AssumeRolePolicyDocument", _invalid_in_iam),
        *((each, "KeyPolicy", _invalid_in_kms) for each in _KEY_TYPES),
    ):
        before_provisioning(kind, _looking_up(field, message_of, "Iam" if kind == _ROLE else "Kms"))


def _refusing_in_iam(call: Callable[[Document], Any], parameter: str) -> Callable[[Document], Any]:
    def refuse(asked: Document) -> Any:
        policy = iam._p(asked, parameter)
        if (missing := next(_missing(policy), None)) is not None:
            return iam._error(400, "MalformedPolicyDocument", _invalid_in_iam(missing), ns="iam")
        return call(asked)

    return refuse


def _refusing_in_kms(message: str, is_refused: Callable[[Document], bool]) -> None:
    """Let the calls that set a key policy refuse some requests."""

    def refusing(call: Callable[[Document], Any]) -> Callable[[Document], Any]:
        def refuse(asked: Document) -> Any:
            if is_refused(asked):
                return kms.error_response_json("MalformedPolicyDocumentException", message, 400)
            return call(asked)

        return refuse

    for name in ("_create_key", "_put_key_policy", "_replicate_key"):
        setattr(kms, name, refusing(getattr(kms, name)))


def _looking_up(field: str, message_of: Callable[[str], str], service: str) -> Callable[[Properties], None]:
    def look_up(properties: Properties) -> None:
        if (missing := next(_missing(properties.get(field)), None)) is not None:
            raise ValueError(f"{message_of(missing)} (Service: {service}, Status Code: 400)")

    return look_up


def _invalid_in_iam(principal: str) -> str:
    return f'Invalid principal in policy: "AWS":"{principal}"'


def _invalid_in_kms(_: str) -> str:
    return INVALID_IN_KMS


def _missing(policy: Any) -> Iterator[str]:
    """Yield the principals of a policy that do not exist."""
    for statement in _statements(parsed(policy)):
        for element in ("Principal", "NotPrincipal"):
            named = statement.get(element)
            for each in listed(named.get("AWS")) if isinstance(named, dict) else []:
                if not _exists(str(each)):
                    yield str(each)


def _exists(principal: str) -> bool:
    if principal.startswith(("AROA", "AIDA")):
        known = [*iam._roles._data.values(), *iam._users._data.values()]
        return principal in {each.get("RoleId") or each.get("UserId") for each in known}
    parts = principal.split(":", 5)
    if parts[:1] != ["arn"] or parts[2] != "iam" or parts[5] == "root" or "*" in principal:
        return True
    account = parts[4]
    records = [record for store in (iam._roles, iam._users) for record in store._data.items()]
    if account != get_account_id() and account not in {key[0] for key, _ in records}:
        return True
    return principal in {record["Arn"] for _, record in records}


def policy_lockout() -> None:
    """Gap: a key policy is accepted that prevents its own writer from ever changing it.

    AWS refuses it, unless the request sets `BypassPolicyLockoutSafetyCheck`. Here a condition of an allowing
    statement counts as met.
    """
    _refusing_in_kms(
        LOCKED_OUT, lambda asked: bool(asked.get("Policy")) and not asked.get(_BYPASS) and _locks_out(asked["Policy"])
    )
    payload = provisioners._kms_create_key_payload

    def with_bypass(properties: Properties) -> Document:
        return {**payload(properties), "BypassPolicyLockoutSafetyCheck": properties.get(_BYPASS)}

    provisioners._kms_create_key_payload = with_bypass

    def check(properties: Properties) -> None:
        if not properties.get(_BYPASS) and _locks_out(properties.get("KeyPolicy")):
            raise ValueError(f"{LOCKED_OUT} (Service: Kms, Status Code: 400)")

    for kind in _KEY_TYPES:
        before_provisioning(kind, check)


_BYPASS: Final = "BypassPolicyLockoutSafetyCheck"


def _locks_out(policy: Any) -> bool:
    """Tell whether a key policy would prevent the caller from setting another one."""
    if not policy:
        return False
    about = [each for each in _statements(parsed(policy)) if _is_about_caller(each) and _covers(each)]
    denied = any(each["Effect"] == "Deny" and not each.get("Condition") for each in about)
    return denied or not any(each["Effect"] == "Allow" for each in about)


def _covers(statement: Document) -> bool:
    if "NotAction" in statement:
        return not any(fnmatchcase(_PUT, str(each).lower()) for each in listed(statement["NotAction"]))
    return any(fnmatchcase(_PUT, str(each).lower()) for each in listed(statement.get("Action")))


def _is_about_caller(statement: Document) -> bool:
    account = get_account_id()
    caller = _request_caller_arn.get() or f"arn:aws:iam::{account}:root"
    names = {"*", account, f"arn:aws:iam::{account}:root", caller}
    kind, _, rest = caller.rpartition(":")[2].partition("/")
    if kind == "assumed-role":
        names.add(f"arn:aws:iam::{account}:role/{rest.partition('/')[0]}")
    if "NotPrincipal" in statement:
        return not names & set(_named(statement["NotPrincipal"]))
    return bool(names & set(_named(statement.get("Principal"))))


def _named(principal: Any) -> list[str]:
    if isinstance(principal, dict):
        return [str(each) for each in listed(principal.get("AWS"))]
    return [str(each) for each in listed(principal)]


def _statements(policy: Document) -> list[Document]:
    return [each for each in listed(policy.get("Statement")) if isinstance(each, dict)]


def _message(refusal: Any, service: str) -> str:
    """Return the message of IAM's error as CloudFormation reports it."""
    body = refusal[2].decode()
    return f"{body.split('<Message>')[1].split('</Message>')[0]} (Service: {service}, Status Code: {refusal[0]})"
