"""The grants of ``monitoring test``, and of ``verify`` for deployments with ``monitoring``.

``monitoring fence`` needs none: it writes files.
"""

from typing import Final

from pinekeep.decisions.privileges.grant import EVERYTHING, Condition, grant
from pinekeep.decisions.privileges.scope import GENERATED_PREFIX_MAX, Scope, once
from pinekeep.model import naming
from pinekeep.model.alarms import trial
from pinekeep.model.alarms.kinds import AlarmKind, alarm_name
from pinekeep.model.config.alarms import has_metric_filters
from pinekeep.model.facts import aws


def watched(scope: Scope) -> Scope:
    """Return the same scope with the deployments that have ``monitoring`` alone."""
    return Scope(scope.account, {name: each for name, each in scope.deployments.items() if each.monitoring})


def monitoring_stacks(scope: Scope) -> list[str]:
    """Return the ARNs of the monitoring's stacks, in their Regions."""
    found = watched(scope)
    if found.many:
        return _everywhere(found, "cloudformation", [f"stack/{naming.STACK_PREFIX}-*"])
    return [
        f"arn:{aws.PARTITION}:cloudformation:{region}:{found.account}:stack/{stack(name)}/*"
        for name, each in found.deployments.items()
        for region, stack in (
            (each.region, naming.monitoring_stack),
            (aws.GLOBAL_EVENTS_REGION, naming.global_monitoring_stack),
        )
        if stack is naming.monitoring_stack or each.region != aws.GLOBAL_EVENTS_REGION
    ]


def topics(scope: Scope) -> list[str]:
    """Return the ARNs of the topics: existing ones, and patterns of those whose names CloudFormation generates."""
    found = watched(scope)
    given = [each.monitoring.topic for each in found.deployments.values() if each.monitoring and each.monitoring.topic]
    if found.many:
        return once([*_each_region(found, "sns", [f"{naming.STACK_PREFIX}-*"]), *given])
    made = [
        f"arn:{aws.PARTITION}:sns:{each.region}:{found.account}:{naming.monitoring_stack(name)[:GENERATED_PREFIX_MAX]}*"
        for name, each in found.deployments.items()
    ]
    return once([*made, *given])


def _queues(scope: Scope) -> list[str]:
    found = watched(scope)
    names = ["*"] if found.many else list(found.deployments)
    return _each_region(found, "sqs", [f"{naming.test_queue_prefix(name)}*" for name in names])


def _alarms(scope: Scope) -> list[str]:
    found = watched(scope)
    names = ["*"] if found.many else list(found.deployments)
    ends = [alarm_name(naming.event_rules(name), AlarmKind.NOTIFICATIONS_FAILED) for name in names]
    return _each_region(found, "cloudwatch", [f"alarm:{each}" for each in ends])


def _buses(scope: Scope) -> list[str]:
    return _everywhere(watched(scope), "events", ["event-bus/default"])


def keys_of_topics(scope: Scope) -> list[str]:
    """Return the ARNs of the keys of the topics: those given, and any of the account, whose IDs KMS generates."""
    found = watched(scope)
    given = [each.monitoring.kms_key for each in found.deployments.values() if each.monitoring]
    return once([each for each in given if each] if all(given) else _each_region(found, "kms", ["key/*"]))


def through_sns(scope: Scope) -> Condition:
    """The key is used by SNS on behalf of the caller."""
    services = [f"sns.{region}.amazonaws.com" for region in watched(scope).regions]
    return {"StringEquals": {"kms:ViaService": services}}


def _each_region(scope: Scope, service: str, resources: list[str]) -> list[str]:
    return [
        f"arn:{aws.PARTITION}:{service}:{region}:{scope.account}:{each}"
        for region in scope.regions
        for each in resources
    ]


def _everywhere(scope: Scope, service: str, resources: list[str]) -> list[str]:
    """Return ARNs in the Regions of the deployments, and in that of the global services."""
    regions = once([*scope.regions, aws.GLOBAL_EVENTS_REGION]) if scope.deployments else []
    return [
        f"arn:{aws.PARTITION}:{service}:{region}:{scope.account}:{each}" for region in regions for each in resources
    ]


STACKS: Final = grant(
    "ReadMonitoringStacks",
    "cloudformation:DescribeStacks",
    on="the stacks of the deployments' monitoring",
    resources=monitoring_stacks,
)


def _rules(scope: Scope) -> list[str]:
    found = watched(scope)
    names = ["*"] if found.many else list(found.deployments)
    return _everywhere(found, "events", [f"rule/{naming.event_rules(name)}*" for name in names])


def _log_groups(scope: Scope) -> list[str]:
    found = watched(scope)
    filtered = [each for each in found.deployments.values() if has_metric_filters(each)]
    regions = once(each.region for each in filtered)
    return [f"arn:{aws.PARTITION}:logs:{region}:{found.account}:log-group:*" for region in regions]


def _anything(scope: Scope) -> list[str]:
    return EVERYTHING if watched(scope).deployments else []


def _with_slack(scope: Scope) -> list[str]:
    slack = any(each.monitoring and each.monitoring.slack for each in scope.deployments.values())
    return EVERYTHING if slack else []


VERIFY: Final = (
    STACKS,
    grant(
        "ReadTopics",
        "sns:GetTopicAttributes",
        "sns:ListSubscriptionsByTopic",
        on="the topics of the deployments' monitoring",
        resources=topics,
    ),
    grant(
        "ReadKeysOfTopics",
        "kms:DescribeKey",
        on="the keys of those topics; for generated ones, the keys of the account and Region",
        resources=keys_of_topics,
    ),
    grant(
        "ReadRules",
        "events:ListRules",
        "events:ListRuleNamesByTarget",
        on="the rules of the deployments' monitoring, also in us-east-1",
        resources=_rules,
    ),
    grant(
        "ReadAlarms",
        "cloudwatch:DescribeAlarms",
        on="the deployments' alarms, by the beginning of their names",
        resources=lambda scope: _each_region(watched(scope), "cloudwatch", ["alarm:*"]),
    ),
    grant(
        "ReadTrails",
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetTrailStatus",
        on="every trail that records the Regions: one may be the organization's",
        resources=_anything,
        wildcard="DescribeTrails takes no resource, and the trail may be of another account",
    ),
    grant(
        "ReadMetricFilters",
        "logs:DescribeLogGroups",
        "logs:DescribeMetricFilters",
        on="the log groups of the Region: DescribeLogGroups lists by the beginning of a name",
        resources=_log_groups,
    ),
    grant(
        "ReadSlackChannels",
        "chatbot:DescribeSlackChannelConfigurations",
        on="no resource: the call lists the account's channels",
        resources=_with_slack,
        wildcard="DescribeSlackChannelConfigurations takes no resource",
    ),
)
"""For ``verify``, of deployments with ``monitoring``."""

TEST: Final = (
    STACKS,
    grant(
        "SendTestMessages",
        "sns:ListSubscriptionsByTopic",
        "sns:Publish",
        "sns:Subscribe",
        "sns:Unsubscribe",
        on="the topics of the deployments' monitoring, and their subscriptions",
        resources=topics,
    ),
    grant(
        "UseKeysOfTopics",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        on="the keys of those topics, through SNS alone",
        resources=keys_of_topics,
        condition=through_sns,
    ),
    grant(
        "MakeQueuesOfTests",
        "sqs:CreateQueue",
        "sqs:DeleteMessage",
        "sqs:DeleteQueue",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
        "sqs:SetQueueAttributes",
        "sqs:TagQueue",
        on="the temporary queues of tests, by the beginning of their names",
        resources=_queues,
    ),
    grant(
        "FindQueuesOfTests",
        "sqs:ListQueues",
        on="no resource: the request has the beginning of the names",
        resources=lambda scope: EVERYTHING if watched(scope).deployments else [],
        condition=lambda scope: {"StringEquals": {"aws:RequestedRegion": watched(scope).regions}},
        wildcard="ListQueues takes no resource; the policy limits it to the Regions of the deployments",
    ),
    grant(
        "SendTestEvents",
        "events:PutEvents",
        on="the default event buses, with the source of tests alone",
        resources=_buses,
        condition=lambda _: {"StringEquals": {"events:source": trial.SOURCE}},
    ),
    grant(
        "SetAlarmOfTests",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:SetAlarmState",
        on="the alarm about failed notifications, by its name",
        resources=_alarms,
    ),
)
"""For ``monitoring test``."""
