"""Who uses the key or its roles, as CloudTrail tells, and when the key was last used, as KMS does."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pinekeep.account.reads.last_usage import LastUsage, last_usage_of
from pinekeep.operations.offboarding import trail
from pinekeep.operations.offboarding.gate import Setting

GLOBAL_STS_REGION: Final = "us-east-1"
"""Where CloudTrail tells of calls to STS's global address."""
_SAME: Final = timedelta(seconds=2)
"""CloudTrail tells the time to the second."""


@dataclass(frozen=True)
class Uses:
    """What was found.

    Attributes:
        found: the uses and attempts, newest first.
        told: what KMS says besides, in words.
    """

    found: list[trail.Use]
    told: tuple[str, ...]


def uses(setting: Setting, since: datetime) -> Uses:
    """Return the uses of a key that was made here, by anybody, and every assumption of the roles.

    Others may use an adopted key; a customer's is not ours to look at. Pinecone uses neither without the role. KMS may
    know of a use that CloudTrail does not tell yet.

    Args:
        since: from when on, until now.

    Raises:
        botocore.exceptions.ClientError: AWS refuses.
    """
    found: list[trail.Use] = []
    told: tuple[str, ...] = ()
    if setting.key is not None and setting.state.made_key:
        found += trail.uses_of_key(setting.clients, setting.key.arn, since=since, until=setting.now)
        last = last_usage_of(setting.clients, setting.key.arn)
        told = (f"KMS: {last}",)
        found += _not_in_the_trail(last, found, since)
    # STS may have been asked in the Region, or at its global address, which is in us-east-1.
    for region in dict.fromkeys((setting.region, GLOBAL_STS_REGION)):
        for role in setting.roles:
            found += trail.assumptions_of_role(setting.clients_for(region), role, since=since, until=setting.now)
    return Uses(sorted(found, key=lambda use: use.at, reverse=True), told)


def _not_in_the_trail(last: LastUsage, found: list[trail.Use], since: datetime) -> list[trail.Use]:
    """Return the last use that KMS knows of, where it is of the time and CloudTrail does not tell it."""
    if last.at is None or last.operation is None or last.at < since:
        return []
    if any(each.error is None and each.at >= last.at - _SAME for each in found):
        return []
    by = f"somebody (KMS knows of it and CloudTrail does not tell it yet; event ID {last.event_id})"
    return [trail.Use(last.operation, last.at, by, None)]
