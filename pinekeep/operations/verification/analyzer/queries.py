"""Which policies IAM Access Analyzer is asked about, and what. Pure: asks nobody.

Sources: IAM Access Analyzer API Reference, ValidatePolicy, CheckNoPublicAccess and CheckAccessNotGranted
(docs.aws.amazon.com), and botocore's model of the service: a key policy is validated without a resource type, a trust
policy as ``AWS::IAM::AssumeRolePolicyDocument``; CheckAccessNotGranted takes one access object of at most 100 actions
and tells no principals apart.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from pinekeep.model.policies.compare import EVERYONE, Statement, parse
from pinekeep.model.policies.document import Policy, policy

Call = Literal["ValidatePolicy", "CheckNoPublicAccess", "CheckAccessNotGranted"]
Kind = Literal["trust", "key", "permissions"]

TRUST_TYPE: Final = "AWS::IAM::AssumeRolePolicyDocument"
KEY_TYPE: Final = "AWS::KMS::Key"
LOCALE: Final = "EN"
ACTIONS_MAX: Final = 100
"""Actions that one CheckAccessNotGranted takes."""

KEY_ADMINISTRATION: Final = (
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKeyRotation",
    "kms:RotateKeyOnDemand",
    "kms:ImportKeyMaterial",
    "kms:DeleteImportedKeyMaterial",
    "kms:ReplicateKey",
    "kms:UpdatePrimaryRegion",
    "kms:UpdateKeyDescription",
    "kms:CreateAlias",
    "kms:UpdateAlias",
    "kms:DeleteAlias",
    "kms:TagResource",
    "kms:UntagResource",
)
"""What changes or deletes a key. Not here is what a key user has: reading a key, and its grants for AWS services."""

ROLE_ADMINISTRATION: Final = (
    *KEY_ADMINISTRATION,
    "kms:CreateKey",
    "kms:CreateGrant",
    "kms:RevokeGrant",
    "iam:*",
    "organizations:*",
    "account:*",
    "sts:AssumeRole",
)
"""What no permissions policy of the role may grant: a key's administration and grants, and the account's."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One thing that IAM Access Analyzer is asked about a policy, for the check of an ID.

    ``about`` is what a person would call the policy; ``arguments`` is what is sent besides it.
    """

    check: str
    call: Call
    kind: Kind
    about: str
    document: Policy
    arguments: Mapping[str, Any]

    @property
    def sent(self) -> dict[str, Any]:
        """Everything that is sent."""
        return {"policyDocument": json.dumps(self.document, separators=(",", ":")), **self.arguments}

    @property
    def key(self) -> str:
        """What two questions share that need only one call."""
        return json.dumps([self.call, self.sent], sort_keys=True)


def about_trust(document: Policy, *, about: str) -> Iterator[Question]:
    """Yield what is asked about a role's trust policy."""
    yield _validate("trust", document, about, policyType="RESOURCE_POLICY", validatePolicyResourceType=TRUST_TYPE)
    yield _public("trust", document, about, resourceType=TRUST_TYPE)


def about_key(document: Policy, *, about: str, roles: Sequence[str]) -> Iterator[Question]:
    """Yield what is asked about a key policy; the roles that Pinecone assumes are not to administer the key."""
    yield _validate("key", document, about, policyType="RESOURCE_POLICY")
    yield _public("key", document, about, resourceType=KEY_TYPE)
    of_roles = part_for(document, roles=roles)
    if of_roles is not None:
        yield _not_granted("key", of_roles, about, "RESOURCE_POLICY", KEY_ADMINISTRATION)


def about_permissions(document: Policy, *, about: str) -> Iterator[Question]:
    """Yield what is asked about a permissions policy of a role."""
    yield _validate("permissions", document, about, policyType="IDENTITY_POLICY")
    yield _not_granted("permissions", document, about, "IDENTITY_POLICY", ROLE_ADMINISTRATION)


def part_for(document: Policy, *, roles: Sequence[str]) -> Policy | None:
    """Return the statements of a key policy that decide what the roles may do by it; None where none allows anything.

    CheckAccessNotGranted tells no principals apart, and the account and the key administrators rightly administer.
    So it is asked about the statements that let in a role, and all that deny. The statement of the account root lets
    nobody in by itself: it leaves it to permissions policies, and those are asked about on their own.
    """
    written = document["Statement"]
    statements: list[dict[str, Any]] = [dict(written)] if isinstance(written, Mapping) else list(written)
    pairs = list(zip(statements, parse(document), strict=True))
    if not any(each.allows and _lets_in(each, roles) for _, each in pairs):
        return None
    kept = [text for text, each in pairs if not each.allows or _lets_in(each, roles)]
    return {**policy(kept), "Version": document.get("Version", policy(())["Version"])}


def _lets_in(statement: Statement, roles: Sequence[str]) -> bool:
    if statement.not_principals:
        return not set(roles) <= statement.not_principals
    # A session's ARN has the role's name and not its path.
    sessions = tuple(f"arn:aws:sts::{role.split(':')[4]}:assumed-role/{role.rpartition('/')[2]}/" for role in roles)
    return any(each == EVERYONE or each in roles or each.startswith(sessions) for each in statement.principals)


_CHECKS: Final[Mapping[Call, Mapping[Kind, str]]] = {
    "ValidatePolicy": {
        "trust": "analyzer-trust-policy-valid",
        "key": "analyzer-key-policy-valid",
        "permissions": "analyzer-permissions-valid",
    },
    "CheckNoPublicAccess": {"trust": "analyzer-trust-policy-not-public", "key": "analyzer-key-policy-not-public"},
    "CheckAccessNotGranted": {
        "key": "analyzer-key-policy-cannot-administer",
        "permissions": "analyzer-role-cannot-administer",
    },
}


def _question(call: Call, kind: Kind, document: Policy, about: str, **arguments: Any) -> Question:
    check = _CHECKS[call][kind]
    return Question(check=check, call=call, kind=kind, about=about, document=document, arguments=arguments)


_validate = partial(_question, "ValidatePolicy", locale=LOCALE)
_public = partial(_question, "CheckNoPublicAccess")


def _not_granted(kind: Kind, document: Policy, about: str, policy_type: str, actions: Sequence[str]) -> Question:
    access = [{"actions": list(actions)}]
    return _question("CheckAccessNotGranted", kind, document, about, access=access, policyType=policy_type)
