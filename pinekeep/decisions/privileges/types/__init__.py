"""The types of resources in the templates, and CloudFormation's permissions for each: one module a service."""

from collections.abc import Mapping
from typing import Final

from pinekeep.decisions.privileges.grant import ResourceKind
from pinekeep.decisions.privileges.scope import customer_accounts_of, makes_key, makes_vpc
from pinekeep.decisions.privileges.types import endpoint, iam, kms, network, route53
from pinekeep.model.config import Deployment

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
    )
}
"""Every type that a template may have."""

_OWN_KEY: Final = (kms.KEY, kms.ALIAS)
_LINK: Final = (endpoint.SECURITY_GROUP, endpoint.ENDPOINT)
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
_ZONE: Final = (route53.HOSTED_ZONE, route53.RECORD_SET)


def kinds_of(deployment: Deployment) -> set[str]:
    """Return the types in the templates of a deployment, without synthesis. A test compares it with templates."""
    kinds: list[ResourceKind] = []
    if deployment.cmek is not None:
        kinds.append(iam.ROLE)
        kinds += _OWN_KEY if makes_key(deployment) else ()
        kinds += [iam.MANAGED_POLICY] if customer_accounts_of(deployment) else ()
    if deployment.private_link is not None:
        kinds += _LINK
        kinds += _NEW_VPC if makes_vpc(deployment) else ()
        kinds += _ZONE if deployment.private_link.dns == "hosted-zone" else ()
    return {kind.name for kind in kinds}
