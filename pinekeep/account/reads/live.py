"""The live state of a deployment's account, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pinekeep.account.reads.drift import Drift
from pinekeep.account.reads.permissions import DOCUMENTS_OF_ROLE, OF_ROLE

Document = dict[str, Any]
"""A part of an AWS response, as boto3 returns it."""


@dataclass(frozen=True)
class Unreadable:
    """A value that could not be read: the missing permission, such as ``kms:GetKeyPolicy``, and how to get it."""

    permission: str
    reason: str


@dataclass(frozen=True)
class NotAsked:
    """A value that was left out on purpose, with the reason."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class LiveRole:
    """One role that Pinecone assumes.

    Attributes:
        customer_policies: the documents of the policies to be attached to it for customers' keys, by ARN; None for one
            that does not exist.
        inline_documents: the documents of its inline policies, by name.
        attached_documents: the documents of its other attached policies, by ARN.
    """

    role: Document | Unreadable | None = None
    inline_policies: list[str] | Unreadable | None = None
    attached_policies: list[Document] | Unreadable | None = None
    customer_policies: Mapping[str, Any] | Unreadable | None = None
    inline_documents: Mapping[str, Any] | Unreadable | None = None
    attached_documents: Mapping[str, Any] | Unreadable | None = None


@dataclass(frozen=True, kw_only=True)
class LiveReplica:
    """A replica of the key in another Region, with its own policy (None if it no longer exists) and grants."""

    arn: str
    region: str
    key_policy: str | Unreadable | None = None
    grants: list[Document] | Unreadable | None = None


@dataclass(frozen=True)
class AuditFiles:
    """What a listing of the files under the prefix found.

    Attributes:
        count: how many files were listed, without the test object.
        complete: whether these are all of them.
        newest: the key of the newest of them, and when it was written; None where there is none.
        test_object: whether the object is there with which Pinecone tries its access.
    """

    count: int
    complete: bool
    newest: tuple[str, datetime] | None
    test_object: bool


@dataclass(frozen=True, kw_only=True)
class Live(LiveRole):
    """Everything that the checks of one deployment read, with the first of its roles.

    Each value is AWS's response to the call in :mod:`.permissions`, None where there is no such thing (or the
    deployment has no such part), or :class:`Unreadable`.

    Attributes:
        parameters: the deployment's Systems Manager parameters that exist, by name. They are read only where requested,
            as all from here to ``further_roles`` and the documents of roles are.
        activity: the newest events about the key.
        last_usage: KMS's own record of the last use of the key, by anybody.
        vpc_endpoints: the endpoints to the same service in the VPCs of the clients.
        resolver_rules: the Resolver rules associated with each client VPC, by its ID.
        vpc_zones: the private hosted zones of the client VPCs, each with its ``VPCId``.
        bridge_zone: the hosted zone that bridges a change of DNS; ``bridge_records``: its records.
        profile_resources: what is associated with the Route 53 Profile; ``profile_vpcs``: with which VPCs it is.
        resolver: the inbound endpoint of Route 53 Resolver, with its addresses and security groups.
        endpoint_interfaces: the endpoint's network interfaces; read only for a dual-stack endpoint.
        event_rules: the deployment's EventBridge rules by name, each with the ``Topics`` that it targets;
            ``global_rules``: those of us-east-1.
        trails: the trails that record the Region, each with ``Logging`` and ``Selectors``.
        alarms: the deployment's alarms by name.
        trail_log_group: the log group of the metric filters, with their ``Filters``.
        storage_roles: the roles of Pinecone's S3 account, by the setting that they belong to.
        audit_bucket: the bucket of the audit logs, as HeadBucket describes it; the ``audit_`` values are its settings.
        audit_key: the ARN of the key that the file, or an output of the stack, has for the bucket.
        audit_files: the files that were found in it.
        further_roles: the deployment's roles from the second on.
        alias_key: the key that the configured alias points to.
        endpoints: every endpoint in the stack's outputs or in a parameter, as far as it exists.
        endpoint: the one of them that serves clients.
    """

    cmek_stack: Document | Unreadable | None = None
    private_link_stack: Document | Unreadable | None = None
    private_link_resources: list[Document] | Unreadable | None = None
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
    bridge_zone: Document | Unreadable | None = None
    bridge_records: list[Document] | Unreadable | None = None
    profile_resources: list[Document] | Unreadable | None = None
    profile_vpcs: list[Document] | Unreadable | None = None
    resolver: Document | Unreadable | None = None
    resolver_addresses: list[Document] | Unreadable | None = None
    resolver_groups: list[Document] | Unreadable | None = None
    endpoint_interfaces: list[Document] | Unreadable | None = None
    monitoring_stack: Document | Unreadable | None = None
    event_rules: Mapping[str, Document] | Unreadable | None = None
    global_rules: Mapping[str, Document] | Unreadable | None = None
    topic: Document | Unreadable | None = None
    subscriptions: list[Document] | Unreadable | None = None
    topic_key: Document | Unreadable | None = None
    slack_channels: list[Document] | Unreadable | None = None
    trails: list[Document] | Unreadable | None = None
    alarms: Mapping[str, Document] | Unreadable | None = None
    trail_log_group: Document | Unreadable | None = None
    storage_stack: Document | Unreadable | None = None
    storage_roles: Mapping[str, LiveRole] | None = None
    audit_bucket: Document | Unreadable | None = None
    audit_versioning: Document | Unreadable | None = None
    audit_lock: Document | Unreadable | None = None
    audit_encryption: Document | Unreadable | None = None
    audit_public_access: Document | Unreadable | None = None
    audit_ownership: Document | Unreadable | None = None
    audit_policy: str | Unreadable | None = None
    audit_key: str | Unreadable | None = None
    audit_files: AuditFiles | Unreadable | None = None
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
        """Return the same with another of the deployment's roles, by its number from 2, in place of the first."""
        further = dict(enumerate(self.further_roles, start=2)).get(number, LiveRole())
        return replace(self, **{field: getattr(further, field) for field in (*OF_ROLE, *DOCUMENTS_OF_ROLE)})
