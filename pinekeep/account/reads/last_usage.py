"""The last use of a KMS key, without a trail and without the caller. Source: facts.aws.KMS_LAST_USAGE_PAGE."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pinekeep.account.client.clients import Clients


@dataclass(frozen=True)
class LastUsage:
    """The last successful cryptographic operation with one key, replicas not included. None where KMS knows of none.

    Attributes:
        event_id: CloudTrail's ID of the event, by which a trail shows the caller.
        tracked_since: when KMS began to track the key.
        made: when the key was created.
    """

    operation: str | None
    at: datetime | None
    event_id: str | None
    tracked_since: datetime
    made: datetime

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> "LastUsage":
        """Return the content of a GetKeyLastUsage response."""
        used = answer.get("KeyLastUsage") or {}
        return cls(
            operation=used.get("Operation"),
            at=used.get("Timestamp"),
            event_id=used.get("CloudTrailEventId"),
            tracked_since=answer["TrackingStartDate"],
            made=answer["KeyCreationDate"],
        )

    def ago(self, now: datetime) -> str | None:
        """Return how long the last use is ago, in words; None where KMS knows of none."""
        return None if self.at is None else length_in_words(max(now - self.at, timedelta()))

    def since(self, start: datetime) -> bool | None:
        """Return whether there was a use since some time; None where KMS cannot know."""
        if self.at is not None:
            return self.at >= start
        return False if max(self.made, start) >= self.tracked_since else None

    def __str__(self) -> str:
        """Return it in words, and no more than it proves."""
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


def length_in_words(length: timedelta) -> str:
    """Return a length of time in its largest unit, rounded down: minutes, hours from two on, days from two on."""
    minutes = int(length.total_seconds() // 60)
    for unit, size in (("day", 24 * 60), ("hour", 60)):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}s"
    return "less than a minute" if minutes < 1 else f"{minutes} minute{'' if minutes == 1 else 's'}"


def last_usage_of(clients: Clients, key_arn: str) -> LastUsage:
    """Return the last use of a key, or of a replica in its own Region. Raises ClientError from any other account."""
    return LastUsage.of(clients.client("kms").get_key_last_usage(KeyId=key_arn))
