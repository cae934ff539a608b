"""AWS's partitions and the Regions of the commercial one: what tells a Region without Pinecone from a misspelled one.

Source: the partitions that botocore 1.43.106 carries (partitions.json and endpoints.json, read 2026-11-29). A Region
that AWS has opened since is taken for a misspelling of one of Pinecone's where it looks like one, and no more than that
depends on this list.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pinekeep.model.facts import aws


@dataclass(frozen=True)
class Partition:
    """A partition of AWS: its own accounts, its own ARNs, no way across.

    ``id``: what its ARNs begin with, after ``arn:``. ``pattern``: what the names of its Regions look like.
    """

    id: str
    name: str
    pattern: str


OTHER_PARTITIONS: Final = (
    Partition("aws-us-gov", "AWS GovCloud (US)", r"us-gov-[a-z]+-[0-9]"),
    Partition("aws-cn", "AWS in China", r"cn-[a-z]+-[0-9]"),
    Partition("aws-eusc", "the AWS European Sovereign Cloud", r"eusc-[a-z]+-[a-z]+-[0-9]"),
    Partition("aws-iso", "an isolated partition of the United States", r"us-iso-[a-z]+-[0-9]"),
    Partition("aws-iso-b", "an isolated partition of the United States", r"us-isob-[a-z]+-[0-9]"),
    Partition("aws-iso-e", "an isolated partition in Europe", r"eu-isoe-[a-z]+-[0-9]"),
    Partition("aws-iso-f", "an isolated partition of the United States", r"us-isof-[a-z]+-[0-9]"),
)

COMMERCIAL: Final = (
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)
"""The Regions of partition ``aws``, whether an account has turned them on or not."""


@lru_cache(256)
def partition_of(region: str) -> Partition | None:
    """Return the partition that a Region is in, or None where it is not one of :data:`OTHER_PARTITIONS`."""
    return next((each for each in OTHER_PARTITIONS if re.fullmatch(each.pattern, region)), None)


def elsewhere(region: str) -> str | None:
    """Return why a Region of another partition cannot be meant, or None where it is in none of them."""
    found = partition_of(region)
    if found is None:
        return None
    return f"{region} is in partition {found.id} ({found.name}); Pinecone runs in partition {aws.PARTITION} alone"
