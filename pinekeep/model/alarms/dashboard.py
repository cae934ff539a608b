"""The body of the dashboard. Source: facts.aws.DASHBOARD_PAGE."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.model.alarms.metrics import (
    EndpointMetrics,
    FilterMetric,
    Metric,
    filter_metric,
    queue_depth,
    rule_metric,
    topic_metric,
)
from pinekeep.model.facts import aws

Widget = dict[str, Any]

COLUMNS: Final = 24
_TEXT: Final = 5
_GRAPH: Final = 6
_PERIOD: Final = 300
_HOUR: Final = 3600


@dataclass(frozen=True, kw_only=True)
class DashboardParts:
    """What a deployment's dashboard shows. What the deployment does not have is None, or empty.

    Attributes:
        name: the deployment's name.
        key_arn: the key that Pinecone uses.
        filters: the namespace of the metrics of metric filters.
        endpoint: the endpoint; ``elsewhere``: its service is in another Region, so that it has no metrics.
        audit_rule: the rule that sees each new audit log file.
        topic: the topic's name.
        dead_letters: the names of the dead-letter queues.
        rules: the names of the rules.
        global_rules: those of the rules in us-east-1, where the Region is another.
        alarm_arns: the alarms, in order.
    """

    name: str
    region: str
    topic: str
    alarm_arns: Sequence[str]
    key_arn: str | None = None
    filters: str | None = None
    endpoint: EndpointMetrics | None = None
    elsewhere: bool = False
    audit_rule: str | None = None
    dead_letters: Sequence[str] = ()
    rules: Sequence[str] = ()
    global_rules: Sequence[str] = ()


def dashboard_body(parts: DashboardParts) -> dict[str, Any]:
    """Return the body: rows of widgets from the top, each row a heading in words and its graphs."""
    widgets: list[Widget] = []
    y = 0
    for row in _rows(parts):
        x = 0
        for widget in row:
            widgets.append({**widget, "x": x, "y": y})
            x += widget["width"]
        y += max(widget["height"] for widget in row)
    return {"start": "-PT24H", "periodOverride": "inherit", "widgets": widgets}


def _rows(parts: DashboardParts) -> Iterator[list[Widget]]:
    yield [_text(_head(parts), height=3)]
    if parts.alarm_arns:
        yield [_alarms(parts.alarm_arns)]
    yield from _key(parts)
    yield from _endpoint(parts)
    if parts.audit_rule is not None:
        yield [
            _text(
                "## Audit logs\n\nNew files below the prefix, by hour. Pinecone writes one about every half hour. "
                f"Query them: `pinekeep audit query --deployment {parts.name}`",
                width=6,
                height=_GRAPH,
            ),
            _graph(
                "Audit log files",
                [_line(rule_metric("TriggeredRules", parts.audit_rule), "files")],
                parts.region,
                period=_HOUR,
                width=18,
            ),
        ]
    yield from _deliveries(parts)


def _head(parts: DashboardParts) -> str:
    return (
        f"# Pinecone: {parts.name}\n\nWhat Pinecone depends on in this account: alarms, the KMS key, the endpoint, the "
        "audit logs, and whether notifications are delivered. Times are in the time zone of the console. Compare the "
        f"account with the configuration file: `pinekeep verify --deployment {parts.name}`. Test the notifications: "
        f"`pinekeep monitoring test --deployment {parts.name}`"
    )


def _key(parts: DashboardParts) -> Iterator[list[Widget]]:
    if parts.key_arn is None and parts.filters is None:
        return
    graphs: list[Widget] = []
    if parts.filters is not None:
        lines = {FilterMetric.ROLE_DENIED: "denied calls of the role"}
        if parts.key_arn is not None:
            lines |= {
                FilterMetric.DISABLED_USE: "uses of the disabled key",
                FilterMetric.PENDING_DELETION_USE: "uses of the key pending deletion",
            }
        rows = [_line(filter_metric(parts.filters, name), label) for name, label in lines.items()]
        graphs = [_graph("Refused calls", rows, parts.region, width=12)]
    width = COLUMNS - sum(each["width"] for each in graphs)
    yield [_text(_of_key(parts), width=width, height=_GRAPH), *graphs]


def _of_key(parts: DashboardParts) -> str:
    if parts.key_arn is None:
        return (
            "## The role\n\nThe keys are in other accounts, whose KMS reports their last use to those accounts alone. "
            "Refused calls of the role are from this account's trail."
        )
    seen = (
        "Refused calls are from the log group of the trail, minutes after the call."
        if parts.filters is not None
        else "Refused calls are not shown: set `denied_use: metric-filter` for them."
    )
    return (
        f"## The key\n\n`{parts.key_arn}`\n\nCloudWatch has no metric of the use of a key. KMS keeps its last "
        "successful use, by anybody:\n\n"
        f"`aws kms get-key-last-usage --region {parts.region} --key-id {parts.key_arn}`\n\n"
        f"`pinekeep verify --deployment {parts.name}` names the caller. {seen}"
    )


def _endpoint(parts: DashboardParts) -> Iterator[list[Widget]]:
    endpoint = parts.endpoint
    if endpoint is None:
        return
    if parts.elsewhere:
        text = "PrivateLink publishes no metrics of an endpoint to a service in another Region."
        yield [_text(f"## The endpoint\n\n`{endpoint.endpoint_id}`. {text}", height=_TEXT)]
        return
    yield [
        _text(
            f"## The endpoint\n\n`{endpoint.endpoint_id}` in `{endpoint.vpc_id}`, by subnet, which is by Availability "
            "Zone. A line begins with the first traffic: there are no data points without. Dropped packets point to "
            "Pinecone's side; a zone without connections points to DNS or to clients in other zones.",
            width=6,
            height=_GRAPH,
        ),
        *(
            _searched(title, endpoint.by_subnet(name, statistic=statistic, period=_PERIOD), parts.region, width=6)
            for title, name, statistic in (
                ("Bytes", "BytesProcessed", "Sum"),
                ("Active connections", "ActiveConnections", "Maximum"),
                ("Dropped packets", "PacketsDropped", "Sum"),
            )
        ),
    ]


def _deliveries(parts: DashboardParts) -> Iterator[list[Widget]]:
    topic = [
        _line(topic_metric(f"NumberOf{name}", parts.topic), label)
        for name, label in (
            ("MessagesPublished", "published"),
            ("NotificationsDelivered", "delivered"),
            ("NotificationsFailed", "failed"),
        )
    ]
    rules = _totals(parts.rules)
    graphs = [_graph("Notifications of the topic", topic, parts.region, width=9)]
    if rules:
        graphs.append(_graph("Events delivered by the rules", rules, parts.region, width=9))
    yield [
        _text(
            f"## Deliveries\n\nTopic `{parts.topic}`. SNS counts an e-mail as delivered when the mail server took it. "
            "What the rules could not deliver waits in the dead-letter queue.",
            width=6,
            height=_GRAPH,
        ),
        *graphs,
    ]
    row = []
    if parts.dead_letters:
        lines = [_line(queue_depth(each), each) for each in parts.dead_letters]
        row.append(_graph("Messages in the dead-letter queue", lines, parts.region, statistic="Maximum", width=12))
    if parts.global_rules:
        region = aws.GLOBAL_EVENTS_REGION
        row.append(_graph(f"Events forwarded from {region}", _totals(parts.global_rules), region, width=12))
    if row:
        yield row


def _totals(rules: Sequence[str]) -> list[list[Any]]:
    """Return two lines: what all of some rules delivered, and what they could not."""
    lines: list[list[Any]] = []
    for prefix, name, label in (("i", "Invocations", "delivered"), ("f", "FailedInvocations", "failed")):
        if rules:
            lines.append([{"expression": f'SUM(METRICS("{prefix}"))', "id": f"total_{prefix}", "label": label}])
        for number, rule in enumerate(rules, start=1):
            lines.append([*rule_metric(name, rule).row, {"id": f"{prefix}{number}", "visible": False}])
    return lines


def _text(markdown: str, *, height: int, width: int = COLUMNS) -> Widget:
    return {"type": "text", "width": width, "height": height, "properties": {"markdown": markdown}}


def _alarms(arns: Sequence[str]) -> Widget:
    height = 2 + -(-len(arns) // 4)
    properties = {"title": "Alarms", "alarms": list(arns)}
    return {"type": "alarm", "width": COLUMNS, "height": height, "properties": properties}


def _line(metric: Metric, label: str) -> list[Any]:
    return [*metric.row, {"label": label}]


def _graph(
    title: str, lines: list[list[Any]], region: str, *, width: int, statistic: str = "Sum", period: int = _PERIOD
) -> Widget:
    properties = {
        "title": title,
        "view": "timeSeries",
        "stacked": False,
        "region": region,
        "stat": statistic,
        "period": period,
        "metrics": lines,
        "yAxis": {"left": {"min": 0}},
    }
    return {"type": "metric", "width": width, "height": _GRAPH, "properties": properties}


def _searched(title: str, expression: str, region: str, *, width: int) -> Widget:
    label = "${PROP('Dim.Subnet Id')}"
    lines = [[{"expression": expression, "id": "e1", "label": label}]]
    return _graph(title, lines, region, width=width)
