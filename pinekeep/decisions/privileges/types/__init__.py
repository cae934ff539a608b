"""The types of resources in the templates, and CloudFormation's permissions for each: one module a service."""

from collections.abc import Iterator, Mapping
from typing import Final

from pinekeep.decisions.privileges.grant import ResourceKind
from pinekeep.decisions.privileges.monitoring_scope import makes_topic, makes_topic_key
from pinekeep.decisions.privileges.scope import customer_accounts_of, forwards, makes_key, makes_vpc
from pinekeep.decisions.privileges.storage_scope import has_queries, makes_audit_key, new_bucket
from pinekeep.decisions.privileges.types import (
    athena,
    cloudwatch,
    endpoint,
    events,
    iam,
    kms,
    network,
    notifications,
    profiles,
    resolver,
    route53,
    s3,
)
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import has_part
from pinekeep.model.config.monitoring import Monitoring
from pinekeep.model.config.private_link import PrivateLink

KINDS: Final[Mapping[str, ResourceKind]] = {
    kind.name: kind
    for kind in (
        iam.ROLE,
        iam.MANAGED_POLICY,
        kms.KEY,
        kms.ALIAS,
        network.VPC,
        network.SUBNET,
        network.ROUTE_TABLE,
        network.ROUTES,
        endpoint.SECURITY_GROUP,
        endpoint.ENDPOINT,
        network.FLOW_LOG,
        network.LOG_GROUP,
        route53.HOSTED_ZONE,
        route53.RECORD_SET,
        profiles.PROFILE,
        profiles.PROFILE_VPC,
        profiles.PROFILE_ZONE,
        resolver.RESOLVER_ENDPOINT,
        s3.BUCKET,
        s3.BUCKET_POLICY,
        athena.DATABASE,
        athena.TABLE,
        athena.WORKGROUP,
        athena.NAMED_QUERY,
        events.RULE,
        notifications.TOPIC,
        notifications.TOPIC_POLICY,
        notifications.SUBSCRIPTION,
        notifications.QUEUE,
        notifications.QUEUE_POLICY,
        notifications.SLACK_CHANNEL,
        cloudwatch.ALARM,
        cloudwatch.COMPOSITE_ALARM,
        cloudwatch.DASHBOARD,
        cloudwatch.METRIC_FILTER,
    )
}
"""Every type that a template may have and that needs permissions."""

WITHOUT_PERMISSIONS: Final = frozenset({"AWS::CloudFormation::WaitConditionHandle"})
"""Types that a template may have and that need no permission: CloudFormation calls no service for them."""

_OWN_KEY: Final = (kms.KEY, kms.ALIAS)
_NEW_VPC: Final = (
    network.VPC,
    network.SUBNET,
    network.ROUTE_TABLE,
    network.ROUTES,
    network.FLOW_LOG,
    network.LOG_GROUP,
    iam.ROLE,
    iam.MANAGED_POLICY,
)


def kinds_of(deployment: Deployment) -> set[str]:
    """Return the types in the templates of a deployment, without synthesis. A test compares it with templates."""
    kinds: list[ResourceKind] = []
    if deployment.cmek is not None:
        kinds.append(iam.ROLE)
        kinds += _OWN_KEY if makes_key(deployment) else ()
        kinds += [iam.MANAGED_POLICY] if customer_accounts_of(deployment) else ()
    if deployment.private_link is not None:
        kinds += _NEW_VPC if makes_vpc(deployment) else ()
        kinds += _of_link(deployment.private_link)
    if has_part(deployment, "storage"):
        kinds += _of_storage(deployment)
    if deployment.monitoring is not None:
        kinds += _of_monitoring(deployment, deployment.monitoring)
    return {kind.name for kind in kinds}


def _of_link(link: PrivateLink) -> Iterator[ResourceKind]:
    """Yield the types of an endpoint and its DNS."""
    if link.adopted is None:
        yield endpoint.ENDPOINT
        if not link.security_group_ids:
            yield endpoint.SECURITY_GROUP
    if link.has_zone or link.dns_bridge:
        yield route53.RECORD_SET
    if (link.has_zone and link.hosted_zone_id is None) or link.dns_bridge:
        yield route53.HOSTED_ZONE
    if link.dns == "profile":
        yield profiles.PROFILE_ZONE
        if link.profile_id is None:
            yield profiles.PROFILE
        if link.client_vpc_ids:
            yield profiles.PROFILE_VPC
    if link.resolver is not None:
        yield from (endpoint.SECURITY_GROUP, resolver.RESOLVER_ENDPOINT)


def _of_storage(deployment: Deployment) -> Iterator[ResourceKind]:
    """Yield the types of an audit bucket and of the roles of Pinecone's S3 account."""
    yield from (iam.ROLE, iam.MANAGED_POLICY)
    if new_bucket(deployment) is not None:
        yield from (s3.BUCKET, s3.BUCKET_POLICY)
    if makes_audit_key(deployment):
        yield from _OWN_KEY
    if has_queries(deployment):
        yield from (s3.BUCKET, s3.BUCKET_POLICY)
        yield from (athena.DATABASE, athena.TABLE, athena.WORKGROUP, athena.NAMED_QUERY)


def _of_monitoring(deployment: Deployment, monitoring: Monitoring) -> Iterator[ResourceKind]:
    """Yield the types of the rules, the topics, the alarms and the dashboard."""
    yield from (events.RULE, notifications.QUEUE, notifications.QUEUE_POLICY, cloudwatch.ALARM)
    if makes_topic(deployment):
        yield from (notifications.TOPIC, notifications.TOPIC_POLICY)
    if makes_topic_key(deployment):
        yield kms.KEY
    if monitoring.emails or monitoring.https:
        yield notifications.SUBSCRIPTION
    if monitoring.slack is not None:
        yield from (notifications.SLACK_CHANNEL, iam.ROLE)
    if forwards(deployment):
        yield from (iam.ROLE, iam.MANAGED_POLICY)
    yield from _of_alarms(deployment, monitoring)


def _of_alarms(deployment: Deployment, monitoring: Monitoring) -> Iterator[ResourceKind]:
    endpoint_alarm = deployment.private_link is not None and monitoring.alarms.endpoint_quiet_minutes is not None
    audit_alarm = deployment.audit_logs is not None and monitoring.alarms.audit_quiet_minutes is not None
    if endpoint_alarm or audit_alarm:
        yield cloudwatch.COMPOSITE_ALARM
    if monitoring.dashboard:
        yield cloudwatch.DASHBOARD
    if monitoring.denied_use == "metric-filter" and deployment.cmek is not None:
        yield cloudwatch.METRIC_FILTER
