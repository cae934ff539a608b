"""The policies of notifications: of the topic, its key, the dead-letter queue, and the roles of forwarding and Slack.

EventBridge publishes to topics without a source account or ARN: with such a condition in the policy of a topic or of
its key, every notification is lost. Source: facts.aws.EVENTS_TO_TOPICS_PAGE.
"""

from typing import Final

from pinekeep.model.arns import root_arn
from pinekeep.model.facts import aws
from pinekeep.model.policies.document import Policy, Statement, policy

_EVENTS: Final = "events.amazonaws.com"
_ALARMS: Final = "cloudwatch.amazonaws.com"
_TOPICS: Final = "sns.amazonaws.com"


def topic_key_policy(*, account: str) -> Policy:
    """Return the policy of the key that encrypts the topics: IAM policies of the account, rules and alarms."""
    return policy(
        [
            {
                "Sid": "EnableIamUserPermissions",
                "Effect": "Allow",
                "Principal": {"AWS": root_arn(account)},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "AllowRulesAndAlarmsToPublish",
                "Effect": "Allow",
                "Principal": {"Service": [_EVENTS, _ALARMS]},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
            },
        ]
    )


def topic_policy(*, topic_arn: str, account: str, region: str) -> Policy:
    """Return the policy of a topic: rules, and alarms of the account, publish; nobody does without TLS.

    Principals of the account need no statement: their own IAM policies suffice.
    """
    return policy(
        [
            {
                "Sid": "AllowRulesToPublish",
                "Effect": "Allow",
                "Principal": {"Service": _EVENTS},
                "Action": "sns:Publish",
                "Resource": topic_arn,
            },
            {
                "Sid": "AllowAlarmsToPublish",
                "Effect": "Allow",
                "Principal": {"Service": _ALARMS},
                "Action": "sns:Publish",
                "Resource": topic_arn,
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnLike": {"aws:SourceArn": f"arn:{aws.PARTITION}:cloudwatch:{region}:{account}:alarm:*"},
                },
            },
            _without_tls("sns:Publish", topic_arn),
        ]
    )


def queue_policy(*, queue_arn: str, account: str, region: str) -> Policy:
    """Return the policy of the queue for what could not be delivered.

    Rules and topics of the account send, nobody does without TLS.
    """
    sources = (
        ("Rules", _EVENTS, f"events:{region}:{account}:rule/*"),
        ("Topics", _TOPICS, f"sns:{region}:{account}:*"),
    )
    senders: list[Statement] = [
        {
            "Sid": f"Allow{name}ToSend",
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account},
                "ArnLike": {"aws:SourceArn": f"arn:{aws.PARTITION}:{source}"},
            },
        }
        for name, service, source in sources
    ]
    return policy([*senders, _without_tls("sqs:*", queue_arn)])


def forwarding_trust(*, account: str, region: str, rules: str) -> Policy:
    """Return the trust policy of the role with which rules forward. ``rules``: what their names begin with."""
    return policy(
        [
            {
                "Sid": "AllowRulesToAssumeTheRole",
                "Effect": "Allow",
                "Principal": {"Service": _EVENTS},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnLike": {"aws:SourceArn": f"arn:{aws.PARTITION}:events:{region}:{account}:rule/{rules}*"},
                },
            }
        ]
    )


def forwarding_permissions(*, bus_arn: str) -> Policy:
    """Return the permissions of that role: to put events on one bus."""
    return policy(
        [
            {
                "Sid": "AllowForwarding",
                "Effect": "Allow",
                "Action": "events:PutEvents",
                "Resource": bus_arn,
            }
        ]
    )


def slack_trust(*, account: str) -> Policy:
    """Return the trust policy of the role of the Slack channel, which has no permissions."""
    return policy(
        [
            {
                "Sid": "AllowChatApplicationsToAssumeTheRole",
                "Effect": "Allow",
                "Principal": {"Service": "chatbot.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        ]
    )


def _without_tls(action: str, arn: str) -> Statement:
    return {
        "Sid": "DenyWithoutTls",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": action,
        "Resource": arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
