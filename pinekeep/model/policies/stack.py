"""The stack policy: what CloudFormation may not do to the stack of role and key, whoever updates it, with what tool.

Source: "Prevent updates to stack resources", docs.aws.amazon.com/AWSCloudFormation (checked 2026-11-25). A stack
policy holds for updates alone: the deletion of the whole stack is what termination protection is for.

The statement names types of resources, not logical IDs: a renamed logical ID is a removal and a creation to
CloudFormation, and is refused like any other removal.

The stack of the endpoint has no stack policy. Another endpoint can be registered with Pinecone, so a replacement is an
outage and no loss; a change set cannot lift a policy for one update, and nobody could move an endpoint any more.
``pinekeep plan`` tells of it instead.
"""

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from pinekeep.model.policies.document import Statement

KEPT_TYPES: Final = ("AWS::IAM::Role", "AWS::KMS::Key", "AWS::KMS::Alias")
"""What is never replaced, and never taken out of the stack."""

DENIED_ACTIONS: Final = ("Update:Replace", "Update:Delete")

_ANYTHING_ELSE: Final[Statement] = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}


def keep_statement() -> Statement:
    """Return the statement that keeps role, key and alias from being replaced or removed."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": list(DENIED_ACTIONS),
        "Resource": "*",
        "Condition": {"StringEquals": {"ResourceType": list(KEPT_TYPES)}},
    }


def stack_policy(found: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the policy of the stack of role and key; statements of an existing policy (``found``) are kept."""
    return {"Statement": [*(_statements(found) if found else [_ANYTHING_ELSE]), keep_statement()]}


def parse_stack_policy(text: str | None) -> dict[str, Any] | None:
    """Return the ``StackPolicyBody`` of GetStackPolicy, or None where the stack has none (or no JSON object)."""
    try:
        found = json.loads(text or "")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def unprotected(policy: Mapping[str, Any] | None) -> list[str]:
    """Return what a stack policy does not deny of what it must, such as ``Update:Delete of AWS::KMS::Key``.

    A denial counts only when it holds for every resource of a type. One that is written with NotAction, NotResource
    or conditions other than equality of the type is taken not to count.
    """
    statements = _statements(policy or {})
    return [
        f"{action} of {kind}"
        for kind in KEPT_TYPES
        for action in DENIED_ACTIONS
        if not any(_denies(each, action, kind) for each in statements)
    ]


def _denies(statement: Mapping[str, Any], action: str, kind: str) -> bool:
    return (
        statement.get("Effect") == "Deny"
        and any(fnmatchcase(action, each) for each in _several(statement.get("Action")))
        and bool({"*", "LogicalResourceId/*"} & set(_several(statement.get("Resource"))))
        and _meets(statement.get("Condition"), kind)
    )


def _meets(condition: Any, kind: str) -> bool:
    if not condition:
        return True
    match condition:
        case {"StringEquals": {"ResourceType": types, **others}, **rest} if not others and not rest:
            return kind in _several(types)
        case {"StringLike": {"ResourceType": types, **others}, **rest} if not others and not rest:
            return any(fnmatchcase(kind, each) for each in _several(types))
    return False


def _statements(policy: Mapping[str, Any]) -> list[Statement]:
    found = policy.get("Statement") or []
    return [found] if isinstance(found, dict) else [each for each in found if isinstance(each, dict)]


def _several(found: Any) -> list[str]:
    return [found] if isinstance(found, str) else [each for each in found or () if isinstance(each, str)]
