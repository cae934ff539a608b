"""Reads of what notifies: rules, topic, subscriptions, alarms, and the trail that feeds them."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusals import as_refusal
from pinekeep.account.reads.answers import first, output_of, part
from pinekeep.account.reads.calls import ask
from pinekeep.account.reads.live import Unreadable
from pinekeep.account.reads.reader import Reader
from pinekeep.model import naming
from pinekeep.model.config.monitoring import Monitoring
from pinekeep.model.facts import aws
from pinekeep.model.naming import Output
from pinekeep.model.values.notifications import log_group_parts


class MonitoringReader(Reader):
    """Reads what belongs to ``monitoring``."""

    @property
    def _settings(self) -> Monitoring | None:
        return self._deployment.monitoring

    def _monitoring_stack(self) -> Any:
        if self._settings is None:
            return None
        return first(self._ask("monitoring_stack", StackName=naming.monitoring_stack(self._name)), "Stacks")

    # --- EventBridge ---

    def _event_rules(self) -> Any:
        """Return the rules of the Region by name, each with ``Topics``: the topics that it targets."""
        if self._settings is None:
            return None
        return self._rules(self._clients, [each for each in self._topic_arns() if isinstance(each, str)])

    def _global_rules(self) -> Any:
        """Return the same of us-east-1, with the event bus in place of topics."""
        if self._settings is None or self._deployment.region == aws.GLOBAL_EVENTS_REGION:
            return None
        bus = f"arn:{aws.PARTITION}:events:{self._deployment.region}:{self._deployment.account}:event-bus/default"
        return self._rules(self._clients.in_region(aws.GLOBAL_EVENTS_REGION), [bus])

    def _rules(self, clients: Clients, targets: list[str]) -> Any:
        prefix = naming.event_rules(self._name)
        found: dict[str, dict[str, Any]] = {}
        for page in _pages(clients, "events:ListRules", NamePrefix=prefix):
            if not isinstance(page, dict):
                return page
            found |= {each["Name"]: {**each, "Topics": []} for each in page["Rules"]}
        for target in targets:
            for page in _pages(clients, "events:ListRuleNamesByTarget", TargetArn=target):
                if not isinstance(page, dict):
                    return page
                for name in page["RuleNames"]:
                    if name in found:
                        found[name]["Topics"].append(target)
        return found

    # --- SNS ---

    def _topic_arns(self) -> list[Any]:
        stack = self.read("monitoring_stack")
        return [output_of(stack, each) for each in (Output.MONITORING_TOPIC_ARN, Output.SLACK_TOPIC_ARN)]

    def _topic(self) -> Any:
        arn = self._topic_arns()[0] if self._settings is not None else None
        return part(self._ask("topic", TopicArn=arn), "Attributes") if isinstance(arn, str) else arn

    def _subscriptions(self) -> Any:
        """Return the subscriptions of the topics."""
        if self._settings is None:
            return None
        found: list[Any] = []
        for arn in self._topic_arns():
            if isinstance(arn, Unreadable):
                return arn
            if arn is None:
                continue
            for page in _pages(self._clients, "sns:ListSubscriptionsByTopic", TopicArn=arn):
                if not isinstance(page, dict):
                    return page
                found += page.get("Subscriptions") or []
        return found

    def _topic_key(self) -> Any:
        topic = self.read("topic")
        if not isinstance(topic, dict) or not topic.get("KmsMasterKeyId"):
            return topic if isinstance(topic, Unreadable) else None
        return part(self._ask("topic_key", KeyId=topic["KmsMasterKeyId"]), "KeyMetadata")

    # --- Slack ---

    def _slack_channels(self) -> Any:
        if self._settings is None or self._settings.slack is None:
            return None
        found: list[Any] = []
        there = self._clients.in_region(aws.CHATBOT_REGION)
        for page in _pages(there, "chatbot:DescribeSlackChannelConfigurations"):
            if not isinstance(page, dict):
                return page
            found += page.get("SlackChannelConfigurations") or []
        return found

    # --- CloudTrail ---

    def _trails(self) -> Any:
        """Return the trails that record the Region, each with ``Logging`` and ``Selectors``; None where not known."""
        if self._settings is None:
            return None
        listed = part(self.call("cloudtrail:DescribeTrails", includeShadowTrails=True), "trailList")
        if not isinstance(listed, list):
            return listed
        region = self._deployment.region
        here = [each for each in listed if each.get("IsMultiRegionTrail") or each.get("HomeRegion") == region]
        return [
            {
                **each,
                "Logging": part(self._of_trail("cloudtrail:GetTrailStatus", Name=each["TrailARN"]), "IsLogging"),
                "Selectors": self._of_trail("cloudtrail:GetEventSelectors", TrailName=each["TrailARN"]),
            }
            for each in here
        ]

    def _of_trail(self, permission: str, **arguments: str) -> Any:
        """Return what is known of a trail; None where AWS does not tell, as of an organization's trail."""
        try:
            answer = self.call(permission, **arguments)
        except Exception as error:
            if as_refusal(error) is None:
                raise
            return None
        return None if isinstance(answer, Unreadable) else answer

    # --- CloudWatch ---

    def _alarms(self) -> Any:
        """Return the alarms by name."""
        if self._settings is None:
            return None
        found: dict[str, Any] = {}
        prefix, kinds = naming.event_rules(self._name), ["MetricAlarm", "CompositeAlarm"]
        for page in _pages(self._clients, "cloudwatch:DescribeAlarms", AlarmNamePrefix=prefix, AlarmTypes=kinds):
            if not isinstance(page, dict):
                return page
            for kind in ("MetricAlarms", "CompositeAlarms"):
                found |= {each["AlarmName"]: each for each in page.get(kind) or []}
        return found

    def _trail_log_group(self) -> Any:
        """Return the log group of the trail with ``Filters``: the patterns of its metric filters, by metric."""
        if self._settings is None or self._settings.trail_log_group is None:
            return None
        if self._settings.denied_use != "metric-filter":
            return None
        name = log_group_parts(self._settings.trail_log_group)[2]
        listed = part(self.call("logs:DescribeLogGroups", logGroupNamePrefix=name), "logGroups")
        if not isinstance(listed, list):
            return listed
        group = next((each for each in listed if each["logGroupName"] == name), None)
        if group is None:
            return None
        filters: list[tuple[str, str, str]] = []
        for page in _pages(self._clients, "logs:DescribeMetricFilters", logGroupName=name):
            if not isinstance(page, dict):
                return page
            filters += [
                (metric["metricNamespace"], metric["metricName"], each["filterPattern"])
                for each in page.get("metricFilters") or []
                for metric in each["metricTransformations"]
            ]
        return {**group, "Filters": filters}


def _pages(clients: Clients, permission: str, **arguments: Any) -> Iterator[Any]:
    """Yield the pages of a list; instead of a page, what a refusal becomes."""
    asking = partial(ask, clients, permission)
    while True:
        page = asking(**arguments)
        yield page
        key = "nextToken" if isinstance(page, dict) and "nextToken" in page else "NextToken"
        if not isinstance(page, dict) or not page.get(key):
            return
        arguments[key] = page[key]
