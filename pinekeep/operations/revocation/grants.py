"""The grants on the key and its replicas when Pinecone is cut off: which go on, and ending them."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.model.policies.grant_holders import Holder, Holders
from pinekeep.model.policies.grants import Grant
from pinekeep.operations.revocation.key_access import OpenKey
from pinekeep.operations.revocation.task import Step, Task

ENDED: Final = "ended"
FOR_GOOD: Final = "for good: `pinekeep restore` makes no grants"
_NOT_OURS: Final = "the key is adopted, and this may be its owner's affair; to end it all the same, add --adopted-key"
_SHOWN: Final = 10


def ending(keys: Sequence[OpenKey], holders: Holders, clients: Clients, *, owners_too: bool) -> Iterator[Task]:
    """Yield the changes that end the grants: all of a key that was made here, of an adopted one those of strangers.

    Args:
        owners_too: whether to end the others on an adopted key, too.
    """
    for key in keys:
        if key.grants is None:
            yield Task(Step(f"grants on {key.words} {key.arn}", ENDED, "failed", f"{key.unreadable}; run it again"))
        for grant in key.grants or ():
            target = f"{grant} on {key.words}"
            if holders.adopted and not owners_too and holders.holder(grant) is not Holder.STRANGER:
                yield Task(Step(target, ENDED, "left", _NOT_OURS))
                continue
            kms = clients.in_region(key.region).client("kms")
            yield Task(
                Step(target, ENDED, "planned", FOR_GOOD), partial(kms.revoke_grant, KeyId=key.arn, GrantId=grant.id)
            )


def going_on(keys: Sequence[OpenKey], *, key_stops: bool) -> Iterator[str]:
    """Yield in words which grants go on working.

    Args:
        keys: the key and its replicas, with the grants that are left.
        key_stops: whether the key is disabled; its replicas are not.
    """
    for key in keys:
        stops = (key_stops and not key.is_replica) or key.is_stopped
        found = key.grants or ()
        for grant in found[:_SHOWN]:
            what = f"{grant} on {key.words}{f' ({grant.origin})' if grant.origin else ''}"
            if stops:
                yield f"{what}: it stops while {key.words} is not enabled, and works again after `pinekeep restore`"
            else:
                yield f"{what}: it keeps working; --end-grants ends it, or {grant.revoke_command}"
        if len(found) > _SHOWN:
            listing = f"aws kms list-grants --key-id {key.arn} --region {key.region}"
            yield f"{len(found) - _SHOWN} more grants on {key.words}: {listing}"


def ended(grants: Sequence[Grant]) -> list[str]:
    """Return in words what is noted of grants that are ended."""
    return [f"{each.grantee}: {', '.join(each.operations)}"[:_NOTE_MAX] for each in grants[:_SHOWN]]


_NOTE_MAX: Final = 200
