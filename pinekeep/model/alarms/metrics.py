"""The metrics of alarms and dashboard: namespaces, names and whole combinations of dimensions."""

from dataclasses import dataclass, field
from enum import StrEnum

from pinekeep.model.facts import aws


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of CloudWatch, with all of its dimensions: one that is left out names another metric, or none."""

    namespace: str
    name: str
    dimensions: dict[str, str] = field(default_factory=dict)

    @property
    def row(self) -> list[str]:
        """The metric as a dashboard names it."""
        return [self.namespace, self.name, *(each for pair in self.dimensions.items() for each in pair)]


class FilterMetric(StrEnum):
    """The names of the metrics that metric filters make, in a namespace for each deployment."""

    PENDING_DELETION_USE = "UseOfKeyPendingDeletion"
    DISABLED_USE = "UseOfDisabledKey"
    ROLE_DENIED = "DeniedCallsOfRole"


@dataclass(frozen=True, kw_only=True)
class EndpointMetrics:
    """What names the metrics of one interface endpoint. Source: facts.aws.PRIVATELINK_METRICS_PAGE.

    The names of the dimensions have spaces. ``service_name``: the endpoint service, ``com.amazonaws.vpce.…``.
    """

    endpoint_id: str
    vpc_id: str
    service_name: str

    def metric(self, name: str) -> Metric:
        """Return a metric of the endpoint, over all of its subnets."""
        dimensions = {
            "Endpoint Type": aws.ENDPOINT_TYPE,
            "Service Name": self.service_name,
            "VPC Endpoint Id": self.endpoint_id,
            "VPC Id": self.vpc_id,
        }
        return Metric(namespace=ENDPOINTS, name=name, dimensions=dimensions)

    def by_subnet(self, name: str, *, statistic: str, period: int) -> str:
        """Return the search expression of a metric for each subnet, whichever the endpoint has."""
        names = ",".join(f'"{each}"' for each in (*self.metric(name).dimensions, "Subnet Id"))
        where = f'MetricName="{name}" "VPC Endpoint Id"="{self.endpoint_id}"'
        return f"SEARCH('{{{ENDPOINTS},{names}}} {where}', '{statistic}', {period})"


ENDPOINTS = "AWS/PrivateLinkEndpoints"


def rule_metric(name: str, rule: str) -> Metric:
    """Return a metric of an EventBridge rule of the default event bus."""
    return Metric(namespace="AWS/Events", name=name, dimensions={"RuleName": rule})


def topic_metric(name: str, topic: str) -> Metric:
    """Return a metric of an SNS topic, by its name."""
    return Metric(namespace="AWS/SNS", name=name, dimensions={"TopicName": topic})


def queue_depth(queue: str) -> Metric:
    """Return the metric of how many messages wait in an SQS queue, by its name."""
    dimensions = {"QueueName": queue}
    return Metric(namespace="AWS/SQS", name="ApproximateNumberOfMessagesVisible", dimensions=dimensions)


def filter_metric(namespace: str, name: FilterMetric) -> Metric:
    """Return a metric of a metric filter. It has no dimensions, so its namespace is the deployment's."""
    return Metric(namespace=namespace, name=name)
