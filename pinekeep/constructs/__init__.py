"""The constructs that the stacks are composed of, one a file. Use them from a CDK application of your own."""

from pinekeep.constructs.customer_keys import CustomerKeysAccess
from pinekeep.constructs.encryption_key import EncryptionKey
from pinekeep.constructs.interface_endpoint import InterfaceEndpoint
from pinekeep.constructs.isolated_vpc import IsolatedVpc
from pinekeep.constructs.pinecone_role import PineconeRole
from pinekeep.constructs.private_zone import PrivateZone

__all__ = ["CustomerKeysAccess", "EncryptionKey", "InterfaceEndpoint", "IsolatedVpc", "PineconeRole", "PrivateZone"]
