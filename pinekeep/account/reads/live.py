"""What is live in a deployment's account, as plain values. Reading alone: nothing is judged and nothing changed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pinekeep.account.reads.drift import Drift
from pinekeep.account.reads.permissions import DOCUMENTS_OF_ROLE, OF_ROLE

Document = dict[str, Any]
"""A part of an AWS answer, as boto3 gives it."""


@dataclass(frozen=True)
class Unreadable:
    """What could not be read.

    Attributes:
        permission: what these credentials lack, such as ``kms:GetKeyPolicy``.
        reason: what to do about it.
    """

    permission: str
    reason: str


@dataclass(frozen=True)
class NotAsked:
    """What was left out, although it could have been read.

    Attributes:
        reason: why, in words.
    """

    reason: str


LEFT_TO_CLOUDTRAIL: Final = NotAsked("CloudTrail tells of the use")
"""Why KMS was not asked for the last use of the key."""


@dataclass(frozen=True, kw_only=True)
class LiveRole:
    """One role that Pinecone assumes.

    Attributes:
        role: the role.
        inline_policies: the names of its inline policies.
        attached_policies: its attached policies.
        customer_policies: the documents of the policies that are to be attached to it for customers' keys, by ARN;
            None for one that does not exist.
        inline_documents: the documents of its inline policies, by name.
        attached_documents: those of the policies that are attached to it besides, by ARN.
    """

    role: Document | Unreadable | None = None
    inline_policies: list[str] | Unreadable | None = None
    attached_policies: list[Document] | Unreadable | None = None
    customer_policies: Mapping[str, Any] | Unreadable | None = None
    inline_documents: Mapping[str, Any] | Unreadable | None = None
    attached_documents: Mapping[str, Any] | Unreadable | None = None


@dataclass(frozen=True, kw_only=True)
class LiveReplica:
    """A replica of the key in another Region: a key of its own, with a policy and grants of its own.

    Attributes:
        arn: its ARN.
        region: its Region.
        key_policy: its policy, as text; None where there is no such key any more.
        grants: the grants on it.
    """

    arn: str
    region: str
    key_policy: str | Unreadable | None = None
    grants: list[Document] | Unreadable | None = None


@dataclass(frozen=True, kw_only=True)
class Live:
    """Everything that the checks of one deployment look at.

    Each value is what AWS says, None where there is no such thing (or the deployment has no such part), or
    :class:`Unreadable`.

    Attributes:
        cmek_stack: the stack of key and role, of DescribeStacks.
        private_link_stack: the stack of the endpoint.
        private_link_resources: what that stack made, of DescribeStackResources.
        role: the role that Pinecone assumes.
        inline_policies: the names of its inline policies.
        attached_policies: its attached policies.
        customer_policies: as in :class:`LiveRole`.
        inline_documents: as in :class:`LiveRole`; only where asked for, as all from here to ``further_roles``.
        attached_documents: as in :class:`LiveRole`.
        parameters: what is noted about the deployment in Systems Manager: the parameters that there are, by name.
        stack_policy: the policy of the stack of key and role, as text.
        activity: the newest calls about the key, of LookupEvents.
        last_usage: when the key was last used, of GetKeyLastUsage; asked for only where CloudTrail tells nothing.
        grants: the grants on the key, of every page of ListGrants.
        replicas: the key's replicas in other Regions; none for a key that has none.
        cmek_drift: what CloudFormation finds changed behind the back of the stack of key and role.
        private_link_drift: the same of the endpoint's stack.
        vpc_endpoints: the endpoints to the same service in the VPCs of the clients.
        client_vpcs: those VPCs, of DescribeVpcs.
        dhcp_options: the DHCP options of them.
        resolver_rules: the Resolver rules that are associated with each of them, by its ID.
        vpc_zones: the private hosted zones that answer in them, each with its ``VPCId``, of ListHostedZonesByVPC.
        further_roles: the deployment's roles from the second on.
        alias_key: the key that the configured alias points at.
        key: the key that Pinecone uses.
        key_policy: its policy, as text.
        rotation: the state of its rotation.
        endpoints: all endpoints that the stack puts out or that a parameter names, as far as they are there.
        endpoint: the one of them that serves clients.
        security_groups: the security groups on the endpoint.
        network_acls: the network ACLs of the endpoint's subnets.
        dns_support: whether the endpoint's VPC resolves names.
        dns_hostnames: whether it gives names.
        zone: the private hosted zone of the stack, with its VPCs, of GetHostedZone.
        records: all of its records.
    """

    cmek_stack: Document | Unreadable | None = None
    private_link_stack: Document | Unreadable | None = None
    private_link_resources: list[Document] | Unreadable | None = None
    role: Document | Unreadable | None = None
    inline_policies: list[str] | Unreadable | None = None
    attached_policies: list[Document] | Unreadable | None = None
    customer_policies: Mapping[str, Any] | Unreadable | None = None
    inline_documents: Mapping[str, Any] | Unreadable | None = None
    attached_documents: Mapping[str, Any] | Unreadable | None = None
    parameters: Mapping[str, Document] | Unreadable | None = None
    stack_policy: str | Unreadable | None = None
    activity: Document | Unreadable | NotAsked | None = None
    last_usage: Document | Unreadable | NotAsked | None = None
    grants: list[Document] | Unreadable | None = None
    replicas: list[LiveReplica] | Unreadable | None = None
    cmek_drift: Drift | Unreadable | None = None
    private_link_drift: Drift | Unreadable | None = None
    vpc_endpoints: list[Document] | Unreadable | None = None
    vpc_zones: list[Document] | Unreadable | None = None
    client_vpcs: list[Document] | Unreadable | None = None
    dhcp_options: list[Document] | Unreadable | None = None
    resolver_rules: Mapping[str, list[Document]] | Unreadable | None = None
    further_roles: tuple[LiveRole, ...] = ()
    alias_key: Document | Unreadable | None = None
    key: Document | Unreadable | None = None
    key_policy: str | Unreadable | None = None
    rotation: Document | Unreadable | None = None
    endpoints: list[Document] | Unreadable | None = None
    endpoint: Document | Unreadable | None = None
    security_groups: list[Document] | Unreadable | None = None
    network_acls: list[Document] | Unreadable | NotAsked | None = None
    dns_support: bool | Unreadable | NotAsked | None = None
    dns_hostnames: bool | Unreadable | NotAsked | None = None
    zone: Document | Unreadable | None = None
    records: list[Document] | Unreadable | None = None

    def of_role(self, number: int) -> "Live":
        """Return the same with a further one of the deployment's roles, by its number from 2, in the first's place."""
        further = dict(enumerate(self.further_roles, start=2)).get(number, LiveRole())
        return replace(self, **{field: getattr(further, field) for field in (*OF_ROLE, *DOCUMENTS_OF_ROLE)})
