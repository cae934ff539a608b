"""The fields of an event as it is in a file, where any of them may be missing or of another type."""

import json
from datetime import UTC, datetime
from typing import Any


def event_of(content: Any) -> dict[str, Any] | None:
    """Return what happened, of an event; None of anything else."""
    found = content.get("event") if isinstance(content, dict) else None
    return found if isinstance(found, dict) else None


def mapping(value: Any) -> dict[str, Any]:
    """Return an object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def text_of(value: Any) -> str:
    """Return a string as it is, nothing for null, and anything else as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def time_of(happened: dict[str, Any]) -> datetime | None:
    """Return the time of an event in UTC; None if it has none that can be read. A time without a zone is in UTC."""
    try:
        found = datetime.fromisoformat(str(happened.get("time")))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
