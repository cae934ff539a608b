"""When the credentials expire, as far as botocore knows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

RENEWED_BY_THE_USER: Final = frozenset({"env", "explicit", "shared-credentials-file", "config-file"})
"""botocore's words for where credentials come from that nobody fetches anew when they end."""


@dataclass(frozen=True)
class Session:
    """How long the credentials last.

    ``ends`` is None where botocore does not know; ``renews``: botocore, and the CDK command line likewise, fetches new
    ones by itself.
    """

    temporary: bool
    ends: datetime | None = None
    renews: bool = False


def session_of(credentials: Any) -> Session | None:
    """Return how long credentials last, as botocore holds them after they were used once; None if nothing is known."""
    if credentials is None:
        return None
    # botocore tells only whether less than a given time is left, and fetches new credentials when it is asked for a
    # part of old ones; the time itself is in a private attribute.
    ends = getattr(credentials, "_expiry_time", None)
    if isinstance(ends, datetime):
        renews = getattr(credentials, "method", "") not in RENEWED_BY_THE_USER
        return Session(temporary=True, ends=ends, renews=renews)
    return Session(temporary=bool(getattr(credentials, "token", None)))
