"""The permissions policies with which the role uses keys in other accounts.

A key in another account needs three parts: the role's trust policy, this, and a statement in the key's own policy
that names the role. Source: facts.pinecone.CMEK_PAGE, facts.aws.KMS_CROSS_ACCOUNT_PAGE.
"""

from collections.abc import Sequence
from typing import Final

from pinekeep.model.facts import aws
from pinekeep.model.policies.document import Policy, policy

SID: Final = "UseKeysOfCustomers"
CUSTOMER_KEY_ACTIONS: Final = ("kms:Encrypt", "kms:Decrypt")
DESCRIBE_ACTION: Final = "kms:DescribeKey"


def account_keys_arn(account: str) -> str:
    """Return the pattern that stands for every key of an account, in every Region."""
    return f"arn:{aws.PARTITION}:kms:*:{account}:key/*"


def customer_keys_policy(resources: Sequence[str], *, describe: bool) -> Policy:
    """Return the policy for keys (or account patterns) in other accounts; ``describe`` adds reading properties."""
    return policy(
        [
            {
                "Sid": SID,
                "Effect": "Allow",
                "Action": [*CUSTOMER_KEY_ACTIONS, *((DESCRIBE_ACTION,) if describe else ())],
                "Resource": list(resources),
            }
        ]
    )
