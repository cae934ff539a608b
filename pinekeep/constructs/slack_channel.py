"""A Slack channel that is notified."""

from aws_cdk import Stack
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_iam as iam
from constructs import Construct

from pinekeep.constructs.notification_topic import NotificationTopic
from pinekeep.constructs.props import Props
from pinekeep.model.facts import aws
from pinekeep.model.policies.notifications import slack_trust
from pinekeep.model.values.roles import IamPath, PolicyArn


class SlackChannel(Construct):
    """A Slack channel of Amazon Q Developer in chat applications, with a topic of its own.

    The service shows CloudWatch alarms and notifications in a form of its own, and drops all other messages, so the
    topic of e-mails cannot be used. Nobody can run a command from the channel.

    Args:
        scope: the construct to add this one to.
        construct_id: its ID there.
        name: the name of the configuration; unique in the account.
        workspace_id: the ID of the Slack workspace, authorized once in the console.
        channel_id: the ID of the channel.
        kms_key_arn: see :class:`~pinekeep.constructs.NotificationTopic`.
        permissions_boundary: the ARN of a policy beyond which the channel's role may do nothing.
        iam_path: the path of that role, with a slash at both ends. None is IAM's default, ``/``.

    Attributes:
        topic: its topic.

    Raises:
        WrongInputError: a prop is not valid.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        workspace_id: str,
        channel_id: str,
        kms_key_arn: str | None = None,
        permissions_boundary: str | None = None,
        iam_path: str | None = None,
    ) -> None:
        props = Props(scope, construct_id)
        props.require_given(name=name, workspace_id=workspace_id, channel_id=channel_id)
        props.require(permissions_boundary=(PolicyArn, permissions_boundary), iam_path=(IamPath, iam_path))
        why = f"an account has one configuration named {name}"
        props.claim("name", name, why=why, hint="give this one another name")
        super().__init__(scope, construct_id)
        self.topic = NotificationTopic(self, "Topic", kms_key_arn=kms_key_arn)
        role = iam.CfnRole(
            self,
            "Role",
            description="The Slack channel of Pinekeep's notifications; it may do nothing",
            assume_role_policy_document=slack_trust(account=Stack.of(self).account),
            permissions_boundary=permissions_boundary,
            path=iam_path,
        )
        chatbot.CfnSlackChannelConfiguration(
            self,
            "Resource",
            configuration_name=name,
            slack_workspace_id=workspace_id,
            slack_channel_id=channel_id,
            iam_role_arn=role.attr_arn,
            # Without guardrails, the service uses AdministratorAccess.
            guardrail_policies=[f"arn:{aws.PARTITION}:iam::aws:policy/AWSDenyAll"],
            sns_topic_arns=[self.topic.topic_arn],
            logging_level="ERROR",
            user_role_required=False,
        )
