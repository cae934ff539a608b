"""The types of resources in the templates, and CloudFormation's permissions for each: one module a service."""

from collections.abc import Iterator, Mapping
from typing import Final

from pinekeep.decisions.privileges.grant import ResourceKind
from pinekeep.decisions.privileges.scope import customer_accounts_of, makes_key, makes_vpc
from pinekeep.decisions.privileges.types import endpoint, iam, kms, network, profiles, resolver, route53
from pinekeep.model.config import Deployment
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
