"""The public CDK constructs, one in each module. The stacks are composed of them; docs/constructs.md describes them."""

from pinekeep.constructs.alarms import Alarms
from pinekeep.constructs.audit_bucket import AuditBucket
from pinekeep.constructs.audit_queries import AuditQueries
from pinekeep.constructs.customer_keys import CustomerKeysAccess
from pinekeep.constructs.dashboard import Dashboard
from pinekeep.constructs.dead_letter_queue import DeadLetterQueue
from pinekeep.constructs.dns_profile import DnsProfile
from pinekeep.constructs.encryption_key import EncryptionKey
from pinekeep.constructs.event_forwarding import EventForwarding
from pinekeep.constructs.event_notifications import EventNotifications
from pinekeep.constructs.inbound_resolver import InboundResolver
from pinekeep.constructs.interface_endpoint import InterfaceEndpoint
from pinekeep.constructs.isolated_vpc import IsolatedVpc
from pinekeep.constructs.notification_topic import NotificationTopic
from pinekeep.constructs.pinecone_role import PineconeRole
from pinekeep.constructs.private_zone import PrivateZone
from pinekeep.constructs.slack_channel import SlackChannel
from pinekeep.constructs.storage_role import StorageRole

__all__ = [
    "Alarms",
    "AuditBucket",
    "AuditQueries",
    "CustomerKeysAccess",
    "Dashboard",
    "DeadLetterQueue",
    "DnsProfile",
    "EncryptionKey",
    "EventForwarding",
    "EventNotifications",
    "InboundResolver",
    "InterfaceEndpoint",
    "IsolatedVpc",
    "NotificationTopic",
    "PineconeRole",
    "PrivateZone",
    "SlackChannel",
    "StorageRole",
]
