"""Who used the key, or tried to, according to CloudTrail and KMS.

Every call of KMS is a management event, which CloudTrail's event history keeps for 90 days without any trail. It lags
by minutes. Sources: "Logging AWS KMS API calls", "Working with CloudTrail event history", "How CloudTrail works"
(docs.aws.amazon.com, checked 2026-11-25).
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import DENIED, code_of
from pinekeep.account.client.refusals import as_refusal
from pinekeep.account.reads.last_usage import LastUsage, last_usage_of

LAG: Final = timedelta(minutes=15)
"""The longest delay of an event."""
KEPT_DAYS: Final = 90
USES: Final = frozenset(
    {
        "Encrypt",
        "Decrypt",
        "ReEncrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
    }
)
"""The calls that use a key, as CloudTrail names them."""
ASSUME_ROLE: Final = "AssumeRole"
GLOBAL_STS_REGION: Final = "us-east-1"
"""Where CloudTrail logs calls to the global address of STS."""
_SAME: Final = timedelta(seconds=2)
"""CloudTrail's times are to the second."""
_UNKNOWN_CALL: Final = ("UnknownOperationException", "InvalidAction", "UnsupportedOperationException")
"""What a service answers that does not know a call yet."""
_DRY_RUN: Final = "DryRunOperationException"
_SHOWN: Final = 3
_ENOUGH: Final = 20


@dataclass(frozen=True)
class Use:
    """One use, or an attempt, by an ARN, an account or an AWS service; with the error code if it was refused."""

    what: str
    at: datetime
    by: str
    error: str | None

    def __str__(self) -> str:
        """Return it in words."""
        refused = f", refused with {self.error}" if self.error else ""
        return f"{self.what} by {self.by} at {self.at:%Y-%m-%d %H:%M} UTC{refused}"


@dataclass(frozen=True)
class Uses:
    """The uses and attempts, newest first.

    Attributes:
        notes: what KMS reports, in words.
        last: what KMS reports; None where it was not asked, or did not answer.
    """

    found: list[Use]
    notes: tuple[str, ...]
    last: LastUsage | None = None


def uses_of_key(clients: Clients, key_arn: str, *, since: datetime, until: datetime) -> list[Use]:
    """Return who used a key or tried to, newest first, up to a limit."""
    found = _events(clients, key_arn, since, until)
    return _newest(each for each in found if each.what in USES and each.error != _DRY_RUN)


def assumptions_of_role(clients: Clients, role_arn: str, *, since: datetime, until: datetime) -> list[Use]:
    """Return who assumed a role, newest first, up to a limit; without refused attempts."""
    found = _events(clients, role_arn, since, until)
    return _newest(each for each in found if each.what == ASSUME_ROLE and each.error is None)


def in_words(uses: list[Use]) -> str:
    """Return the newest uses in words."""
    more = len(uses) - _SHOWN
    return "; ".join(map(str, uses[:_SHOWN])) + (f"; and {more} more or further" if more > 0 else "")


def uses(
    clients_for: Callable[[str], Clients],
    region: str,
    *,
    key_arn: str | None,
    roles: Sequence[str],
    since: datetime,
    until: datetime,
) -> Uses:
    """Return the uses of a key, by anybody, and every assumption of the roles.

    KMS proves the last successful use, and may report it before CloudTrail, which also records attempts and callers.
    Where KMS does not answer, CloudTrail alone is looked at, and the notes say so. ``key_arn`` is None if the key is
    adopted or a customer's, which Pinecone uses through the roles only.
    """
    found: list[Use] = []
    notes: tuple[str, ...] = ()
    last: LastUsage | None = None
    if key_arn is not None:
        clients = clients_for(region)
        found += uses_of_key(clients, key_arn, since=since, until=until)
        last, note = _asked_of_kms(clients, key_arn, since)
        notes = (note,)
        if last is not None:
            found += _not_in_the_trail(clients, last, found, since)
    # Calls to the global address of STS are logged in us-east-1.
    for each in dict.fromkeys((region, GLOBAL_STS_REGION)):
        for role in roles:
            found += assumptions_of_role(clients_for(each), role, since=since, until=until)
    return Uses(sorted(found, key=lambda use: use.at, reverse=True), notes, last)


def _asked_of_kms(clients: Clients, key_arn: str, since: datetime) -> tuple[LastUsage | None, str]:
    """Return what KMS reports, and in words what it proves of the time since."""
    try:
        last = last_usage_of(clients, key_arn)
    except Exception as error:
        refusal = as_refusal(error)
        if refusal is None or code_of(error) not in (*DENIED, *_UNKNOWN_CALL):
            raise
        return None, f"KMS was not asked for the last use, so CloudTrail alone tells: {refusal.message}"
    used = last.since(since)
    if used is None:
        return last, f"KMS: {last}; for the time before that, CloudTrail alone tells"
    proved = "it was used" if used else "nobody has used the key"
    return last, f"KMS: {proved} since {since:%Y-%m-%d %H:%M} UTC; {last}"


def _newest(found: Iterator[Use]) -> list[Use]:
    return list(islice(found, _ENOUGH))


def _events(clients: Clients, resource: str, since: datetime, until: datetime) -> Iterator[Use]:
    arguments: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": resource}],
        "StartTime": since,
        "EndTime": until,
        "MaxResults": 50,
    }
    while True:
        answer = clients.client("cloudtrail").lookup_events(**arguments)
        for event in answer["Events"]:
            yield _use(event)
        if not answer.get("NextToken"):
            return
        arguments["NextToken"] = answer["NextToken"]


def _use(event: Any) -> Use:
    try:
        detail: dict[str, Any] = json.loads(event.get("CloudTrailEvent") or "{}")
    except ValueError:
        detail = {}
    identity = detail.get("userIdentity") or {}
    known = (identity.get("arn"), identity.get("invokedBy"), identity.get("accountId"), event.get("Username"))
    return Use(
        what=str(event["EventName"]),
        at=event["EventTime"],
        by=next((str(each) for each in known if each), "somebody"),
        error=detail.get("errorCode"),
    )


def _not_in_the_trail(clients: Clients, last: LastUsage, found: list[Use], since: datetime) -> list[Use]:
    """Return the last use that KMS reports, if it is in the period and CloudTrail's list does not have it yet."""
    if last.at is None or last.operation is None or last.at < since:
        return []
    if any(each.error is None and each.at >= last.at - _SAME for each in found):
        return []
    unknown = f"somebody (KMS reports it and CloudTrail does not yet; event ID {last.event_id})"
    by = _by_event(clients, last.event_id) or unknown
    return [Use(last.operation, last.at, by, None)]


def _by_event(clients: Clients, event_id: str | None) -> str | None:
    """Return the caller of the event that KMS names, if CloudTrail has it. One call."""
    if event_id is None:
        return None
    by_id = [{"AttributeKey": "EventId", "AttributeValue": event_id}]
    events = clients.client("cloudtrail").lookup_events(LookupAttributes=by_id)["Events"]
    return _use(events[0]).by if events else None
