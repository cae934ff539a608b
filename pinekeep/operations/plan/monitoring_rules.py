"""The rules about notifications, alarms and the dashboard. Tried before the general ones."""

from functools import partial
from typing import Final

from pinekeep.model.facts import aws
from pinekeep.operations.plan.changes import Action
from pinekeep.operations.plan.rules import ANY_CHANGE, Kind, ResourceRule, changes, removed_or_replaced
from pinekeep.operations.plan.state import KEY_TYPE

RULE_TYPE: Final = "AWS::Events::Rule"
TOPIC_TYPE: Final = "AWS::SNS::Topic"

_SAFE, _ATTENTION, _WEAKENS, *_ = Kind
_BLIND: Final = "nobody is notified any more of what it reports"
_LOST: Final = "a service that may not use it drops its notifications, and no caller sees that"
_of_monitoring = partial(changes, part="monitoring")

# A table: two or three lines a rule.
# fmt: off
MONITORING_RULES: Final[tuple[ResourceRule, ...]] = (
    *removed_or_replaced(_ATTENTION, "topic", "the topic of the notifications",
        "another topic has no subscriptions yet: every recipient must confirm anew", (TOPIC_TYPE,), part="monitoring"),
    *removed_or_replaced(_ATTENTION, "topic-key", "the key of the topic",
        "the topic is encrypted with another key from then on; keep the former one until the queue of undelivered "
        "notifications is empty", (KEY_TYPE,), part="monitoring"),
    _of_monitoring("topic-key-switched-off", _WEAKENS, "the key of the topic is disabled, or may be",
        "no notification is delivered while it is disabled", KEY_TYPE, "Enabled"),
    _of_monitoring("topic-key-policy", _ATTENTION, "the policy of the topic's key changes", _LOST,
        KEY_TYPE, "KeyPolicy"),
    ResourceRule("topic-policy", _ATTENTION, "who may publish to the topic changes", _LOST,
        types=("AWS::SNS::TopicPolicy",), actions=ANY_CHANGE, part="monitoring", existing_stack=True),
    ResourceRule("notification-removed", _WEAKENS, "an EventBridge rule is removed", _BLIND,
        types=(RULE_TYPE,), actions=(Action.REMOVE,), part="monitoring"),
    _of_monitoring("notification-changed", _ATTENTION, "what an EventBridge rule reports changes",
        "events that it no longer matches are not reported", RULE_TYPE, "EventPattern", "State", "Targets"),
    ResourceRule("forwarding", _ATTENTION, "the forwarding of events to the deployment's Region changes",
        f"the events of IAM and Route 53 arrive in {aws.GLOBAL_EVENTS_REGION} alone",
        types=("AWS::Events::EventBusPolicy", "AWS::IAM::Role", "AWS::IAM::Policy"),
        actions=ANY_CHANGE, part="monitoring", existing_stack=True),
    *removed_or_replaced(_ATTENTION, "subscription", "a subscription to the notifications", _BLIND,
        ("AWS::SNS::Subscription", "AWS::Chatbot::SlackChannelConfiguration"), part="monitoring"),
    ResourceRule("subscription-made", _ATTENTION, "a recipient of notifications is added",
        "an e-mail or HTTPS address is notified once it has confirmed its subscription",
        types=("AWS::SNS::Subscription",), actions=(Action.ADD,), part="monitoring", existing_stack=True),
    *removed_or_replaced(_ATTENTION, "alarm", "an alarm", _BLIND,
        ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"), part="monitoring"),
    ResourceRule("alarm-changed", _SAFE, "an alarm or the dashboard changes", "what is watched stays the same",
        types=("AWS::CloudWatch::*",), actions=(Action.MODIFY,), part="monitoring"),
    ResourceRule("denied-use", _ATTENTION, "how denied use of the key is seen changes", _BLIND,
        types=("AWS::Logs::MetricFilter",), actions=ANY_CHANGE, part="monitoring", existing_stack=True),
)
"""In the order in which they are tried."""
