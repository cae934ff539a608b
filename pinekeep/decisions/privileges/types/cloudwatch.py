"""The alarms, the dashboard, and the metric filters on the log group of a trail.

Sources: "Actions, resources, and condition keys for Amazon CloudWatch" and "... for Amazon CloudWatch Logs"
(docs.aws.amazon.com).
"""

from typing import Final

from pinekeep.decisions.privileges.grant import Grant, ResourceKind, grant, left_out
from pinekeep.decisions.privileges.monitoring_scope import alarms, dashboards, trail_log_groups

_TAGS: Final = ("cloudwatch:ListTagsForResource", "cloudwatch:TagResource", "cloudwatch:UntagResource")


def _alarms(*actions: str) -> tuple[Grant, ...]:
    return (grant("ManageAlarms", *actions, *_TAGS, on="the deployments' alarms", resources=alarms),)


ALARM: Final = ResourceKind(
    name="AWS::CloudWatch::Alarm",
    grants=_alarms("cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"),
)

COMPOSITE_ALARM: Final = ResourceKind(
    name="AWS::CloudWatch::CompositeAlarm",
    grants=_alarms("cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutCompositeAlarm"),
)

DASHBOARD: Final = ResourceKind(
    name="AWS::CloudWatch::Dashboard",
    grants=(
        grant(
            "ManageDashboards",
            "cloudwatch:DeleteDashboards",
            "cloudwatch:GetDashboard",
            "cloudwatch:PutDashboard",
            *_TAGS,
            on="the deployments' dashboards",
            resources=dashboards,
        ),
    ),
    left_out=left_out("only for listing resources to import, never for a deployment", "cloudwatch:ListDashboards"),
)

METRIC_FILTER: Final = ResourceKind(
    name="AWS::Logs::MetricFilter",
    grants=(
        grant(
            "ManageMetricFilters",
            "logs:DeleteMetricFilter",
            "logs:DescribeMetricFilters",
            "logs:PutMetricFilter",
            on="the log groups of the trails",
            resources=trail_log_groups,
        ),
    ),
)
