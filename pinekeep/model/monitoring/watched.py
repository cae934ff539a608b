"""What a deployment's rules watch, as plain values. In a template they may be references."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class WatchedKey:
    """A KMS key.

    ``key_id``: the last part of the ARN. ``alias``: with ``alias/``; None for a key whose aliases are not known.
    ``adopted``: whether it may have imported key material.
    """

    arn: str
    key_id: str
    alias: str | None = None
    alias_arn: str | None = None
    multi_region: bool = False
    adopted: bool = False

    @property
    def names(self) -> list[str]:
        """What a caller may name the key by: its ARN, its ID, its alias and the alias's ARN."""
        return [each for each in (self.arn, self.key_id, self.alias, self.alias_arn) if each is not None]


@dataclass(frozen=True, kw_only=True)
class WatchedNetwork:
    """The endpoints, with their security groups, and the DNS that leads to them.

    ``generations``: which endpoints these are. Where the IDs are references, nothing else in a template tells that an
    endpoint was replaced.
    """

    endpoint_ids: Sequence[str]
    security_group_ids: Sequence[str] = ()
    zone_ids: Sequence[str] = ()
    profile_id: str | None = None
    generations: Sequence[int] = (1,)


@dataclass(frozen=True, kw_only=True)
class WatchedBucket:
    """The bucket of the audit logs. ``key_arn``: the customer managed key that encrypts it."""

    name: str
    key_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A deployment as its rules see it.

    Attributes:
        deployment: its name.
        account: its account.
        region: its Region.
        key: the key that Pinecone uses; None with customers' keys alone, whose events reach their own accounts.
        key_roles: the names of the roles with which Pinecone uses keys.
        storage_roles: the names of the roles with which Pinecone uses buckets.
        network: the private endpoint.
        bucket: the bucket of the audit logs.
        topic_arns: the topics that are notified.
        topic_key_arn: the key that encrypts them; None for an existing topic.
        denied_use: whether a rule sees denied use of the key, as all management events reach it.
    """

    deployment: str
    account: str
    region: str
    key: WatchedKey | None = None
    key_roles: Sequence[str] = ()
    storage_roles: Sequence[str] = ()
    network: WatchedNetwork | None = None
    bucket: WatchedBucket | None = None
    topic_arns: Sequence[str] = ()
    topic_key_arn: str | None = None
    denied_use: bool = False
