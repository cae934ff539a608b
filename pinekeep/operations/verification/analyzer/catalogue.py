"""The checks that IAM Access Analyzer makes, described as the other checks are."""

from dataclasses import dataclass
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


_VALID: Final = "no error, security warning or warning of IAM Access Analyzer"
_VALID_MEANING: Final = "AWS finds a part of the policy without effect, or wider than it should be."
_PERMISSIONS: Final = ("role", "inline_policies", "attached_policies")

CHECKS: Final = (
    AnalyzerCheck(
        id="analyzer-trust-policy-valid",
        title="Trust policy, by ValidatePolicy",
        wanted=_VALID,
        meaning=_VALID_MEANING,
        call="ValidatePolicy",
        reads=("role",),
    ),
    AnalyzerCheck(
        id="analyzer-trust-policy-not-public",
        title="Trust policy, by CheckNoPublicAccess",
        wanted="no public access to the role",
        meaning="AWS cannot rule out that anybody with an AWS account may assume the role.",
        call="CheckNoPublicAccess",
        reads=("role",),
    ),
    AnalyzerCheck(
        id="analyzer-key-policy-valid",
        title="Key policy, by ValidatePolicy",
        wanted=_VALID,
        meaning=_VALID_MEANING,
        call="ValidatePolicy",
        reads=("key_policy",),
    ),
    AnalyzerCheck(
        id="analyzer-key-policy-not-public",
        title="Key policy, by CheckNoPublicAccess",
        wanted="no public access to the key",
        meaning="AWS cannot rule out that anybody with an AWS account may use or administer the key.",
        call="CheckNoPublicAccess",
        reads=("key_policy",),
    ),
    AnalyzerCheck(
        id="analyzer-key-policy-cannot-administer",
        title="What the key policy lets the role do, by CheckAccessNotGranted",
        wanted="no administration and no deletion of the key for the role that Pinecone assumes",
        meaning="Pinecone may change or delete the key, instead of only using it.",
        call="CheckAccessNotGranted",
        reads=("role", "key_policy"),
    ),
    AnalyzerCheck(
        id="analyzer-permissions-valid",
        title="Permissions policy, by ValidatePolicy",
        wanted=_VALID,
        meaning=_VALID_MEANING,
        call="ValidatePolicy",
        reads=_PERMISSIONS,
        reads_policies=True,
    ),
    AnalyzerCheck(
        id="analyzer-role-cannot-administer",
        title="What a permissions policy lets the role do, by CheckAccessNotGranted",
        wanted="no administration of keys, grants, identities or the account",
        meaning="Pinecone may do more in the account than use keys.",
        call="CheckAccessNotGranted",
        reads=_PERMISSIONS,
        reads_policies=True,
    ),
)
"""Every check, in the order in which its findings are told."""

BY_ID: Final = {check.id: check for check in CHECKS}
