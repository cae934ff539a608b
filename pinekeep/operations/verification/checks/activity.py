"""Use of the key by Pinecone, from the events that CloudTrail keeps and the role's last use in IAM.

KMS reports when the key was last used, but not by whom; the event that it names does.

Source: "CloudTrail record contents", "userIdentity element", "Logging AWS KMS API calls" (docs.aws.amazon.com, checked
2026-11-25). A session of a role is ``assumed-role/ROLE/SESSION``; a call that was refused has an ``errorCode``.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pinekeep.account.client.refusal_codes import DENIED, cleaned
from pinekeep.account.reads.last_usage import LastUsage
from pinekeep.account.reads.live import Document, NotAsked
from pinekeep.model.facts import aws
from pinekeep.model.policies.compare import covers
from pinekeep.model.policies.key import GRANT_ACTIONS, USE_ACTIONS
from pinekeep.operations.verification.checks.check import Subject, registry, with_key
from pinekeep.operations.verification.checks.finding import Verdict, failed, first, noted, passed

JUST_NOW: Final = timedelta(hours=1)
"""A refusal within this time fails the check: nothing else shows that an organization's policy denies the use."""

_ADD_THE_KEY: Final = "add the key in the Pinecone console, if that is not done (`pinekeep handoff` prints the values)"
_KEPT: Final = f"the {aws.LOOKUP_EVENTS_DAYS} days that CloudTrail keeps"
_SHOWN: Final = 3
_LOOKING: Final = "kms:DescribeKey"


@dataclass(frozen=True)
class Call:
    """One call: the IAM action, when, and AWS's word and message where it was refused.

    ``who`` is the caller's ARN, or the session's; ``role_arn`` the role of the session, None for another kind of
    caller.
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


CHECKS: Final = registry(applies=with_key)


@CHECKS.add(
    id="key-activity",
    title="Use of the key by Pinecone",
    wanted="Pinecone's sessions use the key, and are not refused",
    meaning="Pinecone cannot use the key, although it tries: it cannot read or write the project's data.",
    sees_absence=True,
)
def _activity(
    subject: Subject, activity: Document | NotAsked | None, role: Document | None, key: Document | None
) -> Iterator[Verdict]:
    if key is None:
        return
    if not isinstance(activity, dict):
        reason = activity.reason if isinstance(activity, NotAsked) else "there is no answer"
        yield noted(f"not checked: {reason}", fix=subject.run("verify"))
        return
    ours = {each.arn for each in subject.roles}
    made = [each for each in calls(activity.get("Events") or []) if each.role_arn in ours]
    mine = [each for each in made if _is_due(each)]
    used = next((each for each in mine if each.error is None and _is_use(each)), None)
    denied = [each for each in mine if each.denied]
    since = [each for each in denied if used is None or each.at > used.at]
    if since and subject.now - since[0].at <= JUST_NOW:
        yield _refused(since)
        return
    if used is not None:
        yield passed(f"Pinecone last used the key: {used.told}")
    else:
        yield _never(role, more=bool(activity.get("NextToken")))
    others = [each for each in made if each.denied and not _is_due(each)]
    if denied or others:
        yield _past(denied, others)


def _is_due(call: Call) -> bool:
    """Tell whether a key user may make a call."""
    return any(covers(pattern, call.action) for pattern in (*USE_ACTIONS, *GRANT_ACTIONS))


def _is_use(call: Call) -> bool:
    """Tell whether a call does something with the key, rather than ask what it is or give its use to others."""
    return any(covers(pattern, call.action) for pattern in USE_ACTIONS if pattern != _LOOKING)


def _refused(since: Sequence[Call]) -> Verdict:
    last = since[0]
    said = f": {last.message}" if last.message else ""
    times = "time" if len(since) == 1 else f"{len(since)} times"
    return failed(
        f"Pinecone was refused the last {times} that it asked: {last.told} ({last.error}{said})",
        fix="see the other checks first. If all are right, a policy of the organization or of a VPC endpoint denies "
        f"it. If it was fixed since, Pinecone's next use shows it, within {aws.LOOKUP_EVENTS_DELAY_MINUTES} minutes",
    )


def _never(role: Document | None, *, more: bool) -> Verdict:
    last = ((role or {}).get("RoleLastUsed") or {}).get("LastUsedDate")
    where = f"the newest {aws.LOOKUP_EVENTS_PAGE} calls about the key" if more else _KEPT
    if isinstance(last, datetime):
        return noted(
            f"no use of the key by Pinecone in {where}; IAM says that the role was last used on {last:%Y-%m-%d}",
            fix="the integration has worked before; if Pinecone should be using the key now, look at the project there",
        )
    return noted(
        f"no use of the key by Pinecone in {where}, and none of the role that IAM knows: the integration has not "
        "worked yet",
        fix=f"{_ADD_THE_KEY}; a use shows here within {aws.LOOKUP_EVENTS_DELAY_MINUTES} minutes",
    )


def _past(denied: Sequence[Call], others: Sequence[Call]) -> Verdict:
    told = [f"{each.told} ({each.error})" for each in (*denied, *others)]
    due = "the use worked again since; other calls are to be refused" if denied else "as it should be"
    return noted(
        f"Pinecone's sessions were refused: {first(told, _SHOWN)}",
        wanted="no refusal",
        what="Refusals of Pinecone's sessions",
        fix=f"{due}; CloudTrail has the whole of each",
    )


@CHECKS.add(
    id="key-last-usage",
    title="Last use of the key, reported by KMS",
    wanted="a use of the key",
    meaning="The key is not used, so nothing is encrypted with it.",
)
def _last_usage(subject: Subject, last_usage: Document | NotAsked) -> Verdict:
    """KMS reports the last successful use, by anybody. CloudTrail reports the caller, if it has the event by now."""
    if isinstance(last_usage, NotAsked):
        return noted(f"KMS was not asked: {last_usage.reason}", fix="see key-activity")
    usage = LastUsage.of(last_usage)
    ago = usage.ago(subject.now)
    if usage.at is None or ago is None:
        return noted(str(usage), fix=_ADD_THE_KEY)
    what = f"{ago} ago ({usage.operation} at {usage.at:%Y-%m-%d %H:%M} UTC, CloudTrail event ID {usage.event_id})"
    caller = _caller(subject.live.activity, usage.event_id)
    if caller is None:
        return passed(f"the key was last used {what}; KMS does not record by whom", what=_LAST_USE)
    if caller.role_arn in {each.arn for each in subject.roles}:
        return passed(f"Pinecone last used this key {what}", what=_LAST_USE)
    return noted(
        f"the key was last used {what} by {caller.who.rsplit(':', 1)[-1]}, which is no session of Pinecone's role",
        fix=f"see key-activity for the last use by Pinecone; who may use the key: {subject.run('access')}",
        what=_LAST_USE,
    )


_LAST_USE: Final = "Last use of the key"


def _caller(activity: Any, event_id: str | None) -> Call | None:
    """Return the call of an event, if it is among those that were read."""
    if not isinstance(activity, dict):
        return None
    found = [each for each in activity.get("Events") or [] if event_id and _id_of(each) == event_id]
    return next(calls(found), None)


def _id_of(event: dict[str, Any]) -> str | None:
    if event.get("EventId"):
        return str(event["EventId"])
    try:
        return str(json.loads(event["CloudTrailEvent"])["eventID"])
    except (KeyError, TypeError, ValueError):
        return None
