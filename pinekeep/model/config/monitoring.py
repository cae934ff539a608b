"""The models of ``monitoring``. Field descriptions become the reference table and the JSON Schema."""

from typing import Annotated, Literal

from pydantic import Field

from pinekeep.model.config.base import Model
from pinekeep.model.facts import aws
from pinekeep.model.values.keys import KeyArnText
from pinekeep.model.values.notifications import (
    AuditQuietMinutes,
    EndpointQuietMinutes,
    FenceAdministrators,
    NotifiedEmails,
    NotifiedUrls,
    SlackChannelId,
    SlackWorkspaceId,
    TopicArn,
    TrailLogGroup,
    WaitingDays,
)


class SlackChannel(Model):
    """A Slack channel, through Amazon Q Developer in chat applications (formerly AWS Chatbot)."""

    workspace_id: SlackWorkspaceId
    """The ID of the Slack workspace, authorized once in the console of Amazon Q Developer in chat applications."""
    channel_id: SlackChannelId
    """The ID of the channel."""


class Alarms(Model):
    """CloudWatch alarms."""

    endpoint_quiet_minutes: EndpointQuietMinutes | None = 60
    """After how many minutes without a byte through the endpoint, where there were some before, an alarm is raised.
    `null`: no alarm."""
    audit_quiet_minutes: AuditQuietMinutes | None = 60
    """After how many minutes without a new audit log file an alarm is raised: more than the half hour after which
    Pinecone writes one. `null`: no alarm."""


class Fence(Model):
    """The service control policy and the CloudFormation Guard Hook that protect key, role and alias."""

    administrators: FenceAdministrators = []
    """ARNs of the principals that may still delete or disable the key and change the role. `*` and
    `?` match any characters, in the name alone."""
    minimum_waiting_days: WaitingDays = 30
    """The shortest waiting period of a key deletion, in days."""


class Monitoring(Model):
    """Notifications about key, role, endpoint and audit bucket; alarms; a dashboard."""

    topic: TopicArn | None = None
    """The ARN of an existing standard SNS topic of the same account and Region. Default: a new one, encrypted with a
    key of its own."""
    kms_key: KeyArnText | None = None
    """The ARN of the KMS key that encrypts the new topic. Default: a new key. The key that Pinecone uses is refused:
    its alarm could not be sent while it is disabled."""
    emails: Annotated[NotifiedEmails, Field(max_length=aws.NOTIFIED_MAX)] = []
    """E-mail addresses that are notified. Each must confirm its subscription."""
    https: Annotated[NotifiedUrls, Field(max_length=aws.NOTIFIED_MAX)] = []
    """HTTPS addresses that are notified. Each must confirm its subscription."""
    slack: SlackChannel | None = None
    """A Slack channel that is notified."""
    denied_use: Literal["metric-filter", "all-management-events", "none"] = "none"
    """How denied use of the key is seen: a metric filter on the log group of a trail (`trail_log_group`), or an
    EventBridge rule that receives all management events, read-only ones included."""
    trail_log_group: TrailLogGroup | None = None
    """The CloudWatch log group, in the deployment's account and Region, that a CloudTrail trail writes to. Required for
    `denied_use: metric-filter`."""
    alarms: Alarms = Field(default_factory=Alarms.model_construct)
    """CloudWatch alarms. Those of a part that the deployment lacks are left out."""
    dashboard: bool = True
    """Whether there is a CloudWatch dashboard."""
    fence: Fence | None = None
    """What `pinekeep monitoring fence` writes."""
