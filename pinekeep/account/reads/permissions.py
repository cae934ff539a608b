"""The permission, and so the call, that each value of an account is read with. Data only: it imports no SDK."""

from collections.abc import Iterable
from typing import Final

DRIFT_PERMISSIONS: Final = (
    "cloudformation:DetectStackDrift",
    "cloudformation:DescribeStackDriftDetectionStatus",
    "cloudformation:DescribeStackResourceDrifts",
)
"""The permissions of drift detection. CloudFormation also reads the resources with the caller's own permissions."""

PERMISSIONS: Final = {
    "cmek_stack": "cloudformation:DescribeStacks",
    "private_link_stack": "cloudformation:DescribeStacks",
    "private_link_resources": "cloudformation:DescribeStackResources",
    "role": "iam:GetRole",
    "inline_policies": "iam:ListRolePolicies",
    "attached_policies": "iam:ListAttachedRolePolicies",
    "alias_key": "kms:DescribeKey",
    "key": "kms:DescribeKey",
    "key_policy": "kms:GetKeyPolicy",
    "rotation": "kms:GetKeyRotationStatus",
    "endpoints": "ec2:DescribeVpcEndpoints",
    "endpoint": "ec2:DescribeVpcEndpoints",
    "security_groups": "ec2:DescribeSecurityGroups",
    "network_acls": "ec2:DescribeNetworkAcls",
    "dns_support": "ec2:DescribeVpcAttribute",
    "dns_hostnames": "ec2:DescribeVpcAttribute",
    "zone": "route53:GetHostedZone",
    "records": "route53:ListResourceRecordSets",
}
"""The permission, and so the call, for each value."""

FIELDS: Final = tuple(PERMISSIONS)
"""The values that are read with one call; those of a role for the first role."""

OF_ROLE: Final = ("role", "inline_policies", "attached_policies")
"""The values that are read again for each further role."""

_MANAGED_POLICY: Final = ("iam:GetPolicy", "iam:GetPolicyVersion")

CUSTOMER_PERMISSIONS: Final = {"customer_policies": _MANAGED_POLICY}
"""The same for what only deployments with customers' keys have."""

ALSO_PERMISSIONS: Final[dict[str, tuple[str, ...]]] = {
    "parameters": ("ssm:GetParameters",),
    "stack_policy": ("cloudformation:GetStackPolicy",),
    "activity": ("cloudtrail:LookupEvents",),
    "last_usage": ("kms:GetKeyLastUsage",),
    "grants": ("kms:ListGrants",),
    "replicas": ("kms:GetKeyPolicy", "kms:ListGrants"),
    "inline_documents": ("iam:GetRolePolicy",),
    "attached_documents": _MANAGED_POLICY,
    "vpc_endpoints": ("ec2:DescribeVpcEndpoints",),
    "vpc_zones": ("route53:ListHostedZonesByVPC",),
    "client_vpcs": ("ec2:DescribeVpcs",),
    "dhcp_options": ("ec2:DescribeDhcpOptions",),
    "resolver_rules": ("route53resolver:ListResolverRuleAssociations", "route53resolver:ListResolverRules"),
    "bridge_zone": ("route53:GetHostedZone",),
    "bridge_records": ("route53:ListResourceRecordSets",),
    "profile_resources": ("route53profiles:ListProfileResourceAssociations",),
    "profile_vpcs": ("route53profiles:ListProfileAssociations",),
    "resolver": ("route53resolver:GetResolverEndpoint",),
    "resolver_addresses": ("route53resolver:ListResolverEndpointIpAddresses",),
    "resolver_groups": ("ec2:DescribeSecurityGroups",),
    "endpoint_interfaces": ("ec2:DescribeNetworkInterfaces",),
    "monitoring_stack": ("cloudformation:DescribeStacks",),
    "event_rules": ("events:ListRules", "events:ListRuleNamesByTarget"),
    "global_rules": ("events:ListRules", "events:ListRuleNamesByTarget"),
    "topic": ("sns:GetTopicAttributes",),
    "subscriptions": ("sns:ListSubscriptionsByTopic",),
    "topic_key": ("kms:DescribeKey",),
    "slack_channels": ("chatbot:DescribeSlackChannelConfigurations",),
    "trails": ("cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"),
    "alarms": ("cloudwatch:DescribeAlarms",),
    "trail_log_group": ("logs:DescribeLogGroups", "logs:DescribeMetricFilters"),
    "storage_stack": ("cloudformation:DescribeStacks",),
    "storage_roles": ("iam:GetRole", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies", *_MANAGED_POLICY),
    "audit_bucket": ("s3:ListBucket",),
    "audit_versioning": ("s3:GetBucketVersioning",),
    "audit_lock": ("s3:GetBucketObjectLockConfiguration",),
    "audit_encryption": ("s3:GetEncryptionConfiguration",),
    "audit_public_access": ("s3:GetBucketPublicAccessBlock",),
    "audit_ownership": ("s3:GetBucketOwnershipControls",),
    "audit_policy": ("s3:GetBucketPolicy",),
    "audit_key": ("cloudformation:DescribeStacks",),
    "audit_files": ("s3:ListBucket",),
    "cmek_drift": DRIFT_PERMISSIONS,
    "private_link_drift": DRIFT_PERMISSIONS,
}
"""The same for what is read only on request."""

ALSO_ONCE: Final = tuple(each for each in ALSO_PERMISSIONS if not each.endswith(("_documents", "_drift")))
"""Those of them that are read once, whatever is found."""


DOCUMENTS_OF_ROLE: Final = ("customer_policies", "inline_documents", "attached_documents")
"""The documents of a role's policies: read by name, so only where the role has any."""

NEEDS: Final = {
    "key": ("cmek_stack", "alias_key"),
    "key_policy": ("cmek_stack",),
    "rotation": ("cmek_stack",),
    "grants": ("cmek_stack", "alias_key"),
    "replicas": ("key",),
    "endpoints": ("private_link_stack",),
    "endpoint": ("endpoints",),
    "private_link_resources": ("private_link_stack",),
    "stack_policy": ("cmek_stack",),
    "activity": ("cmek_stack", "alias_key"),
    "last_usage": ("cmek_stack", "alias_key"),
    "inline_documents": ("inline_policies",),
    "attached_documents": ("attached_policies",),
    "security_groups": ("endpoint",),
    "network_acls": ("endpoint",),
    "vpc_endpoints": ("endpoint",),
    "vpc_zones": ("endpoint",),
    "client_vpcs": ("endpoint",),
    "dhcp_options": ("client_vpcs",),
    "resolver_rules": ("endpoint",),
    "bridge_zone": ("private_link_stack",),
    "bridge_records": ("private_link_stack",),
    "profile_resources": ("private_link_stack",),
    "profile_vpcs": ("private_link_stack",),
    "resolver": ("private_link_stack",),
    "resolver_addresses": ("private_link_stack",),
    "resolver_groups": ("resolver",),
    "endpoint_interfaces": ("endpoint",),
    "event_rules": ("monitoring_stack",),
    "topic": ("monitoring_stack",),
    "subscriptions": ("monitoring_stack",),
    "topic_key": ("topic",),
    "audit_key": ("storage_stack",),
    "audit_files": ("audit_bucket",),
    "zone": ("private_link_resources",),
    "records": ("private_link_resources",),
}
"""The values that locate another one."""

PART_OF: Final = {
    "audit_versioning": "audit_bucket",
    "audit_lock": "audit_bucket",
    "audit_encryption": "audit_bucket",
    "audit_public_access": "audit_bucket",
    "audit_ownership": "audit_bucket",
    "audit_policy": "audit_bucket",
    "audit_files": "audit_bucket",
    "private_link_resources": "private_link_stack",
    "inline_policies": "role",
    "attached_policies": "role",
    "customer_policies": "role",
    "inline_documents": "role",
    "attached_documents": "role",
    "stack_policy": "cmek_stack",
    "activity": "key",
    "last_usage": "key",
    "key_policy": "key",
    "rotation": "key",
    "grants": "key",
    "replicas": "key",
    "security_groups": "endpoint",
    "network_acls": "endpoint",
    "dns_support": "endpoint",
    "dns_hostnames": "endpoint",
    "records": "zone",
    "bridge_records": "bridge_zone",
    "resolver_addresses": "resolver",
    "resolver_groups": "resolver",
    "endpoint_interfaces": "endpoint",
    "topic": "monitoring_stack",
    "topic_key": "topic",
}
"""The values that are part of another one, and missing only together with it."""


def permissions_of(reads: Iterable[str]) -> tuple[str, ...]:
    """Return the permissions for reading the values, and the values that locate them, each once."""
    needed: dict[str, None] = {}
    for field in reads:
        needed.update(dict.fromkeys((*permissions_of(NEEDS.get(field, ())), *_own(field))))
    return tuple(needed)


def with_needs(reads: Iterable[str]) -> set[str]:
    """Return the values, and those that locate them."""
    found: set[str] = set()
    for field in reads:
        found |= {field, *with_needs(NEEDS.get(field, ()))}
    return found


def permission_of(field: str) -> str:
    """Return the permission, and so the call, for a value."""
    (permission,) = _own(field)
    return permission


def _own(field: str) -> tuple[str, ...]:
    return CUSTOMER_PERMISSIONS.get(field) or ALSO_PERMISSIONS.get(field) or (PERMISSIONS[field],)
