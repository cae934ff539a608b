"""The kinds of alarms: their names, what each means for Pinecone, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pinekeep.model.facts import aws
from pinekeep.model.facts.source import Source


class AlarmKind(StrEnum):
    """What an alarm is about. The value is the end of its name."""

    PENDING_DELETION_USE = "pending-deletion-use"
    DISABLED_USE = "disabled-use"
    ROLE_DENIED = "role-denied"
    ENDPOINT_QUIET = "endpoint-quiet"
    AUDIT_QUIET = "audit-quiet"
    DEAD_LETTERS = "dead-letters"
    NOTIFICATIONS_FAILED = "notifications-failed"
    RULE_FAILED = "rule-failed"


@dataclass(frozen=True, kw_only=True)
class AlarmInfo:
    """One kind of alarm, in words.

    Attributes:
        title: what happened, in a few words.
        means: what it means for Pinecone, in sentences.
        todo: what to do, in sentences.
        measures: the metric, in words.
        needs: the settings without which there is no such alarm, in words.
        source: where the metric is documented.
    """

    kind: AlarmKind
    title: str
    means: str
    todo: str
    measures: str
    needs: str
    source: Source

    @property
    def description(self) -> str:
        """The description of the alarm, which CloudWatch puts into each notification."""
        return f"{self.title}. {self.means} What to do: {self.todo}"


_FILTER: Final = "`denied_use: metric-filter`, `trail_log_group`"

ALARMS: Final = (
    AlarmInfo(
        kind=AlarmKind.PENDING_DELETION_USE,
        title="The KMS key was used while its deletion is scheduled",
        means="Somebody, most likely Pinecone, still needs the key. When it is deleted, all data encrypted with it is "
        "lost.",
        todo="Cancel the deletion with `pinekeep restore --cancel-deletion`, unless the project in Pinecone is "
        "deleted. CloudTrail has the call: look for the key's ARN.",
        measures="calls that KMS refused because the key is pending deletion",
        needs=f"`cmek` with a key of this account, {_FILTER}",
        source=aws.KMS_PENDING_DELETION_ALARM_PAGE,
    ),
    AlarmInfo(
        kind=AlarmKind.DISABLED_USE,
        title="The KMS key was used while it is disabled",
        means="Somebody, most likely Pinecone, needs the key and was refused: Pinecone cannot read or write the "
        "project's data.",
        todo="If nobody disabled it on purpose, enable it with `pinekeep restore`, and find out in CloudTrail who "
        "called DisableKey.",
        measures="calls that KMS refused because the key is disabled",
        needs=f"`cmek` with a key of this account, {_FILTER}",
        source=aws.KMS_KEY_STATE_PAGE,
    ),
    AlarmInfo(
        kind=AlarmKind.ROLE_DENIED,
        title="AWS denied a call of the role that Pinecone assumes",
        means="Pinecone may not be able to use the key, or its sessions call what the role is not for.",
        todo="Run `pinekeep verify`, which names a difference in the key policy, the role or the grants. CloudTrail "
        "has the call: look for the role's ARN and an errorCode.",
        measures="calls of the role's sessions with an error code of a denial",
        needs=f"`cmek`, {_FILTER}",
        source=aws.METRIC_FILTER_PAGE,
    ),
    AlarmInfo(
        kind=AlarmKind.ENDPOINT_QUIET,
        title="No data went through the endpoint to Pinecone any more",
        means="There was traffic before. Clients may have lost the private way to their indexes, or nobody uses them.",
        todo="Run `pinekeep private-link check` from a client, then `pinekeep verify`. If the pause is usual, set "
        "endpoint_quiet_minutes to a longer time.",
        measures="`BytesProcessed` of the endpoint, of all its Availability Zones together",
        needs="`private_link` in the Region of Pinecone's endpoint service, `alarms.endpoint_quiet_minutes`",
        source=aws.PRIVATELINK_METRICS_PAGE,
    ),
    AlarmInfo(
        kind=AlarmKind.AUDIT_QUIET,
        title="No audit log file came from Pinecone any more",
        means="There were files before. Events of the organization may be lost: what is not written while the "
        "integration is off is not documented to be written later.",
        todo="Run `pinekeep verify`, which looks at the role, the bucket and the newest file, and look at Settings > "
        "Audit logs in the Pinecone console.",
        measures="objects created below the prefix, as S3 reports them to EventBridge",
        needs="`audit_logs`, `alarms.audit_quiet_minutes`",
        source=aws.S3_EVENTBRIDGE_PAGE,
    ),
    AlarmInfo(
        kind=AlarmKind.DEAD_LETTERS,
        title="A notification could not be delivered, and waits in the dead-letter queue",
        means="Somebody was not notified of a change of what Pinecone depends on.",
        todo="Read the messages of the queue, then run `pinekeep monitoring test`, which names the broken path.",
        measures="`ApproximateNumberOfMessagesVisible` of the dead-letter queue",
        needs="none",
        source=aws.SQS_METRICS_PAGE,
    ),
    AlarmInfo(
        kind=AlarmKind.NOTIFICATIONS_FAILED,
        title="The topic could not deliver a notification to a subscriber",
        means="A subscriber was not notified of a change of what Pinecone depends on; others may have been.",
        todo="Run `pinekeep monitoring test` and `pinekeep verify`, which lists the subscriptions.",
        measures="`NumberOfNotificationsFailed` of the topic",
        needs="none",
        source=aws.SNS_METRICS_PAGE,
    ),
    AlarmInfo(
        kind=AlarmKind.RULE_FAILED,
        title="An EventBridge rule could not deliver an event",
        means="Nobody was notified of a change of what Pinecone depends on.",
        todo="Run `pinekeep verify`, which compares the topic's policy and the key's policy, and `pinekeep monitoring "
        "test`.",
        measures="`FailedInvocations` of the rules, added up",
        needs="none",
        source=aws.EVENTBRIDGE_METRICS_PAGE,
    ),
)
"""Every kind of alarm, in the order of the dashboard and of the documentation."""

OF_KIND: Final = {each.kind: each for each in ALARMS}

RECORDS: Final = "records"
"""The end of the name of the alarm below a quiet one that sees data points at present."""
SEEN: Final = "seen"
"""The end of the name of the alarm below a quiet one that remembers whether there ever were data points."""


def alarm_name(prefix: str, kind: AlarmKind, number: int = 1) -> str:
    """Return the name of an alarm. ``prefix``: :func:`pinekeep.model.naming.event_rules`; ``number``: of its kind."""
    return f"{prefix}{kind}" if number == 1 else f"{prefix}{kind}-{number}"


def rule_alarms(prefix: str, rules: Sequence[str]) -> dict[str, list[str]]:
    """Return the alarms about rules by name, each with its rules: as many as one alarm can add up.

    Source: facts.aws.ALARM_METRICS_MAX.
    """
    most = aws.ALARM_METRICS_MAX
    groups = [list(rules[at : at + most]) for at in range(0, len(rules), most)]
    return {alarm_name(prefix, AlarmKind.RULE_FAILED, number): group for number, group in enumerate(groups, start=1)}


def part_name(prefix: str, kind: AlarmKind, part: str) -> str:
    """Return the name of one of the two alarms below a quiet one: :data:`RECORDS` or :data:`SEEN`."""
    return f"{alarm_name(prefix, kind)}-{part}"


def audit_rule_name(prefix: str) -> str:
    """Return the name of the rule that counts new audit log files."""
    return f"{prefix}audit-files"
