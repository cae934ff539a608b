"""The trust policy: who may assume the role that Pinecone uses. Source: facts.pinecone.CMEK_PAGE."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from pinekeep.model.arns import access_role_arn, root_arn
from pinekeep.model.facts import pinecone
from pinekeep.model.policies.compare import PolicyFormatError, parse
from pinekeep.model.policies.document import Policy, Statement, policy

TrustForm = Literal["documented", "account-root"]

Regions = tuple[str, ...] | Literal["all"]
"""The Pinecone regions whose access role may assume the role, or all of them."""

SID: Final = "AllowPineconeToAssumeTheRole"
_ACCESS_ROLE: Final = re.compile(
    rf"arn:[a-z-]+:iam::(?P<account>\d{{12}}):role/{pinecone.ACCESS_ROLE_PREFIX}(?P<region>[a-z0-9-]+|\*)"
)


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

    Returns a policy with one statement, for ``sts:AssumeRole`` alone.
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


@dataclass(frozen=True)
class Trusted:
    """Whom a trust policy of :func:`trust_policy` lets in.

    ``pinecone_account``: Pinecone's own AWS account; None where the policy names no access role of Pinecone's.
    ``regions``: the Pinecone regions that it names.
    """

    pinecone_account: str | None = None
    regions: Regions = ()


def trusted(document: str | Mapping[str, Any] | None) -> Trusted:
    """Return whom a trust policy names: the access roles in its principals and in its conditions on them.

    ``document``: a trust policy as a dictionary or as JSON. What refers to something else, as a template may, is passed
    over.
    """
    try:
        statements = parse(document) if document else []
    except (PolicyFormatError, AttributeError, TypeError):
        return Trusted()
    named = [
        name
        for statement in statements
        if statement.allows
        for name in (*statement.principals, *(value for each in statement.conditions for value in each.values))
    ]
    found = [match for name in sorted(named) if (match := _ACCESS_ROLE.fullmatch(name))]
    if not found:
        return Trusted()
    regions = {match["region"] for match in found}
    return Trusted(found[0]["account"], "all" if "*" in regions else tuple(sorted(regions)))
