"""The trust policy: who may assume the role that Pinecone uses.

Source: facts.pinecone.CMEK_PAGE.
"""

from collections.abc import Sequence
from typing import Final, Literal

from pinekeep.arns import access_role_arn, root_arn
from pinekeep.policies.document import Policy, Statement, policy

TrustForm = Literal["documented", "account-root"]

SID: Final = "AllowPineconeToAssumeTheRole"


def trust_policy(
    *,
    pinecone_account: str,
    regions: Sequence[str] | Literal["all"],
    external_id: str | None,
    form: TrustForm = "documented",
) -> Policy:
    """Return the trust policy for Pinecone.

    Args:
        pinecone_account: Pinecone's own AWS account, 12 digits.
        regions: the Pinecone regions that may assume the role, or ``all``.
        external_id: what Pinecone must present, or None for nothing.
        form: for ``all`` only: how the principal is written. ``documented`` is Pinecone's own
            (Principal ``*``); ``account-root`` names Pinecone's account instead. Both let through
            exactly the same callers, because the condition on ``aws:PrincipalArn`` decides.

    Returns:
        A policy with one statement, for ``sts:AssumeRole`` alone.
    """
    statement: Statement = {"Sid": SID, "Effect": "Allow"}
    condition: dict[str, dict[str, str]] = {}
    if regions == "all":
        statement["Principal"] = {"AWS": "*" if form == "documented" else root_arn(pinecone_account)}
        condition["StringLike"] = {"aws:PrincipalArn": access_role_arn(pinecone_account=pinecone_account, region="*")}
    else:
        statement["Principal"] = {
            "AWS": [access_role_arn(pinecone_account=pinecone_account, region=region) for region in regions]
        }
    statement["Action"] = "sts:AssumeRole"
    if external_id is not None:
        condition["StringEquals"] = {"sts:ExternalId": external_id}
    if condition:
        statement["Condition"] = dict(sorted(condition.items()))
    return policy([statement])
