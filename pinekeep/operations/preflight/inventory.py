"""What is there before a deployment, as plain values, and by which calls it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pinekeep.account.reads.live import Document, Unreadable
from pinekeep.model.facts import stack_status

ALLOWED: Final = "allowed"


@dataclass(frozen=True)
class Decision:
    """What IAM's simulation says about one action on one resource.

    Attributes:
        action: the action.
        resource: the ARN, or ``*``.
        decision: ``allowed``, ``implicitDeny`` or ``explicitDeny``.
        by_organization: whether the organization's policies are what forbids it.
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
    """How many there are of something.

    Attributes:
        number: how many were counted.
        complete: whether that is all of them; there is a bound on how many pages are read.
    """

    number: int
    complete: bool = True


@dataclass(frozen=True)
class DryRun:
    """What EC2 says to a call that is marked as not to be done.

    Attributes:
        outcome: ``allowed``, ``denied`` by these credentials' own policies, ``forbidden`` by the organization, or
            ``refused`` for another reason.
        said: AWS's words, shortened.
    """

    outcome: Literal["allowed", "denied", "forbidden", "refused"]
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Everything that the checks of one deployment look at.

    Each value is what AWS says, None where there is no such thing (or it does not matter for the deployment), or
    :class:`Unreadable`.

    Attributes:
        bootstrap: the version that the bootstrap noted.
        other_bootstraps: the qualifiers of the bootstraps that there are; read only where the deployment's is missing.
        bootstrap_roles: the ARNs of the bootstrap's roles that are under another path than the file says, by kind; read
            only for those that cannot be used as they are named.
        caller_decisions: what IAM says about these credentials assuming the bootstrap's roles.
        assumable: for the bootstrap's roles that a deployment needs, whether these credentials can act as them.
        execution_decisions: what IAM says about CloudFormation's role making the resources of the templates.
        administrators: for each administrator of the key in this account, the ARN of the role or user of its name; None
            where there is none.
        boundary: the permissions boundary of the roles.
        cmek_stack: the stack of key and role.
        private_link_stack: the stack of the endpoint.
        roles: the roles of the names that the stack would give, by name.
        alias_key: the key that the alias points at.
        alias_key_tags: its tags.
        tagged_keys: the ARNs of the keys that carry the deployment's tag.
        account_summary: IAM's counts and quotas.
        keys: how many keys there are in the Region.
        key_quota: how many there may be.
        adopted_key: the key that is adopted.
        adopted_key_policy: its policy, as text.
        adopted_key_tags: its tags.
        service: Pinecone's endpoint service, as this account sees it.
        zones: the Region's Availability Zones.
        vpcs: the configured VPCs that exist, by ID.
        dns: for each of them, whether it resolves names and gives names.
        dhcp_options: their DHCP options; None for those of a VPC that cannot be seen.
        resolver_rules: the Resolver rules that are associated with each of them; nothing for one without.
        subnets: the configured subnets that exist.
        endpoints: the endpoints in the VPC.
        hosted_zones: the private hosted zones that answer in each VPC, by its ID.
        endpoint_quota: how many interface endpoints a VPC may have.
        vpc_count: how many VPCs there are in the Region.
        vpc_quota: how many there may be.
        groups: the clients' security groups that exist.
        prefix_lists: the clients' prefix lists that exist.
        rules_quota: how many rules a security group may have; read only where there are prefix lists.
        peerings: the VPC's active peering connections; read only where a group is not in the VPC.
        endpoint_dry_run: what EC2 says to making the endpoint, without making it.
    """

    bootstrap: str | Unreadable | None = None
    other_bootstraps: list[str] | Unreadable | None = None
    bootstrap_roles: Mapping[str, str] | Unreadable | None = None
    caller_decisions: list[Decision] | Unreadable | None = None
    assumable: Mapping[str, bool] | None = None
    execution_decisions: list[Decision] | Unreadable | None = None
    administrators: Mapping[str, str | Unreadable | None] | None = None
    boundary: Document | Unreadable | None = None
    cmek_stack: Document | Unreadable | None = None
    private_link_stack: Document | Unreadable | None = None
    roles: Mapping[str, Document] | Unreadable | None = None
    alias_key: Document | Unreadable | None = None
    alias_key_tags: Mapping[str, str] | Unreadable | None = None
    tagged_keys: list[str] | Unreadable | None = None
    account_summary: Mapping[str, int] | Unreadable | None = None
    keys: Count | Unreadable | None = None
    key_quota: float | Unreadable | None = None
    adopted_key: Document | Unreadable | None = None
    adopted_key_policy: str | Unreadable | None = None
    adopted_key_tags: Mapping[str, str] | Unreadable | None = None
    service: Document | Unreadable | None = None
    zones: list[Document] | Unreadable | None = None
    vpcs: Mapping[str, Document] | Unreadable | None = None
    dns: Mapping[str, tuple[bool, bool]] | Unreadable | None = None
    dhcp_options: Mapping[str, Document | None] | Unreadable | None = None
    resolver_rules: Mapping[str, list[Document]] | Unreadable | None = None
    subnets: list[Document] | Unreadable | None = None
    endpoints: list[Document] | Unreadable | None = None
    hosted_zones: Mapping[str, list[Document]] | Unreadable | None = None
    endpoint_quota: float | Unreadable | None = None
    vpc_count: Count | Unreadable | None = None
    vpc_quota: float | Unreadable | None = None
    groups: list[Document] | Unreadable | None = None
    prefix_lists: list[Document] | Unreadable | None = None
    rules_quota: float | Unreadable | None = None
    peerings: list[Document] | Unreadable | None = None
    endpoint_dry_run: DryRun | None = None


PERMISSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "bootstrap": ("ssm:GetParameter",),
    "other_bootstraps": ("ssm:GetParametersByPath",),
    "bootstrap_roles": ("iam:GetRole",),
    "caller_decisions": ("iam:GetRole", "iam:SimulatePrincipalPolicy"),
    "assumable": ("sts:AssumeRole",),
    "execution_decisions": ("iam:SimulatePrincipalPolicy",),
    "administrators": ("iam:GetUser", "iam:GetRole"),
    "boundary": ("iam:GetPolicy",),
    "cmek_stack": ("cloudformation:DescribeStacks",),
    "private_link_stack": ("cloudformation:DescribeStacks",),
    "roles": ("iam:GetRole",),
    "alias_key": ("kms:DescribeKey",),
    "alias_key_tags": ("kms:ListResourceTags",),
    "tagged_keys": ("tag:GetResources",),
    "account_summary": ("iam:GetAccountSummary",),
    "keys": ("kms:ListKeys",),
    "key_quota": ("servicequotas:GetServiceQuota",),
    "adopted_key": ("kms:DescribeKey",),
    "adopted_key_policy": ("kms:GetKeyPolicy",),
    "adopted_key_tags": ("kms:ListResourceTags",),
    "service": ("ec2:DescribeVpcEndpointServices",),
    "zones": ("ec2:DescribeAvailabilityZones",),
    "vpcs": ("ec2:DescribeVpcs",),
    "dns": ("ec2:DescribeVpcAttribute",),
    "dhcp_options": ("ec2:DescribeDhcpOptions",),
    "resolver_rules": ("route53resolver:ListResolverRules", "route53resolver:ListResolverRuleAssociations"),
    "subnets": ("ec2:DescribeSubnets",),
    "endpoints": ("ec2:DescribeVpcEndpoints",),
    "hosted_zones": ("route53:ListHostedZonesByVPC",),
    "endpoint_quota": ("servicequotas:GetServiceQuota",),
    "vpc_count": ("ec2:DescribeVpcs",),
    "vpc_quota": ("servicequotas:GetServiceQuota",),
    "groups": ("ec2:DescribeSecurityGroups",),
    "prefix_lists": ("ec2:DescribeManagedPrefixLists",),
    "rules_quota": ("servicequotas:GetServiceQuota",),
    "peerings": ("ec2:DescribeVpcPeeringConnections",),
    "endpoint_dry_run": ("ec2:CreateVpcEndpoint",),
}
"""The permissions, and with them the calls, by which each value is read."""

FIELDS: Final = tuple(PERMISSIONS)

NEED_NO_OTHER: Final = (
    "bootstrap",
    "administrators",
    "boundary",
    "cmek_stack",
    "private_link_stack",
    "service",
    "zones",
    "vpcs",
    "subnets",
    "groups",
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
    "caller_decisions": "1,000 decisions a page, at most 20 pages",
    "execution_decisions": "1,000 decisions a page, at most 20 pages",
}
"""The values that take more than one call where there is much, and their bounds. The others take one call each,
``dns`` two and ``hosted_zones`` one for each VPC, ``administrators`` one for each, and ``resolver_rules`` two where
there are any."""


def is_new(stack: Document | Unreadable | None) -> bool:
    """Tell whether a stack is still to be made. A change set that nobody executed has made none."""
    return stack is None or (isinstance(stack, dict) and stack["StackStatus"] in stack_status.NEVER_CREATED)
