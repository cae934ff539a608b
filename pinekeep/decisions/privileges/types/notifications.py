"""The topics, their subscriptions, the queues of what was not delivered, and the Slack channel.

CloudFormation may not publish, and neither send nor receive a message.

Sources: "Actions, resources, and condition keys for Amazon SNS", "... for Amazon SQS", "... for AWS Chatbot"
(docs.aws.amazon.com).
"""

from typing import Final

from pinekeep.decisions.privileges.grant import EVERYTHING, ResourceKind, grant, left_out
from pinekeep.decisions.privileges.monitoring_scope import (
    given_topics,
    queues,
    slack_channels,
    slack_roles,
    topics,
)

SLACK_SERVICE: Final = "chatbot.amazonaws.com"
SLACK_LINKED_SERVICE: Final = "management.chatbot.amazonaws.com"
_LISTING: Final = "only for listing resources to import, never for a deployment"
_TOPICS: Final = "the deployments' topics"
_NO_ROLE: Final = "no subscription and no delivery status of the templates has a role"

TOPIC: Final = ResourceKind(
    name="AWS::SNS::Topic",
    grants=(
        grant(
            "ManageTopics",
            "sns:CreateTopic",
            "sns:DeleteTopic",
            "sns:GetDataProtectionPolicy",
            "sns:GetTopicAttributes",
            "sns:ListSubscriptionsByTopic",
            "sns:ListTagsForResource",
            "sns:SetTopicAttributes",
            "sns:TagResource",
            "sns:UntagResource",
            on=_TOPICS,
            resources=topics,
        ),
        grant(
            "Subscribe",
            "sns:Subscribe",
            "sns:Unsubscribe",
            on="the topics that are notified",
            resources=lambda scope: [*topics(scope), *given_topics(scope)],
        ),
    ),
    left_out={
        **left_out(_NO_ROLE, "iam:GetRole", "iam:PassRole"),
        **left_out("no topic of the templates has a data protection policy", "sns:PutDataProtectionPolicy"),
        **left_out(_LISTING, "sns:ListTopics"),
    },
)

TOPIC_POLICY: Final = ResourceKind(
    name="AWS::SNS::TopicPolicy",
    grants=(grant("ManageTopics", "sns:SetTopicAttributes", on=_TOPICS, resources=topics),),
)

SUBSCRIPTION: Final = ResourceKind(
    name="AWS::SNS::Subscription",
    grants=(
        grant(
            "Subscribe",
            "sns:GetSubscriptionAttributes",
            "sns:SetSubscriptionAttributes",
            "sns:Subscribe",
            "sns:Unsubscribe",
            on="the topics that are notified",
            resources=lambda scope: [*topics(scope), *given_topics(scope)],
        ),
    ),
    left_out={
        **left_out(_NO_ROLE, "iam:GetRole", "iam:PassRole"),
        **left_out(_LISTING, "sns:ListSubscriptions"),
    },
)

QUEUE: Final = ResourceKind(
    name="AWS::SQS::Queue",
    grants=(
        grant(
            "ManageQueues",
            "sqs:CreateQueue",
            "sqs:DeleteQueue",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ListQueueTags",
            "sqs:SetQueueAttributes",
            "sqs:TagQueue",
            "sqs:UntagQueue",
            on="the queues of what was not delivered",
            resources=queues,
        ),
    ),
    left_out=left_out(_LISTING, "sqs:ListQueues"),
)

QUEUE_POLICY: Final = ResourceKind(
    name="AWS::SQS::QueuePolicy",
    grants=(
        grant("ManageQueues", "sqs:SetQueueAttributes", on="the queues of what was not delivered", resources=queues),
    ),
)

SLACK_CHANNEL: Final = ResourceKind(
    name="AWS::Chatbot::SlackChannelConfiguration",
    grants=(
        grant(
            "ManageSlackChannels",
            "chatbot:AssociateToConfiguration",
            "chatbot:DeleteSlackChannelConfiguration",
            "chatbot:DisassociateFromConfiguration",
            "chatbot:ListAssociations",
            "chatbot:ListTagsForResource",
            "chatbot:TagResource",
            "chatbot:UntagResource",
            "chatbot:UpdateSlackChannelConfiguration",
            on="the configurations of the deployments' Slack channels",
            resources=slack_channels,
        ),
        grant(
            "MakeSlackChannels",
            "chatbot:CreateSlackChannelConfiguration",
            "chatbot:DescribeSlackChannelConfigurations",
            on="no resource: any configuration of the account",
            resources=lambda scope: EVERYTHING if slack_channels(scope) else [],
            wildcard="the calls take no resource and no Region",
        ),
        grant(
            "PassSlackRoles",
            "iam:PassRole",
            on=f"the roles of the Slack channels, to {SLACK_SERVICE} alone",
            resources=slack_roles,
            condition=lambda _: {"StringEquals": {"iam:PassedToService": SLACK_SERVICE}},
        ),
        grant(
            "MakeTheServiceRoleOfSlackChannels",
            "iam:CreateServiceLinkedRole",
            on=f"the role of {SLACK_LINKED_SERVICE}",
            resources=lambda scope: [
                f"arn:aws:iam::{scope.account}:role/aws-service-role/{SLACK_LINKED_SERVICE}/*"
                for _ in slack_channels(scope)[:1]
            ],
            condition=lambda _: {"StringEquals": {"iam:AWSServiceName": SLACK_LINKED_SERVICE}},
        ),
    ),
)
