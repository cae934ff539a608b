"""The state of an account before a deployment, as plain values, and the calls that read it."""
# ruff: noqa: RUF009 - `_by` is a dataclass field

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, TypeAlias, TypeVar

from pinekeep.account.reads.live import Document, Unreadable
from pinekeep.model.facts import stack_status

ALLOWED: Final = "allowed"

SOMEBODY_ELSES: Final[Document] = {"SomebodyElses": True}
"""What stands for a bucket that exists in another account."""

T = TypeVar("T")
Read: TypeAlias = T | Unreadable | None


@dataclass(frozen=True)
class Decision:
    """IAM's simulation of an action on a resource (an ARN or ``*``).

    ``decision`` is ``allowed``, ``implicitDeny`` or ``explicitDeny``; ``by_organization``: the organization's policies
    are what forbids it.
    """

    action: str
    resource: str
    decision: str
    by_organization: bool = False

    @property
    def allowed(self) -> bool:
        """Whether it would be let through."""
        return self.decision == ALLOWED


@dataclass(frozen=True)
class Count:
    """How many there are of something; not complete where the bound on pages was reached."""

    number: int
    complete: bool = True


@dataclass(frozen=True)
class DryRun:
    """What EC2 says, shortened, to a call that is marked as not to be done.

    ``denied``: by these credentials' own policies; ``forbidden``: by the organization; ``refused``: for another reason.
    """

    outcome: Literal["allowed", "denied", "forbidden", "refused"]
    said: str = ""


def _by(*permissions: str) -> Any:
    """Declare a value that is read by these permissions, and by the calls that they are named after."""
    return field(default=None, metadata={"permissions": permissions})


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Everything that the checks of one deployment read.

    Each value is AWS's answer, None where there is no such thing (or it does not matter for the deployment), or
    :class:`Unreadable`.
    """

    bootstrap: Read[str] = _by("ssm:GetParameter")
    """The version that the bootstrap noted."""
    other_bootstraps: Read[list[str]] = _by("ssm:GetParametersByPath")
    """The qualifiers of the bootstraps that there are; read only where the deployment's is missing."""
    bootstrap_roles: Read[Mapping[str, str]] = _by("iam:GetRole")
    """The ARNs of the bootstrap's roles that are under another path than the file says, by kind; read only for those
    that cannot be used as they are named."""
    caller_decisions: Read[list[Decision]] = _by("iam:GetRole", "iam:SimulatePrincipalPolicy")
    """What IAM says about these credentials assuming the bootstrap's roles."""
    assumable: Mapping[str, bool] | None = _by("sts:AssumeRole")
    """For the bootstrap's roles that a deployment needs, whether these credentials can act as them."""
    execution_decisions: Read[list[Decision]] = _by("iam:SimulatePrincipalPolicy")
    """What IAM says about CloudFormation's role making the resources of the templates."""
    administrators: Mapping[str, Read[str]] | None = _by("iam:GetUser", "iam:GetRole")
    """For each administrator of the key in this account, the ARN of the role or user of its name; None where there is
    none."""
    boundary: Read[Document] = _by("iam:GetPolicy")
    """The permissions boundary of the roles."""
    cmek_stack: Read[Document] = _by("cloudformation:DescribeStacks")
    """The stack of key and role."""
    private_link_stack: Read[Document] = _by("cloudformation:DescribeStacks")
    """The stack of the endpoint."""
    storage_stack: Read[Document] = _by("cloudformation:DescribeStacks")
    """The stack of the audit bucket and the roles of Pinecone's S3 account."""
    monitoring_stack: Read[Document] = _by("cloudformation:DescribeStacks")
    """The stack of the monitoring."""
    global_monitoring_stack: Read[Document] = _by("cloudformation:DescribeStacks")
    """The stack that forwards the events of global services, in the Region that receives them."""
    audit_bucket: Read[Document] = _by("s3:ListBucket")
    """The bucket of the name that the stack would give, or the existing one."""
    audit_bucket_versioning: Read[Document] = _by("s3:GetBucketVersioning")
    """The versioning of an existing bucket; the following are settings of it, too."""
    audit_bucket_lock: Read[Document] = _by("s3:GetBucketObjectLockConfiguration")
    """Its Object Lock."""
    audit_bucket_encryption: Read[Document] = _by("s3:GetEncryptionConfiguration")
    """Its default encryption."""
    audit_bucket_public_access: Read[Document] = _by("s3:GetBucketPublicAccessBlock")
    """Which public access it blocks."""
    audit_bucket_ownership: Read[Document] = _by("s3:GetBucketOwnershipControls")
    """Whether ACLs are disabled."""
    storage_roles: Read[Mapping[str, Document]] = _by("iam:GetRole")
    """The roles of the names that the stack would give to Pinecone's S3 account, by name."""
    trail_log_group: Read[list[Document]] = _by("logs:DescribeLogGroups")
    """The log group of the trail; empty where there is none."""
    topic: Read[Mapping[str, str]] = _by("sns:GetTopicAttributes")
    """The attributes of an existing topic."""
    topic_key_policy: Read[str] = _by("kms:GetKeyPolicy")
    """The policy of its key, as text; read only for a key of the customer's."""
    roles: Read[Mapping[str, Document]] = _by("iam:GetRole")
    """The roles of the names that the stack would give, by name."""
    alias_key: Read[Document] = _by("kms:DescribeKey")
    """The key that the alias points at."""
    alias_key_tags: Read[Mapping[str, str]] = _by("kms:ListResourceTags")
    """Its tags."""
    tagged_keys: Read[list[str]] = _by("tag:GetResources")
    """The ARNs of the keys that carry the deployment's tag."""
    account_summary: Read[Mapping[str, int]] = _by("iam:GetAccountSummary")
    """IAM's counts and quotas."""
    keys: Read[Count] = _by("kms:ListKeys")
    """How many keys there are in the Region."""
    key_quota: Read[float] = _by("servicequotas:GetServiceQuota")
    """How many there may be."""
    adopted_key: Read[Document] = _by("kms:DescribeKey")
    """The key that is adopted."""
    adopted_key_policy: Read[str] = _by("kms:GetKeyPolicy")
    """Its policy, as text."""
    adopted_key_tags: Read[Mapping[str, str]] = _by("kms:ListResourceTags")
    """Its tags."""
    service: Read[Document] = _by("ec2:DescribeVpcEndpointServices")
    """Pinecone's endpoint service, as this account sees it."""
    zones: Read[list[Document]] = _by("ec2:DescribeAvailabilityZones")
    """The Region's Availability Zones."""
    vpcs: Read[Mapping[str, Document]] = _by("ec2:DescribeVpcs")
    """The configured VPCs that exist, by ID."""
    dns: Read[Mapping[str, tuple[bool, bool]]] = _by("ec2:DescribeVpcAttribute")
    """For each of them, whether it resolves names and gives names."""
    dhcp_options: Read[Mapping[str, Document | None]] = _by("ec2:DescribeDhcpOptions")
    """Their DHCP options; None for those of a VPC that cannot be seen."""
    resolver_rules: Read[Mapping[str, list[Document]]] = _by(
        "route53resolver:ListResolverRules", "route53resolver:ListResolverRuleAssociations"
    )
    """The Resolver rules that are associated with each of them; nothing for one without."""
    subnets: Read[list[Document]] = _by("ec2:DescribeSubnets")
    """The configured subnets that exist."""
    endpoints: Read[list[Document]] = _by("ec2:DescribeVpcEndpoints")
    """The endpoints in the VPC."""
    hosted_zones: Read[Mapping[str, list[Document]]] = _by("route53:ListHostedZonesByVPC")
    """The private hosted zones that answer in each VPC, by its ID."""
    endpoint_quota: Read[float] = _by("servicequotas:GetServiceQuota")
    """How many interface endpoints a VPC may have."""
    vpc_count: Read[Count] = _by("ec2:DescribeVpcs")
    """How many VPCs there are in the Region."""
    vpc_quota: Read[float] = _by("servicequotas:GetServiceQuota")
    """How many there may be."""
    groups: Read[list[Document]] = _by("ec2:DescribeSecurityGroups")
    """The clients' security groups that exist."""
    endpoint_groups: Read[list[Document]] = _by("ec2:DescribeSecurityGroups")
    """The security groups of yours for the endpoint that exist."""
    adopted_endpoint: Read[Document] = _by("ec2:DescribeVpcEndpoints")
    """The endpoint that is adopted."""
    project_endpoints: Read[list[Document]] = _by("ec2:DescribeVpcEndpoints")
    """The endpoints to Pinecone's endpoint service in the account and Region; read only for a new endpoint."""
    adopted_zone: Read[Document] = _by("route53:GetHostedZone")
    """The hosted zone that is adopted, with its VPCs."""
    adopted_zone_records: Read[list[Document]] = _by("route53:ListResourceRecordSets")
    """Its records."""
    adopted_profile: Read[Document] = _by("route53profiles:GetProfile")
    """The Route 53 Profile that is adopted."""
    profile_associations: Read[list[Document]] = _by("route53profiles:ListProfileAssociations")
    """The associations of Route 53 Profiles with the configured VPCs."""
    profile_zones: Read[Mapping[str, list[Document]]] = _by(
        "route53:GetHostedZone", "route53profiles:ListProfileResourceAssociations"
    )
    """The hosted zones of those Profiles and of the adopted one, by the Profile's ID. ``Name`` is None for a zone of
    another account."""
    resolver_subnets: Read[list[Document]] = _by("ec2:DescribeSubnets")
    """The configured subnets of the inbound resolver that exist."""
    resolver_count: Read[Count] = _by("route53resolver:ListResolverEndpoints")
    """How many Resolver endpoints there are in the Region; read only for a new one."""
    resolver_quota: Read[float] = _by("servicequotas:GetServiceQuota")
    """How many there may be."""
    prefix_lists: Read[list[Document]] = _by("ec2:DescribeManagedPrefixLists")
    """The clients' prefix lists that exist."""
    rules_quota: Read[float] = _by("servicequotas:GetServiceQuota")
    """How many rules a security group may have; read only where there are prefix lists."""
    peerings: Read[list[Document]] = _by("ec2:DescribeVpcPeeringConnections")
    """The VPC's active peering connections; read only where a group is not in the VPC."""
    endpoint_dry_run: DryRun | None = _by("ec2:CreateVpcEndpoint")
    """What EC2 says to making the endpoint, without making it."""


PERMISSIONS: Final[Mapping[str, tuple[str, ...]]] = {each.name: each.metadata["permissions"] for each in fields(Seen)}
"""The permissions, and with them the calls, by which each value is read."""

FIELDS: Final = tuple(PERMISSIONS)

NEED_NO_OTHER: Final = (
    "bootstrap",
    "administrators",
    "boundary",
    "cmek_stack",
    "private_link_stack",
    "storage_stack",
    "monitoring_stack",
    "global_monitoring_stack",
    "service",
    "zones",
    "vpcs",
    "subnets",
    "groups",
    "endpoint_groups",
    "adopted_endpoint",
    "adopted_zone",
    "adopted_profile",
    "resolver_subnets",
    "prefix_lists",
)
"""The values that are found without knowing another: they are read first, so that nobody waits for nothing."""

PAGINATED: Final[Mapping[str, str]] = {
    "other_bootstraps": "10 parameters a page, at most 20 pages",
    "keys": "1,000 keys a page, at most 20 pages",
    "tagged_keys": "50 resources a page, at most 20 pages",
    "vpc_count": "1,000 VPCs a page, at most 20 pages",
    "endpoints": "1,000 endpoints a page, at most 20 pages",
    "hosted_zones": "100 zones a page, at most 20 pages",
    "resolver_rules": "100 associations and 100 rules a page, at most 20 pages each",
    "peerings": "1,000 connections a page, at most 20 pages",
    "project_endpoints": "1,000 endpoints a page, at most 20 pages",
    "adopted_zone_records": "300 records a page, at most 20 pages",
    "profile_associations": "100 associations a page, at most 20 pages",
    "profile_zones": "100 associations a page, at most 20 pages for each Profile",
    "resolver_count": "100 endpoints a page, at most 20 pages",
    "caller_decisions": "1,000 decisions a page, at most 20 pages",
    "execution_decisions": "1,000 decisions a page, at most 20 pages",
}
"""The values that take more than one call where there is much, and their bounds. The others take one call each,
``dns`` two and ``hosted_zones`` one for each VPC, ``administrators`` one for each, ``resolver_rules`` two where there
are any, and ``profile_zones`` one for each hosted zone."""


def is_new(stack: Document | Unreadable | None) -> bool:
    """Tell whether a stack is still to be made. A change set that nobody executed has made none."""
    return stack is None or (isinstance(stack, dict) and stack["StackStatus"] in stack_status.NEVER_CREATED)
