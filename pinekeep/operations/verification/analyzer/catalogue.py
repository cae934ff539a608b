"""The checks that IAM Access Analyzer makes, described as the other checks are."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from pinekeep.account.reads.permissions import permissions_of
from pinekeep.operations.verification.analyzer.queries import Call
from pinekeep.operations.verification.checks.base import Description

READS_POLICIES: Final = ("iam:GetRolePolicy", "iam:GetPolicy", "iam:GetPolicyVersion")
"""By which the role's permissions policies are read."""


@dataclass(frozen=True, kw_only=True)
class AnalyzerCheck(Description):
    """One check by IAM Access Analyzer. ``reads`` names fields of :class:`pinekeep.account.reads.live.Live`.

    ``reads_policies``: it also reads the documents of the role's permissions policies.
    """

    call: Call
    reads_policies: bool = False

    @property
    def permission(self) -> str:
        """The permission to ask IAM Access Analyzer."""
        return f"access-analyzer:{self.call}"

    @property
    def permissions(self) -> tuple[str, ...]:
        """Every permission that the check needs."""
        return (*permissions_of(self.reads), *(READS_POLICIES if self.reads_policies else ()), self.permission)


_WANTED: Final = "no error, security warning or warning of IAM Access Analyzer"
_MEANING: Final = "AWS finds a part of the policy without effect, or wider than it should be."
_PERMISSIONS: Final = ("role", "inline_policies", "attached_policies")

_valid = partial(AnalyzerCheck, wanted=_WANTED, meaning=_MEANING, call="ValidatePolicy")
_not_public = partial(AnalyzerCheck, call="CheckNoPublicAccess")
_not_granted = partial(AnalyzerCheck, call="CheckAccessNotGranted")

CHECKS: Final = (
    _valid(id="analyzer-trust-policy-valid", title="Trust policy, by ValidatePolicy", reads=("role",)),
    _not_public(
        id="analyzer-trust-policy-not-public",
        title="Trust policy, by CheckNoPublicAccess",
        wanted="no public access to the role",
        meaning="AWS cannot rule out that anybody with an AWS account may assume the role.",
        reads=("role",),
    ),
    _valid(id="analyzer-key-policy-valid", title="Key policy, by ValidatePolicy", reads=("key_policy",)),
    _not_public(
        id="analyzer-key-policy-not-public",
        title="Key policy, by CheckNoPublicAccess",
        wanted="no public access to the key",
        meaning="AWS cannot rule out that anybody with an AWS account may use or administer the key.",
        reads=("key_policy",),
    ),
    _not_granted(
        id="analyzer-key-policy-cannot-administer",
        title="What the key policy lets the role do, by CheckAccessNotGranted",
        wanted="no administration and no deletion of the key for the role that Pinecone assumes",
        meaning="Pinecone may change or delete the key, instead of only using it.",
        reads=("role", "key_policy"),
    ),
    _valid(
        id="analyzer-permissions-valid",
        title="Permissions policy, by ValidatePolicy",
        reads=_PERMISSIONS,
        reads_policies=True,
    ),
    _not_granted(
        id="analyzer-role-cannot-administer",
        title="What a permissions policy lets the role do, by CheckAccessNotGranted",
        wanted="no administration of keys, grants, identities or the account",
        meaning="Pinecone may do more in the account than use keys.",
        reads=_PERMISSIONS,
        reads_policies=True,
    ),
)
"""Every check, in the order in which its findings are told."""

BY_ID: Final = {check.id: check for check in CHECKS}
