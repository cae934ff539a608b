"""What the rules of a deployment watch, from its settings and the outputs of its other stacks.

Templates refer to the outputs; a verification has their values. Both make the same rules of it.
"""

from collections.abc import Sequence
from typing import Protocol

from pinekeep.model import naming
from pinekeep.model.alarms.metrics import EndpointMetrics
from pinekeep.model.config.derived import numbered_role_name
from pinekeep.model.config.models import Deployment, alias_of, endpoint_service_of
from pinekeep.model.config.private_link import Endpoint
from pinekeep.model.config.storage import AdoptedBucket, AuditLogs
from pinekeep.model.facts import aws
from pinekeep.model.monitoring.watched import Watched, WatchedBucket, WatchedKey, WatchedNetwork
from pinekeep.model.naming import Output


class Outputs(Protocol):
    """The outputs of the deployment's stacks: values, or references to them."""

    def value(self, stack: str, output: Output) -> str:
        """Return one output of a stack."""
        ...

    def key_id(self, key_arn: str) -> str:
        """Return the ID in the ARN of a key."""
        ...


def watched_of(
    name: str,
    deployment: Deployment,
    *,
    outputs: Outputs,
    key_roles: int,
    topic_arns: Sequence[str] = (),
    topic_key_arn: str | None = None,
) -> Watched:
    """Return what is watched of a deployment. ``key_roles``: the number of its roles for keys."""
    monitoring = deployment.monitoring
    audit = deployment.audit_logs
    return Watched(
        deployment=name,
        account=deployment.account,
        region=deployment.region,
        key=_key(name, deployment, outputs),
        key_roles=[numbered_role_name(name, deployment, number) for number in range(1, key_roles + 1)],
        storage_roles=_storage_roles(name, deployment),
        network=_network(name, deployment.private_link, outputs) if deployment.private_link else None,
        bucket=_bucket(name, audit, outputs) if audit else None,
        topic_arns=topic_arns,
        topic_key_arn=topic_key_arn,
        denied_use=monitoring is not None and monitoring.denied_use == "all-management-events",
    )


def endpoint_metrics(name: str, deployment: Deployment, outputs: Outputs) -> EndpointMetrics | None:
    """Return what names the metrics of a deployment's endpoint, the one that serves clients; None where it has none."""
    link = deployment.private_link
    if link is None:
        return None
    stack = naming.private_link_stack(name)
    return EndpointMetrics(
        endpoint_id=link.adopted or outputs.value(stack, Output.VPC_ENDPOINT_ID),
        vpc_id=link.vpc_id or outputs.value(stack, Output.VPC_ID),
        service_name=endpoint_service_of(deployment).service_name,
    )


def has_elsewhere_service(deployment: Deployment) -> bool:
    """Return whether the endpoint's service is in another Region. Source: facts.aws.PRIVATELINK_METRICS_PAGE."""
    link = deployment.private_link
    return link is not None and link.service_region not in (None, deployment.region)


def _key(name: str, deployment: Deployment, outputs: Outputs) -> WatchedKey | None:
    cmek = deployment.cmek
    if cmek is None or not cmek.has_own_key:
        return None
    if (adopted := cmek.key.adopt) is not None:
        key_id = adopted.rpartition("/")[2]
        return WatchedKey(arn=adopted, key_id=key_id, multi_region=key_id.startswith("mrk-"), adopted=True)
    arn, alias = outputs.value(naming.cmek_stack(name), Output.KEY_ARN), alias_of(name, deployment)
    return WatchedKey(
        arn=arn,
        key_id=outputs.key_id(arn),
        alias=alias,
        alias_arn=f"arn:{aws.PARTITION}:kms:{deployment.region}:{deployment.account}:{alias}",
        multi_region=cmek.key.multi_region,
    )


def _storage_roles(name: str, deployment: Deployment) -> list[str]:
    region = deployment.region
    names: list[str] = []
    if deployment.audit_logs is not None:
        names.append(deployment.audit_logs.role_name or naming.audit_role_name(deployment=name, region=region))
    for integration, settings in deployment.storage_integrations.items():
        default = naming.integration_role_name(deployment=name, region=region, integration=integration)
        names.append(settings.role_name or default)
    return names


def _network(name: str, link: Endpoint, outputs: Outputs) -> WatchedNetwork:
    stack = naming.private_link_stack(name)
    endpoints = [link.adopted or outputs.value(stack, Output.VPC_ENDPOINT_ID)]
    if link.standby is not None:
        endpoints.append(outputs.value(stack, Output.STANDBY_VPC_ENDPOINT_ID))
    groups = list(link.security_group_ids)
    if not groups and link.adopted is None:
        groups = [outputs.value(stack, Output.SECURITY_GROUP_ID)]
    zones: list[str] = []
    if link.has_zone:
        zones.append(link.hosted_zone_id or outputs.value(stack, Output.HOSTED_ZONE_ID))
    if link.dns_bridge:
        zones.append(outputs.value(stack, Output.BRIDGE_ZONE_ID))
    profile = None
    if link.dns == "profile":
        profile = link.profile_id or outputs.value(stack, Output.PROFILE_ID)
    return WatchedNetwork(
        endpoint_ids=endpoints,
        security_group_ids=groups,
        zone_ids=zones,
        profile_id=profile,
        generations=link.generations,
    )


def _bucket(name: str, audit: AuditLogs, outputs: Outputs) -> WatchedBucket:
    bucket = audit.bucket
    if isinstance(bucket, AdoptedBucket):
        return WatchedBucket(name=bucket.adopt, key_arn=bucket.kms_key)
    key = bucket.kms_key or outputs.value(naming.storage_stack(name), Output.AUDIT_KEY_ARN)
    return WatchedBucket(name=bucket.name, key_arn=key)
