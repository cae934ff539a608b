"""Who used the key, or tried to, as CloudTrail tells.

Every call of KMS is a management event, which CloudTrail's event history keeps for 90 days without any trail. It lags
by minutes. Sources: "Logging AWS KMS API calls", "Working with CloudTrail event history", "How CloudTrail works"
(docs.aws.amazon.com, checked 2026-11-25).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pinekeep.account.client.clients import Clients

LAG: Final = timedelta(minutes=15)
"""How late an event may come."""
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
_DRY_RUN: Final = "DryRunOperationException"
_TOLD: Final = 3
_ENOUGH: Final = 20


@dataclass(frozen=True)
class Use:
    """One use, or an attempt.

    Attributes:
        by: who: an ARN, or an account or a service of AWS's.
        error: the error code, where it was refused.
    """

    what: str
    at: datetime
    by: str
    error: str | None

    def __str__(self) -> str:
        """Return it in words."""
        refused = f", refused with {self.error}" if self.error else ""
        return f"{self.what} by {self.by} at {self.at:%Y-%m-%d %H:%M} UTC{refused}"


def uses_of_key(clients: Clients, key_arn: str, *, since: datetime, until: datetime) -> list[Use]:
    """Return who used a key or tried to, newest first; not more than are needed to say so.

    Raises:
        botocore.exceptions.ClientError: AWS refuses.
    """
    return _first(
        each for each in _events(clients, key_arn, since, until) if each.what in USES and each.error != _DRY_RUN
    )


def assumptions_of_role(clients: Clients, role_arn: str, *, since: datetime, until: datetime) -> list[Use]:
    """Return who assumed a role, newest first; not more than are needed to say so. Refused attempts are not among them.

    Args:
        clients: of the role's account, in the Region whose STS may have been asked.

    Raises:
        botocore.exceptions.ClientError: AWS refuses.
    """
    return _first(
        each for each in _events(clients, role_arn, since, until) if each.what == ASSUME_ROLE and each.error is None
    )


def told(uses: list[Use]) -> str:
    """Return some uses in words."""
    more = len(uses) - _TOLD
    return "; ".join(map(str, uses[:_TOLD])) + (f"; and {more} more or further" if more > 0 else "")


def _first(found: Iterator[Use]) -> list[Use]:
    uses: list[Use] = []
    for each in found:
        uses.append(each)
        if len(uses) == _ENOUGH:
            break
    return uses


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
        detail = json.loads(event.get("CloudTrailEvent") or "{}")
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
