"""Times as the file of results has them."""

from datetime import UTC, datetime, timedelta


def time_text(moment: datetime) -> str:
    """Return a time as the file has it: in UTC, in ISO 8601, in seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def now() -> str:
    """Return the present time as the file has it."""
    return time_text(datetime.now(UTC))


def moment_of(text: str) -> datetime:
    """Return a time of the file."""
    return datetime.fromisoformat(text)


def age_of(text: str) -> timedelta:
    """Return how long ago a time of the store is."""
    return datetime.now(UTC) - moment_of(text)
