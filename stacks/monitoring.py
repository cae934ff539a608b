"""The stacks of the rules, the topic, the alarms and the dashboard."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Stack
from constructs import Construct

from pinekeep.constructs import (
    Alarms,
    Dashboard,
    DeadLetterQueue,
    EventForwarding,
    EventNotifications,
    NotificationTopic,
    SlackChannel,
)
from pinekeep.model import naming
from pinekeep.model.alarms.dashboard import DashboardParts
from pinekeep.model.config.derived import numbered_role_arn, written_path
from pinekeep.model.config.models import Deployment
from pinekeep.model.config.monitoring import Monitoring
from pinekeep.model.config.monitoring import SlackChannel as SlackSettings
from pinekeep.model.config.storage import AdoptedBucket
from pinekeep.model.config.watched import endpoint_metrics, has_elsewhere_service, watched_of
from pinekeep.model.monitoring.rules import forwardings, rule_name
from pinekeep.model.naming import Output
from pinekeep.model.values.notifications import log_group_parts

from .outputs import add_output
from .references import References


class MonitoringStack(Stack):
    """The rules, the topic, the alarms and the dashboard of a deployment with ``monitoring``, in its Region.

    ``key_roles``: the number of its roles for keys. ``stack``: the props of every stack.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        deployment: Deployment,
        key_roles: int = 1,
        **stack: Any,
    ) -> None:
        monitoring = deployment.monitoring
        if monitoring is None:
            raise ValueError(f"deployment {name} has no monitoring")
        # Without indentation, most templates are small enough for a request to CloudFormation.
        compact: dict[str, Any] = {"suppress_template_indentation": True, **stack}
        super().__init__(scope, construct_id, description=f"Watches what Pinecone depends on ({name})", **compact)
        self._name, self._deployment = name, deployment
        self._queue = DeadLetterQueue(self, "DeadLetters")
        self._topic = NotificationTopic(
            self,
            "Topic",
            existing_topic_arn=monitoring.topic,
            kms_key_arn=monitoring.kms_key,
            emails=monitoring.emails,
            https=monitoring.https,
            dead_letter_queue_arn=self._queue.queue_arn,
        )
        slack = self._slack(monitoring.slack)
        topics = [self._topic, *([slack.topic] if slack else [])]
        keys = [each.key_arn for each in topics if each.key_arn is not None]
        self._watched = watched_of(
            name,
            deployment,
            outputs=References(),
            key_roles=key_roles,
            topic_arns=[each.topic_arn for each in topics],
            topic_key_arn=keys[0] if keys else None,
        )
        self._events = EventNotifications(
            self,
            "Events",
            watched=self._watched,
            topic_arn=self._topic.topic_arn,
            slack_topic_arn=slack.topic.topic_arn if slack else None,
            dead_letter_queue_arn=self._queue.queue_arn,
        )
        alarms = self._alarms(monitoring, topics, key_roles)
        if monitoring.dashboard:
            self._dashboard(monitoring, alarms)
        add_output(self, Output.MONITORING_TOPIC_ARN, self._topic.topic_arn, "The topic that is notified")
        if slack is not None:
            add_output(self, Output.SLACK_TOPIC_ARN, slack.topic.topic_arn, "The topic of the Slack channel")
        if self._topic.key_arn is not None:
            add_output(self, Output.MONITORING_KEY_ARN, self._topic.key_arn, "The key that encrypts the topic")

    def _slack(self, settings: SlackSettings | None) -> SlackChannel | None:
        if settings is None:
            return None
        deployment = self._deployment
        return SlackChannel(
            self,
            "Slack",
            name=naming.slack_configuration(deployment=self._name, region=deployment.region),
            workspace_id=settings.workspace_id,
            channel_id=settings.channel_id,
            kms_key_arn=self._topic.key_arn,
            permissions_boundary=deployment.permissions_boundary,
            iam_path=written_path(deployment),
        )

    def _alarms(self, monitoring: Monitoring, topics: Sequence[NotificationTopic], key_roles: int) -> Alarms:
        name, deployment, key = self._name, self._deployment, self._watched.key
        filtered = monitoring.denied_use == "metric-filter" and deployment.cmek is not None
        audit = deployment.audit_logs
        bucket = None
        if audit is not None:
            bucket = audit.bucket.adopt if isinstance(audit.bucket, AdoptedBucket) else audit.bucket.name
        return Alarms(
            self,
            "Alarms",
            prefix=naming.event_rules(name),
            topic_arns=[each.topic_arn for each in topics],
            metric_namespace=naming.metric_namespace(name),
            trail_log_group=log_group_parts(str(monitoring.trail_log_group))[2] if filtered else None,
            key_arn=key.arn if key is not None else None,
            role_arns=[numbered_role_arn(name, deployment, number) for number in range(1, key_roles + 1)],
            endpoint=None if has_elsewhere_service(deployment) else endpoint_metrics(name, deployment, References()),
            endpoint_quiet_minutes=monitoring.alarms.endpoint_quiet_minutes,
            audit_bucket=bucket,
            audit_prefix=audit.prefix if audit is not None else None,
            audit_quiet_minutes=monitoring.alarms.audit_quiet_minutes,
            dead_letter_queues=[self._queue.queue_name],
            rules=list(self._events.rules),
        )

    def _dashboard(self, monitoring: Monitoring, alarms: Alarms) -> None:
        name, deployment, key = self._name, self._deployment, self._watched.key
        filtered = monitoring.denied_use == "metric-filter" and deployment.cmek is not None
        parts = DashboardParts(
            name=name,
            region=deployment.region,
            topic=self._topic.topic_name,
            alarm_arns=alarms.alarm_arns,
            key_arn=key.arn if key is not None else None,
            filters=naming.metric_namespace(name) if filtered else None,
            endpoint=endpoint_metrics(name, deployment, References()),
            elsewhere=has_elsewhere_service(deployment),
            audit_rule=alarms.audit_rule,
            dead_letters=[self._queue.queue_name],
            rules=list(self._events.rules),
            global_rules=[rule_name(name, each.id) for each in forwardings(self._watched)],
        )
        made = Dashboard(self, "Dashboard", dashboard_name=naming.dashboard(name), parts=parts)
        add_output(self, Output.DASHBOARD_NAME, made.dashboard_name, "The CloudWatch dashboard")


class GlobalMonitoringStack(Stack):
    """The rules in us-east-1 that forward the events of global services to the deployment's Region.

    ``key_roles``: the number of its roles for keys. ``stack``: the props of every stack.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        deployment: Deployment,
        key_roles: int = 1,
        **stack: Any,
    ) -> None:
        if deployment.monitoring is None:
            raise ValueError(f"deployment {name} has no monitoring")
        super().__init__(scope, construct_id, description=f"Forwards events of global services ({name})", **stack)
        EventForwarding(
            self,
            "Forwarding",
            watched=watched_of(name, deployment, outputs=References(deployment.region), key_roles=key_roles),
            permissions_boundary=deployment.permissions_boundary,
            iam_path=written_path(deployment),
        )
