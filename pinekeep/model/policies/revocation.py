"""The policy that cuts a role off: every session of it, begun before or after, may do nothing from then on.

AWS's own form (``AWSRevokeOlderSessions``, a condition on ``aws:TokenIssueTime``) stops the sessions that were begun
before a moment, and lets in whoever assumes the role the moment after. Pinecone would, within the hour. Sources:
"Revoking IAM role temporary security credentials", "Policy evaluation logic" (docs.aws.amazon.com, checked 2026-11-25).
"""

from collections.abc import Mapping
from typing import Any, Final

from pinekeep.model.policies.document import Policy, policy

REVOKED_POLICY_NAME: Final = "PinekeepRevoked"
"""The name of the inline policy. ``revoke`` puts it on a role, ``restore`` takes it away, ``verify`` knows it."""

SID: Final = "DenyEverything"


def revoked_policy() -> Policy:
    """Return the inline policy that denies its role everything, whatever other policies allow."""
    return policy([{"Sid": SID, "Effect": "Deny", "Action": "*", "Resource": "*"}])


def cuts_off(document: Mapping[str, Any] | None) -> bool:
    """Tell whether a policy document is the one of :func:`revoked_policy`; one that denies less is not."""
    return document == revoked_policy()
