"""When a KMS key was last used, as KMS itself tells: without a trail, and without saying by whom.

Source: facts.aws.KMS_LAST_USAGE_PAGE.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pinekeep.account.client.clients import Clients


@dataclass(frozen=True)
class LastUsage:
    """The last successful cryptographic operation with one key. Replicas of it are not counted.

    Attributes:
        operation: which it was; None where KMS knows of none.
        at: when; None likewise.
        event_id: CloudTrail's ID of the event, by which a trail tells who it was; None likewise.
        tracked_since: since when KMS keeps track of the key.
        made: when the key was made.
    """

    operation: str | None
    at: datetime | None
    event_id: str | None
    tracked_since: datetime
    made: datetime

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> "LastUsage":
        """Return what an answer of GetKeyLastUsage says."""
        used = answer.get("KeyLastUsage") or {}
        return cls(
            operation=used.get("Operation"),
            at=used.get("Timestamp"),
            event_id=used.get("CloudTrailEventId"),
            tracked_since=answer["TrackingStartDate"],
            made=answer["KeyCreationDate"],
        )

    def __str__(self) -> str:
        """Return it in words, to exactly what it proves."""
        if self.at is not None:
            return (
                f"the last successful use of the key was {self.operation} at {self.at:%Y-%m-%d %H:%M} UTC, by whom KMS "
                f"does not tell (CloudTrail event ID {self.event_id})"
            )
        if self.made >= self.tracked_since:
            return "the key has not been used since it was made"
        return (
            f"no use of the key since {self.tracked_since:%Y-%m-%d}, when KMS began to keep track; it may have been "
            "used before"
        )


def last_usage_of(clients: Clients, key_arn: str) -> LastUsage:
    """Ask KMS when a key was last used.

    Args:
        clients: of the key's account and Region: KMS tells nobody else.
        key_arn: the key, or a replica in its own Region.

    Raises:
        botocore.exceptions.ClientError: AWS refuses.
    """
    return LastUsage.of(clients.client("kms").get_key_last_usage(KeyId=key_arn))
