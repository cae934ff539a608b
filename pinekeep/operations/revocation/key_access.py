"""What opens a key beside the roles: its policy, its grants, and its replicas, which are keys of their own."""

from dataclasses import dataclass
from typing import Any

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import as_refusal
from pinekeep.account.reads.grants import list_grants
from pinekeep.account.reads.last_usage import LastUsage, last_usage_of
from pinekeep.model.policies.grants import Grant, parse_grants
from pinekeep.operations.revocation.targets import ENABLED, KeyState


@dataclass(frozen=True, kw_only=True)
class OpenKey:
    """A key, or a replica of it, and what opens it.

    Attributes:
        is_replica: whether it is another key than the one that Pinecone was given.
        state: KMS's word for its state; None where there is no such key, or it is not known.
        policy: its policy, as text; None where it is not known.
        grants: the grants on it; None where they are not known.
        unreadable: why something is not known, or None.
        last_usage: when it was last used with success, by anybody; None where KMS does not tell.
    """

    arn: str
    region: str
    is_replica: bool
    state: str | None
    policy: str | None = None
    grants: tuple[Grant, ...] | None = None
    unreadable: str | None = None
    last_usage: LastUsage | None = None

    @property
    def words(self) -> str:
        """What a sentence calls it."""
        return f"the replica in {self.region}" if self.is_replica else "the key"

    @property
    def is_stopped(self) -> bool:
        """Whether KMS refuses every use of it; not, where its state is not known."""
        known = self.state is not None or self.unreadable is None
        return known and self.state != ENABLED


def read_open_keys(clients: Clients, key: KeyState) -> tuple[OpenKey, ...]:
    """Return a key and its replicas with what opens them. Reads only, each in its own Region.

    What AWS refuses to tell is told in its place: cutting off does not wait for it.
    """
    found = [_read(clients, key.arn, state=key.state, is_replica=False)]
    for arn in key.replicas:
        there = clients.in_region(arn.split(":")[3])
        found.append(_read(there, arn, state=None, is_replica=True))
    return tuple(found)


def _last_usage(clients: Clients, arn: str) -> LastUsage | None:
    """Return when a key was last used. It is told besides: what AWS refuses here hinders nothing."""
    try:
        return last_usage_of(clients, arn)
    except Exception as error:
        if as_refusal(error) is None:
            raise
        return None


def _read(clients: Clients, arn: str, *, state: str | None, is_replica: bool) -> OpenKey:
    def made(**known: Any) -> OpenKey:
        return OpenKey(arn=arn, region=clients.region, is_replica=is_replica, **known)

    if state is None and not is_replica:
        return made(state=None, grants=())
    kms = clients.client("kms")
    try:
        if is_replica:
            state = str(kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"])
        policy = kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
        grants = parse_grants(list_grants(kms.list_grants, arn), key_arn=arn)
        return made(state=state, policy=policy, grants=grants, last_usage=_last_usage(clients, arn))
    except Exception as error:
        refusal = as_refusal(error)
        if refusal is None:
            raise
        return made(state=state, unreadable=refusal.message)
