"""AWS's quotas that a deployment can run into: their codes in Service Quotas, and the defaults.

Sources: "AWS PrivateLink quotas", "Amazon VPC quotas", "AWS KMS resource quotas" and "IAM and AWS STS quotas"
(docs.aws.amazon.com, checked 2026-11-25). IAM tells its own quotas with the counts (GetAccountSummary).
"""

from dataclasses import dataclass
from typing import Final

from pinekeep.model.facts import aws


@dataclass(frozen=True)
class Quota:
    """One quota. ``name``: what may be had so many of. ``default``: how many, where nobody has asked for more."""

    service: str
    code: str
    name: str
    default: int


ENDPOINTS_PER_VPC: Final = Quota("vpc", "L-29B6F2EB", "interface endpoints of the VPC", 50)
"""Gateway Load Balancer endpoints count, too."""
VPCS: Final = Quota("vpc", "L-F678F1CE", "VPCs in the Region", 5)
KEYS: Final = Quota("kms", "L-C2F1777E", "KMS keys in the Region", 100_000)
"""Keys that AWS made for its services do not count, yet KMS lists them among the others."""
RULES_PER_SECURITY_GROUP: Final = Quota(
    "vpc", "L-0EA8095F", "inbound rules of a security group", aws.SECURITY_GROUP_RULES_MAX
)
"""A rule that names a managed prefix list counts as many times as the list may have entries."""

RESOLVER_ENDPOINTS: Final = Quota("route53resolver", "L-4A669CC0", "Resolver endpoints in the Region", 4)
"""Inbound and outbound ones together. Source: "Quotas" of the Route 53 Developer Guide (docs.aws.amazon.com, checked
2026-11-30)."""

ALL: Final = (ENDPOINTS_PER_VPC, VPCS, KEYS, RULES_PER_SECURITY_GROUP, RESOLVER_ENDPOINTS)
