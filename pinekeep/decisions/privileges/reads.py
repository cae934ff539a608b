"""Grants to read what is deployed. Most allow the calls of one kind of resource, in one statement."""

from collections.abc import Mapping
from typing import Final

from pinekeep.account.reads.permissions import PERMISSIONS
from pinekeep.decisions.privileges.grant import EVERYTHING, Grant, grant, in_the_regions
from pinekeep.decisions.privileges.scope import Scope

DESCRIBE: Final = "EC2's describe calls take no resource; the policy limits them to the Regions of the deployments"


def everything_with_endpoints(scope: Scope) -> list[str]:
    """Return ``*`` where a deployment has an endpoint, else nothing."""
    return EVERYTHING if scope.has_endpoints else []


def role(*actions: str) -> Grant:
    """Return the grant to read the roles that Pinecone assumes."""
    return grant("ReadRole", *actions, on="the roles that Pinecone assumes", resources=Scope.roles)


def key(*actions: str) -> Grant:
    """Return the grant to read the deployments' keys, by ARN or by alias."""
    return grant(
        "ReadKey",
        *actions,
        on="adopted keys; for a key of its own, the keys of the account and Region and the alias",
        resources=lambda scope: [*scope.keys_to_read(), *scope.aliases()],
    )


def _network(action: str) -> Grant:
    return grant(
        "ReadNetwork",
        action,
        on="everything in the Region",
        resources=everything_with_endpoints,
        condition=in_the_regions,
        wildcard=DESCRIBE,
    )


def _zone(action: str) -> Grant:
    return grant(
        "ReadHostedZone",
        action,
        on="any hosted zone: Route 53 generates the zone's ID, and has no condition for reading",
        resources=lambda scope: ["arn:aws:route53:::hostedzone/*"] if scope.has_hosted_zones else [],
    )


STACKS: Final = grant(
    "ReadStacks", "cloudformation:DescribeStacks", on="the deployments' stacks", resources=Scope.stacks
)

ENDPOINT_STACKS: Final = grant(
    "ReadStacks",
    "cloudformation:DescribeStacks",
    "cloudformation:DescribeStackResources",
    on="the deployments' endpoint stacks",
    resources=lambda scope: scope.stacks(cmek=False, further=False),
)

STACKS_TO_DESTROY: Final = grant(
    "ReadStacks",
    "cloudformation:DescribeStacks",
    on="the deployments' stacks but for those of role and key, also those that the file no longer has",
    resources=lambda scope: [*scope.endpoint_stacks(), *scope.further_stacks()],
)

ENDPOINTS: Final = grant(
    "ReadEndpoints",
    "ec2:DescribeVpcEndpoints",
    on="everything in the Region: also an endpoint that the file no longer has",
    resources=lambda _: EVERYTHING,
    condition=in_the_regions,
    wildcard=DESCRIBE,
)

RESOLVER_ADDRESSES: Final = grant(
    "ReadResolverEndpoints",
    "route53resolver:ListResolverEndpointIpAddresses",
    on="the Resolver endpoints of the Region: Resolver generates their IDs",
    resources=lambda scope: scope.resolver_endpoints(),
)
"""For ``private-link forwarding``."""

DNS_TARGETS: Final = (
    grant(
        "ReadProfiles",
        "route53profiles:ListProfileAssociations",
        "route53profiles:ListProfileResourceAssociations",
        on="the Route 53 Profiles of the Region: Route 53 generates their IDs, and one may be another account's",
        resources=lambda scope: EVERYTHING if scope.has_profiles else [],
        condition=in_the_regions,
        wildcard="ListProfileAssociations lists everything in the Region",
    ),
    grant(
        "ReadResolverEndpoints",
        "route53resolver:GetResolverEndpoint",
        "route53resolver:ListResolverEndpointIpAddresses",
        on="the Resolver endpoints of the Region: Resolver generates their IDs",
        resources=lambda scope: scope.resolver_endpoints(),
    ),
    grant(
        "ReadNetworkInterfaces",
        "ec2:DescribeNetworkInterfaces",
        on="everything in the Region: the IPv6 addresses of a dual-stack endpoint",
        resources=lambda scope: EVERYTHING if scope.has_ipv6 else [],
        condition=in_the_regions,
        wildcard=DESCRIBE,
    ),
)
"""For ``verify``, of deployments with such parts."""

ENDPOINT_OFFER: Final = grant(
    "ReadEndpointService",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpointServices",
    on="everything in the Region: the endpoint service, its zones, and the subnets in them",
    resources=everything_with_endpoints,
    condition=in_the_regions,
    wildcard=DESCRIBE,
)
"""For ``private-link zones``."""

FLOW_LOGS: Final = grant(
    "ReadFlowLogs",
    "logs:FilterLogEvents",
    on="the log groups of the deployments' own VPCs; for an existing VPC, any log group in the Region",
    resources=lambda scope: scope.flow_log_groups(),
)
"""For ``private-link callers``."""

_READS: Final[Mapping[str, Grant]] = {
    "cloudformation:DescribeStacks": STACKS,
    "cloudformation:DescribeStackResources": grant(
        "ReadStackResources",
        "cloudformation:DescribeStackResources",
        on="the deployments' endpoint stacks",
        resources=lambda scope: scope.stacks(cmek=False, further=False),
    ),
    "ec2:DescribeVpcEndpoints": ENDPOINTS,
    **{
        action: make(action)
        for make, actions in (
            (role, ("iam:GetRole", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies")),
            (key, ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus")),
            (_network, ("ec2:DescribeSecurityGroups", "ec2:DescribeNetworkAcls", "ec2:DescribeVpcAttribute")),
            (_zone, ("route53:GetHostedZone", "route53:ListResourceRecordSets")),
        )
        for action in actions
    },
}


def live(action: str) -> Grant:
    """Return the grant for one of the reads of ``verify``. Raises KeyError if a read was added without a grant."""
    return _READS[action]


LIVE: Final = tuple(live(action) for action in dict.fromkeys(PERMISSIONS.values()))
"""The reads of the checks."""

LIVE_AFTER_DEPLOYMENT: Final = tuple(each for each in LIVE if "ec2:DescribeNetworkAcls" not in each.actions)
"""The reads of ``deploy`` after a deployment: it does not check network ACLs."""

GRANTS_ON_KEYS: Final = grant(
    "ReadGrantsOnKeys",
    "kms:ListGrants",
    on="adopted keys; for a key of its own, the keys of the account and Region",
    resources=Scope.keys_to_read,
)

REPLICAS: Final = grant(
    "ReadReplicas",
    "kms:GetKeyPolicy",
    "kms:ListGrants",
    on="multi-Region keys of the account, in every Region: a replica's policy and grants are its own",
    resources=Scope.replicas,
)

MANAGED_POLICIES: Final = (
    grant(
        "ReadPolicies",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        on="the managed policies of the account and of AWS: whatever is attached to the roles",
        resources=lambda scope: [f"arn:aws:iam::{scope.account}:policy/*", "arn:aws:iam::aws:policy/*"],
    ),
)

POLICIES_OF_ROLES: Final = (role("iam:GetRolePolicy"), *MANAGED_POLICIES)

ACCESS_ANALYZER: Final = grant(
    "AskAccessAnalyzer",
    "access-analyzer:ValidatePolicy",
    "access-analyzer:CheckNoPublicAccess",
    "access-analyzer:CheckAccessNotGranted",
    on="no resource: the policies are in the request",
    resources=lambda _: EVERYTHING,
    condition=in_the_regions,
    wildcard="These calls take no resource; they analyze the policies in the request",
)
"""For ``verify --access-analyzer``."""

DRIFT: Final = (
    grant(
        "LookForDrift",
        "cloudformation:DetectStackDrift",
        "cloudformation:DetectStackResourceDrift",
        "cloudformation:DescribeStackResourceDrifts",
        on="the deployments' stacks",
        resources=Scope.stacks,
    ),
    grant(
        "WaitForDrift",
        "cloudformation:DescribeStackDriftDetectionStatus",
        on="no resource: a drift detection has no ARN",
        resources=lambda _: EVERYTHING,
        condition=in_the_regions,
        wildcard="A drift detection has no ARN; the policy limits it to the Regions of the deployments",
    ),
)
"""For ``verify --drift``. CloudFormation reads each resource with the caller's own permissions."""

RECORD: Final = grant(
    "ReadTheRecord",
    "ssm:GetParameters",
    on="the parameters that record what was handed over, and what `revoke` did",
    resources=Scope.records,
)

STACK_POLICY: Final = grant(
    "ReadStackPolicy",
    "cloudformation:GetStackPolicy",
    on="the deployments' stacks with a role",
    resources=lambda scope: scope.stacks(link=False, further=False),
)

KEY_EVENTS: Final = grant(
    "LookUpUseOfTheKey",
    "cloudtrail:LookupEvents",
    on="no resource: the lookup is by the key's ARN",
    resources=lambda scope: EVERYTHING if scope.keys_to_read() else [],
    condition=in_the_regions,
    wildcard="CloudTrail's event history takes no resource; the policy limits it to the Regions of the deployments",
)

KEY_LAST_USAGE: Final = key("kms:GetKeyLastUsage")

TAGS_OF_KEYS: Final = grant(
    "ReadTagsOfKeys", "kms:ListResourceTags", on="the keys of the account and Region", resources=Scope.keys
)

DEPLOYED_TEMPLATE: Final = grant(
    "ReadWhatIsDeployed",
    "cloudformation:GetTemplate",
    on="the deployments' stacks of role and key: whom the role trusts",
    resources=lambda scope: scope.stacks(link=False, further=False),
)

FORMER_DEPLOYMENTS: Final = (
    grant(
        "ListStacks",
        "cloudformation:ListStacks",
        on="no resource: stacks of the account and Region that the file does not name",
        resources=lambda _: EVERYTHING,
        condition=in_the_regions,
        wildcard="ListStacks takes no resource; the policy limits it to the Regions of the deployments",
    ),
    grant(
        "ReadFormerDeployments",
        "cloudformation:DescribeStacks",
        on="stacks of role and key of every deployment, in every Region: they reveal one that was renamed or moved",
        resources=Scope.stacks_of_any_deployment,
    ),
)
