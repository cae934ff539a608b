"""The ARNs of monitoring stacks: rules, topics, alarms, the dashboard, and what forwards from another Region."""

from collections.abc import Iterable

from pinekeep.decisions.privileges.scope import GENERATED_PREFIX_MAX, Scope, forwards, once
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.monitoring import Monitoring
from pinekeep.model.facts import aws


def watched(scope: Scope) -> dict[str, Deployment]:
    """Return the deployments with monitoring, by name."""
    return {name: each for name, each in scope.deployments.items() if each.monitoring is not None}


def monitoring_of(scope: Scope) -> list[Monitoring]:
    """Return the settings of monitoring of the deployments."""
    return [each.monitoring for each in scope.deployments.values() if each.monitoring is not None]


def makes_topic(deployment: Deployment) -> bool:
    """Return whether a deployment creates a topic: its own, or that of a Slack channel."""
    found = deployment.monitoring
    return found is not None and (found.topic is None or found.slack is not None)


def makes_topic_key(deployment: Deployment) -> bool:
    """Return whether a deployment creates a key for its topics."""
    found = deployment.monitoring
    return makes_topic(deployment) and found is not None and found.kms_key is None


def regions_with(deployments: Iterable[Deployment]) -> list[str]:
    """Return the Regions of deployments, each once."""
    return once(each.region for each in deployments)


def topic_key_regions(scope: Scope) -> list[str]:
    """Return the Regions in which the stacks create keys of topics."""
    return regions_with(each for each in scope.deployments.values() if makes_topic_key(each))


def referenced_stacks(scope: Scope) -> list[str]:
    """Return the ARNs of the stacks that those of the monitoring refer to (facts.aws.STACK_OUTPUT_PAGE)."""
    found = Scope(scope.account, watched(scope))
    return [each for each in found.stacks() if "-Monitoring" not in each.rpartition("stack/")[2]]


def rules(scope: Scope) -> list[str]:
    """Return the ARNs of the EventBridge rules, with those that forward from another Region."""
    return once(
        f"arn:{aws.PARTITION}:events:{region}:{scope.account}:rule/{_stem(scope, name)}*"
        for name, each in watched(scope).items()
        for region in (each.region, aws.GLOBAL_EVENTS_REGION)
    )


def alarms(scope: Scope) -> list[str]:
    """Return the ARNs of the CloudWatch alarms."""
    return once(
        f"arn:{aws.PARTITION}:cloudwatch:{each.region}:{scope.account}:alarm:{_stem(scope, name)}*"
        for name, each in watched(scope).items()
    )


def dashboards(scope: Scope) -> list[str]:
    """Return the ARNs of the dashboards, which have no Region."""
    return once(
        f"arn:{aws.PARTITION}:cloudwatch::{scope.account}:dashboard/{naming.dashboard('*' if scope.many else name)}"
        for name, each in watched(scope).items()
        if each.monitoring is not None and each.monitoring.dashboard
    )


def topics(scope: Scope) -> list[str]:
    """Return the ARNs of the topics, whose names CloudFormation generates."""
    return once(
        f"arn:{aws.PARTITION}:sns:{each.region}:{scope.account}:{_generated_stem(scope, name)}"
        for name, each in watched(scope).items()
    )


def given_topics(scope: Scope) -> list[str]:
    """Return the ARNs of the existing topics that are notified."""
    return once(each.topic for each in monitoring_of(scope) if each.topic is not None)


def queues(scope: Scope) -> list[str]:
    """Return the ARNs of the queues of what was not delivered, whose names CloudFormation generates."""
    return once(
        f"arn:{aws.PARTITION}:sqs:{region}:{scope.account}:{_generated_stem(scope, name)}"
        for name, each in watched(scope).items()
        for region in (each.region, aws.GLOBAL_EVENTS_REGION)
    )


def monitoring_roles(scope: Scope) -> list[str]:
    """Return the ARNs of the roles that forward events and those of Slack channels, whose names are generated."""
    return once(
        f"arn:{aws.PARTITION}:iam::{scope.account}:role{each.iam_path}{_generated_stem(scope, name)}"
        for name, each in watched(scope).items()
        if forwards(each) or (each.monitoring is not None and each.monitoring.slack is not None)
    )


def forwarding_roles(scope: Scope) -> list[str]:
    """Return those of them that forward events."""
    return once(
        f"arn:{aws.PARTITION}:iam::{scope.account}:role{each.iam_path}{_generated_stem(scope, name)}"
        for name, each in watched(scope).items()
        if forwards(each)
    )


def forwarding_policies(scope: Scope) -> list[str]:
    """Return the ARNs of the managed policies of the roles that forward events, whose names are generated."""
    return [each.replace(":role/", ":policy/", 1) for each in forwarding_roles(scope)]


def slack_roles(scope: Scope) -> list[str]:
    """Return those of them that are a Slack channel's."""
    return once(
        f"arn:{aws.PARTITION}:iam::{scope.account}:role{each.iam_path}{_generated_stem(scope, name)}"
        for name, each in watched(scope).items()
        if each.monitoring is not None and each.monitoring.slack is not None
    )


def slack_channels(scope: Scope) -> list[str]:
    """Return the ARNs of the configurations of Slack channels, which have no Region."""
    return once(
        f"arn:{aws.PARTITION}:chatbot::{scope.account}:chat-configuration/slack-channel/"
        + naming.slack_configuration(deployment="*" if scope.many else name, region=each.region)
        for name, each in watched(scope).items()
        if each.monitoring is not None and each.monitoring.slack is not None
    )


def trail_log_groups(scope: Scope) -> list[str]:
    """Return the ARNs of the log groups of trails that have a metric filter."""
    return once(
        f"arn:{aws.PARTITION}:logs:{each.region}:{scope.account}:log-group:{found.trail_log_group}"
        for each in scope.deployments.values()
        if (found := each.monitoring) is not None and found.denied_use == "metric-filter"
    )


def _stem(scope: Scope, name: str) -> str:
    return naming.event_rules("*") if scope.many else naming.event_rules(name)


def _generated_stem(scope: Scope, name: str) -> str:
    stack = naming.STACK_PREFIX if scope.many else naming.monitoring_stack(name)
    return f"{stack[:GENERATED_PREFIX_MAX]}*"
