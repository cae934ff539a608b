"""The CloudWatch alarms about what Pinecone depends on."""

from collections.abc import Sequence
from typing import Any, Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_logs as logs
from constructs import Construct

from pinekeep.constructs.acknowledgments import acknowledge
from pinekeep.constructs.props import Props
from pinekeep.constructs.topics import topic_name
from pinekeep.model.alarms.filters import denied_patterns, disabled_pattern, pending_deletion_pattern
from pinekeep.model.alarms.kinds import (
    OF_KIND,
    RECORDS,
    SEEN,
    AlarmKind,
    alarm_name,
    audit_rule_name,
    part_name,
    rule_alarms,
)
from pinekeep.model.alarms.metrics import (
    EndpointMetrics,
    FilterMetric,
    Metric,
    filter_metric,
    queue_depth,
    rule_metric,
    topic_metric,
)
from pinekeep.model.alarms.objects import object_created_pattern
from pinekeep.model.alarms.quiet import QUIET_MINUTES_MAX, QUIET_MINUTES_MIN, quiet_window

_PERIOD: Final = 300
_PARTS: Final = "Parts"
"""The construct with the alarms below composite ones."""


class Alarms(Construct):
    """The alarms about the key's use, denials, the endpoint's traffic, new audit log files and deliveries.

    Each alarm has a description that says what it means for Pinecone and what to do. All of them notify the same
    topics, whose policies, and their key's policy, must let CloudWatch publish.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        prefix: what the names of the alarms begin with, such as ``pinekeep.search.``.
        topic_arns: the SNS topics that are notified.
        metric_namespace: the namespace of the metrics that metric filters make; no other deployment's.
        trail_log_group: the log group that a CloudTrail trail writes to, for the alarms about refused calls.
        key_arn: the key that Pinecone uses, if it is in this account.
        role_arns: the roles that Pinecone assumes.
        endpoint: the interface endpoint. None as well where its service is in another Region: it has no metrics then.
        endpoint_quiet_minutes: the pause after which the alarm about the endpoint is raised.
        audit_bucket: the bucket of the audit logs, which must send its events to EventBridge.
        audit_prefix: the prefix of the audit logs.
        audit_quiet_minutes: the pause after which the alarm about them is raised.
        dead_letter_queues: the names of the dead-letter queues.
        rules: the names of the EventBridge rules.

    Attributes:
        alarms: the alarms that notify, in order; the two below each alarm about a pause are not among them.
        audit_rule: the name of the rule that sees new audit log files; None without such an alarm.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        topic_arns: Sequence[str],
        metric_namespace: str,
        trail_log_group: str | None = None,
        key_arn: str | None = None,
        role_arns: Sequence[str] = (),
        endpoint: EndpointMetrics | None = None,
        endpoint_quiet_minutes: int | None = 60,
        audit_bucket: str | None = None,
        audit_prefix: str | None = None,
        audit_quiet_minutes: int | None = 60,
        dead_letter_queues: Sequence[str] = (),
        rules: Sequence[str] = (),
    ) -> None:
        props = Props(scope, construct_id)
        props.require_given(prefix=prefix, topic_arns=topic_arns, metric_namespace=metric_namespace)
        pauses = {"endpoint_quiet_minutes": endpoint_quiet_minutes, "audit_quiet_minutes": audit_quiet_minutes}
        for prop, minutes in pauses.items():
            _require_pause(props, prop, minutes)
        if trail_log_group is not None and key_arn is None and not role_arns:
            props.refuse("trail_log_group: there is no key and no role to look for", "give key_arn or role_arns")
        super().__init__(scope, construct_id)
        self._prefix = prefix
        self._topic_arns = list(topic_arns)
        self.alarms: list[cloudwatch.CfnAlarm | cloudwatch.CfnCompositeAlarm] = []
        self.audit_rule: str | None = None
        self._parts: Construct | None = None
        if trail_log_group is not None:
            self._add_refusals(trail_log_group, metric_namespace, key_arn, role_arns)
        if endpoint is not None and endpoint_quiet_minutes is not None:
            metric = endpoint.metric("BytesProcessed")
            self._add_quiet(AlarmKind.ENDPOINT_QUIET, "EndpointQuiet", metric, endpoint_quiet_minutes)
        if audit_bucket is not None and audit_quiet_minutes is not None:
            self._add_audit(audit_bucket, audit_prefix, audit_quiet_minutes)
        for index, queue in enumerate(dead_letter_queues):
            metric = queue_depth(queue)
            self._add_counted(AlarmKind.DEAD_LETTERS, "DeadLetters", metric, statistic="Maximum", number=index + 1)
        for index, topic_arn in enumerate(topic_arns):
            metric = topic_metric("NumberOfNotificationsFailed", topic_name(self, topic_arn))
            self._add_counted(AlarmKind.NOTIFICATIONS_FAILED, "NotificationsFailed", metric, number=index + 1)
        for number, (name, group) in enumerate(rule_alarms(prefix, rules).items(), start=1):
            self._add_rules(name, f"RuleFailed{'' if number == 1 else number}", group)
        acknowledge(self)

    @property
    def alarm_arns(self) -> list[str]:
        """The ARNs of the alarms that notify, as references."""
        return [each.attr_arn for each in self.alarms]

    # --- Refused calls ---

    def _add_refusals(self, log_group: str, namespace: str, key_arn: str | None, role_arns: Sequence[str]) -> None:
        patterns: dict[FilterMetric, list[str]] = {}
        if key_arn is not None:
            patterns[FilterMetric.PENDING_DELETION_USE] = [pending_deletion_pattern(key_arn)]
            patterns[FilterMetric.DISABLED_USE] = [disabled_pattern(key_arn)]
        patterns[FilterMetric.ROLE_DENIED] = list(denied_patterns(role_arns))
        for name, made in patterns.items():
            for number, pattern in enumerate(made, start=1):
                logs.CfnMetricFilter(
                    self,
                    f"{name}Filter{'' if number == 1 else number}",
                    log_group_name=log_group,
                    filter_pattern=pattern,
                    metric_transformations=[
                        logs.CfnMetricFilter.MetricTransformationProperty(
                            metric_namespace=namespace,
                            metric_name=name,
                            metric_value="1",
                            default_value=0,
                            unit="Count",
                        )
                    ],
                )
            if made:
                self._add_counted(_KIND_OF[name], name, filter_metric(namespace, name))

    # --- New files ---

    def _add_audit(self, bucket: str, prefix: str | None, minutes: int) -> None:
        """Add a rule without a target: it counts new files. The request metrics of S3 would be charged."""
        self.audit_rule = audit_rule_name(self._prefix)
        events.CfnRule(
            self,
            "AuditFiles",
            name=self.audit_rule,
            description="Counts new audit log files, for an alarm and the dashboard",
            event_pattern=object_created_pattern(bucket, prefix),
            state="ENABLED",
            targets=[],
        )
        metric = rule_metric("TriggeredRules", self.audit_rule)
        self._add_quiet(AlarmKind.AUDIT_QUIET, "AuditQuiet", metric, minutes)

    # --- Alarms ---

    def _add_counted(
        self, kind: AlarmKind, construct_id: str, metric: Metric, *, statistic: str = "Sum", number: int = 1
    ) -> None:
        """Add an alarm about a counter."""
        self.alarms.append(
            cloudwatch.CfnAlarm(
                self,
                construct_id if number == 1 else f"{construct_id}{number}",
                alarm_name=alarm_name(self._prefix, kind, number),
                alarm_description=OF_KIND[kind].description,
                alarm_actions=self._topic_arns,
                period=_PERIOD,
                statistic=statistic,
                **_ANY,
                **_named(metric),
            )
        )

    def _add_rules(self, name: str, construct_id: str, rules: Sequence[str]) -> None:
        """Add an alarm that is raised where any of some rules could not deliver."""
        queries = [
            cloudwatch.CfnAlarm.MetricDataQueryProperty(
                id=f"m{number}",
                metric_stat=cloudwatch.CfnAlarm.MetricStatProperty(
                    metric=cloudwatch.CfnAlarm.MetricProperty(**_named(rule_metric("FailedInvocations", rule))),
                    period=_PERIOD,
                    stat="Sum",
                ),
                return_data=False,
            )
            for number, rule in enumerate(rules, start=1)
        ]
        total = cloudwatch.CfnAlarm.MetricDataQueryProperty(
            id="total", expression="SUM(METRICS())", label="FailedInvocations", return_data=True
        )
        self.alarms.append(
            cloudwatch.CfnAlarm(
                self,
                construct_id,
                alarm_name=name,
                alarm_description=OF_KIND[AlarmKind.RULE_FAILED].description,
                alarm_actions=self._topic_arns,
                metrics=[*queries, total],
                **_ANY,
            )
        )

    def _add_quiet(self, kind: AlarmKind, construct_id: str, metric: Metric, minutes: int) -> None:
        """Add the three alarms of :mod:`pinekeep.model.alarms.quiet`."""
        window = quiet_window(minutes)
        if self._parts is None:
            self._parts = Construct(self, _PARTS)
        parts = self._parts
        records = cloudwatch.CfnAlarm(
            parts,
            f"{construct_id}Records",
            alarm_name=part_name(self._prefix, kind, RECORDS),
            alarm_description=f"No data for {window.minutes} minutes. A part of {alarm_name(self._prefix, kind)}, "
            "which notifies; this one is also in ALARM where there never was any.",
            comparison_operator="LessThanOrEqualToThreshold",
            threshold=0,
            evaluation_periods=window.periods,
            period=window.period,
            statistic="Sum",
            treat_missing_data="breaching",
            **_named(metric),
        )
        seen = cloudwatch.CfnAlarm(
            parts,
            f"{construct_id}Seen",
            alarm_name=part_name(self._prefix, kind, SEEN),
            alarm_description="OK since the first data, INSUFFICIENT_DATA before. A part of "
            f"{alarm_name(self._prefix, kind)}, which notifies; this one is never in ALARM.",
            comparison_operator="LessThanThreshold",
            threshold=0,
            evaluation_periods=1,
            period=_PERIOD,
            statistic="Sum",
            treat_missing_data="ignore",
            **_named(metric),
        )
        quiet = cloudwatch.CfnCompositeAlarm(
            self,
            construct_id,
            alarm_name=alarm_name(self._prefix, kind),
            alarm_description=OF_KIND[kind].description,
            alarm_actions=self._topic_arns,
            alarm_rule=f'ALARM("{records.alarm_name}") AND OK("{seen.alarm_name}")',
        )
        for part in (records, seen):
            quiet.add_resource_dependency(part)
        self.alarms.append(quiet)


_ANY: Final[dict[str, Any]] = {
    "comparison_operator": "GreaterThanOrEqualToThreshold",
    "threshold": 1,
    "evaluation_periods": 1,
    "treat_missing_data": "notBreaching",
}
"""What an alarm about a counter has, which may have no data points while all is well: one is enough to raise it."""

_KIND_OF: Final = {
    FilterMetric.PENDING_DELETION_USE: AlarmKind.PENDING_DELETION_USE,
    FilterMetric.DISABLED_USE: AlarmKind.DISABLED_USE,
    FilterMetric.ROLE_DENIED: AlarmKind.ROLE_DENIED,
}


def _require_pause(props: Props, prop: str, minutes: int | None) -> None:
    if minutes is None:
        return
    try:
        quiet_window(minutes)
    except ValueError as error:
        hint = f"give a number from {QUIET_MINUTES_MIN} to {QUIET_MINUTES_MAX}, or None for no alarm"
        props.refuse(f"{prop}: {error}", hint)
    except TypeError:
        props.refuse(f"{prop}: expected a whole number, got {minutes}", "write the number without quotes")


def _named(metric: Metric) -> dict[str, Any]:
    dimensions = [
        cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value) for name, value in metric.dimensions.items()
    ]
    return {"namespace": metric.namespace, "metric_name": metric.name, "dimensions": dimensions or None}
