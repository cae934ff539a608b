"""Amazon Resource Names: building and parsing."""

import re
from dataclasses import dataclass
from typing import Final, Self

from pinekeep.model.facts import aws, pinecone

_KEY_ARN: Final = re.compile(
    r"arn:(?P<partition>[a-z-]+):kms:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):key/"
    rf"(?P<key_id>{aws.KEY_ID_PATTERN})"
)


def role_arn(*, account: str, role_name: str, path: str = "/") -> str:
    """Return the ARN of an IAM role. Its path begins and ends with a slash."""
    return f"arn:{aws.PARTITION}:iam::{account}:role{path}{role_name}"


def policy_arn(*, account: str, policy_name: str, path: str = "/") -> str:
    """Return the ARN of a managed policy of an account; see :func:`role_arn`."""
    return f"arn:{aws.PARTITION}:iam::{account}:policy{path}{policy_name}"


def path_of(arn: str) -> str:
    """Return the path of a role, user or managed policy, with a slash at both ends."""
    resource = arn.split(":", 5)[5]
    return resource[resource.index("/") : resource.rindex("/") + 1]


def root_arn(account: str) -> str:
    """Return the ARN that stands for a whole account in a policy."""
    return f"arn:{aws.PARTITION}:iam::{account}:root"


def access_role_arn(*, pinecone_account: str, region: str) -> str:
    """Return the ARN of Pinecone's role in a region; ``*`` gives the pattern. Source: facts.pinecone.CMEK_PAGE."""
    return role_arn(account=pinecone_account, role_name=pinecone.ACCESS_ROLE_PREFIX + region)


@dataclass(frozen=True)
class KeyArn:
    """The parts of a KMS key's ARN."""

    partition: str
    region: str
    account: str
    key_id: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the parts, or None when the text is no ARN of a KMS key (an alias's ARN is none)."""
        match = _KEY_ARN.fullmatch(text)
        return cls(**match.groupdict()) if match else None

    def __str__(self) -> str:
        return f"arn:{self.partition}:kms:{self.region}:{self.account}:key/{self.key_id}"
