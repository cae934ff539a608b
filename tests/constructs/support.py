"""Applications of somebody else's, and the sentences with which constructs refuse."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from constructs import Construct

from pinekeep.constructs import (
    Alarms,
    AuditBucket,
    AuditQueries,
    CustomerKeysAccess,
    Dashboard,
    DeadLetterQueue,
    DnsProfile,
    EncryptionKey,
    EventForwarding,
    EventNotifications,
    InboundResolver,
    InterfaceEndpoint,
    IsolatedVpc,
    NotificationTopic,
    PineconeRole,
    PrivateZone,
    SlackChannel,
    StorageRole,
)
from pinekeep.constructs.props import PropError
from pinekeep.errors import WrongInputError
from pinekeep.model.alarms.dashboard import DashboardParts
from pinekeep.model.monitoring.watched import Watched, WatchedKey
from tests.stacks.support import ACCOUNT, EXTERNAL_ID, PINECONE, REGION, SUBNETS, VPC, scratch

BUCKET = "acme-pinecone-audit"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/pinecone"


def app(**context: Any) -> App:
    return App(outdir=str(scratch()), context=context)


def stack(scope: Construct, name: str, region: str | None = REGION, *, account: str = ACCOUNT, **others: Any) -> Stack:
    """Return a stack of a Region; None leaves account and Region to the deployment."""
    environment = Environment(account=account, region=region) if region else None
    return Stack(scope, name, env=environment, **others)


@dataclass(frozen=True)
class Refusal:
    """How a construct was refused: the sentence, and the hint that Python prints below it."""

    message: str
    hint: str
    code: str | None


def refused(make: Callable[[], object]) -> Refusal:
    """Return the refusal of a construct; fail where it is made, or where anything else is raised."""
    with pytest.raises(PropError) as caught:
        make()
    assert caught.value.hint, caught.value.message
    assert caught.value.__notes__ == [f"hint: {caught.value.hint}"], "Python prints the notes of an error, not its hint"
    assert not caught.value.message.endswith(".")
    assert isinstance(caught.value, WrongInputError)
    return Refusal(caught.value.message, caught.value.hint, caught.value.code)


# Each construct with the props that it needs, where others are not given.


def role(scope: Construct, name: str = "Role", **props: Any) -> PineconeRole:
    needed: dict[str, Any] = {"pinecone_account": PINECONE, "regions": [REGION], "external_id": EXTERNAL_ID}
    return PineconeRole(scope, name, **(needed | props))


def key(scope: Construct, name: str = "Key", **props: Any) -> EncryptionKey:
    needed: dict[str, Any] = {"key_user": ROLE_ARN, "alias": "alias/pinecone/search"}
    return EncryptionKey(scope, name, **(needed | props))


def endpoint(scope: Construct, name: str = "Endpoint", **props: Any) -> InterfaceEndpoint:
    needed: dict[str, Any] = {} if "vpc" in props else {"vpc_id": VPC, "subnet_ids": SUBNETS}
    return InterfaceEndpoint(scope, name, **(needed | props))


def zone(scope: Construct, name: str = "Zone", **props: Any) -> PrivateZone:
    needed: dict[str, Any] = {
        "vpc_ids": [VPC],
        "endpoint_dns_name": "vpce-1.vpce-svc-1.us-east-1.vpce.amazonaws.com",
        "endpoint_hosted_zone_id": "Z7HUB22UULQXV",
    }
    return PrivateZone(scope, name, **(needed | props))


def profile(scope: Construct, name: str = "Profile", **props: Any) -> DnsProfile:
    needed: dict[str, Any] = {"hosted_zone_id": "Z0123456789ABCDEFGHIJ", "vpc_ids": [VPC]}
    return DnsProfile(scope, name, **(needed | props))


def resolver(scope: Construct, name: str = "Resolver", **props: Any) -> InboundResolver:
    needed: dict[str, Any] = {"vpc_id": VPC, "subnet_ids": SUBNETS, "client_cidrs": ["192.168.0.0/24"]}
    return InboundResolver(scope, name, **(needed | props))


def vpc(scope: Construct, name: str = "Vpc", **props: Any) -> IsolatedVpc:
    needed: dict[str, Any] = {"cidr": "10.20.0.0/16", "availability_zones": [f"{REGION}a", f"{REGION}b"]}
    return IsolatedVpc(scope, name, **(needed | props))


def customer_keys(scope: Construct, name: str = "Customers", **props: Any) -> CustomerKeysAccess:
    needed: dict[str, Any] = {
        "role_name": "pinecone",
        "policies": [["arn:aws:kms:*:444455556666:key/*"]],
        "policy_name": "pinecone-keys",
    }
    return CustomerKeysAccess(scope, name, **(needed | props))


def alarms(scope: Construct, name: str = "Alarms", **props: Any) -> Alarms:
    needed: dict[str, Any] = {
        "prefix": "pinekeep.search.",
        "topic_arns": [f"arn:aws:sns:{REGION}:{ACCOUNT}:pinekeep-search"],
        "metric_namespace": "Pinekeep/search",
    }
    return Alarms(scope, name, **(needed | props))


def dashboard(scope: Construct, name: str = "Dashboard", **parts: Any) -> Dashboard:
    needed: dict[str, Any] = {"name": "search", "region": REGION, "topic": "pinekeep-search", "alarm_arns": []}
    dashboard_name = parts.pop("dashboard_name", "pinekeep-search")
    return Dashboard(scope, name, dashboard_name=dashboard_name, parts=DashboardParts(**(needed | parts)))


def storage_role(scope: Construct, name: str = "StorageRole", **props: Any) -> StorageRole:
    needed: dict[str, Any] = {"use": "audit", "bucket": BUCKET}
    return StorageRole(scope, name, **(needed | props))


def audit_bucket(scope: Construct, construct_id: str = "AuditBucket", **props: Any) -> AuditBucket:
    needed: dict[str, Any] = {"name": BUCKET, "writer": ROLE_ARN}
    return AuditBucket(scope, construct_id, **(needed | props))


def watched(**values: Any) -> Watched:
    """Return a key and its role as they are watched."""
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    known = WatchedKey(arn=arn, key_id="1234abcd-12ab-34cd-56ef-1234567890ab")
    needed: dict[str, Any] = {"deployment": "search", "account": ACCOUNT, "region": REGION}
    needed |= {"key": known, "key_roles": ["pinecone"]}
    return Watched(**(needed | values))


def topic(scope: Construct, name: str = "Topic", **props: Any) -> NotificationTopic:
    needed: dict[str, Any] = {"emails": ["oncall@example.com"]}
    return NotificationTopic(scope, name, **(needed | props))


def slack(scope: Construct, name: str = "Slack", **props: Any) -> SlackChannel:
    needed: dict[str, Any] = {"name": "pinecone", "workspace_id": "T0123ABCD", "channel_id": "C0123ABCD"}
    return SlackChannel(scope, name, **(needed | props))


def queue(scope: Construct, name: str = "Queue", **props: Any) -> DeadLetterQueue:
    return DeadLetterQueue(scope, name, **props)


def event_notifications(scope: Construct, name: str = "Events", **props: Any) -> EventNotifications:
    needed: dict[str, Any] = {
        "watched": watched(),
        "topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:pinecone",
        "dead_letter_queue_arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:pinecone",
    }
    return EventNotifications(scope, name, **(needed | props))


def audit_queries(scope: Construct, construct_id: str = "AuditQueries", **props: Any) -> AuditQueries:
    needed: dict[str, Any] = {"bucket_name": BUCKET, "name": "pinekeep-search-audit"}
    return AuditQueries(scope, construct_id, **(needed | props))


def event_forwarding(scope: Construct, name: str = "Forwarding", **props: Any) -> EventForwarding:
    needed: dict[str, Any] = {"watched": watched(region="eu-west-1")}
    return EventForwarding(scope, name, **(needed | props))


EVERY: dict[str, Callable[..., Construct]] = {
    "PineconeRole": role,
    "EncryptionKey": key,
    "InterfaceEndpoint": endpoint,
    "PrivateZone": zone,
    "DnsProfile": profile,
    "InboundResolver": resolver,
    "IsolatedVpc": vpc,
    "CustomerKeysAccess": customer_keys,
    "NotificationTopic": topic,
    "SlackChannel": slack,
    "DeadLetterQueue": queue,
    "EventNotifications": event_notifications,
    "EventForwarding": event_forwarding,
    "Alarms": alarms,
    "Dashboard": dashboard,
    "StorageRole": storage_role,
    "AuditBucket": audit_bucket,
    "AuditQueries": audit_queries,
}
