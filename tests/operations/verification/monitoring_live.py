"""What AWS says of a deployment's monitoring in which everything is right."""

import json
from datetime import datetime, timedelta
from typing import Any

from pinekeep.model.config import Deployment
from pinekeep.model.config.alarms import wanted_alarms, wanted_filters
from pinekeep.model.config.models import role_arn_of
from pinekeep.model.config.watched import watched_of
from pinekeep.model.facts import aws
from pinekeep.model.monitoring.rules import forwardings, rule_name, rules
from pinekeep.model.policies.notifications import topic_policy

NAME = "prod"
LOG_GROUP_ARN = "arn:aws:logs:{region}:{account}:log-group:{name}:*"
TOPIC_KEY_ID = "1f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"


def stack(outputs: dict[str, str]) -> dict[str, Any]:
    listed = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
    return {
        "StackStatus": "CREATE_COMPLETE",
        "StackId": "arn:aws:cloudformation:x:111122223333:stack/x",
        "Outputs": listed,
    }


class Outputs:
    """The outputs of the live stacks."""

    def __init__(self, found: dict[str, Any]) -> None:
        self._stacks = [found.get(each) or {} for each in ("cmek_stack", "private_link_stack")]

    def value(self, stack: str, output: Any) -> str:
        del stack
        found = {each["OutputKey"]: each["OutputValue"] for one in self._stacks for each in one.get("Outputs") or []}
        return str(found[output.value])

    def key_id(self, key_arn: str) -> str:
        return key_arn.rpartition("/")[2]


def right_monitoring(deployment: Deployment, found: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return the values of a deployment with ``monitoring``; none without. ``found``: those of its other stacks."""
    monitoring = deployment.monitoring
    if monitoring is None:
        return {}
    account, region = deployment.account, deployment.region
    _add_outputs(found.get("private_link_stack"))
    topic = monitoring.topic or f"arn:aws:sns:{region}:{account}:Pinekeep-prod-Monitoring-Topic"
    key = f"arn:aws:kms:{region}:{account}:key/{TOPIC_KEY_ID}"
    slack = f"arn:aws:sns:{region}:{account}:Pinekeep-prod-Monitoring-Slack" if monitoring.slack else None
    outputs = {"MonitoringTopicArn": topic, "MonitoringKeyArn": key, **({"SlackTopicArn": slack} if slack else {})}
    topics = [topic, *([slack] if slack else [])]
    watched = watched_of(
        NAME,
        deployment,
        outputs=Outputs(found),
        key_roles=1 if deployment.cmek else 0,
        topic_arns=topics,
        topic_key_arn=key,
    )
    made = {rule_name(NAME, each.id): each for each in rules(watched)}
    bus = f"arn:aws:events:{region}:{account}:event-bus/default"
    names = {rule_name(NAME, each.id): each.pattern for each in forwardings(watched)}
    forwarded = {name: rule(name, pattern, [bus]) for name, pattern in names.items()}
    alarms = {
        name: {
            "AlarmName": name,
            "ActionsEnabled": True,
            "AlarmActions": list[str]() if name.endswith(("-records", "-seen")) else topics,
            "StateValue": "OK",
            "StateTransitionedTimestamp": now - timedelta(days=9),
        }
        for name in wanted_alarms(NAME, deployment, list(made))
    }
    policy = topic_policy(topic_arn=topic, account=account, region=region)
    group = monitoring.trail_log_group
    group_arn = LOG_GROUP_ARN.format(region=region, account=account, name=group)
    confirmed = [("email", each) for each in monitoring.emails] + [("https", each) for each in monitoring.https]
    return {
        "monitoring_stack": stack(outputs),
        "event_rules": {
            name: rule(name, each.pattern, topics, all_events=each.all_management_events) for name, each in made.items()
        },
        "global_rules": forwarded or None,
        "topic": {"TopicArn": topic, "Policy": json.dumps(policy), "KmsMasterKeyId": key},
        "topic_key": {"Arn": key, "KeyState": aws.KEY_ENABLED},
        "subscriptions": [
            {"Protocol": protocol, "Endpoint": address, "SubscriptionArn": f"{topic}:{number}"}
            for number, (protocol, address) in enumerate(confirmed)
        ],
        "slack_channels": [
            {
                "SlackTeamId": monitoring.slack.workspace_id,
                "SlackChannelId": monitoring.slack.channel_id,
                "SnsTopicArns": [slack],
            }
        ]
        if monitoring.slack
        else None,
        "trails": [
            {
                "Name": "management",
                "TrailARN": f"arn:aws:cloudtrail:{region}:{account}:trail/management",
                "IsMultiRegionTrail": True,
                "CloudWatchLogsLogGroupArn": group_arn,
                "Logging": True,
                "Selectors": {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]},
            }
        ],
        "alarms": alarms,
        "trail_log_group": {
            "logGroupName": group,
            "arn": group_arn,
            "Filters": wanted_filters(deployment, watched, [role_arn_of(NAME, deployment)] if deployment.cmek else []),
        }
        if monitoring.denied_use == "metric-filter"
        else None,
    }


def _add_outputs(link_stack: dict[str, Any] | None) -> None:
    """Add the outputs of an endpoint's stack that the other checks do without."""
    if link_stack is None:
        return
    known = {each["OutputKey"] for each in link_stack["Outputs"]}
    for key, value in {"SecurityGroupId": "sg-09090909", "HostedZoneId": "Z1", "VpcId": "vpc-0f0f0f0f"}.items():
        if key not in known:
            link_stack["Outputs"].append({"OutputKey": key, "OutputValue": value})


def rule(name: str, pattern: Any, targets: list[str], *, all_events: bool = False) -> dict[str, Any]:
    """Return a rule as ListRules gives it, with its targets."""
    state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" if all_events else "ENABLED"
    return {"Name": name, "State": state, "EventPattern": json.dumps(pattern), "Topics": [*targets]}
