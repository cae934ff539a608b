"""The stacks of the rules, the topic, the alarms and the dashboard."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from pinekeep.constructs import DeadLetterQueue, EventForwarding, EventNotifications, NotificationTopic, SlackChannel
from pinekeep.model import naming
from pinekeep.model.config.derived import written_path
from pinekeep.model.config.models import Deployment
from pinekeep.model.config.monitoring import SlackChannel as SlackSettings
from pinekeep.model.naming import Output

from .watched import watched_of


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
        self._output(Output.MONITORING_TOPIC_ARN, self._topic.topic_arn, "The topic that is notified")
        if self._topic.key_arn is not None:
            self._output(Output.MONITORING_KEY_ARN, self._topic.key_arn, "The key that encrypts the topic")

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

    def _output(self, output: Output, value: str, description: str) -> None:
        CfnOutput(self, output.value, value=value, description=description)


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
            watched=watched_of(name, deployment, key_roles=key_roles, elsewhere=True),
            permissions_boundary=deployment.permissions_boundary,
            iam_path=written_path(deployment),
        )
