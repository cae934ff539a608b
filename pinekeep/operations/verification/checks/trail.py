"""What CloudTrail tells of the calls about a key.

Source: "CloudTrail record contents", "userIdentity element", "Logging AWS KMS API calls" (docs.aws.amazon.com, checked
2026-11-25). A session of a role is ``assumed-role/ROLE/SESSION``; a call that was refused has an ``errorCode``.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pinekeep.account.client.refusal_codes import DENIED, cleaned


@dataclass(frozen=True)
class Call:
    """One call.

    Attributes:
        action: what was called, as an IAM action.
        who: the caller's ARN; of a role's session, the session's.
        role_arn: the role of the session; None for another kind of caller.
        at: when.
        error: AWS's word for the refusal, or None.
        message: AWS's own message with it.
    """

    action: str
    who: str
    role_arn: str | None
    at: datetime
    error: str | None
    message: str

    @property
    def denied(self) -> bool:
        """Whether the caller was not allowed to."""
        return self.error in DENIED

    @property
    def told(self) -> str:
        """The call as the words of a sentence."""
        return f"{self.action} by {self.who.rsplit(':', 1)[-1]} on {self.at:%Y-%m-%d at %H:%M} UTC"


def calls(events: Iterable[dict[str, Any]]) -> Iterator[Call]:
    """Yield the calls in the events of LookupEvents, in their order; what cannot be read is left out."""
    for event in events:
        try:
            record = json.loads(event["CloudTrailEvent"])
            yield _call(record, event.get("EventTime"))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue


def _call(record: dict[str, Any], listed: Any) -> Call:
    who = record["userIdentity"]
    issuer = ((who.get("sessionContext") or {}).get("sessionIssuer") or {}).get("arn")
    service = str(record["eventSource"]).partition(".")[0]
    return Call(
        action=f"{service}:{record['eventName']}",
        who=str(who.get("arn") or who.get("invokedBy") or who.get("accountId") or "somebody"),
        role_arn=str(issuer) if who.get("type") == "AssumedRole" and issuer else None,
        at=_time(record.get("eventTime"), listed),
        error=record.get("errorCode") or None,
        message=cleaned(str(record.get("errorMessage") or "")),
    )


def _time(text: Any, listed: Any) -> datetime:
    if isinstance(text, str):
        return datetime.fromisoformat(text).astimezone(UTC)
    if isinstance(listed, datetime):
        return listed.astimezone(UTC)
    raise ValueError("an event without a time")
